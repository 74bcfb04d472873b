import { splitList, type PlainValue } from './values';
import type { PlainField, SshKeysField } from '../catalogue/fields';
import { formatChecks } from './formats';
import { didYouMean, nearest } from './nearest';
import type { Result } from './problem';
import { shown } from './shown';
import { valueSynonyms } from './synonyms';

/** Where a value comes from: a property string takes more words for a boolean than the API's top level. */
type ValueContext = 'topLevel' | 'propertyString';

const INTEGER = /^[+-]?\d+$/;
/** Without an exponent: Proxmox takes one here and may then fail in the task. */
const DECIMAL = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)$/;

/** The end of a message that shows the value; never that of a secret. */
const got = (field: PlainField, raw: PlainValue): string =>
	field.kind === 'text' && field.secret ? '' : `, got "${shown(raw)}"`;

function rangeOf({ min, max }: { min?: number; max?: number }): string {
	if (min !== undefined && max !== undefined) return ` from ${min} to ${max}`;
	if (min !== undefined) return ` of at least ${min}`;
	return max === undefined ? '' : ` of at most ${max}`;
}

function readNumber(
	field: Extract<PlainField, { kind: 'integer' | 'decimal' }>,
	raw: PlainValue,
): Result<number> {
	const what = field.kind === 'integer' ? 'a whole number' : 'a number';
	const problem = `must be ${what}${rangeOf(field)}${got(field, raw)}`;
	// Numbers are normalised: Proxmox takes "+2" and "01" here and may then fail in the task.
	const text = typeof raw === 'number' ? String(raw) : raw;
	if (typeof text !== 'string' || !(field.kind === 'integer' ? INTEGER : DECIMAL).test(text))
		return { problem };
	const value = Number(text);
	if (
		field.kind === 'integer'
			? !Number.isSafeInteger(value)
			: Math.abs(value) > Number.MAX_SAFE_INTEGER
	)
		return { problem };
	// Proxmox would get the exponent that JavaScript writes for a number this small.
	if (String(value).includes('e')) return { problem };
	if (value < (field.min ?? -Infinity) || value > (field.max ?? Infinity)) return { problem };
	return { value };
}

function readFlag(field: PlainField, raw: PlainValue, context: ValueContext): Result<boolean> {
	if (typeof raw === 'boolean') return { value: raw };
	const word = context === 'propertyString' ? String(raw).toLowerCase() : String(raw);
	if (
		['1', 'true'].includes(word) ||
		(context === 'propertyString' && ['on', 'yes'].includes(word))
	)
		return { value: true };
	if (
		['0', 'false'].includes(word) ||
		(context === 'propertyString' && ['off', 'no'].includes(word))
	)
		return { value: false };
	return { problem: `must be true or false${got(field, raw)}` };
}

function readChoice(
	field: Extract<PlainField, { kind: 'choice' }>,
	raw: PlainValue,
): Result<string> {
	const value = String(raw);
	const known = Object.keys(field.options);
	if (known.includes(value)) return { value };
	const allowed = known.length > 30 ? `${known.slice(0, 30).join(', ')} …` : known.join(', ');
	return {
		problem: `must be one of ${allowed}${got(field, raw)}${didYouMean(nearest(value, known, valueSynonyms))}`,
	};
}

function readText(
	field: Extract<PlainField, { kind: 'text' | 'list' | 'base64' }>,
	raw: PlainValue,
): Result<string> {
	// A JSON true is Proxmox's 1 also if the API expects text (vmgenid: true).
	const given = typeof raw === 'boolean' ? (raw ? '1' : '0') : String(raw);
	const value =
		field.kind === 'text' && field.nulLines === true
			? given.trim().replace(/\s*\n\s*/g, '\0')
			: given;
	const minLength = field.kind === 'text' ? field.minLength : undefined;
	if (minLength !== undefined && [...value].length < minLength)
		return { problem: `must have at least ${minLength} characters` };
	const maxLength = field.kind === 'text' ? field.maxLength : undefined;
	if (maxLength !== undefined && [...value].length > maxLength) {
		return { problem: `may have at most ${maxLength} characters, got ${[...value].length}` };
	}
	if (field.pattern !== undefined && !new RegExp(`^(?:${field.pattern})$`).test(value)) {
		const example =
			'placeholder' in field && field.placeholder ? ` such as ${field.placeholder}` : '';
		return {
			problem: example
				? `must be a value${example}${got(field, raw)}`
				: `must match ${field.pattern}${got(field, raw)}`,
		};
	}
	const wrong = 'format' in field && field.format ? formatChecks[field.format](value) : undefined;
	if (wrong !== undefined) return { problem: `${wrong}${got(field, raw)}` };
	return field.kind === 'list' ? readItems(field, value) : { value };
}

function readItems(
	{ items, normalised, separator }: Extract<PlainField, { kind: 'list' }>,
	value: string,
): Result<string> {
	const all = splitList(value);
	// A name may end with the dot of the root.
	const wrong =
		items && all.find((item) => formatChecks[items](item.replace(/\.$/, '')) !== undefined);
	if (items && wrong !== undefined)
		return { problem: `${formatChecks[items]('')}, and "${shown(wrong)}" is not` };
	return { value: normalised ? all.join(separator) : value };
}

/** Whether blanks around a value are no part of it: they are in free text, and in a secret. */
const isTrimmed = (field: PlainField): boolean =>
	field.kind !== 'base64' &&
	(field.kind !== 'text' ||
		field.format !== undefined ||
		field.pattern !== undefined ||
		field.picker !== undefined);

/** A value without the blanks around it, if they are no part of it. */
export const trimmed = <Value>(field: PlainField, value: Value): Value | string =>
	typeof value === 'string' && isTrimmed(field) ? value.trim() : value;

/**
 * Reads one plain value against its field.
 * @param raw what the user, an expression or a webhook gave: numbers and flags may come as text
 * @param context where it was given: inside a property string Proxmox also takes on, yes, off, no
 */
export function readPlain(
	field: PlainField,
	raw: PlainValue,
	context: ValueContext,
): Result<PlainValue> {
	const read = readKind(field, raw, context);
	return 'problem' in read && raw === ''
		? { problem: 'is empty: fill it in, or leave it out' }
		: read;
}

function readKind(field: PlainField, raw: PlainValue, context: ValueContext): Result<PlainValue> {
	switch (field.kind) {
		case 'integer':
		case 'decimal':
			return readNumber(field, raw);
		case 'flag':
			return readFlag(field, raw, context);
		case 'choice':
			return readChoice(field, raw);
		case 'text':
		case 'list':
		case 'base64':
			return readText(field, raw);
	}
}

/**
 * Reads public SSH keys, one a line. Keys that are percent-encoded already (as a config read from
 * the API has them) are decoded, so that they are never encoded twice.
 */
export function readSshKeys(_field: SshKeysField, raw: PlainValue): Result<string> {
	const text = String(raw).trim();
	const isEncoded = !/\s/.test(text) && text.includes('%');
	try {
		const value = isEncoded ? decodeURIComponent(text) : text;
		// Half of a surrogate pair cannot be encoded.
		encodeURIComponent(value);
		if (/PRIVATE KEY/.test(value)) {
			return {
				problem: 'must be public SSH keys, and this is a private key: use the one in the .pub file',
			};
		}
		return { value };
	} catch {
		return {
			problem:
				'must be public SSH keys, one per line; this is neither plain text nor valid percent-encoding',
		};
	}
}
