import type { GuestParameters, Profile } from '../catalogue/catalogue';
import { drivesOf, isCloudInitDrive, takesIoThread, unusedCdSlot, type Drive } from './drives';
import { seedUrlOf } from '../wire/seedUrl';
import { isRecord } from '../wire/values';
import { meansNewDisk } from '../wire/volume';

/** The choice to leave everything to the defaults of the API. */
export const NO_PROFILE = 'none';

/** The choice to describe the guest in JSON, in place of fields. */
export const JSON_PROFILE = 'json';

type Drives = ReadonlyArray<readonly [string, Drive]>;
type Values = Record<string, unknown>;

const isCd = (drive: Drive): boolean => drive.media === 'cdrom' && !isCloudInitDrive(drive);
const isDisk = (drive: Drive): boolean => drive.media !== 'cdrom' && !isCloudInitDrive(drive);
const isNew = ({ file = '', ...drive }: Drive): boolean =>
	drive['import-from'] !== undefined || (file.includes(':') && meansNewDisk(file));
const storageOf = ({ file = '' }: Drive): string | undefined =>
	file.startsWith('/') || !file.includes(':') ? undefined : file.slice(0, file.indexOf(':'));

/**
 * Adds what a profile sets to the parameters of a new VM. What is there already wins, also sub-option by sub-option.
 * @param hasOwnSeed whether the guest gets cloud-init files of the user's, in place of Proxmox's cloud-init drive
 * @returns the parameters, and what the profile could not add, for the output
 */
export function applyProfile(
	profile: Profile,
	given: GuestParameters,
	hasOwnSeed = false,
): { parameters: GuestParameters; warnings: string[] } {
	const values: Values = { ...given };
	const warnings: string[] = [];
	for (const [name, value] of Object.entries(profile.parameters)) {
		// Its CPU types are those of x86-64.
		if (name === 'cpu' && given.arch === 'aarch64') continue;
		// Of a privileged container only root@pam may set any.
		if (name === 'features' && given.unprivileged === false) continue;
		values[name] = merged(value, values[name]);
	}
	if (profile.disk === undefined) return { parameters: values as GuestParameters, warnings };
	const drives = drivesOf(given);
	for (const [name, drive] of drives) {
		if (values[name] !== undefined && isDisk(drive) && isNew(drive))
			values[name] = { ...diskOptions(profile, name, values.scsihw), ...drive };
	}

	const storage = drives
		.map(([, drive]) => (isDisk(drive) ? storageOf(drive) : undefined))
		.find(Boolean);
	const missing: string[] = [];
	const addVolume = (name: string, file: string, options: object): void => {
		if (storage === undefined) missing.push(name);
		else values[name] = { file: `${storage}:${file}`, ...options };
	};
	for (const [name, options] of Object.entries((profile.volumes ?? {}) as Record<string, object>)) {
		const own = values[name];
		if (name === 'efidisk0' && values.bios !== 'ovmf') continue;
		if (own === undefined) addVolume(name, '1', options);
		else if (isRecord(own) && isNew(own)) values[name] = { ...options, ...own };
	}
	// With a web server for cloud-init's files, a drive would be ignored.
	if (profile.hasCloudInit && !hasOwnSeed && seedUrlOf(given.smbios1) === undefined) {
		if (!drives.some(([, drive]) => isCloudInitDrive(drive)))
			addVolume(unusedCdSlot({ ...Object.fromEntries(drives), ...values }), 'cloudinit', {});
		for (const card of Object.keys(given).filter((name) => /^net\d+$/.test(name))) {
			const name = card.replace('net', 'ipconfig');
			values[name] ??= { ip: 'dhcp' };
		}
	}
	if (missing.length > 0)
		warnings.push(
			`Profile ${profile.label}: ${missing.join(' and ')} could not be added, because no disk of the VM names a storage`,
		);

	const order = bootOrder(profile, given, drives);
	if (values.boot === undefined && values.bootdisk === undefined && order.length > 0)
		values.boot = { order: order.join(';') };
	return { parameters: values as GuestParameters, warnings };
}

/** A device is merged by its sub-options; of other values the user's is taken. */
const merged = (value: unknown, own: unknown): unknown => {
	if (own === undefined) return value;
	return isRecord(value) && isRecord(own) ? { ...value, ...own } : own;
};

/** What the profile sets for a disk on this bus. */
function diskOptions({ disk }: Profile, name: string, scsihw: unknown): Values {
	const { iothread, discard } = disk ?? {};
	const others = discard === undefined ? {} : { discard };
	return iothread === true && takesIoThread(name, scsihw) ? { ...others, iothread } : others;
}

/** The first disk; where a system is installed, then the CD drives with an image in the user's order, then the network. */
function bootOrder({ hasCloudInit }: Profile, given: GuestParameters, drives: Drives): string[] {
	const [disk] = drives.filter(([, drive]) => isDisk(drive)).map(([name]) => name);
	const first = disk === undefined ? [] : [disk];
	if (hasCloudInit) return first;
	const cds = drives
		.filter(([, drive]) => isCd(drive) && drive.file !== 'none')
		.map(([name]) => name);
	const [card] = Object.keys(given).filter((name) => /^net\d+$/.test(name));
	return [...first, ...cds, ...(card === undefined ? [] : [card])];
}
