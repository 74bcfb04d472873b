import { checkValues } from './checkValues';
import type { Errors } from './checkValues';
import { checkCpuModel } from './cpuModel';
import type { SubOptionFacts, SubOptions } from './facts';
import { checkFormat } from './formats';
import { isTrue } from './perl';

/** The sub-options of a property string; booleans are 1 or 0. */
export type PropertyValues = Record<string, string | number>;

export type ParsedPropertyString =
	| { values: PropertyValues; error?: undefined }
	/** `error` is worded as Proxmox does, with its line feeds. */
	| { values?: undefined; error: string };

export interface PropertyStringOptions {
	/** The parameter's name, which error texts put before the sub-option's: `net0.mtu: …`. */
	path?: string;
	/** The named format, where it has rules of its own. */
	format?: string;
}

const validators: Readonly<Record<string, (values: PropertyValues) => string | undefined>> = {
	'pve-vm-cpu-conf': checkCpuModel,
};

function readBoolean(text: string): string | number {
	if (/^(1|on|yes|true)\n?$/i.test(text)) return 1;
	if (/^(0|off|no|false)\n?$/i.test(text)) return 0;
	return text;
}

function readValue(facts: SubOptionFacts | undefined, text: string): string | number {
	return facts?.type === 'boolean' ? readBoolean(text) : text;
}

/** Puts `key=text` into the values, following aliases; returns an error text where the key is taken. */
function addPair(
	schema: SubOptions,
	values: PropertyValues,
	key: string,
	text: string,
): string | undefined {
	if (values[key] !== undefined) return `duplicate key in comma-separated list property: ${key}\n`;
	const { alias, keyAlias } = findFacts(schema, key) ?? {};
	const target = alias ?? key;
	if (alias !== undefined) {
		if (keyAlias !== undefined) {
			if (values[keyAlias] !== undefined) return `key alias '${keyAlias}' is already defined\n`;
			values[keyAlias] = key;
		}
		if (values[alias] !== undefined) return `key '${alias}' is already defined (via alias)\n`;
	}
	values[target] = readValue(findFacts(schema, target), text);
	return undefined;
}

function findFacts(schema: SubOptions, key: string): SubOptionFacts | undefined {
	return Object.hasOwn(schema, key) ? schema[key] : undefined;
}

function splitPairs(schema: SubOptions, text: string): ParsedPropertyString {
	const values: PropertyValues = Object.create(null) as PropertyValues;
	const defaultKey = Object.keys(schema).find((key) => schema[key]?.default_key);
	let defaultKeySeen = false;
	for (const part of text.split(',')) {
		if (/^\s*$/.test(part)) continue;
		const [, key, value] = /^([^=]+)=([^\n]+)\n?$/.exec(part) ?? [];
		if (key !== undefined && value !== undefined) {
			const error = addPair(schema, values, key, value);
			if (error !== undefined) return { error };
		} else if (part.includes('=')) {
			return { error: 'missing key in comma-separated list property\n' };
		} else if (defaultKey === undefined) {
			return { error: 'value without key, but schema does not define a default key\n' };
		} else if (defaultKeySeen || isTrue(values[defaultKey]?.toString())) {
			return { error: `duplicate key in comma-separated list property: ${defaultKey}\n` };
		} else {
			values[defaultKey] = readValue(schema[defaultKey], part);
			defaultKeySeen = true;
		}
	}
	return { values };
}

/** The errors of the sub-options as Proxmox puts them into one text; it orders them at random, we by name. */
function printErrors(errors: Errors): string {
	const lines = Object.keys(errors)
		.sort()
		.map((path) => `${path}: ${errors[path]}\n`);
	return `format error\n${lines.join('')}`;
}

/**
 * Reads a property string (`virtio=BC:24:11:00:00:01,bridge=vmbr0`) by its sub-options' facts: default key, aliases,
 * key aliases, booleans in all their spellings, types, limits and formats.
 */
export function parsePropertyString(
	schema: SubOptions,
	text: string,
	{ path, format }: PropertyStringOptions = {},
): ParsedPropertyString {
	const parsed = splitPairs(schema, text);
	if (!parsed.values) return parsed;
	const { values } = parsed;
	const asTexts = Object.fromEntries(
		Object.entries(values).map(([key, value]) => [key, String(value)]),
	);
	const errors = checkValues(asTexts, {
		find: (name) => findFacts(schema, name),
		required: Object.keys(schema).filter(
			(key) => !schema[key]?.optional && schema[key]?.alias === undefined,
		),
		checkFormatOf: (facts, value) =>
			facts.format === undefined ? undefined : checkFormat(facts.format, value),
		path,
	});
	if (Object.keys(errors).length > 0) return { error: printErrors(errors) };
	const error = format === undefined ? undefined : validators[format]?.(values);
	return error === undefined ? { values } : { error };
}

/** Which sub-option the keys of a schema alias, and which one they are the value of: `macaddr` and `model`. */
function findKeyAlias(schema: SubOptions): { key: string; combinedWith: string } | undefined {
	const facts = Object.values(schema).find(({ keyAlias }) => keyAlias !== undefined);
	if (facts?.keyAlias === undefined || facts.alias === undefined) return undefined;
	return { key: facts.keyAlias, combinedWith: facts.alias };
}

const sizeUnits = ['', 'K', 'M', 'G', 'T'];

/** A size in bytes with the largest unit that divides it: 34359738368 is `32G`. */
export function printSize(bytes: number): string {
	let size = Math.trunc(bytes);
	let unit = 0;
	while (unit < sizeUnits.length - 1 && size % 1024 === 0) {
		size /= 1024;
		unit += 1;
	}
	return `${size}${sizeUnits[unit]}`;
}

/**
 * Prints sub-options as Proxmox stores them: the default key first and bare, then what must be there, then the rest,
 * each sorted by name. Values go in as they are; a `disk-size` given as a number is bytes and gets its unit.
 */
export function printPropertyString(schema: SubOptions, values: PropertyValues): string {
	const valueOf = (key: string) => {
		const value = values[key];
		return schema[key]?.format === 'disk-size' && typeof value === 'number'
			? printSize(value)
			: String(value);
	};
	const defaultKey = Object.keys(schema).find((key) => schema[key]?.default_key);
	const keyAlias = findKeyAlias(schema);
	const sorted = Object.keys(values).sort();
	const inOrder = new Set([
		...(defaultKey !== undefined && values[defaultKey] !== undefined ? [defaultKey] : []),
		...sorted.filter((key) => schema[key] && !schema[key]?.optional),
		...sorted,
	]);
	const parts: string[] = [];
	for (const key of inOrder) {
		if (keyAlias?.key === key && values[keyAlias.combinedWith] !== undefined) {
			parts.push(`${valueOf(key)}=${valueOf(keyAlias.combinedWith)}`);
			inOrder.delete(keyAlias.combinedWith);
		} else {
			parts.push(key === defaultKey ? valueOf(key) : `${key}=${valueOf(key)}`);
		}
	}
	return parts.join(',');
}
