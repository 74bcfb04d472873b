import type { DeviceField, Field, Group } from '../../nodes/ProxmoxVe/catalogue/fields';
import type {
	ParameterFacts,
	SubOptionFacts,
	SubOptions,
} from '../../tools/emulator/contract/facts';
import type { BeyondSchema } from './beyondSchema';
import { expected, type Expected, type Release } from './expected';
import { fromPerl } from './perlPattern';
import { suggestLine } from './suggestion';

/** The API's side of the comparison. */
export interface Truth {
	/** The kind's folder in `catalogue/`, and its groups, which are the files there. */
	readonly kind: string;
	readonly groups: readonly Group[];
	/** The releases that the facts tell apart, the oldest first. */
	readonly releases: readonly Release[];
	readonly parameters: Readonly<Record<string, ParameterFacts>>;
	/** Slots by family, `net` -> 32. */
	readonly familySlots: Readonly<Record<string, number>>;
	readonly rootOnly: readonly string[];
	readonly beyondSchema: Readonly<Record<string, BeyondSchema>>;
	/** `parameter` or `parameter.subOption` -> why the catalogue leaves it out. */
	readonly exclusions: Readonly<Record<string, string>>;
}

export interface Comparison {
	/** One line each, with the file and what to write there. */
	readonly differences: string[];
	readonly parameters: Count;
	/** Without aliases, which are other names of a sub-option. */
	readonly subOptions: Count;
}

interface Count {
	covered: number;
	excluded: number;
	total: number;
}

const folderOf = ({ kind }: Pick<Truth, 'kind'>): string => `nodes/ProxmoxVe/catalogue/${kind}`;
const EXCLUSIONS = 'test/catalogue/catalogueExclusions.ts';
/** Tables that are spread into the group of another file. */
const FILES: Readonly<Record<string, string>> = {
	'scsi[n]': 'drive.ts',
	'virtio[n]': 'drive.ts',
	'sata[n]': 'drive.ts',
	'ide[n]': 'drive.ts',
	cdrom: 'drive.ts',
	'live-restore': 'transfer.ts',
	bwlimit: 'transfer.ts',
};

function fileOf(truth: Truth, parameter: string): string {
	const group = truth.groups.find(({ fields }) => Object.hasOwn(fields, parameter));
	return `${folderOf(truth)}/${FILES[parameter] ?? `${group?.name ?? 'index'}.ts`}`;
}

/** Compares the catalogue with what the API has. No differences means that they agree in everything. */
export function compare(catalogue: Readonly<Record<string, Field>>, truth: Truth): Comparison {
	const differences: string[] = [];
	const parameters: Count = { covered: 0, excluded: 0, total: 0 };
	const subOptions: Count = { covered: 0, excluded: 0, total: 0 };
	const isExcluded = (path: string): boolean => Object.hasOwn(truth.exclusions, path);

	for (const [name, facts] of Object.entries(truth.parameters)) {
		const field = catalogue[name];
		const ownSubOptions = Object.entries(facts.subOptions ?? {}).filter(([, sub]) => !sub.alias);
		parameters.total++;
		subOptions.total += ownSubOptions.length;
		if (!field) {
			if (isExcluded(name)) {
				parameters.excluded++;
				subOptions.excluded += ownSubOptions.length;
			} else {
				differences.push(
					`${name} is missing. Add to the group of ${folderOf(truth)}/ where users would look for it: ${suggestLine(name, facts, truth.releases)}`,
				);
			}
			continue;
		}
		parameters.covered++;
		differences.push(...compareParameter(name, field, facts, truth));
		const item = field.kind === 'family' ? field.item : field;
		if (item.kind !== 'device') continue;
		for (const [sub, subFacts] of ownSubOptions) {
			const path = `${name}.${sub}`;
			const subField = item.fields[sub];
			if (subField) {
				subOptions.covered++;
				differences.push(...compareField(path, name, subField, subFacts, truth));
			} else if (isExcluded(path)) {
				subOptions.excluded++;
			} else {
				differences.push(
					`${path} is missing. Add to ${fileOf(truth, name)}, fields of ${name}: ${suggestLine(sub, subFacts, truth.releases)}`,
				);
			}
		}
		for (const sub of Object.keys(item.fields)) {
			const subFacts = facts.subOptions?.[sub];
			if (!subFacts)
				differences.push(
					`${name}.${sub} is unknown to the API. Remove it from ${fileOf(truth, name)}`,
				);
			else if (subFacts.alias) {
				differences.push(
					`${name}.${sub} is another name of ${subFacts.alias}. Move it to aliases in ${fileOf(truth, name)}`,
				);
			}
		}
	}
	for (const name of Object.keys(catalogue)) {
		if (!truth.parameters[name])
			differences.push(`${name} is unknown to the API. Remove it from ${fileOf(truth, name)}`);
	}
	differences.push(...staleExclusions(catalogue, truth));
	return { differences, parameters, subOptions };
}

