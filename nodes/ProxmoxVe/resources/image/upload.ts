import type { UploadFile } from '../../api/multipart';
import { volidOf } from '../../guests/images/imageTarget';
import { previewUpload, uploadImage } from '../../guests/images/uploadImage';
import { emit, type Execute, type Item } from '../../runtime/operation';
import { shellQuote } from '../../runtime/shellQuote';
import { checksumProblem } from '../../wire/checksumProblem';
import { readImageName } from '../../wire/imageName';
import { uploadFields } from '../../catalogue/image';
import { ifExistsFields } from './ownFields';
import { storedFacts } from './imageFacts';

const { content: contentField, storage: storageField, ...optionFields } = uploadFields;
const alwaysShown = { content: contentField, storage: storageField };

/** Source: `POST /nodes/{node}/storage/{storage}/upload`. */
export const execute: Execute = async (item) => {
	const { form } = item;
	const node = form.node();
	const { content = 'import', storage = '' } = form.fields(alwaysShown, { content: 'import' });
	const property = form.text(
		'binaryPropertyName',
		'Input Binary Field',
		(given) => given !== '',
		'the name of a binary field of the item',
	);
	const { ifExists = 'keep' } = form.fields(ifExistsFields, { ifExists: 'keep' });
	const { filename, checksum, ...others } = form.options(optionFields);
	const wrongSum = checksumProblem(others['checksum-algorithm'], checksum);
	if (wrongSum !== undefined)
		form.problems.push({ parameter: 'checksum', label: 'Checksum', message: wrongSum });
	const waiting = form.waiting();
	const isPreview = form.previewing();
	const file = property === '' ? undefined : await readBinary(item, property);
	const read = readImageName(content, filename ?? file?.name ?? '');
	if (file !== undefined && 'problem' in read)
		form.problems.push({
			parameter: 'filename',
			label: 'File Name',
			message:
				filename === undefined
					? `${read.problem}, which is the name of the binary file: add File Name under Options`
					: read.problem,
		});
	form.check();
	if (file === undefined || 'problem' in read) throw new Error('Input Binary Field is needed');
	const name = read.value;
	const request = {
		node,
		storage,
		content,
		name,
		file: { ...file, name },
		checksum: checksum?.trim(),
		algorithm: others['checksum-algorithm'],
		ifExists,
	};
	if (isPreview) {
		const command = `cp ${shellQuote(name)} "$(pvesm path ${shellQuote(volidOf(request))})"`;
		return await previewUpload(item, request, command);
	}
	const stored = await uploadImage(item, request, waiting);
	return emit(storedFacts(node, stored));
};

/** The file in a binary field of the item. n8n gives it as a stream, unless it keeps binary data in memory. */
async function readBinary(
	{ run: { context }, index, form }: Item,
	property: string,
): Promise<UploadFile | undefined> {
	const { helpers } = context;
	const binary = (() => {
		try {
			return helpers.assertBinaryData(index, property);
		} catch {
			return undefined;
		}
	})();
	if (binary === undefined) {
		form.problems.push({
			parameter: 'binaryPropertyName',
			label: 'Input Binary Field',
			message: `must be the name of a binary field of the item: there is no "${property}"`,
		});
		return undefined;
	}
	const { id, fileName: name = '' } = binary;
	if (id !== undefined) {
		const { fileSize: size } = await helpers.getBinaryMetadata(id);
		return { name, size, open: async () => await helpers.getBinaryStream(id) };
	}
	const bytes = await helpers.getBinaryDataBuffer(index, property);
	return { name, size: bytes.length, open: async () => bytes };
}
