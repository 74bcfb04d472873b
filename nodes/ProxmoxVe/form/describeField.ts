import type { INodeProperties } from 'n8n-workflow';

import type { FamilyField, Field, PickerName, PlainField } from '../catalogue/fields';
import { ENTRY_OPTIONS, ENTRY_SLOT, entryFields, familyBase, type Option } from './names';

type Display = INodeProperties['displayOptions'];

/** Sentences joined; a single one stands without its full stop, as n8n has it. */
function sentences(...parts: Array<string | undefined>): string {
	const given = parts.filter((part): part is string => part !== undefined && part !== '');
	if (given.length < 2) return (given[0] ?? '').replace(/\.$/, '');
	return given.map((part) => (/[.!?]$/.test(part) ? part : `${part}.`)).join(' ');
}

/** Help as the editor shows it: what it does, then what to know before it is set. */
export function helpOf(field: Field): string {
	const byDefault = 'default' in field && field.default !== undefined ? String(shownDefault(field)) : undefined;
	return sentences(
		field.help,
		byDefault && `Without it Proxmox takes ${byDefault}`,
		field.since && `Needs Proxmox VE ${field.since} or later`,
		field.rootOnly && 'Proxmox lets only root@pam set it, and never an API token',
	);
}

function shownDefault(field: Field): string | number | undefined {
	switch (field.kind) {
		case 'flag':
			return field.default ? 'on' : 'off';
		case 'choice':
			return field.default === undefined ? undefined : field.options[field.default];
		case 'integer':
		case 'decimal':
		case 'text':
		case 'list':
			return field.default;
		default:
			return undefined;
	}
}

/** A text that can be picked from a live list, or given by itself or by an expression. */
export function locator(picker: PickerName, placeholder?: string): Pick<INodeProperties, 'type' | 'default' | 'modes'> {
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
			{ displayName: 'By Name', name: 'name', type: 'string', ...(placeholder ? { placeholder } : {}) },
		],
	};
}

const choices = (options: Readonly<Record<string, string>>): Array<{ name: string; value: string }> =>
	Object.entries(options).map(([value, name]) => ({ name, value }));

/** Type, default and limits of a plain field as an n8n property. */
function control(field: Exclude<Field, FamilyField>): Pick<INodeProperties, 'type' | 'default'> & Partial<INodeProperties> {
	switch (field.kind) {
		case 'flag':
			// Whoever adds the option wants the other than the default.
			return { type: 'boolean', default: !(field.default ?? false) };
		case 'integer':
		case 'decimal':
			return {
				type: 'number',
				default: field.initial ?? field.default ?? field.min ?? 0,
				typeOptions: {
					...(field.min === undefined ? {} : { minValue: field.min }),
					...(field.max === undefined ? {} : { maxValue: field.max }),
					numberPrecision: field.kind === 'integer' ? 0 : 3,
				},
			};
		case 'choice':
			return {
				type: 'options',
				options: choices(field.options),
				default: field.default ?? Object.keys(field.options)[0] ?? '',
			};
		case 'list':
			return field.choices
				? { type: 'multiOptions', options: choices(field.choices), default: [] }
				: { type: 'string', default: '', placeholder: field.placeholder ?? field.default };
		case 'text':
			if (field.picker) return locator(field.picker, field.placeholder);
			return {
				type: 'string',
				default: '',
				placeholder: field.placeholder ?? field.default,
				...(field.secret ? { typeOptions: { password: true } } : {}),
				...(field.rows ? { typeOptions: { rows: field.rows } } : {}),
			};
		case 'sshKeys':
			return { type: 'string', default: '', typeOptions: { rows: 3 }, placeholder: field.placeholder ?? 'ssh-ed25519 AAAA… user@host' };
		case 'base64':
		case 'device':
			return { type: 'string', default: '', placeholder: field.placeholder };
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

/** By name, as n8n orders what can be added. */
const byLabel = (a: INodeProperties, b: INodeProperties): number => a.displayName.localeCompare(b.displayName);

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
		placeholder: 'Add Option',
		default: {},
		options: [...options].sort(byLabel),
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
		typeOptions: { multipleValues: true, multipleValueButtonText: `Add ${singular}`, sortable: true },
		placeholder: `Add ${singular}`,
		default: {},
		...(help ? { description: help } : {}),
		options: [{ displayName: singular, name: 'values', values }],
	};
}

/** The option that fixes an entry's number where the next free one will not do. */
export const slotProperty = (parameter: string, highest: number): INodeProperties => ({
	displayName: 'Slot',
	name: ENTRY_SLOT,
	type: 'number',
	default: 0,
	typeOptions: { minValue: 0, maxValue: highest, numberPrecision: 0 },
	description: `Number of the device: 1 makes it ${parameter}1. Without it the lowest free one is taken.`,
});

/** The list of a family, `net[n]` say. */
export function familyProperty(option: Option, family: FamilyField): INodeProperties {
	const { primary, rest } = entryFields(family.item);
	return entryList(
		option.name,
		`${family.label}s`,
		family.label,
		[
			...primary.map(([name, field]) => plainProperty(name, field)),
			optionCollection(ENTRY_OPTIONS, 'Options', [
				...rest.map(([name, field]) => plainProperty(name, field)),
				slotProperty(familyBase(option.parameter), family.count - 1),
			]),
		],
		helpOf(family),
	);
}

/** An option as an n8n property. */
export const optionProperty = (option: Option): INodeProperties =>
	option.field.kind === 'family' ? familyProperty(option, option.field) : plainProperty(option.name, option.field);

/** A plain field that always stands in the editor, with the value that it stands there with. */
export const standingProperty = (name: string, field: PlainField, value: INodeProperties['default']): INodeProperties => ({
	...plainProperty(name, field),
	default: value,
	...(field.required ? { required: true } : {}),
});

/** The plain fields of a table as properties, by their own names. */
export const plainProperties = (fields: ReadonlyArray<readonly [string, PlainField]>): INodeProperties[] =>
	fields.map(([name, field]) => plainProperty(name, field));
