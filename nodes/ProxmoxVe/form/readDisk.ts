import type { Catalogue } from '../catalogue/catalogue';
import { choice, integer, text, type PlainField } from '../catalogue/fields';
import type { Problem } from '../wire/problem';
import { isPlain, isRecord, isUnset } from '../wire/values';
import { meansNewDisk, readGib } from '../wire/volume';
import {
	AUTOMATIC,
	automaticBus,
	busProblem,
	CD_BUSES,
	CD_SOURCES,
	DISK_BUSES,
	DISK_LIST,
	diskOptionNames,
	diskOptionLabel,
	OTHER_DISK_OPTIONS,
	slotsOf,
	SOURCES,
	type Bus,
	type Machine,
	type Source,
} from './disks';
import { imageUrlField } from './imageFields';
import { ENTRY_BUS, ENTRY_OPTIONS, ENTRY_SLOT } from './names';
import { NO_VALUE, readFields, textOf } from './readFields';
import { readImageUrl } from './readImages';

/** One entry of the list, as n8n gives it. */
type Entry = Readonly<Record<string, unknown>>;

/** What the editor's entry says, in the API's words: which bus, which slot (or none), and the drive. */
export interface Disk {
	readonly bus: Bus;
	readonly slot: unknown;
	readonly drive: Record<string, unknown>;
}

const oneOf = (label: string, names: readonly string[]) =>
	choice({ label, options: Object.fromEntries(names.map((name) => [name, name])) });

const busField = (buses: readonly Bus[]) => oneOf('Options → Bus', [AUTOMATIC, ...buses]);

const fields = {
	source: oneOf('Source', Object.keys(SOURCES)),
	storage: text({ label: 'Storage', format: 'pve-storage-id', required: true }),
	image: text({ label: 'Image', format: 'pve-volume-id-or-absolute-path', required: true }),
	volume: text({ label: 'Volume', format: 'pve-volume-id-or-qm-path', required: true }),
	iso: text({ label: 'ISO Image', format: 'pve-volume-id-or-qm-path', required: true }),
} as const satisfies Record<string, PlainField>;

/**
 * Reads one entry of the list "Disks". Each field is read by itself: storage and size are joined by a colon, and so
 * are the storage and name of a volume, so that one with a colon or a path in it would become something else.
 * @param prefix of labels: `Disk 1 → `
 * @param machine decides the bus of a disk that leaves it open
 * @returns undefined where something is wrong, which is added to the problems
 */
export function readDisk(
	catalogue: Catalogue,
	entry: Entry,
	prefix: string,
	machine: Machine,
	problems: Problem[],
): Disk | undefined {
	const before = problems.length;
	const wrong = (label: string, message: string): void =>
		void problems.push({ parameter: DISK_LIST, label: `${prefix}${label}`, message });
	const read = <Name extends keyof typeof fields>(name: Name, fallback?: string): string => {
		const { values, problems: found } = readFields(
			{ [name]: fields[name] },
			{ [name]: entry[name] ?? fallback },
		);
		for (const { message } of found) wrong(fields[name].label, message);
		return String(values[name] ?? '');
	};
	/** A volume that is there: a size in its place would make a new disk. */
	const existing = (name: 'volume' | 'iso'): string => {
		const volume = read(name);
		const isVolume =
			volume.startsWith('/') ||
			(volume.includes(':') && !meansNewDisk(volume) && !volume.endsWith(':cloudinit'));
		if (volume !== '' && !isVolume)
			wrong(
				fields[name].label,
				'must be the name of an existing volume, such as local-lvm:vm-100-disk-0',
			);
		return volume;
	};

	const source = (read('source', 'new') || 'new') as Source;
	/** In GiB. @returns '' where none is given, or a wrong one */
	const size = (isNeeded: boolean): string => {
		if (textOf(entry.size) === '' && (isUnset(entry.size) || entry.size === '')) {
			if (isNeeded) wrong('Size (GiB)', 'is needed');
			else if (Object.hasOwn(entry, 'size') && isUnset(entry.size)) wrong('Size (GiB)', NO_VALUE);
			return '';
		}
		const given = readGib(entry.size);
		if ('value' in given) return given.value;
		wrong('Size (GiB)', given.problem);
		return '';
	};
	const imageUrl = (): string => {
		const url = readImageUrl(entry.imageUrl);
		if ('problem' in url) wrong(imageUrlField.label, url.problem);
		return textOf(entry.imageUrl);
	};
	const drive = driveOf(source, read, existing, size, imageUrl);
	const {
		[ENTRY_SLOT]: slot,
		[ENTRY_BUS]: givenBus,
		...added
	} = isRecord(entry[ENTRY_OPTIONS]) ? entry[ENTRY_OPTIONS] : {};
	const chosen = readBus(CD_SOURCES.includes(source), givenBus);
	if (chosen.problem !== undefined) wrong('Options → Bus', chosen.problem);
	if (source === 'keep') {
		if (chosen.bus === undefined && chosen.problem === undefined)
			wrong('Options → Bus', 'is needed: Current Disk changes the disk on this bus and slot');
		if (isUnset(slot) || slot === '') wrong('Options → Slot', 'is needed');
	}
	const bus = chosen.bus ?? automaticBus(source, machine);
	const options = {
		...added,
		...readOtherOptions(catalogue, entry[OTHER_DISK_OPTIONS], Object.keys(added), wrong),
	};
	for (const [option, value] of Object.entries(options)) {
		const problem = isUnset(value) ? undefined : busProblem(catalogue, bus, option);
		if (problem !== undefined) wrong(`Options → ${diskOptionLabel(catalogue, option)}`, problem);
	}
	return problems.length > before ? undefined : { bus, slot, drive: { ...drive, ...options } };
}

