import type { TextField, ValuesOf } from '../catalogue/fields';
import { asciiProblem } from '../wire/agentText';
import { isPlain, isUnset } from '../wire/values';
import type { Form } from './Form';
import { NO_VALUE } from './readFields';

/** Readers of texts that a guest gets as they are, with their blanks. */

interface Named {
	/** The n8n parameter. */
	readonly parameter: string;
	readonly label: string;
}

/** Reads a text for a guest as UTF-8; an empty one is an answer. @param most bytes @returns no bytes if it is wrong */
export const readBytes = (form: Form, named: Named, most: number): Buffer =>
	bytesOf(form, form.raw(named.parameter, null), named, most);

/** The same of an option; undefined if it was not added. */
export function readOptionBytes(form: Form, named: Named, most: number): Buffer | undefined {
	const options = form.rawOptions();
	return Object.hasOwn(options, named.parameter)
		? bytesOf(form, options[named.parameter], named, most)
		: undefined;
}

function bytesOf(form: Form, given: unknown, named: Named, most: number): Buffer {
	const bytes = Buffer.from(isPlain(given) ? String(given) : '', 'utf8');
	const message = isUnset(given)
		? NO_VALUE
		: !isPlain(given)
			? 'must be text'
			: bytes.length > most
				? `may have at most ${most} bytes in UTF-8, got ${bytes.length}`
				: undefined;
	if (message !== undefined) form.problems.push({ ...named, message });
	return bytes;
}

/** Reads a text that must not be empty. @param check says what is wrong with it @returns '' if there is none */
export function readGuestText(
	form: Form,
	named: Named,
	check: (text: string) => string | undefined = asciiProblem,
): string {
	const given = form.raw(named.parameter);
	const text = isPlain(given) ? String(given) : '';
	const message = text.trim() === '' ? 'is needed' : check(text);
	if (message !== undefined) form.problems.push({ ...named, message });
	return text;
}

/** Reads a list of texts in ASCII, of which each may be empty. */
export function readGuestTexts(form: Form, named: Named): string[] {
	const given = form.raw(named.parameter, []);
	const wrong = (message: string): void => void form.problems.push({ ...named, message });
	if (!Array.isArray(given)) {
		wrong('must be a list. An expression must return an array');
		return [];
	}
	return given.map((one: unknown, index) => {
		const text = isPlain(one) ? String(one) : undefined;
		const problem = text === undefined ? 'must be text, a number or a boolean' : asciiProblem(text);
		if (problem !== undefined) wrong(`${problem} (entry ${index + 1})`);
		return text ?? '';
	});
}

/** Reads parameters that the agent gets as texts, such as a path. @returns '' for a text that is wrong */
export function readAsciiFields<F extends Readonly<Record<string, TextField>>>(
	form: Form,
	fields: F,
): { [Name in keyof F]: string } {
	const values: ValuesOf<F> & Readonly<Record<string, unknown>> = form.fields(fields);
	const texts = Object.entries(fields).map(([parameter, { label }]) => {
		const text = String(values[parameter] ?? '');
		const message = asciiProblem(text);
		if (message !== undefined) form.problems.push({ parameter, label, message });
		return [parameter, text];
	});
	// Its names are those of the fields.
	return Object.fromEntries(texts) as { [Name in keyof F]: string };
}
