import { fieldOf, type Catalogue } from '../catalogue/catalogue';
import type { DeviceField, PlainField } from '../catalogue/fields';
import { decodePropertyString } from './decodePropertyString';
import { decodePercent, isPercentEncoded } from './percent';
import { readPlain, readSshKeys } from './readPlain';
import { type PlainValue, getOwn, isPlain, splitList } from './values';

type PlainConfigValue = PlainValue | string[];
/** A setting: a plain value, a list, or a device with its sub-options. */
export type ConfigValue = PlainConfigValue | Record<string, PlainConfigValue>;

/**
 * A guest's config, as the API gives it, in values that a workflow can use: numbers and booleans, lists as
 * arrays, devices as objects with all keys written out, base64 and percent-encoding taken off. What the
 * catalogue does not know, or what is not as it says, stays as it is. The JSON mode takes these values.
 */
export const decodeConfig = (
	catalogue: Catalogue,
	config: Readonly<Record<string, unknown>>,
): Record<string, ConfigValue> =>
	Object.fromEntries(
		Object.entries(config).flatMap(([name, value]) =>
			isPlain(value) ? [[name, decodeValue(catalogue, name, value)]] : [],
		),
	);

function decodeValue(catalogue: Catalogue, name: string, value: PlainValue): ConfigValue {
	const found = fieldOf(catalogue, name)?.field;
	const field = found?.kind === 'family' ? found.item : found;
	if (!field) return value;
	if (field.kind === 'device') return decodeDevice(field, String(value));
	if (field.kind !== 'sshKeys') return decodePlain(field, value);
	const keys = readSshKeys(field, value);
	return 'problem' in keys ? value : keys.value.trim();
}

function decodeDevice(device: DeviceField, text: string): ConfigValue {
	const decoded = decodePropertyString(device, text);
	if ('problem' in decoded) return text;
	const { base64, ...given } = decoded.value;
	const isBase64 = /^(?:1|on|yes|true)$/i.test(base64 ?? '');
	const values = Object.entries(given).map(([sub, value]): [string, PlainConfigValue] => {
		const field = getOwn(device.fields, sub);
		if (field === undefined) return [sub, value];
		if (isPercentEncoded(field)) return [sub, decodePercent(value)];
		const isEncoded = isBase64 && field.kind === 'base64';
		return [
			sub,
			isEncoded ? Buffer.from(value, 'base64').toString('utf8') : decodePlain(field, value),
		];
	});
	// A device of one sub-option is its value: `memory` is a number.
	const [only] = values;
	return only !== undefined && Object.keys(device.fields).length === 1
		? only[1]
		: Object.fromEntries(values);
}

function decodePlain(field: PlainField, value: PlainValue): PlainConfigValue {
	if (field.kind === 'list') return splitList(String(value));
	const read = readPlain(field, value, 'propertyString');
	return 'problem' in read ? value : read.value;
}
