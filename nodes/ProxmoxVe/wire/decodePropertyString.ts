import { getOwn } from './values';
import type { DeviceField } from '../catalogue/fields';
import type { Result } from './problem';
import { shown } from './shown';

/**
 * Takes a property string apart: `virtio=BC:…,bridge=vmbr0` -> `{ model: 'virtio', macaddr: 'BC:…', bridge: 'vmbr0' }`.
 * Aliases become the sub-options they stand for; values stay text and are checked elsewhere. Its problems name
 * options and the positions of parts, never a value: any text may have been put into a device.
 * Source: `parse_property_string` in pve-common `JSONSchema.pm`.
 */
export function decodePropertyString(
	device: DeviceField,
	text: string,
): Result<Record<string, string>> {
	// Without a prototype, so that a key `constructor` is not taken for one that was there.
	const values = Object.create(null) as Record<string, string>;
	for (const [index, part] of text.split(',').entries()) {
		if (part.trim() === '') continue;
		const separator = part.indexOf('=');
		const place = `part ${index + 1}`;
		if (separator === 0)
			return { problem: `must be a list of key=value pairs, and ${place} has no key` };
		const key = part.slice(0, separator);
		if (separator === part.length - 1) {
			return {
				problem: `must be a list of key=value pairs, and ${getOwn(device.fields, key) ? shown(key) : place} has no value`,
			};
		}
		if (separator < 0) {
			const { defaultKey } = device;
			if (defaultKey === undefined)
				return { problem: `must be a list of key=value pairs, and ${place} has no key` };
			if (values[defaultKey] !== undefined)
				return { problem: `has ${defaultKey} twice: ${place} has no key` };
			values[defaultKey] = part;
			continue;
		}
		const value = part.slice(separator + 1);
		const { keyAlias } = device;
		let name = getOwn(device.aliases, key) ?? key;
		// `virtio=MAC`: the key is the value of one sub-option and names the value of another.
		if (keyAlias && isOptionOf(device, keyAlias.names, key)) {
			if (values[keyAlias.names] !== undefined) return { problem: `has ${keyAlias.names} twice` };
			values[keyAlias.names] = key;
			name = keyAlias.value;
		}
		if (values[name] !== undefined) return { problem: `has ${shown(name)} twice` };
		values[name] = value;
	}
	return { value: values };
}

/** Whether a word is a value of one of the device's choices. */
export function isOptionOf(device: DeviceField, name: string, value: string): boolean {
	const field = device.fields[name];
	return field?.kind === 'choice' && getOwn(field.options, value) !== undefined;
}
