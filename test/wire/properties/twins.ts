import fc from 'fast-check';
import { vms } from './kinds';
import type { SubOptionFacts, SubOptions } from '../../../tools/emulator/contract/facts';
import { deviceParts, printParts, type Part } from './devices';
import { sentName } from './requests';
import type { Oddness } from './valueTexts';

/** One device, written in both ways that JSON takes. */
export interface Twins {
	readonly parameter: string;
	readonly asText: string;
	readonly asObject: Record<string, unknown>;
}

/** The value as JSON has it: a number or boolean where the facts say so and nothing gets lost. */
function toNative({ type, format }: SubOptionFacts, text: string): unknown {
	if ((type === 'integer' || type === 'number') && String(Number(text)) === text)
		return Number(text);
	if (type === 'boolean' && ['0', '1'].includes(text)) return text === '1';
	// An object has plain text, which the node encodes.
	if (format === 'urlencoded') return decodeURIComponent(text);
	return text;
}

function toObject(schema: SubOptions, parts: readonly Part[]): Record<string, unknown> {
	const defaultKey = Object.keys(schema).find((key) => schema[key]?.default_key) ?? '';
	return Object.fromEntries(
		parts.flatMap(({ key = defaultKey, value }): Array<[string, unknown]> => {
			const { alias = key, keyAlias } = schema[key] ?? {};
			// `virtio=MAC` is a way to write text; an object has names for both.
			if (keyAlias !== undefined)
				return [
					[keyAlias, key],
					[alias, value],
				];
			return [[key, toNative(schema[alias] ?? {}, value)]];
		}),
	);
}

/** Whether a text is the percent-encoding of one that an object may have. */
function isEncodedOnce(text: string): boolean {
	try {
		const plain = decodeURIComponent(text);
		return encodeURIComponent(plain) === text && !/[,\n]/.test(plain);
	} catch {
		return false;
	}
}

/** Whether a property string can hold the parts: it has no way to write a comma, a line feed, blanks at an end or nothing at all. */
const canBeText = (schema: SubOptions, parts: readonly Part[]): boolean =>
	parts.every(
		({ key = '', value }) => schema[key]?.format !== 'urlencoded' || isEncodedOnce(value),
	) &&
	parts.every(
		({ key, value }) =>
			!/[,\n]/.test(value) &&
			value.trim() !== '' &&
			value.trim() === value &&
			(key !== undefined || !value.includes('=')),
	);

/** Without a word about it an object's texts are taken for plain and encoded; a property string's never are. */
const withBase64 = (schema: SubOptions, parts: readonly Part[]): readonly Part[] =>
	'base64' in schema && !parts.some(({ key }) => key === 'base64')
		? [...parts, { key: 'base64', value: '0' }]
		: parts;

const oneDevice = (name: string, schema: SubOptions, oddness: Oddness): fc.Arbitrary<Twins> =>
	fc
		.tuple(
			sentName(name),
			deviceParts(name, schema, oddness).filter((parts) => canBeText(schema, parts)),
		)
		.map(([parameter, given]) => {
			const parts = withBase64(schema, given);
			return { parameter, asText: printParts(parts), asObject: toObject(schema, parts) };
		});

/** Devices as property strings and as objects that say the same. */
export function twins(oddness: Oddness, { endpoint } = vms): fc.Arbitrary<Twins> {
	const devices = Object.entries(endpoint.parameters).flatMap(([name, { subOptions }]) =>
		subOptions ? [oneDevice(name, subOptions, oddness)] : [],
	);
	return fc.oneof(...devices);
}