function staleExclusions(catalogue: Readonly<Record<string, Field>>, truth: Truth): string[] {
	return Object.entries(truth.exclusions).flatMap(([path, reason]) => {
		const [name = '', sub] = path.split('.');
		const facts =
			sub === undefined ? truth.parameters[name] : truth.parameters[name]?.subOptions?.[sub];
		if (!facts)
			return [
				`The exclusion ${path} is stale: the API has no such thing. Remove it from ${EXCLUSIONS}`,
			];
		const field = catalogue[name];
		const item = field?.kind === 'family' ? field.item : field;
		const covered =
			sub === undefined ? item : item?.kind === 'device' ? item.fields[sub] : undefined;
		if (covered)
			return [`The exclusion ${path} is stale: the catalogue has it. Remove it from ${EXCLUSIONS}`];
		return reason.trim().length < 20
			? [`The exclusion ${path} needs a reason. Write it in ${EXCLUSIONS}`]
			: [];
	});
}

/** A parameter: its family, its device and its plain sides. */
function compareParameter(
	name: string,
	field: Field,
	facts: ParameterFacts,
	truth: Truth,
): string[] {
	const where = `${fileOf(truth, name)}, ${name}`;
	const differences: string[] = [];
	const isRootOnly = truth.rootOnly.includes(name);
	if (Boolean(field.rootOnly) !== isRootOnly) {
		differences.push(
			`${where}: ${isRootOnly ? 'write' : 'remove'} rootOnly: true (only root@pam may set what test/catalogue/rootOnly.ts lists)`,
		);
	}
	if ((field.kind === 'family') !== Boolean(facts.slots)) {
		return [...differences, `${where}: must ${facts.slots ? 'be a family' : 'not be a family'}`];
	}
	if (field.kind !== 'family')
		return [...differences, ...compareField(name, name, field, facts, truth)];

	const count = truth.familySlots[name.replace('[n]', '')];
	if (field.count !== count)
		differences.push(`${where}: write count: ${count}, not ${field.count}`);
	const { since, ...item } = expected(facts, truth.releases);
	differences.push(...compareProperty(where, 'since', field.since, since));
	return [...differences, ...compareItem(where, field.item, item, facts)];
}

/** A plain field or a single device. */
function compareField(
	path: string,
	parameter: string,
	field: Exclude<Field, { kind: 'family' }>,
	facts: ParameterFacts | SubOptionFacts,
	truth: Truth,
): string[] {
	const where = `${fileOf(truth, parameter)}, ${path}`;
	const { required, format, ...schema } = expected(facts, truth.releases);
	const beyond = truth.beyondSchema[path];
	const told = {
		...schema,
		required: beyond?.required ?? required,
		format: beyond?.format ?? format,
	};
	return [
		...compareProperty(where, 'since', field.since, told.since),
		...compareItem(where, field, told, facts),
	];
}

