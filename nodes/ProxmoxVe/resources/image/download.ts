import { checkRegistry } from '../../guests/checkVersion';
import { downloadImage, previewDownload } from '../../guests/images/downloadImage';
import { emit, type Execute } from '../../runtime/operation';
import { checksumProblem } from '../../wire/checksumProblem';
import { readImageName } from '../../wire/imageName';
import { ociFileName, readOciReference } from '../../wire/ociReference';
import { downloadFields, ociFields, templateFields } from '../../catalogue/image';
import { fromFields, ifExistsFields } from './ownFields';
import { storedFacts } from './imageFacts';

const {
	content: contentField,
	storage: storageField,
	url: urlField,
	...optionFields
} = downloadFields;
const { reference: referenceField } = ociFields;

/** Source: `POST /nodes/{node}/storage/{storage}/download-url`, and as downloadImage says. */
export const execute: Execute = async (item) => {
	const { form } = item;
	const node = form.node();
	const { downloadFrom: from = 'url' } = form.fields(fromFields, { downloadFrom: 'url' });
	const { storage = '' } = form.fields({ storage: storageField });
	const { content = 'import', url = '' } =
		from === 'url'
			? form.fields({ content: contentField, url: urlField }, { content: 'import' })
			: { content: 'vztmpl' as const };
	const { template = '' } =
		from === 'list' ? form.fields({ template: templateFields.template }) : {};
	const { reference = '' } = from === 'registry' ? form.fields({ reference: referenceField }) : {};
	const { ifExists = 'keep' } = form.fields(ifExistsFields, { ifExists: 'keep' });
	const given = form.options(optionFields);
	const { filename, checksum, compression, ...others } = given;
	const wrongSum = checksumProblem(others['checksum-algorithm'], checksum);
	if (wrongSum !== undefined)
		form.problems.push({ parameter: 'checksum', label: 'Checksum', message: wrongSum });
	const waiting = form.waiting();
	const isPreview = form.previewing();
	const read = filename === undefined ? undefined : readImageName(content, filename);
	const image = reference === '' ? undefined : readOciReference(reference);
	if (image && 'problem' in image)
		form.problems.push({
			parameter: 'reference',
			label: referenceField.label,
			message: image.problem,
		});
	if (read && 'problem' in read)
		form.problems.push({ parameter: 'filename', label: 'File Name', message: read.problem });
	else if (read && from === 'registry' && !read.value.endsWith('.tar'))
		form.problems.push({ parameter: 'filename', label: 'File Name', message: 'must end in .tar' });
	if (compression !== undefined && content !== 'iso')
		form.problems.push({
			parameter: 'compression',
			label: 'Decompression',
			message: 'is possible only with Content Type ISO Image',
		});
	const isOnlyForUrl = (name: string): boolean =>
		from === 'list' || (from === 'registry' && name !== 'filename');
	for (const [name, { label }] of Object.entries(optionFields))
		if (isOnlyForUrl(name) && Object.keys(given).includes(name))
			form.problems.push({
				parameter: name,
				label,
				message: 'is possible only with Download From → URL',
			});
	form.check();
	if (from === 'registry')
		await checkRegistry(item.run, { parameter: 'reference', label: referenceField.label });
	const fileName = read && 'value' in read ? read.value : undefined;
	const oci = image && 'value' in image ? image.value : '';
	const { source, name } = {
		url: { source: url, name: fileName },
		list: { source: template, name: template },
		registry: { source: oci, name: fileName ?? ociFileName(oci) },
	}[from];
	const request = {
		node,
		storage,
		content,
		from,
		source,
		...(name === undefined ? {} : { name }),
		checksum: checksum?.trim(),
		algorithm: others['checksum-algorithm'],
		compression,
		verifyCertificates: others['verify-certificates'],
		ifExists,
	};
	if (isPreview) return await previewDownload(item, request);
	const stored = await downloadImage(item, request, waiting);
	return emit(storedFacts(node, stored));
};
