import { failure } from '../errors';
import type { ClusterState, Vm, VmConfig } from '../state/types';
import { allocate, free } from '../storage/allocate';
import { activate } from '../storage/storages';
import { parseVolumeId } from '../storage/volumeId';
import type { World } from '../world';
import { drivesOf, isCdrom } from './drives';
import { runningMachine } from './machine';
import { memoryOf } from './status';

const MEGABYTE = 1024 ** 2;
/** Kilobytes that a saved state takes besides twice the memory. */
const OVERHEAD = 500 * 1024;

/** Keys that say how a VM ran whose memory was saved. */
export const RUNNING_KEYS = ['runningcpu', 'runningmachine', 'running-nets-host-mtu'] as const;

/** Where a VM's memory is saved unless said otherwise: as configured, else on a storage of its disks, a shared one first. */
export function stateStorageOf(state: ClusterState, { config }: Vm): string {
	if (config.vmstatestorage !== undefined) return String(config.vmstatestorage);
	const storages = drivesOf(config).flatMap(([, drive]) =>
		isCdrom(drive) ? [] : (parseVolumeId(drive.file)?.storage ?? []),
	);
	return storages.find((name) => state.storages.get(name)?.shared) ?? storages[0] ?? 'local';
}

/** Saves the memory of a running VM; returns what a configuration says of it. */
export function saveState(
	world: World,
	vm: Vm,
	storage: string,
	name: string,
	log: (line: string) => void,
): VmConfig {
	const kilobytes = (2 * memoryOf(vm)) / 1024 + OVERHEAD;
	const { volid } = allocate(
		world,
		{ storage, vmid: vm.vmid, format: 'raw', name: `vm-${vm.vmid}-state-${name}.raw`, kilobytes },
		log,
	);
	const cards = Object.keys(vm.config)
		.filter((key) => /^net\d+$/.test(key))
		.sort();
	return {
		vmstate: volid,
		runningcpu: 'kvm64,enforce,+kvm_pv_eoi,+kvm_pv_unhalt,+lahf_lm,+sep',
		runningmachine: runningMachine(vm.config.machine),
		...(cards.length > 0
			? { 'running-nets-host-mtu': cards.map((key) => `${key}=1500`).join(',') }
			: {}),
	};
}

/** Megabytes that were saved, for a log. */
export function savedMegabytes(vm: Vm): string {
	return (memoryOf(vm) / MEGABYTE / 2.65).toFixed(2);
}

/** Throws where a saved state cannot be loaded. */
export function checkState(state: ClusterState, volid: string): void {
	const storage = activate(state, parseVolumeId(volid)?.storage ?? '');
	if (!storage.content.includes('images')) {
		throw failure(`storage '${storage.storage}' does not support content-type 'images'`);
	}
}

/** The lines of a start from a saved state. */
export function logHostMtu(config: VmConfig, log: (line: string) => void): void {
	for (const card of String(config['running-nets-host-mtu'] ?? '')
		.split(',')
		.filter((part) => part !== '')) {
		log(
			`netdev ${card.split('=')[0]}: using 'host_mtu=${card.split('=')[1]}' for migration compat`,
		);
	}
}

/** Takes away what a configuration says of a saved state, and the state itself. */
export function dropState(state: ClusterState, vm: Vm): void {
	if (vm.config.vmstate !== undefined) free(state, String(vm.config.vmstate));
	delete vm.config.vmstate;
	for (const key of RUNNING_KEYS) delete vm.config[key];
}
