import type { INodePropertyOptions } from 'n8n-workflow';

import type { Catalogue } from '../catalogue/catalogue';
import { integer } from '../catalogue/fields';
import { isPlain, isRecord, isUnset } from '../wire/values';
import { alphabetically } from './alphabetically';
import type { Form } from './Form';
import { familyBase } from './names';
import { readFields, textOf, unwrap } from './readFields';

/** The n8n parameter of the list by which Update and Clone set what they have no fields for. */
export const OTHER_PARAMETERS = 'otherParameters';

/** Parameters that Clone has a field for, beside those that are always shown. */
const FIELDS_OF_CLONE: readonly string[] = ['description', 'cipassword'];

/** The fields that the operation does not show, by the API's names; families as `usb[n]`. */
const fieldsOf = (
	{ groups, untypedOnUpdate, diskFamilies, alwaysShown }: Catalogue,
	isOfClone: boolean,
) =>
	groups.update
		.filter(({ name }) => isOfClone || untypedOnUpdate.includes(name))
		.flatMap(({ fields }) => Object.entries(fields))
		.filter(
			([name]) =>
				!(isOfClone ? FIELDS_OF_CLONE : diskFamilies).includes(name) &&
				!alwaysShown.some(({ parameter }) => parameter === name),
		);

/**
 * What the list offers: the API's names, of families without the number.
 * @param isOfClone for Clone, which shows fewer fields than Update
 */
export const otherChoices = (catalogue: Catalogue, isOfClone = false): INodePropertyOptions[] =>
	alphabetically(
		fieldsOf(catalogue, isOfClone).map(([name, { label }]) => ({
			name: `${label} (${familyBase(name)})`,
			value: familyBase(name),
		})),
		({ name }) => name,
	);

/** Those that have a slot. */
export const otherFamilies = (catalogue: Catalogue, isOfClone = false): string[] =>
	fieldsOf(catalogue, isOfClone).flatMap(([name, { kind }]) =>
		kind === 'family' ? [familyBase(name)] : [],
	);

/** Reads the list into parameters by the API's names, which are checked as those of JSON are. */
export function readOtherParameters(
	catalogue: Catalogue,
	form: Form,
	values: Record<string, unknown>,
	isOfClone: boolean,
): void {
	const list = unwrap(form.raw(OTHER_PARAMETERS, {}));
	const entries = isRecord(list) && Array.isArray(list.values) ? list.values.filter(isRecord) : [];
	const names = otherChoices(catalogue, isOfClone).map(({ value }) => String(value));
	const families = otherFamilies(catalogue, isOfClone);
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
			wrong(
				'Value',
				isOfClone ? 'is needed' : 'is needed. To remove a setting, use Settings to Remove',
			);
		else if (!isPlain(entry.value)) wrong('Value', 'must be a plain value');
		else if (name in values) wrong('Parameter', `${name} is set twice`);
		else values[name] = entry.value;
	});
}
