import { demandOnVm } from '../auth/permissions';
import { subOptionsOf } from '../contract/facts';
import { splitList } from '../contract/perl';
import { parsePropertyString } from '../contract/propertyString';
import { failure } from '../errors';
import type { ClusterState, Vm } from '../state/types';
import { isCdrom, isCloudInit, isDriveName, parseDrive } from './drives';

/** Who changes which VM. */
interface Changing {
	state: ClusterState;
	authId: string;
	vm: Vm;
}

const isPlainCdrom = (key: string, text: string): boolean => {
	const drive = parseDrive(key, text);
	return drive !== undefined && isCdrom(drive) && !isCloudInit(drive);
};

/** Throws where a drive, as it was or as it is to be, needs a privilege that is not there. */
function demandForDrive({ state, authId, vm }: Changing, key: string, text: string): void {
	const drive = parseDrive(key, text);
	if (!drive) return;
	const needed = isPlainCdrom(key, text) ? ['VM.Config.CDROM'] : ['VM.Config.Disk'];
	demandOnVm(
		state,
		authId,
		vm.vmid,
		undefined,
		isCloudInit(drive) ? ['VM.Config.Cloudinit', 'VM.Config.CDROM'] : needed,
	);
}

/** Throws where a drive may not be taken out: the VM is protected, or the privilege lacks. */
export function checkDriveRemoval(changing: Changing, key: string): void {
	const text = String(changing.vm.config[key] ?? changing.vm.pending[key] ?? '');
	if (text === '' || !isDriveName(key)) return;
	if (changing.vm.config.protection)
		throw failure(`can't remove drive '${key}' - protection mode enabled`);
	demandForDrive(changing, key, text);
}

/** Throws where a drive may not be put in the place of what is there. */
export function checkDriveChange(changing: Changing, key: string, text: string): void {
	const before = changing.vm.config[key];
	if (before !== undefined) demandForDrive(changing, key, String(before));
	demandForDrive(changing, key, text);
}

/** The devices of a boot order in the present form; none where it has the old one. */
function devicesOf(boot: unknown): string[] {
	const { order } = parsePropertyString(subOptionsOf('boot'), String(boot ?? '')).values ?? {};
	return splitList(String(order ?? ''));
}

/** Throws where a boot order that is set names a device that is not there afterwards. */
export function checkBootOrder(boot: unknown, hasDevice: (name: string) => boolean): void {
	const absent = devicesOf(boot).find((name) => !hasDevice(name));
	if (absent !== undefined) throw failure(`invalid bootorder: device '${absent}' does not exist'`);
}

/** The boot order without what was taken out and with new CD drives; undefined where it stays as it is. */
export function followBootOrder(
	boot: unknown,
	deleted: string[],
	drives: Record<string, string>,
): string | undefined {
	const before = devicesOf(boot);
	if (before.length === 0) return undefined;
	const added = Object.keys(drives).filter(
		(key) => !before.includes(key) && isPlainCdrom(key, drives[key] ?? ''),
	);
	const after = [...before.filter((name) => !deleted.includes(name)), ...added];
	if (after.join() === before.join()) return undefined;
	return after.length > 0 ? `order=${after.join(';')}` : ' ';
}
