import { choice } from '../../catalogue/fields';
import { BadInputError } from '../../form/BadInputError';
import { readAsciiFields } from '../../form/guestTexts';
import { readGuestFile } from '../../guests/guestAgent';
import { emitGuest } from '../../guests/emitGuest';
import { locateVm } from '../../guests/locateGuest';
import { type Execute, type Item } from '../../runtime/operation';
import { textOfBytes } from '../../wire/agentText';
import { encodeFields } from '../../wire/encodeFields';
import { lacks } from '../../wire/version';
import { readFileFields } from './fields';
import { readBinaryName } from './readBinaryName';

const { file: fileField, ...partFields } = readFileFields;

const formatField = {
	outputFormat: choice({
		label: 'Output As',
		options: { text: 'Text', binary: 'Binary File' },
	}),
};

/** Source: `GET /nodes/{node}/qemu/{vmid}/agent/file-read`. */
export const execute: Execute = async (item) => {
	const { run, form } = item;
	const guest = form.guest();
	const { file } = readAsciiFields(form, { file: fileField });
	const { outputFormat } = form.fields(formatField, { outputFormat: 'text' });
	const isBinary = outputFormat === 'binary';
	const field = isBinary ? readBinaryName(form, 'Put Output File in Field') : '';
	const part = form.options(partFields);
	form.check();

	await checkPart(item, part);
	const place = await locateVm(item, guest);
	const read = await readGuestFile(run.client, place, file, encodeFields(part));
	if (read === undefined) throw new Error(`The file ${file} does not exist in VM ${place.vmid}`);
	const { bytes, isCut } = read;
	const facts = { file, bytes: bytes.length, truncated: isCut };
	if (!isBinary)
		return await emitGuest(item, place, { ...facts, content: textOfBytes(bytes, isCut) });
	const name = file.slice(file.search(/[^/\\]*$/));
	const binary = await run.context.helpers.prepareBinaryData(bytes, name);
	const emitted = await emitGuest(item, place, facts);
	return emitted.map((one) => ({ ...one, binary: { [field]: binary } }));
};

/** Older hosts read a file from its start only, and have no such parameters. @throws BadInputError */
async function checkPart(
	{ run }: Item,
	part: Readonly<Record<string, number | undefined>>,
): Promise<void> {
	if (Object.keys(part).length === 0) return;
	const version = await run.version();
	const problems = Object.entries(partFields)
		.filter(([name, { since }]) => part[name] !== undefined && lacks(version, since))
		.map(([parameter, { label, since }]) => ({
			parameter,
			label,
			message: `needs Proxmox VE ${since} or later, and the cluster has ${version}`,
		}));
	if (problems.length > 0) throw new BadInputError(problems);
}
