import { fieldOf, type VmParameters } from '../catalogue';
import type { DeviceField } from '../catalogue/fields';
import type { DeviceValue } from './readDevice';
import type { PlainValue } from './readPlain';

/** One plain value as Proxmox takes it: 1 and 0 for yes and no, everything else as it prints. */
const encodePlain = (value: PlainValue): string => (typeof value === 'boolean' ? (value ? '1' : '0') : String(value));

/**
 * Prints one device's values as a property string: `{ model: 'virtio', bridge: 'vmbr0' }` ->
 * `virtio,bridge=vmbr0`. The one printer for all devices.
 */
export function encodePropertyString(device: DeviceField, values: DeviceValue): string {
	const first = device.defaultKey;
	const parts: string[] = [];
	if (first !== undefined && values[first] !== undefined) parts.push(encodeFirst(first, encodePlain(values[first])));
	for (const name of Object.keys(device.fields)) {
		const value = values[name];
		if (name !== first && value !== undefined) parts.push(`${name}=${encodePlain(value)}`);
	}
	return parts.join(',');
}

/** A bare value with a `=` in it (a volume's name may have one) would be read as key and value. */
const encodeFirst = (name: string, value: string): string => (value.includes('=') ? `${name}=${value}` : value);

/**
 * Turns a request into the flat parameters of the API; a parameter that is not in it is not sent.
 * @returns text by parameter, yet to be form-encoded
 */
export function encodeBody(parameters: VmParameters): Record<string, string> {
	const body: Record<string, string> = {};
	for (const [name, value] of Object.entries(parameters)) {
		const field = fieldOf(name)?.field;
		const kind = field?.kind === 'family' ? field.item : field;
		if (value === undefined || !kind) continue;
		if (kind.kind === 'device') body[name] = encodePropertyString(kind, value as DeviceValue);
		// Proxmox stores keys percent-encoded and wants them so inside the form's own encoding.
		else if (kind.kind === 'sshKeys') body[name] = encodeURIComponent(value as string);
		else body[name] = encodePlain(value as PlainValue);
	}
	return body;
}
