import { downloadImage } from '../../guests/images/downloadImage';
import { emit, type Execute } from '../../runtime/operation';
import { readImageName } from '../../wire/imageName';
import { downloadFields } from '../../catalogue/image';
import { ifExistsFields } from './ownFields';
import { storedFacts } from './imageFacts';

const {
	content: contentField,
	storage: storageField,
	url: urlField,
	...optionFields
} = downloadFields;
const alwaysShown = { content: contentField, storage: storageField, url: urlField };

/** Source: `POST /nodes/{node}/storage/{storage}/download-url`. */
export const execute: Execute = async (item) => {
	const { form } = item;
	const node = form.node();
	const {
		content = 'import',
		storage = '',
		url = '',
	} = form.fields(alwaysShown, {
		content: 'import',
	});
	const { ifExists = 'keep' } = form.fields(ifExistsFields, { ifExists: 'keep' });
	const { filename, checksum, compression, ...others } = form.options(optionFields);
	const waiting = form.waiting();
	const read = filename === undefined ? undefined : readImageName(content, filename);
	if (read && 'problem' in read)
		form.problems.push({ parameter: 'filename', label: 'File Name', message: read.problem });
	if (compression !== undefined && content !== 'iso')
		form.problems.push({
			parameter: 'compression',
			label: 'Decompression',
			message: 'is possible only with Content Type ISO Image',
		});
	form.check();
	const stored = await downloadImage(
		item,
		{
			node,
			storage,
			content,
			from: 'url',
			source: url,
			...(read && 'value' in read ? { name: read.value } : {}),
			checksum: checksum?.trim(),
			algorithm: others['checksum-algorithm'],
			compression,
			verifyCertificates: others['verify-certificates'],
			ifExists,
		},
		waiting,
	);
	return emit(storedFacts(node, stored));
};
