import {
	fieldOf,
	parameterOf,
	type Catalogue,
	type GuestParameters,
	type Profile,
	type Purpose,
} from '../catalogue/catalogue';
import { choice, decimal, flag, list, text } from '../catalogue/fields';
import { changeFields } from '../catalogue/qemu/change';
import type { Problem } from '../wire/problem';
import { isPlain, isRecord, isUnset } from '../wire/values';
import { readJsonText } from '../wire/readJson';
import { shown } from '../wire/shown';
import { readParameters } from '../wire/readParameters';
import { applyProfile, JSON_PROFILE, NO_PROFILE } from './applyProfile';
import { conflictsOf, withoutEffect } from './conflicts';
import { takeGrowth, volumeProblems, type DiskSize } from './drives';
import { isFromUrl } from './firstDevices';
import { readImageFromUrl, type ImageDownload } from './imageFromUrl';
import { mergeImport, readImportSource, type ImportSource } from './readImport';
import { labelOf } from './labels';
import type { Form } from './Form';
import { readOptions, type Options } from './readOptions';
import { readSeed, seedProblems, type SeedRequest } from './readSeed';
import { readTemplate } from './readTemplate';
import { textOf, unwrap } from './readFields';
import { readForm, readImportForm, type Raw } from './readForm';

/** One VM to create or restore, read and checked. */
export interface VmRequest {
	/** Empty if it is chosen automatically. */
	readonly node: string;
	/** The nodes to choose from, if the node is chosen automatically; all if it is empty. */
	readonly allowedNodes?: readonly string[];
	/** Undefined means the next free ID. */
	readonly vmid?: number;
	/** All but node and vmid. */
	readonly parameters: GuestParameters;
	/** The name of the guest, if it is given one. */
	readonly name?: string;
	/** The backup to restore; undefined for a create. */
	readonly archive?: string;
	/** What the user sends beside the catalogue, as it is. */
	readonly additional: Readonly<Record<string, string>>;
	readonly options: Options;
	/** Settings that will have no effect, for the output. */
	readonly warnings: readonly string[];
	/** Disks to grow before the first start. */
	readonly growth: readonly DiskSize[];
	/** The image to download before the guest is created; its placeholder is in the parameters. */
	readonly download?: ImageDownload;
	/** Settings for after the creation, because the OCI image would replace them. */
	readonly later?: GuestParameters;
	/** The cloud-init files to attach before the first start. */
	readonly seed?: SeedRequest;
	/** The backup to look for, in whose place the archive holds a placeholder. */
	readonly newest?: NewestBackup;
	/** What to import. */
	readonly source?: ImportSource;
}

/** Of Import: the VM as the file describes it, by the API's names; without it, it was not read yet. */
export interface Importing {
	readonly guest?: Raw;
}

/** Whether a guest is started by a separate request, because it needs something before its first start. */
export const startsLater = ({ growth, seed, later }: VmRequest): boolean =>
	growth.length > 0 || seed !== undefined || later !== undefined;

/** What is decided by where the VM goes, and not by the VM. */
const TARGET = ['node', 'vmid'] as const;

/**
 * Reads the VM that an item creates, imports or restores.
 * @param importing of Import; before its file is read, only what is wrong with the fields is found
 * @returns what may be sent only after `form.check`
 */
