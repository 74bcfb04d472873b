import type { INodeProperties } from 'n8n-workflow';

import type { FamilyField, Field, IntegerField, PickerName, PlainField } from '../catalogue/fields';
import { alphabetically } from './alphabetically';
import { ENTRY_OPTIONS, ENTRY_SLOT, entryFields, type ListOption, type Option } from './names';

type Display = INodeProperties['displayOptions'];

/** Joins sentences. A single sentence ends without a period, as in n8n. */
function sentences(...parts: Array<string | undefined>): string {
	const given = parts.filter((part): part is string => part !== undefined && part !== '');
	const [first = ''] = given;
	if (given.length < 2) return /[.!?] /.test(first) ? first : first.replace(/\.$/, '');
	return given.map((part) => (/[.!?]$/.test(part) ? part : `${part}.`)).join(' ');
}

/**
 * Help as the editor shows it: what it does, then what to know before it is set. Without the default of Proxmox, which
 * is that of a new VM only: docs/parameters.md has it.
 */
export const helpOf = (field: Field): string =>
	sentences(
		field.help,
		field.since && `Proxmox VE ${field.since}+`,
		field.rootOnly && 'Only root@pam',
	);

/** An example as n8n shows it in an empty field. */
export const exampleOf = (value: string | undefined): string | undefined =>
	value === undefined ? undefined : `e.g. ${value}`;

/** A text that can be picked from a live list, or given by itself or by an expression. */
export function locator(
	picker: PickerName,
	placeholder?: string,
	byLabel = 'By Name',
): Pick<INodeProperties, 'type' | 'default' | 'modes'> {
	return {
		type: 'resourceLocator',
		default: { mode: 'list', value: '' },
		modes: [
			{
				displayName: 'From List',
				name: 'list',
				type: 'list',
				typeOptions: { searchListMethod: picker, searchable: true },
			},
			{
				displayName: byLabel,
				name: byLabel === 'By ID' ? 'id' : 'name',
				type: 'string',
				...(placeholder ? { placeholder: exampleOf(placeholder) } : {}),
			},
		],
	};
}

/** The options in the catalogue's order, but for names that are numbers: JavaScript would put those first. */
const choices = (
	options: Readonly<Record<string, string>>,
): Array<{ name: string; value: string }> =>
	Object.entries(options)
		.map(([value, name]) => ({ name, value }))
		.sort((a, b) => Number(/^\d+$/.test(a.value)) - Number(/^\d+$/.test(b.value)));

const firstOf = (options: Readonly<Record<string, string>>): string =>
	choices(options)[0]?.value ?? '';

/** Type, default and limits of a plain field as an n8n property. */
function control(
	field: Exclude<Field, FamilyField>,
): Pick<INodeProperties, 'type' | 'default'> & Partial<INodeProperties> {
	switch (field.kind) {
		case 'flag':
			// An added flag starts as the opposite of its default.
			return { type: 'boolean', default: field.initial ?? !(field.default ?? false) };
		case 'integer':
		case 'decimal':
			return {
				type: 'number',
				// No limits and no precision: n8n's input drops the digit that goes beyond a limit, so that 5000
				// becomes 500 without a word, and writes 32 as 32.000. What is wrong is reported when it is read.
				default: field.initial ?? field.default ?? field.min ?? 0,
			};
		case 'choice':
			return {
				type: 'options',
				options: choices(field.options),
				default: field.initial ?? field.default ?? firstOf(field.options),
			};
		case 'list':
			return field.choices
				? { type: 'multiOptions', options: choices(field.choices), default: [] }
				: {
						type: 'string',
						default: '',
						placeholder: exampleOf(field.placeholder) ?? field.default,
					};
		case 'text':
			if (field.picker) return locator(field.picker, field.placeholder);
			return {
				type: 'string',
				default: field.initial ?? '',
				placeholder: exampleOf(field.placeholder) ?? field.default,
				...(field.secret ? { typeOptions: { password: true } } : {}),
				...(field.rows ? { typeOptions: { rows: field.rows } } : {}),
			};
		case 'sshKeys':
			return {
				type: 'string',
				default: '',
				typeOptions: { rows: 2 },
				placeholder: exampleOf(field.placeholder ?? 'ssh-ed25519 AAAA… user@host'),
			};
		case 'base64':
		case 'device':
			return { type: 'string', default: '', placeholder: exampleOf(field.placeholder) };
	}
}

const plainProperty = (name: string, field: Exclude<Field, FamilyField>): INodeProperties => ({
	displayName: field.label,
	name,
	...control(field),
	...described(field),
});

function described(field: Field): { description?: string } {
	const description = helpOf(field);
	return description === '' ? {} : { description };
}

/** A collection of options that are absent until they are added. */
export function optionCollection(
	name: string,
	label: string,
	options: INodeProperties[],
	displayOptions?: Display,
): INodeProperties {
	return {
		displayName: label,
		name,
		type: 'collection',
		placeholder: label === 'Options' ? 'Add Option' : `Add ${label} Option`,
		default: {},
		options: alphabetically(options, ({ displayName }) => displayName),
		...(displayOptions ? { displayOptions } : {}),
	};
}

/** A list of entries, each with its main fields and a collection for the others. */
export function entryList(
	name: string,
	label: string,
	singular: string,
	values: INodeProperties[],
	help?: string,
): INodeProperties {
	return {
		displayName: label,
		name,
		type: 'fixedCollection',
		typeOptions: {
			multipleValues: true,
			multipleValueButtonText: `Add ${singular}`,
			sortable: true,
		},
		placeholder: `Add ${singular}`,
		default: {},
		...(help ? { description: help } : {}),
		options: [{ displayName: singular, name: 'values', values }],
	};
}

/** The option that fixes an entry's number where the next free one will not do. */
export const slotProperty: INodeProperties = {
	displayName: 'Slot',
	name: ENTRY_SLOT,
	type: 'number',
	default: 0,
	description: 'By default the lowest free',
};

/** The list of a family, `net[n]` say. */
export function familyProperty(option: ListOption): INodeProperties {
	const family = option.field;
	const { primary, rest } = entryFields(family.item);
	return entryList(
		option.name,
		family.plural ?? `${family.label}s`,
		family.label,
		[
			...primary.map(([name, field]) => plainProperty(name, field)),
			optionCollection(ENTRY_OPTIONS, 'Options', [
				...rest.map(([name, field]) => plainProperty(name, field)),
				slotProperty,
			]),
		],
		helpOf(family),
	);
}

/** An option of a group as an n8n property. */
export const optionProperty = ({ name, field }: Option): INodeProperties =>
	plainProperty(name, field);

/**
 * A number that may be empty.
 * @param emptyMeans what Proxmox does then; without it its default, for a new VM
 */
export const optionalNumber = (
	name: string,
	field: IntegerField,
	emptyMeans = field.default === undefined ? undefined : String(field.default),
): INodeProperties => ({
	displayName: field.label,
	name,
	type: 'number',
	default: UNSET,
	placeholder: emptyMeans,
	...described(field),
});
const UNSET = '';

/** A plain field that the editor always shows, with its initial value. */
export const alwaysShownProperty = (
	name: string,
	field: Exclude<Field, FamilyField>,
	value: INodeProperties['default'],
): INodeProperties => ({
	...plainProperty(name, field),
	default: value,
	...(field.required ? { required: true } : {}),
});

/** The plain fields of a table as properties, by their own names. */
export const plainProperties = (
	fields: ReadonlyArray<readonly [string, PlainField]>,
): INodeProperties[] => fields.map(([name, field]) => plainProperty(name, field));
