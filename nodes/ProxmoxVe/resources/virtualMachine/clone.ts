import { flag } from '../../catalogue/fields';
import { parameterOf, type GuestParameters } from '../../catalogue/catalogue';
import { drivesOf, isCloudInitDrive, type DiskSize } from '../../form/drives';
import type { Form } from '../../form/Form';
import { readChange, type Change, type CurrentConfig } from '../../form/readChange';
import { textOf } from '../../form/readFields';
import { readinessProblems } from '../../form/readReadiness';
import { readOptions, type Options } from '../../form/readOptions';
import { readSeed, SEED_LABEL, seedProblems } from '../../form/readSeed';
import { bodyOfChange } from '../../guests/changeSettings';
import { checkCluster } from '../../guests/checkVersion';
import { hasCloudInitDrive, readOriginalConfig } from '../../guests/currentConfig';
import { emitGuest } from '../../guests/emitGuest';
import { locateVm, type Guest } from '../../guests/locateGuest';
import { guestKinds, type GuestKind } from '../../guests/kinds';
import { cloneVm, keyedClones } from '../../guests/provision/cloneVm';
import { markFor, notesProblem } from '../../guests/provision/idempotency';
import { needsOf, placeGuest, type Placement } from '../../guests/provision/placement';
import { previewOfClone, previewOfExisting } from '../../guests/provision/preview';
import { bytesOf } from '../../guests/resizeDisk';
import { emit, type Execute, type Item } from '../../runtime/operation';
import { encodeFields } from '../../wire/encodeFields';
import type { Problem } from '../../wire/problem';
import { shown } from '../../wire/shown';
import { isRecord } from '../../wire/values';
import { readGib } from '../../wire/volume';
import { cloneFields as containerFields } from '../container/fields';
import { cloneFields } from './fields';
import { spreadField } from './ownFields';

/** The parameters of the endpoint, of which the name is called differently. */
function fieldsOf({ type }: GuestKind) {
	const { hostname, ...others } = containerFields;
	return type === guestKinds.lxc.type ? { ...others, name: hostname } : cloneFields;
}

/** The list of disks to grow. */
const GROW_DISKS = 'growDisks';

/** Clone makes a guest or returns one, and changes none. */
const NO_UPDATE: Problem = {
	parameter: 'ifExists',
	label: 'Options → If VM Exists',
	message: 'cannot be Update It here: use Update',
};

const startField = { start: flag({ label: 'Start After Cloning', guards: true }) };

