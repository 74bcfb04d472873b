import type { DeviceField } from '../catalogue/fields';
import { own } from './own';
import type { Result } from './problem';

/**
 * Takes a property string apart: `virtio=BC:…,bridge=vmbr0` -> `{ model: 'virtio', macaddr: 'BC:…', bridge: 'vmbr0' }`.
 * Aliases become the sub-options they stand for; values stay text and are checked elsewhere.
 * Source: `parse_property_string` in pve-common `JSONSchema.pm`.
 */
export function decodePropertyString(device: DeviceField, text: string): Result<Record<string, string>> {
	// Without a prototype, so that a key `constructor` is not taken for one that was there.
	const values = Object.create(null) as Record<string, string>;
	for (const part of text.split(',')) {
		if (part.trim() === '') continue;
		const separator = part.indexOf('=');
		if (separator === 0 || separator === part.length - 1) {
			return { problem: `must be a list of key=value pairs, and "${part}" lacks a side` };
		}
		if (separator < 0) {
			const { defaultKey } = device;
			if (defaultKey === undefined) return { problem: `must be a list of key=value pairs, and "${part}" has no key` };
			if (values[defaultKey] !== undefined) return { problem: `has ${defaultKey} twice: "${values[defaultKey]}" and "${part}"` };
			values[defaultKey] = part;
			continue;
		}
		const key = part.slice(0, separator);
		const value = part.slice(separator + 1);
		const { keyAlias } = device;
		let name = own(device.aliases, key) ?? key;
		// `virtio=MAC`: the key is the value of one sub-option and names the value of another.
		if (keyAlias && isOptionOf(device, keyAlias.names, key)) {
			if (values[keyAlias.names] !== undefined) return { problem: `has ${keyAlias.names} twice: "${values[keyAlias.names]}" and "${key}"` };
			values[keyAlias.names] = key;
			name = keyAlias.value;
		}
		if (values[name] !== undefined) return { problem: `has ${name} twice` };
		values[name] = value;
	}
	return { value: values };
}

function isOptionOf(device: DeviceField, name: string, value: string): boolean {
	const field = device.fields[name];
	return field?.kind === 'choice' && own(field.options, value) !== undefined;
}
