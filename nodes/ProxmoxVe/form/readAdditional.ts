import { fieldOf, type Catalogue, type GuestParameters } from '../catalogue/catalogue';
import { changeFields } from '../catalogue/qemu/change';
import { shown } from '../wire/shown';
import { isPlain, isRecord, isUnset } from '../wire/values';
import type { Form } from './Form';
import { labelOf } from './labels';
import { unwrap } from './readFields';

/** Fields of other operations, by the API's names: what the API takes by them is not of a new VM. */
const OWN_FIELDS: Readonly<Record<string, { readonly label: string }>> = {
	...changeFields,
	newid: { label: 'New VM ID' },
};

/**
 * Reads what the user sends beside the catalogue. A name that the catalogue knows has a field, which checks and
 * guards it, and is refused.
 */
export function readAdditional(
	catalogue: Catalogue,
	form: Form,
	parameters: GuestParameters,
): Record<string, string> {
	const { problems } = form;
	const additional = new Map<string, string>();
	const given = unwrap(form.raw('additionalParameters', {}));
	const entries =
		isRecord(given) && Array.isArray(given.values) ? given.values.filter(isRecord) : [];
	for (const entry of entries) {
		const name = isPlain(entry.name) ? String(entry.name).trim() : '';
		const wrong = (message: string, label = `Additional Parameter ${shown(name)}`): void =>
			void problems.push({ parameter: name, label, message });
		if (name === '') wrong('is needed', 'Additional Parameters → Name');
		else if (fieldOf(catalogue, name))
			wrong(`has its own field: set it in ${labelOf(catalogue, name)}`);
		else if (Object.hasOwn(OWN_FIELDS, name))
			wrong(`has its own field: set it in ${OWN_FIELDS[name]?.label} (${name})`);
		else if (Object.hasOwn(parameters, name) || additional.has(name)) wrong('is set twice');
		else if (isUnset(entry.value)) wrong('has no value');
		else if (!isPlain(entry.value))
			wrong('must be a plain value', `Additional Parameter ${shown(name)} → Value`);
		else
			additional.set(
				name,
				typeof entry.value === 'boolean' ? (entry.value ? '1' : '0') : String(entry.value),
			);
	}
	return Object.fromEntries(additional);
}
