import type { PlainValue } from './values';
import type { DeviceField } from '../catalogue/fields';

/** A device's values by sub-option. */
export type DeviceValue = Record<string, PlainValue>;

/** One plain value as Proxmox takes it: 1 and 0 for yes and no, everything else as it prints. */
export const encodePlain = (value: PlainValue): string =>
	typeof value === 'boolean' ? (value ? '1' : '0') : String(value);

/**
 * Prints one device's values as a property string: `{ model: 'virtio', bridge: 'vmbr0' }` ->
 * `virtio,bridge=vmbr0`. The one printer for all devices.
 */
export function encodePropertyString(device: DeviceField, values: DeviceValue): string {
	const first = device.defaultKey;
	const parts: string[] = [];
	if (first !== undefined && values[first] !== undefined)
		parts.push(encodeFirst(first, encodePlain(values[first])));
	for (const name of Object.keys(device.fields)) {
		const value = values[name];
		if (name !== first && value !== undefined) parts.push(`${name}=${encodePlain(value)}`);
	}
	return parts.join(',');
}

/** A bare value with a `=` in it (a volume's name may have one) would be read as key and value. */
const encodeFirst = (name: string, value: string): string =>
	value.includes('=') ? `${name}=${value}` : value;
