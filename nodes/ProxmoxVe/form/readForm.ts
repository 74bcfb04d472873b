import type { Catalogue, Profile, Purpose } from '../catalogue/catalogue';
import { text, type FamilyField, type Group } from '../catalogue/fields';
import type { Problem } from '../wire/problem';
import { readJsonText } from '../wire/readJson';
import { isPlain, isRecord, isUnset } from '../wire/values';
import { readDisk, readSlot, slotOrder, type Disk } from './readDisk';
import { DISK_LIST, type Machine } from './disks';
import { readFirstDevices, type FirstDisk } from './firstDevices';
import { readFirstVolume } from './firstVolume';
import type { Form } from './Form';
import { readOtherParameters } from './otherParameters';
import { NO_VALUE, unwrap } from './readFields';
import {
	ENTRY_OPTIONS,
	ENTRY_SLOT,
	ENTRY_VALUE,
	entryFields,
	familyBase,
	groupLists,
	groupOptions,
	type Option,
} from './names';

/** Parameters by the API's names, not checked yet. */
export type Raw = Record<string, unknown>;

/** What is being read, and the names that the VM has already. */
interface Reading {
	readonly values: Raw;
	readonly problems: Problem[];
	readonly occupied: ReadonlySet<string>;
}

/** What decides about devices that leave their place open. */
export interface Surroundings {
	/** What a new guest is made for. */
	readonly profile?: Profile;
	/** The settings that the VM has already. */
	readonly present?: Readonly<Record<string, unknown>>;
	/** Names that the VM has already: a device without a slot gets none of them. */
	readonly occupied?: ReadonlySet<string>;
}

const asRecord = (value: unknown): Record<string, unknown> => (isRecord(value) ? value : {});

/** The entries of a list of the editor. */
const entriesOf = (value: unknown): Array<Record<string, unknown>> => {
	const { values } = asRecord(value);
	return Array.isArray(values) ? values.map(asRecord) : [];
};

/**
 * Reads the editor's fields into the API's parameters. Only what the user set is in it.
 */
export function readForm(
	catalogue: Catalogue,
	purpose: Purpose,
	form: Form,
	{ profile, present, occupied = new Set() }: Surroundings = {},
): Raw {
	const raw: Reading = { values: {}, problems: form.problems, occupied };
	readAlwaysShown(catalogue, raw, form);
	const first = purpose === 'create' ? firstOf(catalogue, raw, form, profile) : NONE;

	// The newest backup of a VM is looked for, whatever was chosen before.
	if (purpose === 'restore')
		raw.values[catalogue.archive] =
			form.raw('backupSource', 'archive') === 'newest' ? undefined : unwrap(form.raw('archive'));
	const untyped = purpose === 'update' ? catalogue.untypedOnUpdate : [];
	for (const group of catalogue.groups[purpose]) {
		if (untyped.includes(group.name)) continue;
		const given = asRecord(unwrap(form.raw(group.name, {})));
		for (const option of groupOptions(catalogue, group)) {
			const value = option.name in given ? given[option.name] : undefined;
			if (isUnset(value)) continue;
			if (option.sub === undefined) setOnce(catalogue, raw, group, option.parameter, value);
			else
				raw.values[option.parameter] = {
					...asRecord(raw.values[option.parameter]),
					[option.sub]: volumeFor(option, value),
				};
		}
		for (const { name: list, parameter, field } of groupLists(catalogue, group)) {
			const entries = entriesOf(unwrap(form.raw(list, {})));
			readFamily(
				raw,
				parameter,
				field,
				parameter === 'net[n]' ? [...first.cards, ...entries] : entries,
			);
		}
	}
	if (purpose === 'update') readOtherParameters(catalogue, form, raw.values, false);
	if (purpose !== 'restore') {
		const listed = entriesOf(unwrap(form.raw(DISK_LIST, {})));
		const entries = [
			...first.disks,
			...listed.map((entry, index) => ({ entry, prefix: `Disk ${index + 1} → ` })),
		];
		readDisks(catalogue, raw, entries, { profile, values: { ...present, ...raw.values } });
	}
	return raw.values;
}

