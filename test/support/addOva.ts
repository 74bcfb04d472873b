import type { Emulator } from '../../tools/emulator';
import type { ForeignGuest } from '../../tools/emulator/state/foreignGuest';

const GIB = 1024 ** 3;

/** A VM as VMware exports it. */
export const exportedVm: ForeignGuest = {
	name: 'my web',
	cores: 2,
	memory: 2048,
	ostype: 'l26',
	disks: [
		{ slot: 'scsi0', file: 'web-disk1.vmdk', size: 8 * GIB, boots: true },
		{ slot: 'scsi1', file: 'web-disk2.vmdk', size: GIB },
	],
	cards: [{ model: 'VmxNet3' }, { model: 'PCNet32' }],
};

/** Puts a file that describes a VM onto its storage. @returns its volume ID */
export function addOva(
	{ state }: Emulator,
	volid = 'local:import/web.ova',
	guest: ForeignGuest = exportedVm,
): string {
	state.volumes.set(volid, {
		volid,
		storage: volid.split(':', 1)[0] ?? '',
		content: 'import',
		format: volid.split('.').pop() ?? '',
		size: GIB,
		used: GIB,
		ctime: 1_795_000_000,
		guest,
	});
	return volid;
}

/** Puts a storage of the type ESXi into the cluster. */
export function addEsxi({ state }: Emulator): void {
	state.storages.set('esxi', {
		storage: 'esxi',
		type: 'esxi',
		path: '/run/pve/import/esxi/esxi/mnt',
		content: ['import'],
		total: 0,
		used: 0,
		shared: false,
		disabled: false,
		unmounted: false,
	});
}