export function readRequest(
	catalogue: Catalogue,
	purpose: Purpose,
	form: Form,
	importing?: Importing,
): VmRequest {
	const { problems } = form;
	const isNew = purpose === 'create' && importing === undefined;
	const isJson = isNew
		? textOf(form.raw('profile')) === JSON_PROFILE
		: form.choice('specifyVm') === 'json';
	const profile = isNew ? readProfile(catalogue, form, isJson) : undefined;
	const hasFields = isNew && !isJson;
	const image = hasFields && isFromUrl(form) ? readImageFromUrl(form) : undefined;
	const { seed, warnings: doubts } = hasFields ? readSeed(form) : { warnings: [] };
	const source = importing && readImportSource(form);
	const raw = isJson
		? readJson(form)
		: importing
			? readImportForm(catalogue, form)
			: readForm(catalogue, purpose, form, { profile, download: image });
	/** What the file says is not known yet, as what a backup says is not. */
	const isPartial = importing !== undefined && importing.guest === undefined;
	const whole = isPartial ? 'restore' : purpose;
	const target = readTarget(raw, purpose, form);
	const isAutomatic = isUnset(target.node);
	const newest = purpose === 'restore' ? readNewestBackup(form) : undefined;
	const template =
		purpose === 'create' && catalogue.restoreFlag !== undefined
			? readTemplate(form, isJson ? raw[catalogue.archive] : form.raw(catalogue.archive))
			: undefined;
	const download = image ?? template;
	const values = {
		...(importing?.guest === undefined ? raw : mergeImport(catalogue, importing.guest, raw)),
		...(template === undefined ? {} : { [catalogue.archive]: template.placeholder }),
		...(purpose === 'restore' && catalogue.restoreFlag !== undefined
			? { [catalogue.restoreFlag]: true }
			: {}),
		...(newest === undefined
			? {}
			: { [catalogue.archive]: archiveBeside(catalogue, newest, raw, problems) }),
	};

	const read = readParameters(catalogue, { ...values, ...target });
	problems.push(
		...[
			...read.problems.filter(({ isLacking }) => !(isPartial && isLacking === true)),
			...fitting(catalogue, purpose, values),
		].map((problem) => (purpose === 'restore' ? asOfBackup(catalogue, problem, raw) : problem)),
	);
	const { parameters: asked, warnings: notAdded } =
		profile === undefined
			? { parameters: read.parameters as GuestParameters, warnings: [] }
			: applyProfile(profile, read.parameters, seed !== undefined);
	const additional = readAdditional(catalogue, form, asked);
	const options = readOptions(form);
	problems.push(
		...updateProblems(purpose, asked, options, asked[catalogue.name] !== undefined),
		...templateProblems(asked, options),
		...restoreProblems(asked, options),
		...conflictsOf(catalogue, whole, asked, options),
		...volumeProblems(asked),
		...(seed === undefined ? [] : seedProblems(catalogue, seed, read.parameters, options)),
	);
	const { node = '', vmid, ...settings } = asked;
	const { parameters: others, growth } =
		purpose === 'create' ? takeGrowth(settings) : { parameters: settings, growth: [] };
	problems.push(...growthProblems(growth, options));
	const isOci =
		purpose === 'create' &&
		catalogue.restoreFlag !== undefined &&
		String(others[catalogue.archive]).endsWith('.tar');
	const { parameters, later } = isOci ? takeOciSettings(others) : { parameters: others };
	problems.push(...laterProblems(later, options));
	const name = asked[catalogue.name];
	const warnings = [...doubts, ...notAdded, ...withoutEffect(catalogue, whole, asked)];
	const allowedNodes = readAllowedNodes(form);
	if (!isAutomatic && allowedNodes.length > 0 && !allowedNodes.includes(node))
		problems.push({
			parameter: 'node',
			message: `is "${shown(node)}", which is not one of Options → Allowed Nodes (${allowedNodes.join(', ')}). Change one of the two`,
		});
	return {
		node,
		...(isAutomatic ? { allowedNodes } : {}),
		...(vmid === undefined ? {} : { vmid }),
		...(name === undefined ? {} : { name: String(name) }),
		...(purpose === 'restore' ? { archive: String(asked[catalogue.archive]) } : {}),
		parameters,
		additional,
		options,
		warnings,
		growth,
		...(download === undefined ? {} : { download }),
		...(later === undefined ? {} : { later }),
		...(seed === undefined ? {} : { seed }),
		...(newest === undefined ? {} : { newest }),
		...(source === undefined ? {} : { source }),
	};
}

const placementFields = {
	allowedNodes: list({
		label: 'Allowed Nodes',
		separator: ',',
		items: 'pve-node',
		guards: true,
	}),
};

/** Reads the nodes to choose from. @returns none if all may be chosen */
function readAllowedNodes(form: Form): string[] {
	const { allowedNodes } = form.options(placementFields);
	if (allowedNodes === undefined) return [];
	const nodes = allowedNodes.split(/[\s,]+/).filter(Boolean);
	if (nodes.length === 0)
		form.problems.push({
			parameter: 'allowedNodes',
			label: placementFields.allowedNodes.label,
			message: 'names no node',
		});
	return nodes;
}

