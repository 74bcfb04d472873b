import type { IDataObject, INodeParameters } from 'n8n-workflow';

import stateFile from '../../tools/facts/state-2.json';
import { loadState, type Emulator, type Vm } from '../../tools/emulator';
import { newVm } from '../../tools/emulator/state/load';
import { openLab, readApi, type Lab, type LabOptions } from './lab';

/** A template that the state has. */
export const TEMPLATE = 'local:vztmpl/debian-13-tiny_13.1-1_amd64.tar.zst';

const named = (value: string) => ({ __rl: true, mode: 'name', value });

/** A new container on pve1, as its panel has it, with nothing added. */
export const newContainer: INodeParameters = {
	resource: 'container',
	operation: 'create',
	profile: 'standard',
	ostemplate: named(TEMPLATE),
	storage: named('local'),
	diskSize: 1,
	bridge: named('vmbr0'),
	ip: 'dhcp',
	// Every group is shown, as if all had been chosen.
	moreSettings: [
		'source',
		'general',
		'access',
		'resources',
		'volumes',
		'network',
		'isolation',
		'system',
		'additional',
	],
	options: { node: named('pve1') },
};

/** The container that is chosen by its ID. */
export const ct = (vmid: number): IDataObject => ({ __rl: true, mode: 'id', value: String(vmid) });

/** The node on n8n's engine, and a Proxmox VE with templates and containers. */
export const openContainerLab = async (options: LabOptions = {}): Promise<Lab> =>
	await openLab({ state: loadState(Math.floor(Date.now() / 1000), stateFile), ...options });

/** The configuration of a container, past the node. */
export const configOf = async (lab: Lab, vmid: unknown, node = 'pve1'): Promise<IDataObject> =>
	await readApi(lab.emulator, `/nodes/${node}/lxc/${String(vmid)}/config`);

/** Puts a template into the storage "local" of any state. */
export function addTemplate({ state }: Emulator): void {
	const file = { volid: TEMPLATE, storage: 'local', content: 'vztmpl', format: 'tzst' };
	state.volumes.set(TEMPLATE, { ...file, size: 1, used: 1, ctime: 1 });
}

/** Puts a container with a root file system on "local" into any state. @returns its ID */
export function addContainer({ state }: Emulator, { config, ...vm }: Partial<Vm> = {}): number {
	const vmid = Math.max(...state.vms.keys()) + 1;
	const volid = `local:${vmid}/vm-${vmid}-disk-0.raw`;
	const size = 1024 ** 3;
	const volume = { volid, storage: 'local', content: 'rootdir', format: 'raw', vmid };
	state.volumes.set(volid, { ...volume, size, used: size, ctime: 1 });
	state.vms.set(vmid, {
		...newVm(vmid, 'pve1', {
			arch: 'amd64',
			hostname: 'added',
			memory: 512,
			ostype: 'debian',
			rootfs: `${volid},size=1G`,
			swap: 512,
			unprivileged: 1,
			...config,
		}),
		type: 'lxc',
		ignoresShutdown: false,
		...vm,
	});
	return vmid;
}

/** Puts a backup of a container that is gone into the storage "local" of any state. @returns its volume ID */
export function addContainerBackup(
	{ state }: Emulator,
	{ time = '2026_01_02-03_04_05', ctime = 1_767_323_045 } = {},
): string {
	const volid = `local:backup/vzdump-lxc-300-${time}.tar.zst`;
	const config = {
		arch: 'amd64',
		hostname: 'kept',
		memory: 256,
		ostype: 'debian',
		rootfs: 'local:300/vm-300-disk-0.raw,size=1G',
		swap: 0,
		unprivileged: 1,
		net0: 'name=eth0,bridge=vmbr0,hwaddr=BC:24:11:00:03:00,ip=192.0.2.30/24,type=veth',
	};
	const size = 1024 ** 2;
	state.volumes.set(volid, {
		volid,
		storage: 'local',
		content: 'backup',
		format: 'tar.zst',
		size,
		used: size,
		ctime,
		vmid: 300,
		backup: { config, drives: {}, ctime },
	});
	return volid;
}