/** The devices that Create has fields for, as entries of lists; the volume of a container is set at once. */
function firstOf(
	{ firstDevices }: Catalogue,
	{ values }: Reading,
	form: Form,
	profile: Profile | undefined,
): ReturnType<typeof readFirstDevices> {
	if (firstDevices === undefined) return readFirstDevices(form, profile);
	const { volume, cards } = readFirstVolume(form);
	if (volume !== undefined) values[firstDevices.volume] = { volume };
	return { disks: [], cards };
}
const NONE: ReturnType<typeof readFirstDevices> = { disks: [], cards: [] };

/** Reads the JSON mode's one object, not checked yet. */
export function readJson(form: Form): Raw {
	const given = form.raw('vmJson');
	const wrong = (message: string): Raw => {
		form.problems.push({ parameter: 'vmJson', label: 'JSON', message });
		return {};
	};
	if (isRecord(given)) return given;
	if (!isPlain(given))
		return wrong(Array.isArray(given) ? 'must be one object, got a list' : 'is needed');
	const read = readJsonText(String(given));
	if ('problem' in read) return wrong(read.problem);
	return isRecord(read.value) ? read.value : wrong('must be one object, such as {"cores": 2}');
}

/** Reads Import's fields for settings of the VM into the API's parameters. */
export function readImportForm(catalogue: Catalogue, form: Form): Raw {
	const reading: Reading = { values: {}, problems: form.problems, occupied: new Set() };
	readAlwaysShown(catalogue, reading, form);
	readOtherParameters(catalogue, form, reading.values, true);
	return reading.values;
}

/**
 * Reads Clone's fields for settings of the clone into the API's parameters: those that are always shown, the first
 * network card, the first IP configuration, and a list for everything else.
 * @param present the settings that the VM has already
 */
export function readCloneForm(
	catalogue: Catalogue,
	form: Form,
	present?: Readonly<Record<string, unknown>>,
): Raw {
	const reading: Reading = { values: {}, problems: form.problems, occupied: new Set() };
	readAlwaysShown(catalogue, reading, form);
	// The clone gets its name from the request that creates it, and is started by one of its own.
	const values = Object.fromEntries(
		Object.entries(reading.values).filter(([name]) => name !== catalogue.name && name !== 'start'),
	);
	const given = form.fields(cloneDeviceFields, { bridge: '', ipAddress: '', gateway: '' });
	const { bridge, ipAddress: ip, gateway: gw } = given;
	const hasAddress = ip !== undefined || gw !== undefined;
	// A container has its address with its card, and a VM by cloud-init.
	const isContainer = catalogue.firstDevices !== undefined;
	const hasCard = isRecord(present?.net0);
	if (bridge !== undefined || (isContainer && hasAddress)) {
		const newCard = isContainer ? { name: 'eth0' } : { model: 'virtio' };
		values.net0 = { ...(hasCard ? {} : newCard), bridge, ...(isContainer ? { ip, gw } : {}) };
		if (present !== undefined && !hasCard && bridge === undefined)
			form.problems.push({
				parameter: 'bridge',
				label: cloneDeviceFields.bridge.label,
				message: 'is needed for an address, because the original has no first network card',
			});
	}
	if (!isContainer && hasAddress) values.ipconfig0 = { ip, gw };
	const password = form.raw('cipassword');
	if (!isUnset(password) && password !== '') values.cipassword = password;
	readOtherParameters(catalogue, form, values, true);
	return values;
}

const cloneDeviceFields = {
	bridge: text({ label: 'Bridge', format: 'pve-bridge-id' }),
	ipAddress: text({ label: 'IPv4 Address' }),
	gateway: text({ label: 'IPv4 Gateway' }),
};

/** The fields beside the groups. They are always in the panel, so an empty one, or a switch that is off, was left alone. */
function readAlwaysShown(catalogue: Catalogue, { values, problems }: Reading, form: Form): void {
	for (const { property, parameter, sub } of catalogue.alwaysShown) {
		const value = unwrap(form.raw(property));
		if (catalogue.parameters[parameter]?.kind === 'flag') {
			if (isUnset(value)) problems.push({ parameter, message: NO_VALUE });
			if (value === false) continue;
		}
		if (!isUnset(value) && value !== '')
			values[parameter] = sub === undefined ? value : { [sub]: value };
	}
}