function compareItem(
	where: string,
	field: Exclude<Field, { kind: 'family' }>,
	told: Expected,
	facts: ParameterFacts | SubOptionFacts,
): string[] {
	const kinds = kindsFor(told, facts);
	if (!kinds.includes(field.kind))
		return [`${where}: must be ${kinds.join(' or ')}, not ${field.kind}`];

	const get = (property: keyof Expected): unknown =>
		Object.entries(field).find(([key]) => key === property)?.[1];
	const properties: Array<keyof Expected> = [
		'required',
		'requires',
		'default',
		'min',
		'max',
		'minLength',
		'maxLength',
	];
	const differences = properties.flatMap((property) =>
		compareProperty(where, property, get(property), told[property]),
	);
	// Both sides are brought to one form: brackets around the whole pattern mean nothing.
	const pattern = get('pattern');
	differences.push(
		...compareProperty(
			where,
			'pattern',
			typeof pattern === 'string' ? fromPerl(pattern) : pattern,
			told.pattern,
		),
	);
	// The kinds themselves are these formats: a VM ID is an integer in its range, keys are percent-encoded.
	const impliedFormat =
		field.kind === 'integer' ? 'pve-vmid' : field.kind === 'sshKeys' ? 'urlencoded' : undefined;
	differences.push(
		...compareProperty(
			where,
			'format',
			get('format') ?? (told.format === impliedFormat ? impliedFormat : undefined),
			told.format,
		),
	);

	if (field.kind === 'choice') differences.push(...compareOptions(where, field.options, facts));
	if (field.kind === 'device' && 'subOptions' in facts && facts.subOptions) {
		differences.push(...compareDevice(where, field, facts.subOptions));
	}
	return differences;
}

/** Whether any text is accepted. */
const isFree = ({ format, pattern, maxLength }: Expected): boolean =>
	format === undefined && pattern === undefined && maxLength === undefined;

/** The kinds that may stand for what the API calls a string are several. */
function kindsFor(
	told: Expected,
	facts: ParameterFacts | SubOptionFacts,
): ReadonlyArray<Field['kind']> {
	if (told.kind !== 'text') return [told.kind];
	if (facts.typetext === '<Base64 encoded string>') return ['base64'];
	if (facts.format === 'urlencoded' && !facts.maxLength) return ['sshKeys'];
	// Of a container they are plain text.
	return ['text', 'list', ...(isFree(told) ? (['sshKeys'] as const) : [])];
}

function compareProperty(
	where: string,
	property: string,
	is: unknown,
	shouldBe: unknown,
): string[] {
	if (is === shouldBe) return [];
	const told = typeof shouldBe === 'string' ? JSON.stringify(shouldBe) : String(shouldBe);
	if (shouldBe === undefined)
		return [`${where}: remove ${property}: ${String(is)}, which the API does not have`];
	return [`${where}: write ${property}: ${told}${is === undefined ? '' : `, not ${String(is)}`}`];
}

function compareOptions(
	where: string,
	options: Readonly<Record<string, string>>,
	{ enum: values, maxLength }: SubOptionFacts,
): string[] {
	const known = values ?? [];
	return [
		...known
			.filter((value) => !Object.hasOwn(options, value))
			.map((value) => `${where}: add to options '${value}': …`),
		...Object.keys(options)
			.filter((value) => !known.includes(value))
			.map((value) => `${where}: remove the option '${value}'`),
		...Object.keys(options)
			.filter((value) => value.length > (maxLength ?? Infinity))
			.map((value) => `${where}: the option '${value}' is longer than ${maxLength}`),
	];
}

function compareDevice(where: string, device: DeviceField, subOptions: SubOptions): string[] {
	const entries = Object.entries(subOptions);
	const defaultKey = entries.find(([, sub]) => sub.default_key)?.[0];
	const differences = compareProperty(where, 'defaultKey', device.defaultKey, defaultKey);

	const aliases = Object.fromEntries(
		entries.flatMap(([name, sub]) => (sub.alias && !sub.keyAlias ? [[name, sub.alias]] : [])),
	);
	for (const [alias, sub] of Object.entries(aliases)) {
		if (device.aliases?.[alias] !== sub)
			differences.push(`${where}: add to aliases '${alias}': '${sub}'`);
	}
	for (const alias of Object.keys(device.aliases ?? {})) {
		if (!aliases[alias]) differences.push(`${where}: remove the alias '${alias}'`);
	}

	const keyAliases = entries.filter(([, sub]) => sub.keyAlias);
	const names = keyAliases[0]?.[1].keyAlias;
	differences.push(
		...compareProperty(where, 'keyAlias.names', device.keyAlias?.names, names),
		...compareProperty(where, 'keyAlias.value', device.keyAlias?.value, keyAliases[0]?.[1].alias),
	);
	const named = names === undefined ? undefined : device.fields[names];
	if (named?.kind === 'choice') {
		const missing = Object.keys(named.options).filter(
			(value) => !keyAliases.some(([alias]) => alias === value),
		);
		differences.push(
			...missing.map((value) => `${where}: the API has no key '${value}' for ${names}`),
		);
	}
	return differences;
}
