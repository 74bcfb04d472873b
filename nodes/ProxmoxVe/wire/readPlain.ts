import type { PlainField, SshKeysField } from '../catalogue/fields';
import { formatChecks } from './formats';
import { nearest } from './nearest';
import type { Result } from './problem';

export type PlainValue = string | number | boolean;

/** Where a value comes from: a property string takes more words for a boolean than the API's top level. */
type Place = 'topLevel' | 'propertyString';

const INTEGER = /^[+-]?\d+$/;
const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

/** A value as an error may show it: short, and never a secret. */
function shown(field: PlainField, raw: PlainValue): string {
	if (field.kind === 'text' && field.secret) return '';
	const text = String(raw);
	return `, got "${text.length > 60 ? `${text.slice(0, 60)}…` : text}"`;
}

function rangeOf({ min, max }: { min?: number; max?: number }): string {
	if (min !== undefined && max !== undefined) return ` from ${min} to ${max}`;
	if (min !== undefined) return ` of at least ${min}`;
	return max === undefined ? '' : ` of at most ${max}`;
}

function readNumber(field: Extract<PlainField, { kind: 'integer' | 'decimal' }>, raw: PlainValue): Result<number> {
	const what = field.kind === 'integer' ? 'a whole number' : 'a number';
	const problem = `must be ${what}${rangeOf(field)}${shown(field, raw)}`;
	// Numbers are normalised: Proxmox takes "+2" and "01" here and may then fail in the task.
	const text = typeof raw === 'number' ? String(raw) : raw;
	if (typeof text !== 'string' || !(field.kind === 'integer' ? INTEGER : DECIMAL).test(text)) return { problem };
	const value = Number(text);
	if (field.kind === 'integer' ? !Number.isSafeInteger(value) : !Number.isFinite(value)) return { problem };
	if (value < (field.min ?? -Infinity) || value > (field.max ?? Infinity)) return { problem };
	return { value };
}

function readFlag(field: PlainField, raw: PlainValue, place: Place): Result<boolean> {
	if (typeof raw === 'boolean') return { value: raw };
	const word = place === 'propertyString' ? String(raw).toLowerCase() : String(raw);
	if (['1', 'true'].includes(word) || (place === 'propertyString' && ['on', 'yes'].includes(word))) return { value: true };
	if (['0', 'false'].includes(word) || (place === 'propertyString' && ['off', 'no'].includes(word))) return { value: false };
	return { problem: `must be true or false${shown(field, raw)}` };
}

function readChoice(field: Extract<PlainField, { kind: 'choice' }>, raw: PlainValue): Result<string> {
	const value = String(raw);
	const known = Object.keys(field.options);
	if (known.includes(value)) return { value };
	const meant = nearest(value, known);
	const allowed = known.length > 30 ? `${known.slice(0, 30).join(', ')} …` : known.join(', ');
	return { problem: `must be one of ${allowed}${shown(field, raw)}${meant ? `; did you mean ${meant}?` : ''}` };
}

function readText(field: Extract<PlainField, { kind: 'text' | 'list' | 'base64' }>, raw: PlainValue): Result<string> {
	// A JSON true stands for Proxmox's 1 also where the API wants text (vmgenid: true).
	const value = typeof raw === 'boolean' ? (raw ? '1' : '0') : String(raw);
	const maxLength = field.kind === 'text' ? field.maxLength : undefined;
	if (maxLength !== undefined && [...value].length > maxLength) {
		return { problem: `may have ${maxLength} characters at most, got ${[...value].length}` };
	}
	if (field.pattern !== undefined && !new RegExp(`^(?:${field.pattern})$`).test(value)) {
		const example = 'placeholder' in field && field.placeholder ? ` such as ${field.placeholder}` : '';
		return {
			problem: example
				? `must be a value${example}${shown(field, raw)}`
				: `must match ${field.pattern}${shown(field, raw)}`,
		};
	}
	const wrong = 'format' in field && field.format ? formatChecks[field.format](value) : undefined;
	return wrong ? { problem: `${wrong}${shown(field, raw)}` } : { value };
}

/**
 * Reads one plain value against its field.
 * @param raw what the user, an expression or a webhook gave: numbers and flags may come as text
 * @param place where it stood: inside a property string Proxmox also takes on, yes, off, no
 */
export function readPlain(field: PlainField, raw: PlainValue, place: Place): Result<PlainValue> {
	const read = readKind(field, raw, place);
	return 'problem' in read && raw === '' ? { problem: 'is empty: fill it in, or leave it out' } : read;
}

function readKind(field: PlainField, raw: PlainValue, place: Place): Result<PlainValue> {
	switch (field.kind) {
		case 'integer':
		case 'decimal':
			return readNumber(field, raw);
		case 'flag':
			return readFlag(field, raw, place);
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
		return { value };
	} catch {
		return { problem: 'must be public SSH keys, one a line; this is neither plain nor rightly percent-encoded' };
	}
}