/** Sets a parameter of a group that may have a field beside the groups too. */
function setOnce(
	catalogue: Catalogue,
	{ values, problems }: Reading,
	group: Group,
	parameter: string,
	value: unknown,
): void {
	if (parameter in values)
		problems.push({
			parameter,
			message: `is set twice: in its own field and under ${group.label}. Remove one of them`,
		});
	values[parameter] = value;
}

/** A storage alone means a new volume on it. */
function volumeFor({ field }: Option, value: unknown): unknown {
	const isStorage =
		field.kind === 'text' &&
		field.newVolume === true &&
		typeof value === 'string' &&
		/^[\w.-]+$/.test(value.trim());
	return isStorage && value !== 'none' ? `${value.trim()}:1` : value;
}

function readFamily(
	raw: Reading,
	parameter: string,
	family: FamilyField,
	entries: Array<Record<string, unknown>>,
): void {
	const { primary } = entryFields(family.item);
	const devices = entries.map((entry) => {
		const { [ENTRY_SLOT]: slot, ...options } = asRecord(entry[ENTRY_OPTIONS]);
		// n8n always stores main fields, so an empty one was not filled in.
		const main = primary.map(
			([name]) => [name, entry[name] === '' ? undefined : entry[name]] as const,
		);
		const value =
			family.item.kind === 'text'
				? entry[ENTRY_VALUE]
				: { ...Object.fromEntries(main), ...options };
		return { slot, value };
	});
	const all = Array.from({ length: family.count }, (_, slot) => slot);
	place(
		raw,
		familyBase(parameter),
		family.label,
		devices.map(({ slot, value }) => ({ slot, value, order: all })),
	);
}

function readDisks(
	catalogue: Catalogue,
	raw: Reading,
	entries: readonly FirstDisk[],
	machine: Machine,
): void {
	const read: Disk[] = [];
	for (const { entry, prefix } of entries) {
		const disk = readDisk(catalogue, entry, prefix, machine, raw.problems);
		if (disk) read.push(disk);
	}
	for (const bus of new Set(read.map((disk) => disk.bus))) {
		const onBus = read.filter((disk) => disk.bus === bus);
		place(
			raw,
			bus,
			`Disk on ${bus}`,
			onBus.map((disk) => ({
				slot: disk.slot,
				value: disk.drive,
				order: slotOrder(catalogue, disk),
			})),
		);
	}
}

interface Placed {
	/** The slot that the user fixed, if any. */
	readonly slot: unknown;
	readonly value: unknown;
	/** The slots to try in turn. */
	readonly order: readonly number[];
}

/**
 * Gives each device its number: those fixed by the user first, the others the free ones in order. They keep the user's
 * order, which is that of the boot.
 */
function place(raw: Reading, base: string, label: string, devices: Placed[]): void {
	const taken = new Map<number, Placed>();
	for (const device of devices.filter(({ slot }) => !isUnset(slot))) {
		const slotLabel = `${label} → Slot`;
		const { slot, problem } = readSlot(device.slot, slotLabel, Math.max(...device.order));
		if (slot === undefined)
			raw.problems.push({ parameter: base, label: slotLabel, message: problem ?? 'is needed' });
		else if (taken.has(slot))
			raw.problems.push({ parameter: base, label: slotLabel, message: `${slot} is used twice` });
		else taken.set(slot, device);
	}
	for (const device of devices.filter(({ slot }) => isUnset(slot))) {
		const { order } = device;
		const free = order.find((slot) => !taken.has(slot) && !raw.occupied.has(`${base}${slot}`));
		if (free === undefined) {
			raw.problems.push({
				parameter: base,
				label,
				message: `can be set at most ${order.length} times`,
			});
		} else {
			taken.set(free, device);
		}
	}
	const slotOf = new Map([...taken].map(([slot, device]) => [device, slot]));
	for (const device of devices) {
		const slot = slotOf.get(device);
		if (slot !== undefined) raw.values[`${base}${slot}`] = device.value;
	}
}