/** Reads what a new guest is made for. @returns undefined for None */
function readProfile({ profiles }: Catalogue, form: Form, isJson: boolean): Profile | undefined {
	const name = isJson ? 'jsonProfile' : 'profile';
	const names = [NO_PROFILE, ...Object.keys(profiles), ...(isJson ? [] : [JSON_PROFILE])];
	const field = choice({
		label: isJson ? 'Profile for JSON' : 'Profile',
		options: Object.fromEntries(names.map((value) => [value, value])),
	});
	const { [name]: chosen = NO_PROFILE } = form.fields({ [name]: field }, { [name]: NO_PROFILE });
	return profiles[chosen];
}

/** Which backup to restore, if it is not named: the newest one of a VM. */
export interface NewestBackup {
	readonly vmid: number;
	/** Only on this storage; without it on all of the node that hold backups. */
	readonly storage?: string;
	/** An older one is refused. */
	readonly maxAgeDays?: number;
	/** Only one that a Proxmox Backup Server has verified. */
	readonly verifiedOnly?: true;
}

const newestFields = {
	backupStorage: text({ label: 'Backup Storage', format: 'pve-storage-id' }),
	maxAgeDays: decimal({ label: 'Not Older Than (Days)', min: 0, guards: true }),
};

const verifiedField = { verifiedOnly: flag({ label: 'Only Verified Backup', guards: true }) };

/** Reads whether to restore the newest backup of a VM, and of which. */
function readNewestBackup(form: Form): NewestBackup | undefined {
	const { verifiedOnly } = form.options(verifiedField);
	if (form.choice('backupSource') !== 'newest') {
		if (verifiedOnly === true)
			form.problems.push({
				parameter: 'verifiedOnly',
				label: verifiedField.verifiedOnly.label,
				message: 'is only for Restore From → Newest Backup of a VM',
			});
		return undefined;
	}
	const vmid = form.guestId('backupVm', 'Backup Of');
	const { backupStorage, maxAgeDays: days = 0 } = form.fields(newestFields, {
		backupStorage: '',
		maxAgeDays: 0,
	});
	return {
		vmid,
		...(backupStorage === undefined ? {} : { storage: backupStorage }),
		...(days > 0 ? { maxAgeDays: days } : {}),
		...(verifiedOnly === true ? { verifiedOnly } : {}),
	};
}

/** The placeholder for the newest backup, which is looked for later. */
function archiveBeside(
	{ archive }: Catalogue,
	newest: NewestBackup,
	values: Readonly<Record<string, unknown>>,
	problems: Problem[],
): string {
	if (!isUnset(values[archive]))
		problems.push({
			parameter: archive,
			message: 'cannot be set in the JSON together with Restore From → Newest Backup of a VM',
		});
	return `NEWEST_BACKUP_OF_VM_${newest.vmid}`;
}

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

/** Node and VM ID of the fields, which JSON may repeat or (the ID) decide, but not contradict. */
function readTarget(
	values: Readonly<Record<string, unknown>>,
	purpose: Purpose,
	form: Form,
): Record<string, unknown> {
	const { problems } = form;
	const fields = purpose === 'create' ? targetOptions(form) : targetFields(form);
	const target: Record<string, unknown> = {};
	for (const name of TARGET) {
		const { label, given, missing } = fields[name];
		const wrong = (message: string): void =>
			void problems.push({ parameter: name, label, message });
		const field = textOrNone(given);
		const json = values[name];
		if (!isUnset(field) && !isUnset(json) && String(field) !== String(json).trim())
			wrong(`is "${shown(field)}" in its field and "${shown(json)}" in the JSON`);
		target[name] = field ?? json;
		if (isUnset(purpose === 'create' ? field : target[name]) && missing !== undefined)
			wrong(missing);
	}
	const { vmid } = target;
	const before = problems.length;
	if (!isUnset(vmid))
		target.vmid = form.readGuestId(vmid, {
			parameter: 'vmid',
			...(isUnset(values.vmid) ? { label: fields.vmid.label } : {}),
		});
	if (problems.length > before) delete target.vmid;
	return target;
}

/** A field that says where the VM goes. */
interface TargetField {
	/** What an error names; without it the label of the parameter. */
	readonly label?: string;
	readonly given: unknown;
	/** What an error says if it is empty; undefined if it may be. */
	readonly missing?: string;
}
type TargetFields = Readonly<Record<(typeof TARGET)[number], TargetField>>;

