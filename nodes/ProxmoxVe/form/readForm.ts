import type { FamilyField } from '../catalogue/fields';
import type { Problem } from '../wire/problem';
import { isRecord, isUnset } from '../wire/values';
import { DISK_LIST, readDisk, slotOrder, type Disk } from './disks';
import { CORES, ENTRY_OPTIONS, ENTRY_SLOT, ENTRY_VALUE, entryFields, familyBase, groupLists, groupOptions, groupsOf, MEMORY, type Option, type Purpose } from './names';

/** Reads one n8n parameter of the current item, expressions resolved. */
export type GetParameter = (name: string, fallback: unknown) => unknown;

/** Parameters by the API's names, not checked yet, and what the form alone can find wrong. */
export interface Raw {
	readonly values: Record<string, unknown>;
	readonly problems: Problem[];
}

/** What is being read, and the names that the VM has already. */
interface Form extends Raw {
	readonly occupied: ReadonlySet<string>;
}

/** A resource locator's value; nothing chosen is unset. Everything else is as it is, level by level. */
export function unwrap(value: unknown): unknown {
	if (Array.isArray(value)) return value.map(unwrap);
	if (!isRecord(value)) return value;
	if (value.__rl === true) return value.value === '' ? undefined : value.value;
	return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, unwrap(item)]));
}

const asRecord = (value: unknown): Record<string, unknown> => (isRecord(value) ? value : {});

/** The entries of a list of the editor. */
const entriesOf = (value: unknown): Array<Record<string, unknown>> => {
	const { values } = asRecord(value);
	return Array.isArray(values) ? values.map(asRecord) : [];
};

/**
 * Reads the editor's fields into the API's parameters. Only what the user set is in it.
 * @param occupied names that the VM has already: a device without a slot of its own gets none of them
 */
export function readForm(purpose: Purpose, get: GetParameter, occupied: ReadonlySet<string> = new Set()): Raw {
	const raw: Form = { values: {}, problems: [], occupied };
	// These always stand in the panel, so an empty one was left alone.
	const isGiven = (value: unknown): boolean => !isUnset(value) && value !== '';
	const [name, cores, memory] = [get('name', ''), get(CORES, ''), get(MEMORY, '')];
	if (isGiven(name)) raw.values.name = name;
	if (isGiven(cores)) raw.values.cores = cores;
	if (isGiven(memory)) raw.values.memory = { current: memory };

	// The newest backup of a VM is looked for, whatever was chosen before.
	if (purpose === 'restore') raw.values.archive = get('backupSource', 'archive') === 'newest' ? undefined : unwrap(get('archive', ''));
	else readDisks(raw, entriesOf(unwrap(get(DISK_LIST, {}))));
	for (const group of groupsOf[purpose]) {
		const given = asRecord(unwrap(get(group.name, {})));
		for (const option of groupOptions(group)) {
			const value = option.name in given ? given[option.name] : undefined;
			if (isUnset(value)) continue;
			if (option.sub === undefined) raw.values[option.parameter] = value;
			else raw.values[option.parameter] = { ...asRecord(raw.values[option.parameter]), [option.sub]: volumeFor(option, value) };
		}
		for (const { name: list, parameter, field } of groupLists(group)) {
			readFamily(raw, parameter, field, entriesOf(unwrap(get(list, {}))));
		}
	}
	return raw;
}

/** A storage that was chosen by itself stands for a new volume on it. */
function volumeFor({ field }: Option, value: unknown): unknown {
	const isStorage = field.kind === 'text' && field.newVolume === true && typeof value === 'string' && /^[\w.-]+$/.test(value);
	return isStorage && value !== 'none' ? `${value}:1` : value;
}

function readFamily(raw: Form, parameter: string, family: FamilyField, entries: Array<Record<string, unknown>>): void {
	const { primary } = entryFields(family.item);
	const devices = entries.map((entry) => {
		const { [ENTRY_SLOT]: slot, ...options } = asRecord(entry[ENTRY_OPTIONS]);
		// Main fields always stand in the entry, so an empty one was left alone.
		const main = primary.map(([name]) => [name, entry[name] === '' ? undefined : entry[name]] as const);
		const value = family.item.kind === 'text' ? entry[ENTRY_VALUE] : { ...Object.fromEntries(main), ...options };
		return { slot, value };
	});
	const all = Array.from({ length: family.count }, (_, slot) => slot);
	place(raw, familyBase(parameter), family.label, devices.map(({ slot, value }) => ({ slot, value, order: all })));
}

function readDisks(raw: Form, entries: Array<Record<string, unknown>>): void {
	const read: Disk[] = [];
	entries.forEach((entry, index) => {
		const disk = readDisk(entry);
		if ('missing' in disk) {
			raw.problems.push({ parameter: DISK_LIST, label: `Disk ${index + 1} → ${disk.missing}`, message: 'is needed' });
		} else {
			read.push(disk);
		}
	});
	for (const bus of new Set(read.map((disk) => disk.bus))) {
		const onBus = read.filter((disk) => disk.bus === bus);
		place(raw, bus, `Disk on ${bus}`, onBus.map((disk) => ({ slot: disk.slot, value: disk.drive, order: slotOrder(disk) })));
	}
}

interface Placed {
	/** The slot that the user fixed, if any. */
	readonly slot: unknown;
	readonly value: unknown;
	/** The slots to try in turn. */
	readonly order: readonly number[];
}

/** Gives each device its number: those fixed by the user first, the others the free ones in order. */
function place(raw: Form, base: string, label: string, devices: Placed[]): void {
	const taken = new Set<number>();
	const put = (slot: number, value: unknown): void => {
		taken.add(slot);
		raw.values[`${base}${slot}`] = value;
	};
	for (const { slot, value, order } of devices.filter((device) => !isUnset(device.slot))) {
		const number = Number(slot);
		if (!order.includes(number)) {
			raw.problems.push({ parameter: base, label: `${label} → Slot`, message: `must be a whole number from 0 to ${Math.max(...order)}, got "${String(slot)}"` });
		} else if (taken.has(number)) {
			raw.problems.push({ parameter: base, label: `${label} → Slot`, message: `${number} is used twice` });
		} else {
			put(number, value);
		}
	}
	for (const { value, order } of devices.filter((device) => isUnset(device.slot))) {
		const free = order.find((slot) => !taken.has(slot) && !raw.occupied.has(`${base}${slot}`));
		if (free === undefined) {
			raw.problems.push({ parameter: base, label, message: `can be there ${order.length} times at most` });
		} else {
			put(free, value);
		}
	}
}
