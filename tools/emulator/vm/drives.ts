import { createEndpoint } from '../contract/facts';
import type { SubOptions } from '../contract/facts';
import { findParameter } from '../contract/families';
import { parsePropertyString, printPropertyString } from '../contract/propertyString';
import type { PropertyValues } from '../contract/propertyString';
import type { Parameters } from '../endpoints/types';
import type { VmConfig } from '../state/types';

/** Boot order picks the first of these. */
const BUSES: ReadonlyArray<readonly [bus: string, slots: number]> = [
	['ide', 4],
	['scsi', 31],
	['virtio', 16],
	['sata', 6],
];

/** Drives that a VM may boot from, in the order of preference. */
export const bootableDrives: readonly string[] = BUSES.flatMap(([bus, slots]) =>
	Array.from({ length: slots }, (_, slot) => `${bus}${slot}`),
);

const driveNames: ReadonlySet<string> = new Set([...bootableDrives, 'efidisk0', 'tpmstate0']);

/** A drive's sub-options; `file` is always there, `size` is in bytes. */
export type Drive = PropertyValues & { file: string };

/** Whether a parameter is a drive: `scsi0`, `efidisk0` … */
export const isDriveName = (key: string): boolean => driveNames.has(key);

const DROPPED = ['cyls', 'trans', 'heads', 'secs'];

/** Which limits are senseless without which other. */
const REQUIREMENTS: ReadonlyArray<readonly [option: string, required: string]> = [
	['mbps_max', 'mbps'],
	['mbps_rd_max', 'mbps_rd'],
	['mbps_wr_max', 'mbps_wr'],
	['bps_max_length', 'mbps_max'],
	['bps_rd_max_length', 'mbps_rd_max'],
	['bps_wr_max_length', 'mbps_wr_max'],
	['iops_max_length', 'iops_max'],
	['iops_rd_max_length', 'iops_rd_max'],
	['iops_wr_max_length', 'iops_wr_max'],
];

/** Which limits exclude each other. */
const CONFLICTS: ReadonlyArray<readonly [string, string]> = [
	['mbps_rd', 'mbps'],
	['mbps_wr', 'mbps'],
	['iops_rd', 'iops'],
	['iops_wr', 'iops'],
];

const UNITS: Readonly<Record<string, number>> = {
	'': 1,
	K: 1024,
	M: 1024 ** 2,
	G: 1024 ** 3,
	T: 1024 ** 4,
};

/** `32G` or `32GiB` -> bytes. */
export function parseSize(text: string): number | undefined {
	const [, digits, unit = ''] = /^(\d+(?:\.\d+)?)(?:([KMGT])(?:iB)?)?$/.exec(text) ?? [];
	return digits === undefined ? undefined : Math.trunc(Number(digits) * (UNITS[unit] ?? 1));
}

const isOn = (value: string | number | undefined): boolean =>
	value !== undefined && Number(value) !== 0;

function schemaOf(key: string): SubOptions {
	return findParameter(createEndpoint, key)?.subOptions ?? {};
}

/** Reads a drive; undefined where its options do not go together. */
export function parseDrive(key: string, text: string): Drive | undefined {
	const { values } = parsePropertyString(schemaOf(key), text);
	if (!values) return undefined;
	const drive: PropertyValues = { ...values };
	for (const name of DROPPED) delete drive[name];
	for (const name of ['bps', 'bps_rd', 'bps_wr']) {
		if (drive[name] === undefined) continue;
		if (drive[`m${name}`] !== undefined) return undefined;
		delete drive[name];
		// The API divides its own truth value here, not the number: what was meant is lost.
		drive[`m${name}`] = '0.000';
	}
	if (REQUIREMENTS.some(([option, required]) => isOn(drive[option]) && !isOn(drive[required])))
		return undefined;
	if (CONFLICTS.some(([one, other]) => isOn(drive[one]) && isOn(drive[other]))) return undefined;
	if (drive.media === 'cdrom') {
		if (isOn(drive.snapshot) || drive.format !== undefined || key.startsWith('virtio'))
			return undefined;
	}
	if (drive.size !== undefined) {
		const size = parseSize(String(drive.size));
		if (size === undefined) return undefined;
		drive.size = size;
	}
	return { ...drive, file: String(drive.file ?? '') };
}

/** Writes a drive as it is stored. */
export function printDrive(key: string, drive: Drive): string {
	return printPropertyString(schemaOf(key), drive);
}

/** Whether a drive is a CD drive, cloud-init drives included. */
export function isCdrom(drive: Drive): boolean {
	return drive.media === 'cdrom';
}

/** Whether a drive holds the cloud-init data: `STORAGE:cloudinit` or the volume made from it. */
export function isCloudInit(drive: Drive): boolean {
	return /[:/](?:vm-\d+-)?cloudinit(?:\.\w+)?$/.test(drive.file);
}

/** The drives of a configuration or request, sorted by name. */
export function drivesOf(values: Parameters | VmConfig): Array<[key: string, drive: Drive]> {
	return Object.keys(values)
		.sort()
		.flatMap((key): Array<[string, Drive]> => {
			if (!isDriveName(key)) return [];
			const drive = parseDrive(key, String(values[key]));
			return drive ? [[key, drive]] : [];
		});
}

/** The boot order of a VM that was given none: first disk, first CD drive, first network card. */
export function defaultBootOrder(config: VmConfig): string {
	const firstDrive = (wantsCdrom: boolean) =>
		bootableDrives.find((key) => {
			const drive = config[key] === undefined ? undefined : parseDrive(key, String(config[key]));
			return drive !== undefined && isCdrom(drive) === wantsCdrom;
		});
	const network = Array.from({ length: 32 }, (_, slot) => `net${slot}`).find(
		(key) => config[key] !== undefined,
	);
	const devices = [firstDrive(false), firstDrive(true), network].filter((key) => key !== undefined);
	return devices.length > 0 ? `order=${devices.join(';')}` : ' ';
}