const NEEDED = 'is needed';

/** Of Create: both are chosen automatically, unless they were added under Options. */
function targetOptions(form: Form): TargetFields {
	const options = form.rawOptions();
	const option = (name: string, label: string): TargetField => ({
		label: `Options → ${label}`,
		given: unwrap(options[name]),
		...(form.hasOption(name) ? { missing: 'is empty: set it, or remove the option' } : {}),
	});
	return { node: option('node', 'Node'), vmid: option('vmId', 'VM ID') };
}

/** Of Restore: the node is needed, because the backup is on one of its storages. */
function targetFields(form: Form): TargetFields {
	const isFixed = form.choice('vmIdMode') === 'fixed';
	return {
		node: { given: unwrap(form.raw('node')), missing: NEEDED },
		vmid: isFixed ? { given: unwrap(form.raw('vmId')), missing: NEEDED } : { given: undefined },
	};
}

/** A value without blanks around it; undefined for an empty one. */
function textOrNone(value: unknown): unknown {
	const trimmed = typeof value === 'string' ? value.trim() : value;
	return trimmed === '' ? undefined : trimmed;
}

/** Of what follows the task of a creation. */
const NEEDS_TASK = 'cannot be combined with Options → Wait Until → Nothing';

/** Update It needs something by which the VM is found, and follows what it changes. */
function updateProblems(
	purpose: Purpose,
	{ vmid }: GuestParameters,
	{ ifExists, idempotencyKey, wait }: Options,
	hasName: boolean,
): Problem[] {
	if (ifExists !== 'update') return [];
	const message =
		purpose !== 'create'
			? 'cannot be Update It here'
			: !wait
				? NEEDS_TASK
				: idempotencyKey === '' && vmid === undefined && !hasName
					? 'needs an Idempotency Key, a VM ID or a Name, by which Update It finds the VM'
					: undefined;
	return message === undefined
		? []
		: [{ parameter: 'ifExists', label: 'Options → If VM Exists', message }];
}

/** A template is made one by a second request, once the VM is there. */
function templateProblems({ template, start }: GuestParameters, { wait }: Options): Problem[] {
	if (template !== true) return [];
	return [
		...(wait
			? []
			: [
					{
						parameter: 'template',
						message: `${NEEDS_TASK}: the disks are converted once the VM is created`,
					},
				]),
		...(start === true
			? [{ parameter: 'start', message: 'cannot be set with Template: a template never runs' }]
			: []),
	];
}

/** A disk is grown by a separate request, once the VM exists. */
const growthProblems = (growth: readonly DiskSize[], { wait }: Options): Problem[] =>
	wait
		? []
		: growth.map(({ disk }) => ({
				parameter: disk,
				message: `${NEEDS_TASK}, because the disk is grown after its image was copied. Or leave its size empty`,
			}));

/** What an OCI image brings along, in place of what a create sets. An OCI image cannot be distinguished from another .tar. */
const OF_OCI_IMAGE = ['entrypoint', 'env', 'cmode'];

/** Takes out what an OCI image would replace. */
function takeOciSettings(parameters: GuestParameters): {
	readonly parameters: GuestParameters;
	readonly later?: GuestParameters;
} {
	const those = (isOfImage: boolean): GuestParameters =>
		Object.fromEntries(
			Object.entries(parameters).filter(([name]) => OF_OCI_IMAGE.includes(name) === isOfImage),
		);
	const later = those(true);
	return { parameters: those(false), ...(Object.keys(later).length === 0 ? {} : { later }) };
}

const laterProblems = (later: GuestParameters | undefined, { wait }: Options): Problem[] =>
	wait
		? []
		: Object.keys(later ?? {}).map((parameter) => ({
				parameter,
				message: `${NEEDS_TASK}, because an OCI image brings its own, which is changed afterwards`,
			}));

/** What a restore can do only under a condition. */
function restoreProblems({ force, vmid }: GuestParameters, { wait, cleanUp }: Options): Problem[] {
	return [
		...(force === true && vmid === undefined
			? [
					{
						parameter: 'force',
						message: 'needs the ID of the VM to overwrite: choose Fixed ID under VM ID',
					},
				]
			: []),
		...(cleanUp && !wait
			? [
					{
						parameter: 'cleanUp',
						label: 'Options → Clean Up After Failed Restore',
						message: `${NEEDS_TASK}: otherwise a failed restore is not noticed`,
					},
				]
			: []),
	];
}

