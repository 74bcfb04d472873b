import type { Catalogue } from '../catalogue/catalogue';
import type { DeviceField, FamilyField, Field, PlainField } from '../catalogue/fields';
import { decodePropertyString, isOptionOf } from './decodePropertyString';
import { encodePropertyString, type DeviceValue } from './encodePropertyString';
import { didYouMean, nearest } from './nearest';
import { isPercentEncoded } from './percent';
import type { Problem, Result } from './problem';
import { readPlain, trimmed } from './readPlain';
import { optionSynonyms } from './synonyms';
import { unknownName } from './unknownName';
import { type PlainValue, getOwn, isPlain, isRecord, isUnset } from './values';
import { readVolume, readVolumeOrPath } from './volume';

type SubProblem = Omit<Problem, 'parameter'>;

/** Problems with which a likely name is suggested: to find one costs a comparison with all known names. */
const MOST_SUGGESTIONS = 5;

/** The text that a list's items make, or the value itself. */
export function joinList(field: Field | FamilyField['item'], value: unknown): unknown {
	if (!Array.isArray(value) || !value.every(isPlain)) return value;
	if (field.kind === 'list') return value.join(field.separator);
	return field.kind === 'sshKeys' ? value.join('\n') : value;
}

/** What to say of a list or an object in place of one value. */
export const mustBePlain = (field: Field): string =>
	field.kind === 'text' && field.placeholder !== undefined
		? `must be a plain value such as ${field.placeholder}`
		: 'must be a plain value';

/**
 * Reads a device given in Proxmox's own form (`virtio,bridge=vmbr0`) or as an object
 * (`{ model: 'virtio', bridge: 'vmbr0' }`).
 * @returns the values by sub-option, and all that is wrong with them
 */
export function readDevice(
	catalogue: Catalogue,
	device: DeviceField,
	raw: unknown,
): { value: DeviceValue; problems: SubProblem[] } {
	const value: DeviceValue = {};
	const problems: SubProblem[] = [];
	const given = parseSubOptions(device, raw);
	const hasImport = 'values' in given && !isUnset(given.values['import-from']);
	if ('problem' in given) return { value, problems: [{ message: given.problem }] };

	/** Sub-options that were set, to whatever value, and the key that each was set by. */
	const keys = new Map<string, string>();
	for (const [key, item] of Object.entries(given.values)) {
		if (isUnset(item)) continue;
		const sub = getOwn(device.aliases, key) ?? key;
		const before = keys.get(sub);
		keys.set(sub, key);
		if (before !== undefined) {
			problems.push({ sub, message: `is set twice, as ${before} and as ${key}` });
			continue;
		}
		const field = getOwn(device.fields, sub);
		if (!field) {
			const hint = problems.length < MOST_SUGGESTIONS ? hintOf(device, sub) : '';
			problems.push({
				sub: unknownName(catalogue, sub, item),
				message: `is not an option of this device${hint}`,
			});
			continue;
		}
		const plain = joinList(field, item);
		if (!isPlain(plain)) {
			problems.push({ sub, message: mustBePlain(field) });
			continue;
		}
		// Proxmox writes the plain text into the command line of QEMU, where a comma ends it.
		if (given.asObject && isPercentEncoded(field) && /[,\n]/.test(String(plain))) {
			problems.push({ sub, message: 'must not contain a comma or a line break' });
			continue;
		}
		const read = readOption(field, onWire(device, given, sub, field, plain), hasImport);
		if ('problem' in read) problems.push({ sub, message: read.problem });
		else if (typeof read.value === 'string' && read.value === '')
			problems.push({ sub, message: 'must not be empty' });
		else if (typeof read.value === 'string' && /[,\n]/.test(read.value))
			problems.push({ sub, message: 'must not contain a comma or a line break' });
		else value[sub] = read.value;
	}
	if (Object.keys(given.values).some((sub) => needsBase64(device, given, sub))) value.base64 = true;

	for (const [sub, field] of Object.entries(device.fields)) {
		if (field.required && !keys.has(sub))
			problems.push({ sub, message: 'is needed', isLacking: true });
		if (field.requires && keys.has(sub) && !keys.has(field.requires)) {
			problems.push({
				sub: field.requires,
				message: `is needed with ${field.label}`,
				isLacking: true,
			});
		}
	}
	for (const [sub, { notWith }] of Object.entries(device.fields)) {
		const other = notWith && String(value[notWith.field] ?? '');
		if (
			notWith === undefined ||
			other === undefined ||
			value[sub] === undefined ||
			!notWith.values.includes(other)
		)
			continue;
		problems.push({
			sub,
			message: `cannot be set with ${device.fields[notWith.field]?.label} ${other}: ${notWith.because}`,
		});
	}
	if (device.oneOf && !device.oneOf.some((sub) => keys.has(sub))) {
		const labels = device.oneOf.map((sub) => `${device.fields[sub]?.label} (${sub})`);
		problems.push({ message: `needs one of ${labels.join(' and ')}`, isLacking: true });
	}
	const { length } = encodePropertyString(device, value);
	if (device.maxLength !== undefined && length > device.maxLength) {
		problems.push({
			message: `may have at most ${device.maxLength} characters as a property string, got ${length}`,
		});
	}
	return { value, problems };
}