/** Reads the list of sub-options that have no field. Their values are checked as those of all others are. */
function readOtherOptions(
	catalogue: Catalogue,
	given: unknown,
	set: readonly string[],
	wrong: (label: string, message: string) => void,
): Record<string, unknown> {
	const entries = isRecord(given) && Array.isArray(given.values) ? given.values : [];
	const names = diskOptionNames(catalogue);
	const options: Record<string, unknown> = {};
	entries.filter(isRecord).forEach((entry, index) => {
		const label = `Other Option ${index + 1}`;
		const name = textOf(entry.option);
		if (!names.includes(name)) wrong(label, `must be one of ${names.join(', ')}`);
		else if (set.includes(name) || Object.hasOwn(options, name))
			wrong(label, `is set twice (${name})`);
		else if (isUnset(entry.value) || entry.value === '') wrong(`${label} → Value`, 'is needed');
		else if (!isPlain(entry.value)) wrong(`${label} → Value`, 'must be a plain value');
		else options[name] = entry.value;
	});
	return options;
}

/** Reads the bus that an entry fixes. @returns no bus if it is left to the node */
function readBus(isCd: boolean, given: unknown): { bus?: Bus; problem?: string } {
	const { values, problems } = readFields(
		{ bus: busField(isCd ? CD_BUSES : DISK_BUSES) },
		{ bus: given },
	);
	const { bus } = values;
	return {
		...(bus === undefined || bus === AUTOMATIC ? {} : { bus: bus as Bus }),
		...(problems[0] === undefined ? {} : { problem: problems[0].message }),
	};
}

function driveOf(
	source: Source,
	read: (name: 'storage' | 'image') => string,
	existing: (name: 'volume' | 'iso') => string,
	size: (isNeeded: boolean) => string,
	imageUrl: () => string,
): Record<string, unknown> {
	switch (source) {
		case 'new':
			return { file: `${read('storage')}:${size(true)}` };
		case 'url':
		case 'import': {
			const gib = size(false);
			return {
				file: `${read('storage')}:0`,
				'import-from': source === 'url' ? imageUrl() : read('image'),
				...(gib === '' ? {} : { size: `${gib}G` }),
			};
		}
		case 'existing':
			return { file: existing('volume') };
		case 'keep':
			return {};
		case 'iso':
			return { file: existing('iso'), media: 'cdrom' };
		case 'empty':
			return { file: 'none', media: 'cdrom' };
		case 'cloudInit':
			return { file: `${read('storage')}:cloudinit` };
	}
}

/** The order in which slots are given out: a CD drive on IDE belongs in ide2, as Proxmox's own editor has it. */
export const slotOrder = (catalogue: Catalogue, { bus }: Disk): number[] =>
	bus === 'ide' ? [2, 0, 1, 3] : slotsOf(catalogue, bus);

/** Reads the number that an entry fixes. @returns a number; undefined if none is fixed */
export function readSlot(
	slot: unknown,
	label: string,
	highest: number,
): { slot?: number; problem?: string } {
	if (isUnset(slot)) return {};
	const { values, problems } = readFields(
		{ slot: integer({ label, min: 0, max: highest, required: true }) },
		{ slot },
	);
	return { slot: values.slot, problem: problems[0]?.message };
}