/** Source: `POST /nodes/{node}/qemu/{vmid}/clone`, and as cloneVm says. */
export const execute: Execute = async (item) => {
	const { form, kind } = item;
	const { catalogue } = kind;
	const { newid, name, full, description, ...optionFields } = fieldsOf(kind);
	const guest = form.guest();
	const values = {
		...form.options(optionFields),
		...form.fields({ [catalogue.name]: name, full }, { full: true }),
	};
	const { description: givenNotes } = form.options({ description });
	const vmid =
		form.choice('newIdMode') === 'fixed' ? form.guestId('newId', newid.label) : undefined;
	const options = readOptions(form);
	const { start = false } = form.fields(startField, { start: false });
	const { spread = false } = form.options(spreadField);
	const growth = readGrowth(kind, form);
	// What is wrong with the settings themselves is said before the original is read.
	const change = readChange(catalogue, form, undefined, true);
	const settings = settingsOf(change);
	const { seed, warnings: doubts } = readSeed(form);
	form.problems.push(
		...(seed === undefined ? [] : seedProblems(catalogue, seed, change.parameters, options)),
		...readinessProblems(options, {
			...(start ? {} : { start: 'Start After Cloning: only a started VM can be waited for' }),
		}),
		...waitProblems(options, settings.length > 0, growth, start),
		...(options.ifExists === 'update' ? [NO_UPDATE] : []),
		...(spread ? spreadProblems(values) : []),
	);
	form.check();

	const original = await locateVm(item, guest);
	const key = options.idempotencyKey;
	const needsOriginal =
		spread ||
		settings.length > 0 ||
		growth.length > 0 ||
		seed !== undefined ||
		(key !== '' && givenNotes === undefined);
	const present = needsOriginal
		? await readOriginalConfig(item, original, values.snapname)
		: undefined;
	const checked = present === undefined ? change : checkFit(item, original, present, growth);
	const notes = notesOf(givenNotes, present, original, key);
	const tooLong = key === '' ? undefined : notesProblem(notes, key, markFor(settings.length > 0));
	if (tooLong !== undefined) form.problems.push({ ...DESCRIPTION, message: tooLong });
	form.check();

	const placement =
		spread && present !== undefined
			? await placeCopy(item, original, { ...present.config, ...checked.parameters })
			: undefined;
	const node = placement?.node ?? values.target ?? original.node;
	const body = encodeFields(
		placement === undefined || node === original.node ? values : { ...values, target: node },
	);
	const reason = spread
		? { placement: placement?.reason ?? 'That of the original, whose disks cannot be read' }
		: {};
	const copy = {
		original,
		node,
		...(placement === undefined ? {} : { placement }),
		...(vmid === undefined ? {} : { vmid }),
		body: { ...body, ...(givenNotes === undefined ? {} : { description: givenNotes }) },
		notes,
		growth,
		...(seed === undefined ? {} : { seed }),
		start,
		options,
		...(settings.length === 0
			? {}
			: {
					settings: {
						names: settings,
						read: (now: CurrentConfig): Change => {
							const fitted = readChange(catalogue, form, now, true);
							form.check();
							return fitted;
						},
					},
				}),
	};
	if (options.preview) {
		const existing =
			options.ifExists === 'return' ? await keyedClones(item, copy).find() : undefined;
		return emit(
			existing
				? previewOfExisting(existing)
				: { ...previewOfClone(kind, copy, bodyOfChange(item, checked), present), ...reason },
		);
	}
	await checkCluster(item.run, catalogue, change.parameters);
	const { name: made, vmid: clone, node: at, ...facts } = await cloneVm(item, copy);
	const warnings = [
		...facts.warnings,
		...doubts,
		...(seed !== undefined && !facts.reused && present !== undefined && hasCloudInitDrive(present)
			? [
					`The clone has the ${SEED_LABEL} in place of the cloud-init drive of VM ${original.vmid}, whose user, keys and addresses it does not get`,
				]
			: []),
	];
	const taskStatus =
		facts.taskStatus === 'ok' && warnings.length > 0 ? 'warnings' : facts.taskStatus;
	return await emitGuest(
		item,
		{ kind, vmid: clone, name: made, node: at },
		{
			original: original.vmid,
			...facts,
			...(facts.reused ? {} : reason),
			taskStatus,
			warnings,
		},
	);
};

/** The node is either named or chosen, and Proxmox clones to other nodes only on shared storage. */
const spreadProblems = (values: Readonly<Record<string, unknown>>): Problem[] =>
	['target', 'storage']
		.filter((name) => values[name] !== undefined)
		.map((name) => ({
			parameter: name,
			label: `Options → ${spreadField.spread.label}`,
			message: `cannot be combined with ${name === 'target' ? 'Target Node' : 'Target Storage'}: remove one of them`,
		}));

/** Chooses the node of a clone by what the original has, with what is changed of it. */
async function placeCopy(
	{ run, kind }: Item,
	{ node }: Guest,
	parameters: object,
): Promise<Placement> {
	const needs = needsOf(parameters as GuestParameters, [], kind.volumeContent);
	return await placeGuest(run, { ...needs, home: node }, run.allowed?.nodes ?? []);
}

const DESCRIPTION = { parameter: 'description', label: 'Options → Description' };

/** The names of the settings that a change sets or removes. */
const settingsOf = ({ names, steering }: Change): readonly string[] =>
	steering.delete === undefined ? names : [...names, `without ${steering.delete}`];

