import { updateFields, type changeFields } from '../catalogue/qemu/change';
import { fieldOf, parameterOf, type Catalogue, type GuestParameters } from '../catalogue/catalogue';
import type { DeviceField, ValuesOf } from '../catalogue/fields';
import type { ConfigValue } from '../wire/decodeConfig';
import type { Problem } from '../wire/problem';
import { shown } from '../wire/shown';
import { getOwn, isPlain, isRecord, isUnset } from '../wire/values';
import { decodePropertyString } from '../wire/decodePropertyString';
import { readParameters } from '../wire/readParameters';
import { volumeProblems } from './drives';
import type { Form } from './Form';
import { unwrap } from './readFields';
import { readCloneForm, readForm, readJson } from './readForm';
import { readAdditional } from './readAdditional';

/** The configuration of a VM, for a change to be fitted into. */
export interface CurrentConfig {
	/** Every setting that is there, in effect or waiting for the next start. */
	readonly names: ReadonlySet<string>;
	/** What is configured, with what waits. */
	readonly config: Readonly<Record<string, ConfigValue>>;
}

/** A change of a VM, read and checked. */
export interface Change {
	readonly parameters: GuestParameters;
	/** What the user sends beside the catalogue, as it is. */
	readonly additional: Readonly<Record<string, string>>;
	/** The names of all that it sets, also where a value does not fit without the VM. */
	readonly names: readonly string[];
	/** How to change it, and what to remove. */
	readonly steering: ValuesOf<typeof changeFields>;
	/** The pool to move it to; null to take it out of its pool. */
	readonly pool?: string | null;
	/** Whether devices get slots that the VM has free, or new volumes: the same change a second time would add more of them. */
	readonly addsDevices: boolean;
}

/**
 * Reads one item's change of a VM. The fields are fitted into the VM: a device without a slot gets a free
 * one, and one that is there keeps what is not set. JSON says what it says to the API: a device in it
 * takes the place of the whole one.
 * @param present the VM as it is; without it only what is wrong with the change itself is found
 * @param isOfClone read it from the fields of Clone: it may be empty
 * @returns what may be sent only after `form.check`
 */
export function readChange(
	catalogue: Catalogue,
	form: Form,
	present?: CurrentConfig,
	isOfClone = false,
): Change {
	const { problems } = form;
	const isJson = form.choice('specifyVm') === 'json';
	const raw = isJson
		? readJson(form)
		: isOfClone
			? readCloneForm(catalogue, form, present?.config)
			: readForm(catalogue, 'update', form, {
					present: present?.config,
					occupied: present?.names,
				});
	const { pool, ...steering } = isOfClone
		? { ...readSteering(catalogue, raw, form), pool: undefined }
		: withPool(readSteering(catalogue, raw, form), raw, form);
	const given = isOfClone ? withoutOwn(raw, form) : { ...raw, pool: undefined };
	const values = changesOf(catalogue, given, form);
	const fitted = isJson || !present ? values : fit(values, present.config, isOfClone);
	const { replaceDisk } = form.options(updateFields);
	if (present)
		problems.push(...slotProblems(catalogue, fitted, present.config, replaceDisk === true));

	const read = readParameters(catalogue, fitted);
	// The VM may have what a device still needs; what a slot needs was reported above.
	const isSaid = ({ parameter }: Problem): boolean =>
		problems.some((one) => one.parameter === parameter);
	problems.push(
		...read.problems.filter(
			(one) => one.isLacking !== true || isJson || (present !== undefined && !isSaid(one)),
		),
	);
	problems.push(...volumeProblems(read.parameters));
	const additional = readAdditional(catalogue, form, read.parameters);
	const names = Object.keys({ ...values, ...additional });
	const isEmpty =
		!isOfClone &&
		names.length === 0 &&
		pool === undefined &&
		steering.delete === undefined &&
		steering.revert === undefined;
	if (isEmpty && problems.length === 0) {
		problems.push({
			parameter: 'vm',
			label: 'Update',
			message: 'changes nothing: set a field, or name a setting to remove',
		});
	}
	const isNew = (name: string): boolean =>
		!isJson && present?.names.has(name) === false && fieldOf(catalogue, name)?.slot !== undefined;
	const addsDevices = Object.entries(fitted).some(
		(entry) => isNew(entry[0]) || allocates(catalogue, entry),
	);
	return {
		parameters: read.parameters,
		additional,
		names,
		steering,
		...(pool === undefined ? {} : { pool }),
		addsDevices,
	};
}

