import { choice } from '../../catalogue/fields';
import { BadInputError } from '../../form/BadInputError';
import { readAsciiFields, readBytes } from '../../form/guestTexts';
import { agentRequest, tellAgent } from '../../guests/guestAgent';
import { emitGuest } from '../../guests/emitGuest';
import { locateVm } from '../../guests/locateGuest';
import type { Execute, Item } from '../../runtime/operation';
import { emitPreview } from '../../runtime/previewRequest';
import { encodeBytes } from '../../wire/agentText';
import { writeFileFields } from './fields';
import { readBinaryName } from './readBinaryName';

/** The most characters that the API takes as content. */
const MOST_CHARACTERS = 61_440;
/** The most bytes that have no more characters in base64. */
const MOST_IN_BASE64 = (MOST_CHARACTERS / 4) * 3;

const formatField = {
	inputFormat: choice({
		label: 'Content From',
		options: { text: 'Text', binary: 'Binary File' },
	}),
};

/** Source: `POST /nodes/{node}/qemu/{vmid}/agent/file-write`. */
export const execute: Execute = async (item) => {
	const { run, form } = item;
	const guest = form.guest();
	const { file } = readAsciiFields(form, writeFileFields);
	const { inputFormat } = form.fields(formatField, { inputFormat: 'text' });
	const field = inputFormat === 'binary' ? readBinaryName(form, BINARY.label) : undefined;
	const text = field === undefined ? readBytes(form, CONTENT, MOST_CHARACTERS) : Buffer.alloc(0);
	const isPreview = form.previewing();
	form.check();

	const bytes = field === undefined ? text : await readBinary(item, field);
	const place = await locateVm(item, guest);
	const body = { file, ...contentOf(bytes) };
	if (isPreview) return await emitPreview(item, [agentRequest(place, 'file-write', body)]);
	await tellAgent(
		run.client,
		place,
		'file-write',
		body,
		`write of ${file} in VM ${place.vmid} on ${place.node}`,
	);
	return await emitGuest(item, place, { file, bytes: bytes.length });
};

const CONTENT = { parameter: 'content', label: 'Content' };
const BINARY = { parameter: 'binaryPropertyName', label: 'Input Binary Field' };

/** The file in the input item. @throws BadInputError if there is none, or it is too large */
async function readBinary({ run, index }: Item, field: string): Promise<Buffer> {
	const { helpers } = run.context;
	const bytes = await Promise.resolve()
		.then(async () => {
			helpers.assertBinaryData(index, field);
			return await helpers.getBinaryDataBuffer(index, field);
		})
		.catch((error: unknown) => {
			const message = `cannot be read: ${error instanceof Error ? error.message : String(error)}`;
			throw new BadInputError([{ ...BINARY, message }]);
		});
	if (bytes.length <= MOST_CHARACTERS) return bytes;
	const message = `may have at most ${MOST_CHARACTERS} bytes, and the file has ${bytes.length}`;
	throw new BadInputError([{ ...BINARY, message }]);
}

/** In base64 no byte can be changed on the way; what is too long for that goes as a character per byte. */
const contentOf = (bytes: Buffer): Record<string, string> =>
	bytes.length <= MOST_IN_BASE64
		? { content: bytes.toString('base64'), encode: '0' }
		: { content: encodeBytes(bytes) };
