import type { INodePropertyOptions } from 'n8n-workflow';

import type { Catalogue } from '../catalogue/catalogue';
import { integer } from '../catalogue/fields';
import { isPlain, isRecord, isUnset } from '../wire/values';
import { alphabetically } from './alphabetically';
import type { Form } from './Form';
import { familyBase } from './names';
import { readFields, textOf, unwrap } from './readFields';

/** The n8n parameter of the list by which Update sets what it has no fields for. */
export const OTHER_PARAMETERS = 'otherParameters';

/** The fields of the groups that Update does not show, by the API's names; families as `usb[n]`. */
const fieldsOf = ({ groups, untypedOnUpdate, diskFamilies, alwaysShown }: Catalogue) =>
	groups.update
		.filter(({ name }) => untypedOnUpdate.includes(name))
		.flatMap(({ fields }) => Object.entries(fields))
		.filter(
			([name]) =>
				!diskFamilies.includes(name) && !alwaysShown.some(({ parameter }) => parameter === name),
		);

/** What the list offers: the API's names, of families without the number. */
export const otherChoices = (catalogue: Catalogue): INodePropertyOptions[] =>
	alphabetically(
		fieldsOf(catalogue).map(([name, { label }]) => ({
			name: `${label} (${familyBase(name)})`,
			value: familyBase(name),
		})),
		({ name }) => name,
	);

/** Those that have a slot. */
export const otherFamilies = (catalogue: Catalogue): string[] =>
	fieldsOf(catalogue).flatMap(([name, { kind }]) => (kind === 'family' ? [familyBase(name)] : []));

/** Reads the list into parameters by the API's names, which are checked as those of JSON are. */
export function readOtherParameters(
	catalogue: Catalogue,
	form: Form,
	values: Record<string, unknown>,
): void {
	const list = unwrap(form.raw(OTHER_PARAMETERS, {}));
	const entries = isRecord(list) && Array.isArray(list.values) ? list.values.filter(isRecord) : [];
	const names = otherChoices(catalogue).map(({ value }) => String(value));
	const families = otherFamilies(catalogue);
	entries.forEach((entry, index) => {
		const wrong = (label: string, message: string): void =>
			void form.problems.push({
				parameter: OTHER_PARAMETERS,
				label: `Other Parameter ${index + 1} → ${label}`,
				message,
			});
		const base = textOf(entry.parameter);
		if (!names.includes(base)) {
			wrong('Parameter', `must be one of ${names.join(', ')}`);
			return;
		}
		const { values: read, problems } = readFields(
			{ slot: integer({ label: 'Slot', min: 0, required: true }) },
			{ slot: families.includes(base) ? entry.slot : 0 },
		);
		for (const { message } of problems) wrong('Slot', message);
		const name = families.includes(base) ? `${base}${read.slot ?? 0}` : base;
		if (isUnset(entry.value) || entry.value === '')
			wrong('Value', 'is needed. To remove a setting, use Settings to Remove');
		else if (!isPlain(entry.value)) wrong('Value', 'must be a plain value');
		else if (name in values) wrong('Parameter', `${name} is set twice`);
		else values[name] = entry.value;
	});
}