/** What is removed, and how, from its fields or (the API has it in the same body) from the JSON. */
function readSteering(
	catalogue: Catalogue,
	values: Readonly<Record<string, unknown>>,
	form: Form,
): Change['steering'] {
	const { problems } = form;
	const options = form.rawOptions();
	const fields: Record<string, unknown> = { ...options, delete: form.raw('delete') };
	const given = Object.entries(catalogue.changeFields).map(([name, { label }]) => {
		const [field, json] = [fields[name] === '' ? undefined : fields[name], values[name]];
		if (!isUnset(field) && !isUnset(json))
			problems.push({ parameter: name, label, message: 'is set in its field and in the JSON' });
		const value = field ?? json;
		return [name, Array.isArray(value) && value.every(isPlain) ? value.join(',') : value] as const;
	});
	// A guard that was added and gives nothing is a mistake; one that was not added is none.
	const isAdded = (name: string): boolean =>
		Object.hasOwn(options, name) || Object.hasOwn(values, name);
	// A kind of guest may have fewer of them.
	return form.options(
		catalogue.changeFields as typeof changeFields,
		Object.fromEntries(given.filter(([name, value]) => !isUnset(value) || isAdded(name))),
	);
}

/**
 * The pool to move it to, from its option or from the JSON; null where `pool` is a setting to remove. What is left of
 * these is for the API.
 */
function withPool(
	steering: Change['steering'],
	raw: Readonly<Record<string, unknown>>,
	form: Form,
): Change['steering'] & Pick<Change, 'pool'> {
	const { label } = updateFields.pool;
	const wrong = (message: string): void =>
		void form.problems.push({ parameter: 'pool', label, message });
	const option = form.options({ pool: updateFields.pool }).pool;
	const json = isUnset(raw.pool)
		? undefined
		: form.options({ pool: updateFields.pool }, { pool: raw.pool }).pool;
	if (option !== undefined && json !== undefined) wrong('is set in its field and in the JSON');
	const pool = option ?? json;
	const names = splitNames(steering.delete);
	if (!names.includes('pool')) return { ...steering, pool };
	if (pool !== undefined) wrong('is set, and is one of the Settings to Remove');
	const others = names.filter((name) => name !== 'pool').join(',');
	return { ...steering, delete: others === '' ? undefined : others, pool: null };
}

/** Proxmox takes white space, commas and semicolons between names. */
export const splitNames = (names = ''): string[] =>
	names.split(/[\s,;]+/).filter((name) => name !== '');

/** Where Clone has a field for what its JSON must not set too. */
const OWN_FIELDS_OF_CLONE: Readonly<Record<string, string>> = {
	name: 'Name',
	hostname: 'Host Name',
	vmid: 'New VM ID',
	newid: 'New VM ID',
	node: 'Options → Target Node',
	start: 'Start After Cloning',
	description: 'Options → Description',
	pool: 'Options → Resource Pool',
};

/** The JSON of a clone without what is set in other fields. */
function withoutOwn(
	raw: Readonly<Record<string, unknown>>,
	{ problems }: Form,
): Readonly<Record<string, unknown>> {
	const isOwn = (name: string): boolean => Object.hasOwn(OWN_FIELDS_OF_CLONE, name);
	for (const name of Object.keys(raw).filter(isOwn))
		problems.push({
			parameter: name,
			message: `has its own field: set it in ${OWN_FIELDS_OF_CLONE[name]}`,
		});
	return Object.fromEntries(Object.entries(raw).filter(([name]) => !isOwn(name)));
}

/** Whether Update has a field for a parameter. */
export const isChangeable = (catalogue: Catalogue, name: string): boolean =>
	catalogue.groups.update.some(({ fields }) => Object.hasOwn(fields, parameterOf(catalogue, name)));

/** What is changed, without what only says how, or which VM. */
function changesOf(
	catalogue: Catalogue,
	given: Readonly<Record<string, unknown>>,
	form: Form,
): Record<string, unknown> {
	const { problems } = form;
	const changes: Record<string, unknown> = {};
	for (const [name, value] of Object.entries(given)) {
		if (Object.hasOwn(catalogue.changeFields, name) || isUnset(value)) continue;
		if (name === 'vmid') {
			const vm = String(unwrap(form.raw('vm')));
			if (vm !== String(value))
				problems.push({
					parameter: name,
					message: `is "${shown(vm)}" in its field and "${shown(value)}" in the JSON`,
				});
		} else if (name === 'template') {
			problems.push({
				parameter: name,
				message: 'would not convert the disks: use the operation Convert to Template',
			});
		} else if (fieldOf(catalogue, name) && !isChangeable(catalogue, name)) {
			problems.push({ parameter: name, message: 'cannot be changed on an existing VM' });
		} else {
			changes[name] = value;
		}
	}
	return changes;
}

