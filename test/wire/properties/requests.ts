import fc from 'fast-check';
import type { ParameterFacts, SubOptions } from '../../../tools/emulator/contract/facts';
import { familySlots } from '../../../tools/emulator/contract/families';
import { deviceParts, deviceTexts, oddKeys, printParts } from './devices';
import { vms, type Kind } from './kinds';
import { mutated, oddTexts, valueTexts, type Oddness } from './valueTexts';

/** A request as form fields. */
export type Form = Record<string, string>;
/** A request as a workflow may hold it: numbers, booleans, arrays, objects and null besides texts. */
export type JsonBody = Record<string, unknown>;

const target: readonly string[] = ['node', 'vmid'];
const parametersOf = ({ endpoint, always }: Kind): Array<[string, ParameterFacts]> =>
	Object.entries(endpoint.parameters).filter(
		([name]) => !target.includes(name) && !Object.hasOwn(always, name),
	);

/** `net[n]` in one of its slots; any other name as it is. */
export const sentName = (name: string): fc.Arbitrary<string> => {
	const family = name.endsWith('[n]') ? name.slice(0, -'[n]'.length) : undefined;
	if (family === undefined) return fc.constant(name);
	return fc.nat((familySlots[family] ?? 1) - 1).map((slot) => `${family}${slot}`);
};

const wrongNames = (kind: Kind): fc.Arbitrary<string> =>
	fc.oneof(
		fc.constantFrom(
			'net32',
			'net00',
			'net',
			'NET0',
			'numa8',
			'scsi31',
			'net[n]',
			'virtiofs10',
			'core',
			'digest',
			...oddTexts,
		),
		mutated(fc.constantFrom(...parametersOf(kind).map(([name]) => name)).chain(sentName)),
	);

/** Chooses by chance, `odd` times in a hundred the second. */
const rarely = <Usual, Odd>(
	{ odd }: Oddness,
	usual: fc.Arbitrary<Usual>,
	rare: fc.Arbitrary<Odd>,
): fc.Arbitrary<Usual | Odd> =>
	fc.oneof({ weight: 100 - odd, arbitrary: usual }, { weight: odd, arbitrary: rare });

/** Texts for a parameter, a device's as a property string. */
function parameterTexts(
	name: string,
	facts: ParameterFacts,
	oddness: Oddness,
): fc.Arbitrary<string> {
	return facts.subOptions
		? deviceTexts(name, facts.subOptions, oddness)
		: valueTexts(facts, 'topLevel', oddness);
}

/** Some parameters of the facts under the names they are sent by, each with a value. */
function entries<Value>(
	kind: Kind,
	toValue: (name: string, facts: ParameterFacts) => fc.Arbitrary<Value>,
): fc.Arbitrary<Array<[string, Value]>> {
	const each = parametersOf(kind).map(([name, facts]) =>
		fc.tuple(sentName(name), toValue(name, facts)),
	);
	return fc.subarray(each, { minLength: 1, maxLength: 5 }).chain((chosen) => fc.tuple(...chosen));
}

/** What every request has: a node and an ID, as texts. */
function targets(
	{ endpoint, always }: Kind,
	oddness: Oddness,
): fc.Arbitrary<Array<[string, string]>> {
	const texts = (name: string) => valueTexts(endpoint.parameters[name] ?? {}, 'topLevel', oddness);
	return fc
		.tuple(rarely(oddness, fc.constant('pve1'), texts('node')), texts('vmid'))
		.map(([node, vmid]) => [['node', node], ['vmid', vmid], ...Object.entries(always)]);
}

/** Requests as form fields, drawn from the facts: of a hundred values `odd` are wrong, and of a hundred names. */
export function forms(oddness: Oddness, kind = vms): fc.Arbitrary<Form> {
	const named = entries(kind, (name, facts) => parameterTexts(name, facts, oddness));
	const wrong = fc
		.tuple(wrongNames(kind), fc.constantFrom('1', '', 'virtio'))
		.map((entry) => [entry]);
	return fc
		.tuple(targets(kind, oddness), named, rarely(oddness, fc.constant([]), wrong))
		.map((parts) => Object.fromEntries(parts.flat()));
}

/** The same value as JSON may hold it: a number, a boolean or a list where the text is one. */
function natives(texts: fc.Arbitrary<string>, { odd }: Oddness): fc.Arbitrary<unknown> {
	return fc
		.tuple(texts, fc.nat(99), fc.constantFrom(null, [], {}, { a: 1 }, [[1]], true, 1e21, -0))
		.map(([text, chance, strange]) => {
			if (chance < odd / 2) return strange;
			if (chance < 50) return text;
			if (/^-?(?:0|[1-9]\d{0,15})(?:\.\d+)?$/.test(text))
				return chance % 2 === 0 && ['0', '1'].includes(text) ? text === '1' : Number(text);
			if (/^(?:true|false)$/.test(text)) return text === 'true';
			return /[,; ]/.test(text) && chance < 75 ? text.split(/[,; ]/) : text;
		});
}

/** A device as JSON may hold it: an object, or the property string. */
function deviceValues(name: string, schema: SubOptions, oddness: Oddness): fc.Arbitrary<unknown> {
	const defaultKey = Object.keys(schema).find((key) => schema[key]?.default_key) ?? '';
	const objects = deviceParts(name, schema, oddness).chain((parts) =>
		fc
			.tuple(...parts.map(({ value }) => natives(fc.constant(value), oddness)))
			.map((values) =>
				Object.fromEntries(parts.map(({ key = defaultKey }, index) => [key, values[index]])),
			),
	);
	const spoiltObjects = fc
		.tuple(objects, oddKeys(schema), fc.constantFrom<unknown>('1', 1, null, 'local:1', ['a'], {}))
		.map(
			([given, key, value]): Record<string, unknown> =>
				Object.fromEntries([...Object.entries(given), [key, value]]),
		);
	const texts = deviceParts(name, schema, oddness).map(printParts);
	return fc.oneof(
		rarely(oddness, objects, spoiltObjects),
		rarely(oddness, texts, deviceTexts(name, schema, oddness)),
		natives(fc.constantFrom(...oddTexts), oddness),
	);
}

/** Requests as a workflow may hold them, drawn from the facts. */
export function jsonBodies(oddness: Oddness, kind = vms): fc.Arbitrary<JsonBody> {
	const named = entries(kind, (name, facts) =>
		facts.subOptions
			? deviceValues(name, facts.subOptions, oddness)
			: natives(valueTexts(facts, 'topLevel', oddness), oddness),
	);
	const wrong = fc
		.tuple(wrongNames(kind), fc.constantFrom<unknown>(1, null, '', {}))
		.map((entry) => [entry]);
	return fc
		.tuple(targets(kind, oddness), named, rarely(oddness, fc.constant([]), wrong))
		.map((parts) => Object.fromEntries<unknown>(parts.flat()));
}
