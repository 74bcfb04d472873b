import fc from 'fast-check';
import { beyondSchema } from '../../catalogue/beyondSchema';
import type { SubOptionFacts, SubOptions } from '../../../tools/emulator/contract/facts';
import { mutated, oddTexts, valueTexts, type Oddness } from './valueTexts';

/** One part of a property string; without a key it is the value of the default key. */
export interface Part {
	readonly key?: string;
	readonly value: string;
}

export const printParts = (parts: readonly Part[]): string =>
	parts.map(({ key, value }) => (key === undefined ? value : `${key}=${value}`)).join(',');

const namesOf = (schema: SubOptions, isWanted: (facts: SubOptionFacts) => boolean): string[] =>
	Object.keys(schema).filter((name) => isWanted(schema[name] ?? {}));

/** Names of which at least one must be there for a device to be right, as the facts and Proxmox's own checks say. */
function requiredNames(parameter: string, schema: SubOptions): string[] {
	return namesOf(schema, ({ optional, alias }) => !optional && alias === undefined).concat(
		Object.keys(schema).filter((name) => beyondSchema[`${parameter}.${name}`]?.required),
	);
}

/** What stands under a key: of an alias the facts are those of the sub-option it stands for. */
function factsOf(parameter: string, schema: SubOptions, key: string): SubOptionFacts {
	const target = schema[key]?.alias ?? key;
	const facts = schema[target] ?? {};
	const { format = facts.format } = beyondSchema[`${parameter}.${target}`] ?? {};
	return { ...facts, ...(format === undefined ? {} : { format }) };
}

/** Those of some names that can stand side by side: an alias and what it stands for are one sub-option. */
function apart(schema: SubOptions, names: readonly string[]): string[] {
	const taken = new Set<string>();
	return names.filter((name) => {
		const { alias = name, keyAlias } = schema[name] ?? {};
		const subs = [alias, ...(keyAlias === undefined ? [] : [keyAlias])];
		if (subs.some((sub) => taken.has(sub))) return false;
		for (const sub of subs) taken.add(sub);
		return true;
	});
}

/**
 * Parts of a device's property string, drawn from its facts: values right and odd, the default key with and without its
 * name, aliases, key aliases, each sub-option once and in any order.
 * @param parameter the name in the facts, such as `net[n]`
 */
export function deviceParts(
	parameter: string,
	schema: SubOptions,
	oddness: Oddness,
): fc.Arbitrary<Part[]> {
	const names = Object.keys(schema);
	const required = requiredNames(parameter, schema);
	const defaultKey = namesOf(schema, ({ default_key: isDefault }) => isDefault === 1)[0];
	const toPart = (key: string): fc.Arbitrary<Part> =>
		fc
			.tuple(valueTexts(factsOf(parameter, schema, key), 'propertyString', oddness), fc.boolean())
			.map(([value, isBare]) => (key === defaultKey && isBare ? { value } : { key, value }));
	const partOf = new Map(names.map((key) => [key, toPart(key)]));
	return fc
		.tuple(fc.subarray(names, { maxLength: Math.min(names.length, 4) }), fc.nat(99))
		.chain(([chosen, chance]) => {
			// Aliases come first, so that they are not always displaced by what they stand for.
			const aliases = chosen.filter((name) => schema[name]?.alias !== undefined);
			const together = apart(schema, [
				...aliases,
				...(chance < oddness.odd ? [] : required),
				...chosen,
			]);
			return fc
				.tuple(...together.flatMap((key) => partOf.get(key) ?? []))
				.chain((parts) => fc.shuffledSubarray(parts, { minLength: parts.length }));
		});
}

/** Keys that a device should not have, or not again: known ones, nearly known ones, and those that every object has. */
export function oddKeys(schema: SubOptions): fc.Arbitrary<string> {
	const known = fc.constantFrom(...Object.keys(schema));
	return fc.oneof(
		known,
		mutated(known),
		fc.constantFrom('constructor', 'toString', '__proto__'),
		fc.constantFrom(...oddTexts),
	);
}

/** Property strings that no parts make: a part twice, unknown keys, sides that lack, or any text at all. */
function spoilt(schema: SubOptions, parts: fc.Arbitrary<Part[]>): fc.Arbitrary<string> {
	const texts = parts.map(printParts);
	return fc.oneof(
		mutated(texts),
		fc.constantFrom(...oddTexts),
		parts.map((given) => printParts([...given, ...given.slice(0, 1)])),
		fc
			.tuple(parts, oddKeys(schema), fc.constantFrom('1', 'on', '', 'local:1', 'a=b'))
			.map(([given, key, value]) => printParts([...given, { key, value }])),
		fc
			.tuple(parts, fc.constantFrom('', ' ', '1', '=', '=1', 'file='))
			.map(([given, value]) => printParts([{ value }, ...given])),
	);
}

/** Property strings of a device, most of them right. */
export function deviceTexts(
	parameter: string,
	schema: SubOptions,
	oddness: Oddness,
): fc.Arbitrary<string> {
	const parts = deviceParts(parameter, schema, oddness);
	return fc.oneof(
		{ weight: 100 - oddness.odd, arbitrary: parts.map(printParts) },
		{ weight: oddness.odd, arbitrary: spoilt(schema, parts) },
	);
}