/** The drives whose volume is lost to the VM where another one takes the slot. */
const isDrive = (name: string): boolean =>
	/^(?:ide|sata|scsi|virtio|efidisk|tpmstate|mp)\d+$|^cdrom$/.test(name);
/** Proxmox takes its old name for the CD drive. */
const slotOf = (name: string): string => (name === 'cdrom' ? 'ide2' : name);
/** A disk of the list has a source; the other devices have only options. */
const isDisk = (name: string): boolean => /^(?:ide|sata|scsi|virtio)\d+$/.test(name);

/**
 * Devices of the fields with what the VM has of them already. A disk with another volume is another disk, and the
 * address of a clone does not keep the gateway of its original.
 */
const fit = (
	values: Readonly<Record<string, unknown>>,
	config: CurrentConfig['config'],
	isOfClone: boolean,
): Record<string, unknown> =>
	Object.fromEntries(
		Object.entries(values).map(([name, value]) => {
			const before = config[name];
			if (!isRecord(value) || !isRecord(before)) return [name, value];
			const isOther =
				(isDisk(name) &&
					!isUnset(value.file) &&
					(value.file !== before.file || !isUnset(value['import-from']))) ||
				(isDrive(name) && !isUnset(value.volume) && value.volume !== before.volume);
			const hasOtherNet = isOfClone && !isUnset(value.ip);
			const kept = hasOtherNet ? { ...before, gw: undefined } : before;
			return [name, isOther ? value : withoutUnset({ ...kept, ...withoutUnset(value) })];
		}),
	);

/** What is wrong with the slots: one has no disk to change, or has one that would be replaced without being asked for. */
const slotProblems = (
	catalogue: Catalogue,
	fitted: Readonly<Record<string, unknown>>,
	config: CurrentConfig['config'],
	mayReplace: boolean,
): Problem[] =>
	Object.entries(fitted).flatMap(([name, value]): Problem[] => {
		if (!isDrive(name)) return [];
		const before = deviceOf(catalogue, name, config[slotOf(name)]);
		const after = deviceOf(catalogue, name, value);
		if (isDisk(name) && isRecord(value) && after.file === undefined) {
			return [
				{
					parameter: name,
					label: `Disk ${name}`,
					message:
						'does not exist: Current Disk changes a disk that the VM already has. Choose its bus and slot',
				},
			];
		}
		if (
			mayReplace ||
			!isVolume(before) ||
			after.file === undefined ||
			(after.file === before.file && after['import-from'] === undefined)
		)
			return [];
		return [
			{
				parameter: name,
				label: `Disk ${slotOf(name)}`,
				message: `is in use by ${before.file}, which would become an unused disk: choose another slot, Current Disk to change its options, or Options → Replace Disk in Use`,
			},
		];
	});

/** The sub-options of a drive, as text, from an object or from the form in which Proxmox writes it. */
function deviceOf(
	catalogue: Catalogue,
	name: string,
	value: unknown,
): Readonly<Record<string, string | undefined>> {
	const field = fieldOf(catalogue, name)?.field;
	const device = field?.kind === 'family' ? field.item : field;
	if (device?.kind !== 'device') return {};
	const options = isRecord(value)
		? Object.fromEntries(
				Object.entries(withoutUnset(value)).map(([sub, one]) => [
					getOwn(device.aliases, sub) ?? sub,
					String(one),
				]),
			)
		: optionsOf(device, value);
	// Of a container's mount point it is called so.
	return options.volume === undefined ? options : { ...options, file: options.volume };
}

/** The options in the form in which Proxmox writes them. */
function optionsOf(
	device: DeviceField,
	value: unknown,
): Readonly<Record<string, string | undefined>> {
	const decoded = isPlain(value) ? decodePropertyString(device, String(value)) : { value: {} };
	return 'problem' in decoded ? {} : decoded.value;
}

/** Whether a drive is a disk with its own volume, and not a CD drive. */
const isVolume = ({ file = '', media }: Readonly<Record<string, string | undefined>>): boolean =>
	file.includes(':') && media !== 'cdrom';

/** Whether a drive is sent that Proxmox makes a new volume for: its file is a size, or names no volume yet. */
function allocates(catalogue: Catalogue, [name, value]: readonly [string, unknown]): boolean {
	const drive = isDrive(name) ? deviceOf(catalogue, name, value) : {};
	return (
		drive['import-from'] !== undefined ||
		/^(?:[^/:\s]+:)?\d+(?:\.\d+)?$|^[^/:\s]+:cloudinit$/.test(drive.file ?? '')
	);
}

const withoutUnset = (values: Record<string, unknown>): Record<string, unknown> =>
	Object.fromEntries(Object.entries(values).filter(([, value]) => !isUnset(value)));
