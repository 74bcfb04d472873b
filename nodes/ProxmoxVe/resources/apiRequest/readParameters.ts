import type { Form } from '../../form/Form';
import { shown } from '../../wire/shown';
import { isPlain } from '../../wire/values';

/** The parameters of a request; a list is sent as one parameter per entry. */
export type RequestParameters = Readonly<Record<string, string | readonly string[]>>;

const NAME = /^[A-Za-z0-9_-]+$/;

/** Reads Parameters, as fields or as JSON. @returns what is right of them; the form has what is wrong */
export function readParameters(
	form: Form,
	isJson: boolean,
	takesLists: boolean,
): RequestParameters {
	const label = isJson ? 'Parameters (JSON)' : 'Parameters';
	const wrong = (message: string): void =>
		void form.problems.push({
			parameter: isJson ? 'parametersJson' : 'parameters',
			label,
			message,
		});
	const given: Array<readonly [string, unknown]> = isJson
		? Object.entries(form.json('parametersJson', label))
		: form.entries('parameters', label).map(({ name, value }) => [nameOf(name), value]);
	const texts = new Map<string, string[]>();
	for (const [name, value] of given) {
		const all = Array.isArray(value) ? value : [value];
		if (!NAME.test(name)) {
			wrong(`must have names of letters, digits, - and _, got "${shown(name)}"`);
			continue;
		}
		if (all.length === 0 || !all.every(isPlain)) {
			wrong(
				`must have a text, number, boolean or list for ${name}. An expression may have returned nothing`,
			);
			continue;
		}
		const found = [...(texts.get(name) ?? []), ...all.map(textOf)];
		if (found.length > 1 && !takesLists)
			wrong(`must have one value for ${name}: only POST and PUT take a list`);
		texts.set(name, found);
	}
	return Object.fromEntries(
		[...texts].map(([name, found]) => [name, found.length === 1 ? (found[0] ?? '') : found]),
	);
}

/** Proxmox takes 1 and 0 for yes and no. */
const textOf = (value: unknown): string =>
	typeof value === 'boolean' ? (value ? '1' : '0') : String(value);

/** A list or an object is no name: the text for it is not one either. */
const nameOf = (given: unknown): string => (isPlain(given) ? String(given).trim() : shown(given));
