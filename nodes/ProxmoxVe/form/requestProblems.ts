import {
	fieldOf,
	parameterOf,
	type Catalogue,
	type GuestParameters,
	type Purpose,
} from '../catalogue/catalogue';
import type { Problem } from '../wire/problem';
import { isPlain, isUnset } from '../wire/values';
import type { DiskSize } from './drives';
import type { Raw } from './readForm';
import type { Options } from './readOptions';

/** Of what follows the task of a creation. */
const NEEDS_TASK = 'cannot be combined with Options → Wait Until → Nothing';

/** What cannot be asked for together. */
export const requestProblems = (
	catalogue: Catalogue,
	purpose: Purpose,
	asked: GuestParameters,
	options: Options,
): Problem[] => [
	...updateProblems(purpose, asked, options, asked[catalogue.name] !== undefined),
	...templateProblems(asked, options),
	...restoreProblems(asked, options),
];

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

/** What is done by separate requests once the guest exists: disks are grown, and an OCI image gets its settings. */
export const followingProblems = (
	growth: readonly DiskSize[],
	later: GuestParameters | undefined,
	{ wait }: Options,
): Problem[] =>
	wait
		? []
		: [
				...growth.map(({ disk }) => ({
					parameter: disk,
					message: `${NEEDS_TASK}, because the disk is grown after its image was copied. Or leave its size empty`,
				})),
				...Object.keys(later ?? {}).map((parameter) => ({
					parameter,
					message: `${NEEDS_TASK}, because an OCI image brings its own, which is changed afterwards`,
				})),
			];

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
export function fitting(
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
export const asOfBackup = (
	{ archive, restoreFlag }: Catalogue,
	problem: Problem,
	values: Raw,
): Problem =>
	restoreFlag === undefined || problem.parameter !== archive
		? problem
		: {
				...problem,
				label: `Backup Archive (${archive})`,
				...(isUnset(values[archive]) || isPlain(values[archive])
					? {}
					: { message: 'must be the volume ID of a backup' }),
			};
