import { parameterOf, type Catalogue, type Purpose } from '../catalogue/catalogue';
import { isSeed } from '../wire/buildSeedIso';
import type { Problem } from '../wire/problem';
import { isWellSpelled, seedUrlOf } from '../wire/seedUrl';
import { drivesOf, isCloudInitDrive, takesIoThread } from './drives';
import { labelOf } from './labels';
import type { Options } from './readOptions';
import { asksAgent, NO_AGENT, readinessProblems } from './readReadiness';

/** The parameters that these rules look at; a kind of guest that does not have one breaks no rule about it. */
interface Parameters {
	readonly start?: boolean;
	readonly agent?: { readonly enabled?: boolean };
	readonly cores?: number;
	readonly sockets?: number;
	readonly smp?: number;
	readonly vcpus?: number;
	readonly scsihw?: string;
	readonly smbios1?: unknown;
}

/** What the input contradicts itself in, so that the request cannot do what was asked for. A backup may hold what a restore does not say. */
export function conflictsOf(
	catalogue: Catalogue,
	purpose: Purpose,
	parameters: Parameters,
	options: Options,
): Problem[] {
	const start = `${labelOf(catalogue, 'start')}: only a started VM can be waited for`;
	const problems = readinessProblems(options, {
		...(parameters.start === true ? {} : { start }),
		...(parameters.agent?.enabled === false
			? { agent: labelOf(catalogue, 'agent', 'enabled') }
			: {}),
	});
	// A container has none.
	const hasAgent = Object.hasOwn(catalogue.parameters, 'agent');
	if (!hasAgent && asksAgent(options) && options.waitUntil !== 'ip') problems.push(NO_AGENT);
	if (purpose !== 'create') return problems;
	const drives = drivesOf(parameters);
	const seed = drives.find(([, { file }]) => typeof file === 'string' && isSeed(file));
	if (seed && drives.some(([, drive]) => isCloudInitDrive(drive))) {
		problems.push({
			parameter: seed[0],
			message:
				'is a cloud-init ISO, which cannot be combined with a Cloud-Init Drive: the guest would use only one of them. Remove one',
		});
	}
	problems.push(...seedUrlProblems(catalogue, parameters, drives));
	const { vcpus, cores = 1, sockets = parameters.smp ?? 1 } = parameters;
	if (vcpus !== undefined && vcpus > cores * sockets) {
		problems.push({
			parameter: 'vcpus',
			message: `must not be above cores × sockets (${cores * sockets}), or the VM cannot start; got "${vcpus}"`,
		});
	}
	return problems;
}

/** cloud-init takes the files of a web server in place of those of a drive: user, password and keys would be lost. */
function seedUrlProblems(
	catalogue: Catalogue,
	parameters: Parameters,
	drives: ReturnType<typeof drivesOf>,
): Problem[] {
	if (seedUrlOf(parameters.smbios1) === undefined) return [];
	const others = [
		...drives
			.filter(([, drive]) => isCloudInitDrive(drive) || isSeed(drive.file ?? ''))
			.map(([name]) => `the cloud-init drive ${name}`),
		...settingsOf(catalogue, parameters).map((name) => labelOf(catalogue, name)),
	];
	if (others.length === 0) return [];
	return [
		{
			parameter: 'smbios1',
			sub: 'serial',
			message: `makes cloud-init use a web server, so the guest would ignore ${others.join(', ')}. Remove one or the other`,
		},
	];
}

/** The settings that Proxmox writes to its own cloud-init drive. */
const settingsOf = (catalogue: Catalogue, parameters: Parameters): string[] =>
	Object.keys(parameters).filter((name) =>
		catalogue.cloudInit.includes(parameterOf(catalogue, name)),
	);

/** Settings of a new VM that Proxmox takes and that do nothing, as warnings for the output. */
export function withoutEffect(
	catalogue: Catalogue,
	purpose: Purpose,
	parameters: Parameters,
): string[] {
	if (purpose !== 'create') return [];
	const warnings: string[] = [];
	const drives = drivesOf(parameters);
	const settings = settingsOf(catalogue, parameters);
	const seed = seedUrlOf(parameters.smbios1);
	if (seed !== undefined && !isWellSpelled(seed.serial, seed.url)) {
		warnings.push(
			`${labelOf(catalogue, 'smbios1', 'serial')}: not every version of cloud-init uses these files. Write ds=nocloud;dsmode=net;s=URL with a slash at its end`,
		);
	}
	if (settings.length > 0 && !drives.some(([, drive]) => isCloudInitDrive(drive))) {
		warnings.push(
			`The VM has no cloud-init drive, so the guest does not get ${settings.map((name) => labelOf(catalogue, name)).join(', ')}: add a disk with the source Cloud-Init Drive`,
		);
	}
	const hasImage = drives.some(([, drive]) => drive.file !== 'none' && !isCloudInitDrive(drive));
	const hasCard = Object.keys(parameters).some((name) => /^net\d+$/.test(name));
	const hasDisks = catalogue.diskFamilies.length > 0;
	if (hasDisks && parameters.start === true && !hasImage && !hasCard) {
		warnings.push(
			`${labelOf(catalogue, 'start')}: the VM has no disk, no CD drive with an image and no network card, so it has nothing to boot from`,
		);
	}
	for (const name of settings) {
		const card = name.replace(/^ipconfig(?=\d+$)/, 'net');
		if (card !== name && !(card in parameters))
			warnings.push(
				`${labelOf(catalogue, name)} has no effect, because the VM has no network card ${card}`,
			);
	}
	for (const [name, { iothread }] of drives) {
		if (iothread === true && name.startsWith('scsi') && !takesIoThread(name, parameters.scsihw)) {
			warnings.push(
				`${labelOf(catalogue, name)}: I/O Thread has no effect without the SCSI controller VirtIO SCSI Single`,
			);
		}
	}
	return warnings;
}