/** The disks that can grow. */
const DISKS = /^(?:ide[0-3]|sata[0-5]|scsi(?:[0-9]|[12]\d|30)|virtio(?:[0-9]|1[0-5]))$/;
const VOLUMES = /^(?:rootfs|mp(?:\d|[1-9]\d|1\d\d|2[0-4]\d|25[0-5]))$/;

/** Reads the list of disks to grow, and the size of each in GiB. */
function readGrowth({ catalogue: { firstDevices } }: GuestKind, form: Form): DiskSize[] {
	const { disks, example } = firstDevices
		? { disks: VOLUMES, example: firstDevices.volume }
		: { disks: DISKS, example: 'scsi0' };
	const seen = new Set<string>();
	return form.entries(GROW_DISKS, 'Disks to Grow').map((entry, index) => {
		const wrong = (label: string, message: string): void =>
			void form.problems.push({
				parameter: GROW_DISKS,
				label: `Disk to Grow ${index + 1} → ${label}`,
				message,
			});
		const disk = textOf(entry.disk);
		if (!disks.test(disk))
			wrong('Disk', `must be a disk such as ${example}, got "${shown(entry.disk)}"`);
		else if (seen.has(disk)) wrong('Disk', `${disk} is set twice`);
		seen.add(disk);
		const size = readGib(entry.size);
		if ('problem' in size) wrong('Size (GiB)', size.problem);
		return { disk, size: 'value' in size ? `${size.value}G` : '' };
	});
}

/** Everything but the clone itself follows once it exists. */
const waitProblems = (
	{ wait }: Options,
	hasSettings: boolean,
	growth: readonly DiskSize[],
	start: boolean,
): Problem[] =>
	wait || !(hasSettings || growth.length > 0 || start)
		? []
		: [
				{
					parameter: 'waitUntil',
					label: 'Options → Wait Until',
					message: 'must not be Nothing: settings, disks and start follow once the clone exists',
				},
			];

/**
 * Checks the settings and disks against the original, of which the clone is a copy.
 * @returns the change as it would be for the original
 */
function checkFit(
	{ form, kind: { catalogue } }: Item,
	original: Guest,
	present: CurrentConfig,
	growth: readonly DiskSize[],
): Change {
	const change = readChange(catalogue, form, present, true);
	const cloudInit = Object.keys(change.parameters).filter((parameter) =>
		catalogue.cloudInit.includes(parameterOf(catalogue, parameter)),
	);
	const getsDrive = drivesOf(change.parameters).some(([, drive]) => isCloudInitDrive(drive));
	if (!hasCloudInitDrive(present) && !getsDrive)
		form.problems.push(
			...cloudInit.map((parameter) => ({
				parameter,
				message: `needs a cloud-init drive, which VM ${original.vmid} does not have. Add one to it with Update, or remove this setting`,
			})),
		);
	growth.forEach(({ disk, size }, index) => {
		const found = present.config[disk];
		const before = isRecord(found) && found.media !== 'cdrom' ? found.size : undefined;
		const message =
			before === undefined
				? `VM ${original.vmid} has no disk ${disk}`
				: bytesOf(String(before)) > bytesOf(size)
					? `${disk} of VM ${original.vmid} has ${String(before)}, and a disk cannot be made smaller`
					: undefined;
		if (message !== undefined)
			form.problems.push({
				parameter: GROW_DISKS,
				label: `Disk to Grow ${index + 1}`,
				message,
			});
	});
	return change;
}

/** The notes of the clone: those of the original, unless they are given. */
function notesOf(
	given: string | undefined,
	present: CurrentConfig | undefined,
	{ vmid }: Guest,
	key: string,
): string {
	if (given !== undefined || key === '') return given ?? '';
	if (present === undefined)
		throw new Error(
			`The notes of VM ${vmid} cannot be read without VM.Audit, and the Idempotency Key is kept under them. Grant it, or set Options → Description. Nothing was created`,
		);
	const { description: notes } = present.config;
	return typeof notes === 'string' ? notes : '';
}
