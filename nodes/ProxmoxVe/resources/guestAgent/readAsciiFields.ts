import type { TextField, ValuesOf } from '../../catalogue/fields';
import type { Form } from '../../form/Form';
import { asciiProblem } from '../../wire/agentText';

/** Reads texts that the agent gets as texts, such as a path. @returns '' for a text that is wrong */
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