/** What an option that a device does not have was most likely meant to be. */
function hintOf(device: DeviceField, sub: string): string {
	const meant = nearest(sub, Object.keys(device.fields), optionSynonyms);
	// Other tools give storage and size of a disk apart.
	return meant === 'file'
		? '; a new disk is file with STORAGE:SIZE, such as local-lvm:32'
		: didYouMean(meant);
}

/** Reads one option; a volume may be the size of a new disk. */
function readOption(field: PlainField, plain: PlainValue, hasImport: boolean): Result<PlainValue> {
	const read = readPlain(field, plain, 'propertyString');
	if ('problem' in read || field.kind !== 'text') return read;
	// Of a container, anything else than a volume is a path: Proxmox takes a size alone for one.
	if (field.pathRootOnly === true) return readVolumeOrPath(String(read.value));
	if (field.format !== 'pve-volume-id-or-qm-path') return read;
	return readVolume(String(read.value), hasImport || field.newVolume === true);
}

/** The sub-options of a device by their names, not checked; undefined if it is no device. */
export function subOptionsOf(
	device: DeviceField,
	raw: unknown,
): Readonly<Record<string, unknown>> | undefined {
	const given = parseSubOptions(device, raw);
	return 'problem' in given
		? undefined
		: Object.fromEntries(
				Object.entries(given.values).map(([key, value]) => [
					getOwn(device.aliases, key) ?? key,
					value,
				]),
			);
}

interface Given {
	readonly values: Readonly<Record<string, unknown>>;
	readonly asObject: boolean;
}

function parseSubOptions(device: DeviceField, raw: unknown): Given | { readonly problem: string } {
	if (isRecord(raw)) return withModel(device, raw);
	const [only, ...others] = device.primary ?? [];
	// A list can be given for a device whose main option is a list: `boot: ["scsi0", "net0"]`.
	if (
		Array.isArray(raw) &&
		only !== undefined &&
		others.length === 0 &&
		device.fields[only]?.kind === 'list'
	) {
		return { values: { [only]: raw }, asObject: true };
	}
	if (!isPlain(raw)) return { problem: 'must be a property string of Proxmox or an object' };
	// JSON takes `memory: 2048` and `agent: true` too: the bare value of the default key.
	const decoded = decodePropertyString(
		device,
		typeof raw === 'boolean' ? (raw ? '1' : '0') : String(raw),
	);
	return 'problem' in decoded ? decoded : { values: decoded.value, asObject: false };
}

/** An object whose key may be the model of a network card, as in the form of Proxmox: `{ virtio: MAC }`. */
function withModel(
	{ keyAlias, ...device }: DeviceField,
	raw: Readonly<Record<string, unknown>>,
): Given | { readonly problem: string } {
	const models =
		keyAlias === undefined
			? []
			: Object.keys(raw).filter(
					(key) => isOptionOf(device, keyAlias.names, key) && !isUnset(raw[key]),
				);
	const [model] = models;
	if (keyAlias === undefined || model === undefined) return { values: raw, asObject: true };
	const { [model]: mac, ...values } = raw;
	if (models.length > 1 || !isUnset(values[keyAlias.names]))
		return { problem: `has ${keyAlias.names} twice` };
	if (!isUnset(values[keyAlias.value])) return { problem: `has ${keyAlias.value} twice` };
	return { values: { ...values, [keyAlias.names]: model, [keyAlias.value]: mac }, asObject: true };
}

/** Plain texts of an object are encoded for the user, unless the object says itself what they are. */
function needsBase64(device: DeviceField, given: Given, sub: string): boolean {
	return given.asObject && isUnset(given.values.base64) && device.fields[sub]?.kind === 'base64';
}

/** An option's text as Proxmox keeps it. Its own form has that already; an object has what the user writes. */
function onWire(
	device: DeviceField,
	given: Given,
	sub: string,
	field: PlainField,
	plain: PlainValue,
): PlainValue {
	if (!given.asObject) return plain;
	if (needsBase64(device, given, sub)) return Buffer.from(String(plain), 'utf8').toString('base64');
	return isPercentEncoded(field) && typeof plain !== 'boolean'
		? encodeURIComponent(Buffer.from(String(plain), 'utf8').toString('utf8'))
		: trimmed(field, plain);
}