/** What the API accepts by its schema, and then refuses or (an empty archive) takes for something else. */
function fitting(
	catalogue: Catalogue,
	purpose: Purpose,
	values: Readonly<Record<string, unknown>>,
): Problem[] {
	const parameter = catalogue.archive;
	const archive = values[parameter];
	const elsewhere = 'cannot be set here: use the operation Restore';
	if (purpose === 'create') {
		if (catalogue.restoreFlag === undefined)
			return isUnset(archive) ? [] : [{ parameter, message: elsewhere }];
		return [
			...(isUnset(archive) ? [{ parameter, message: 'is needed' }] : []),
			...(isUnset(values[catalogue.restoreFlag])
				? []
				: [{ parameter: catalogue.restoreFlag, message: elsewhere }]),
		];
	}
	const problems: Problem[] = [];
	const shown = catalogue.groups[purpose].flatMap(({ fields }) => Object.keys(fields));
	for (const name of Object.keys(values)) {
		if (isUnset(values[name]) || catalogue.restoreFlag === undefined) continue;
		if (fieldOf(catalogue, name) && !shown.includes(parameterOf(catalogue, name)))
			problems.push({
				parameter: name,
				message: 'cannot be set with a restore: Proxmox keeps that of the backup',
			});
	}
	// Proxmox takes "0" for none as well.
	if (isUnset(archive) || ['', '0'].includes(String(archive).trim())) {
		problems.push({
			parameter,
			message: 'is needed: without one Proxmox would create an empty VM and report success',
		});
	}
	for (const name of Object.keys(values)) {
		if (/^(?:(?:ide|sata|scsi|virtio|efidisk|tpmstate)\d+)$/.test(name)) {
			problems.push({
				parameter: name,
				message: 'cannot be set with a restore: the disks come from the backup',
			});
		}
	}
	return problems;
}

/** Of a container, the parameter for the backup is named after the template that it holds in Create. */
const asOfBackup = ({ archive, restoreFlag }: Catalogue, problem: Problem, values: Raw): Problem =>
	restoreFlag === undefined || problem.parameter !== archive
		? problem
		: {
				...problem,
				label: `Backup Archive (${archive})`,
				...(isUnset(values[archive]) || isPlain(values[archive])
					? {}
					: { message: 'must be the volume ID of a backup' }),
			};

/** Fields of other operations, by the API's names: what the API takes by them is not of a new VM. */
const OWN_FIELDS: Readonly<Record<string, { readonly label: string }>> = {
	...changeFields,
	newid: { label: 'New VM ID' },
};

/**
 * Reads what the user sends beside the catalogue. A name that the catalogue knows has a field, which checks and
 * guards it, and is refused.
 */
export function readAdditional(
	catalogue: Catalogue,
	form: Form,
	parameters: GuestParameters,
): Record<string, string> {
	const { problems } = form;
	const additional = new Map<string, string>();
	const given = unwrap(form.raw('additionalParameters', {}));
	const entries =
		isRecord(given) && Array.isArray(given.values) ? given.values.filter(isRecord) : [];
	for (const entry of entries) {
		const name = isPlain(entry.name) ? String(entry.name).trim() : '';
		const wrong = (message: string, label = `Additional Parameter ${shown(name)}`): void =>
			void problems.push({ parameter: name, label, message });
		if (name === '') wrong('is needed', 'Additional Parameters → Name');
		else if (fieldOf(catalogue, name))
			wrong(`has its own field: set it in ${labelOf(catalogue, name)}`);
		else if (Object.hasOwn(OWN_FIELDS, name))
			wrong(`has its own field: set it in ${OWN_FIELDS[name]?.label} (${name})`);
		else if (Object.hasOwn(parameters, name) || additional.has(name)) wrong('is set twice');
		else if (isUnset(entry.value)) wrong('has no value');
		else if (!isPlain(entry.value))
			wrong('must be a plain value', `Additional Parameter ${shown(name)} → Value`);
		else
			additional.set(
				name,
				typeof entry.value === 'boolean' ? (entry.value ? '1' : '0') : String(entry.value),
			);
	}
	return Object.fromEntries(additional);
}
