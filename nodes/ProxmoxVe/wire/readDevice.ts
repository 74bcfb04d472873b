import type { DeviceField, FamilyField, Field } from '../catalogue/fields';
import { decodePropertyString } from './decodePropertyString';
import { encodePropertyString, type DeviceValue } from './encodePropertyString';
import { nearest } from './nearest';
import { own } from './own';
import type { Problem } from './problem';
import { readPlain, type PlainValue } from './readPlain';
import { isPlain, isRecord, isUnset } from './values';

type SubProblem = Omit<Problem, 'parameter'>;

/** The text that a list's items make, or the value itself. */
export const joinList = (field: Field | FamilyField['item'], value: unknown): unknown =>
	field.kind === 'list' && Array.isArray(value) && value.every(isPlain) ? value.join(field.separator) : value;

/**
 * Reads a device given in Proxmox's own form (`virtio,bridge=vmbr0`) or as an object
 * (`{ model: 'virtio', bridge: 'vmbr0' }`).
 * @returns the values by sub-option, and all that is wrong with them
 */
export function readDevice(device: DeviceField, raw: unknown): { value: DeviceValue; problems: SubProblem[] } {
	const value: DeviceValue = {};
	const problems: SubProblem[] = [];
	const given = sidesOf(device, raw);
	if ('problem' in given) return { value, problems: [{ message: given.problem }] };

	/** Sub-options that were set, to whatever value, and the key that each was set by. */
	const keys = new Map<string, string>();
	for (const [key, item] of Object.entries(given.values)) {
		if (isUnset(item)) continue;
		const sub = own(device.aliases, key) ?? key;
		const before = keys.get(sub);
		keys.set(sub, key);
		if (before !== undefined) {
			problems.push({ sub, message: `is set twice, as ${before} and as ${key}` });
			continue;
		}
		const field = own(device.fields, sub);
		if (!field) {
			const meant = nearest(sub, Object.keys(device.fields));
			problems.push({ sub, message: `is not an option of this device${meant ? `; did you mean ${meant}?` : ''}` });
			continue;
		}
		const plain = joinList(field, item);
		if (!isPlain(plain)) {
			problems.push({ sub, message: 'must be a plain value' });
			continue;
		}
		const read = readPlain(field, needsBase64(device, given, sub) ? toBase64(plain) : plain, 'propertyString');
		if ('problem' in read) problems.push({ sub, message: read.problem });
		else if (typeof read.value === 'string' && read.value === '') problems.push({ sub, message: 'must not be empty' });
		else if (typeof read.value === 'string' && /[,\n]/.test(read.value)) problems.push({ sub, message: 'must not contain a comma or a line break' });
		else value[sub] = read.value;
	}
	if (Object.keys(given.values).some((sub) => needsBase64(device, given, sub))) value.base64 = true;

	for (const [sub, field] of Object.entries(device.fields)) {
		if (field.required && !keys.has(sub)) problems.push({ sub, message: 'is needed', isLacking: true });
		if (field.requires && keys.has(sub) && !keys.has(field.requires)) {
			problems.push({ sub: field.requires, message: `is needed with ${field.label}`, isLacking: true });
		}
	}
	const { length } = encodePropertyString(device, value);
	if (device.maxLength !== undefined && length > device.maxLength) {
		problems.push({ message: `may have ${device.maxLength} characters at most in the form of Proxmox, got ${length}` });
	}
	return { value, problems };
}

interface Given {
	readonly values: Readonly<Record<string, unknown>>;
	readonly asObject: boolean;
}

function sidesOf(device: DeviceField, raw: unknown): Given | { readonly problem: string } {
	if (isRecord(raw)) return { values: raw, asObject: true };
	if (!isPlain(raw)) return { problem: 'must be a text in the form of Proxmox or an object' };
	// JSON takes `memory: 2048` and `agent: true` too: the bare value of the default key.
	const decoded = decodePropertyString(device, typeof raw === 'boolean' ? (raw ? '1' : '0') : String(raw));
	return 'problem' in decoded ? decoded : { values: decoded.value, asObject: false };
}

/** Plain texts of an object are encoded for the user, unless the object says itself what they are. */
function needsBase64(device: DeviceField, given: Given, sub: string): boolean {
	return given.asObject && isUnset(given.values.base64) && device.fields[sub]?.kind === 'base64';
}

const toBase64 = (value: PlainValue): string => Buffer.from(String(value), 'utf8').toString('base64');
