import { checkCtLock, ctDigest, ctOf } from '../ct/config';
import { kindOf, mountsOf } from '../ct/mountPoints';
import { haltCt, requestCtStart, withCtLock } from '../ct/start';
import type { ClusterState, Vm, VmConfig } from '../state/types';
import { parseVolumeId } from '../storage/volumeId';
import type { Worker } from '../tasks/types';
import { checkLock, digestOf, vmOf } from '../vm/config';
import { drivesOf, isCdrom } from '../vm/drives';
import { halt, requestStart, withVmLock } from '../vm/start';
import type { World } from '../world';

/** In what VMs and containers differ where the API does the same with them. */
export interface GuestKind {
	type: Vm['type'];
	/** How the names of its tasks begin. */
	prefix: 'qm' | 'vz';
	/** Whether a task about a guest that is not there is refused, or started and fails. */
	isLookedForFirst: boolean;
	/** Names that no snapshot may have, in lower case. */
	reserved: readonly string[];
	/** The guest of an ID; throws where there is none on the node. */
	of(state: ClusterState, vmid: number): Vm;
	checkLock(guest: Vm): void;
	digest(guest: Vm): string;
	/** The volumes that are its disks. */
	disks(state: ClusterState, config: VmConfig): Array<[key: string, volid: string]>;
	/** A description as it is kept. */
	describe(text: string): string;
	/** Runs a task's work with the guest's lock file. */
	withLock<Result>(
		world: World,
		vmid: number,
		worker: Worker,
		work: (guest: Vm) => Promise<Result>,
	): Promise<Result>;
	halt(world: World, guest: Vm, worker: Worker): Promise<void>;
	requestStart(world: World, authId: string, vmid: number): string;
}

const onStorage =
	(state: ClusterState) =>
	([, volid]: [string, string]): boolean =>
		parseVolumeId(volid) !== undefined && state.volumes.has(volid);

export const virtualMachines: GuestKind = {
	type: 'qemu',
	prefix: 'qm',
	isLookedForFirst: true,
	reserved: ['current', 'pending'],
	of: vmOf,
	checkLock,
	digest: digestOf,
	disks: (state, config) =>
		drivesOf(config)
			.filter(([, drive]) => !isCdrom(drive))
			.map(([key, { file }]): [string, string] => [key, file])
			.filter(onStorage(state)),
	describe: (text) => text,
	withLock: withVmLock,
	halt: async (world, vm) => await Promise.resolve(halt(world, vm)),
	requestStart,
};

export const containers: GuestKind = {
	type: 'lxc',
	prefix: 'vz',
	isLookedForFirst: false,
	reserved: ['current', 'vzdump'],
	of: ctOf,
	checkLock: checkCtLock,
	digest: ctDigest,
	disks: (state, config) =>
		mountsOf(config)
			.filter(([, mount]) => kindOf(mount) === 'volume')
			.map(([key, { volume }]): [string, string] => [key, volume])
			.filter(onStorage(state)),
	describe: (text) => `${text.trimEnd()}\n`,
	withLock: async (world, vmid, worker, work) =>
		await withCtLock(world, vmid, worker, async () => await work(ctOf(world.state, vmid))),
	halt: haltCt,
	requestStart: requestCtStart,
};
