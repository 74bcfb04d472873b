/* eslint-disable @n8n/community-nodes/require-node-api-error -- the emulator is no node: its errors are the API's */
import { demand, demandOnVm } from '../auth/permissions';
import { failure, parameterError } from '../errors';
import { bridgesHere } from '../state/bridges';
import type { ClusterState, NodeState, Vm, Volume } from '../state/types';
import { memberNodes, reachOf, volumesOn } from '../state/view';
import { checkEnabled, isMountedOn, isOnNode, storageOf } from '../storage/storages';
import { parseVolumeId } from '../storage/volumeId';
import { durations } from '../tasks/durations';
import { wasKilled } from '../tasks/taskList';
import type { Worker } from '../tasks/types';
import type { World } from '../world';
import { checkLock, vmOf } from '../vm/config';
import { checkQuorum } from '../vm/create';
import { drivesOf, isCdrom, isCloudInit, isDriveName, parseDrive, printDrive } from '../vm/drives';
import type { Drive } from '../vm/drives';
import { parseNet } from '../vm/network';
import { freezeReport } from '../vm/report';
import { memoryOf } from '../vm/status';
import { withVmLock } from '../vm/start';
import { mapped, readStorageMap, targetsOf } from './storageMap';
import type { StorageMap } from './storageMap';
import { flagOf, numberOf, textOf, vmidOf } from './types';
import type { Call, Endpoint } from './types';

interface LocalDrive {
	key: string;
	drive: Drive;
	volume: Volume;
	/** Snapshots that have it, too. */
	snapshots: string[];
}

/** A VM's volumes that only its own node has. */
function localDrives(state: ClusterState, vm: Vm): LocalDrive[] {
	return drivesOf(vm.config).flatMap(([key, drive]): LocalDrive[] => {
		const volume = state.volumes.get(drive.file);
		if (!volume || storageOf(state, volume.storage).shared) return [];
		const snapshots = vm.snapshots.filter(({ config }) =>
			drivesOf(config).some(([, other]) => other.file === drive.file),
		);
		return [{ key, drive, volume, snapshots: snapshots.map(({ name }) => name) }];
	});
}

function describeDrive({ key, drive, volume, snapshots }: LocalDrive): Record<string, unknown> {
	return {
		drivename: key,
		volid: drive.file,
		cdrom: isCdrom(drive) ? 1 : 0,
		shared: 0,
		replicate: 1,
		is_attached: 1,
		is_cloudinit: isCloudInit(drive) ? 1 : 0,
		is_tpmstate: key === 'tpmstate0' ? 1 : 0,
		is_unused: 0,
		is_vmstate: 0,
		...(isCloudInit(drive)
			? {}
			: { size: volume.content === 'images' ? volume.size : volume.used }),
		...(snapshots.length > 0
			? { referenced_in_snapshot: Object.fromEntries(snapshots.map((name) => [name, 1])) }
			: {}),
	};
}

/** What is looked at before a migration. That a node is offline, or lacks a bridge or a mounted storage, is not. */
function preconditions({ world: { state }, parameters }: Call): unknown {
	checkQuorum(state);
	const vm = vmOf(state, vmidOf(parameters));
	const storages = [
		...new Set(drivesOf(vm.config).flatMap(([, { file }]) => parseVolumeId(file)?.storage ?? [])),
	];
	const others = memberNodes(state).filter(({ name }) => name !== state.localNode);
	const lacking = (node: string) =>
		storages.filter((name) => !isOnNode(storageOf(state, name), node));
	return {
		running: vm.status === 'running' ? 1 : 0,
		allowed_nodes: others.map(({ name }) => name).filter((node) => lacking(node).length === 0),
		not_allowed_nodes: Object.fromEntries(
			others.map(({ name }) => [
				name,
				lacking(name).length === 0 ? {} : { unavailable_storages: lacking(name) },
			]),
		),
		local_disks: localDrives(state, vm).map(describeDrive),
		local_resources: [],
		'mapped-resources': [],
		'mapped-resource-info': {},
		'has-dbus-vmstate': 1,
	};
}

/** Throws what is refused at once: a target storage that cannot be used, or one that the other node does not have. */
function checkStorages(
	{ world: { state }, authId }: Call,
	vm: Vm,
	map: StorageMap,
	target: string,
): void {
	if (!map.identity) demandOnVm(state, authId, vm.vmid, undefined, ['VM.Config.Disk']);
	for (const storage of targetsOf(map)) {
		demand(state, authId, `/storage/${storage}`, ['Datastore.AllocateSpace']);
		if (!checkEnabled(state, storage, target).content.includes('images')) {
			throw parameterError({ targetstorage: `storage '${storage}' does not support vm images` });
		}
	}
	if (!map.identity) return;
	for (const [, { file }] of drivesOf(vm.config)) {
		const storage = parseVolumeId(file)?.storage;
		if (storage === undefined) continue;
		checkEnabled(state, storage);
		checkEnabled(state, storage, target);
	}
}

function migrate(call: Call): string {
	const { world, authId, parameters } = call;
	const { state } = world;
	const vmid = vmidOf(parameters);
	const target = textOf(parameters, 'target') ?? '';
	if (target === state.localNode) throw parameterError({ target: 'target is local node.' });
	checkQuorum(state);
	const node = state.nodes.get(target);
	if (!node?.member) throw failure(`no such cluster node '${target}'`);
	if (flagOf(parameters, 'force') && authId !== 'root@pam')
		throw parameterError({ force: 'Only root may use this option.' });
	const vm = vmOf(state, vmid);
	checkLock(vm);
	if (vm.status === 'running' && !flagOf(parameters, 'online'))
		throw failure("can't migrate running VM without --online");
	const map = readStorageMap(textOf(parameters, 'targetstorage'));
	checkStorages(call, vm, map, target);
	if (vm.haManaged !== undefined) return requestByHa(call, target);
	return startMigration(call, node, map);
}

/** What HA manages is moved by the HA manager, as root and with a task of its own. */
function requestByHa(call: Call, target: string): string {
	const { world, authId, parameters } = call;
	const vmid = vmidOf(parameters);
	return world.tasks.start({
		type: 'hamigrate',
		id: String(vmid),
		authId,
		run: async (worker) => {
			worker.log(`Requesting HA migration for VM ${vmid} to node ${target}`);
			await worker.work(durations.highAvailability);
			const node = world.state.nodes.get(target);
			if (node)
				startMigration(
					{
						...call,
						authId: 'root@pam',
						parameters: { vmid, target, online: 1, 'with-local-disks': 1 },
					},
					node,
					readStorageMap(undefined),
				);
		},
	});
}

function startMigration(call: Call, node: NodeState, map: StorageMap): string {
	const { world, authId, parameters } = call;
	const vmid = vmidOf(parameters);
	return world.tasks.start({
		type: 'qmigrate',
		id: String(vmid),
		authId,
		run: async (worker) =>
			await withVmLock(
				world,
				vmid,
				worker,
				async (locked) => await new Migration(call, locked, node, map, worker).run(),
			),
	});
}

/** An image's format, by the ending of its name. */
const formatOf = (volid: string): string => volid.split('.').pop() ?? 'raw';

/** Bytes a second that QEMU sends at least, however low the limit. */
const SLOWEST = 5 * 1024 ** 2;
/** The part of a guest's memory that is in use. */
const MEMORY_IN_USE = 0.9;

/** The work of one migration, as its log shows it. */
class Migration {
	private readonly world: World;
	private readonly startedAt: number;
	private isOnline = false;
	/** Copies that have to go where it fails. */
	private readonly copied: Volume[] = [];

	constructor(
		private readonly call: Call,
		private readonly vm: Vm,
		private readonly node: NodeState,
		private readonly map: StorageMap,
		private readonly worker: Worker,
	) {
		this.world = call.world;
		this.startedAt = call.world.clock.now();
	}

	async run(): Promise<void> {
		const { vm, worker, node } = this;
		checkLock(vm);
		const isOnline = vm.status === 'running';
		this.isOnline = isOnline;
		if (isOnline)
			this.log(
				'conntrack state migration not supported or disabled, active connections might get dropped',
			);
		await this.connect();
		this.log(`starting migration of VM ${vm.vmid} to node '${node.name}' (${node.address})`);
		const drives = localDrives(this.world.state, vm);
		this.scan(drives, isOnline);
		try {
			vm.config.lock = 'migrate';
			if (isOnline) await this.sendMemory(drives);
			else await this.copyDisks(drives);
			this.move(drives);
			await worker.work(isOnline ? durations.migration.cleanUp : durations.migration.connect);
			delete vm.config.lock;
		} catch (error) {
			// A killed process leaves its lock.
			if (!wasKilled(worker.signal)) delete vm.config.lock;
			throw error;
		}
		this.log(`migration finished successfully (duration ${this.duration()})`);
	}

	private log(line: string): void {
		const stamp = new Date(this.world.clock.now()).toISOString().replace('T', ' ').slice(0, 19);
		this.worker.log(`${stamp} ${line}`);
	}

	private duration(): string {
		const seconds = Math.floor((this.world.clock.now() - this.startedAt) / 1000);
		return new Date(seconds * 1000).toISOString().slice(11, 19);
	}

	private async connect(): Promise<void> {
		const { node, worker } = this;
		// The shell is not the API: where only that is down, it answers.
		if (reachOf(this.world.state, node) !== 'no route') {
			await worker.work(durations.migration.connect).catch((error: unknown) => {
				if (wasKilled(worker.signal)) throw error;
				this.abort('interrupted by signal');
			});
			return;
		}
		this.log(
			`# /usr/bin/ssh -e none -o 'BatchMode=yes' -o 'HostKeyAlias=${node.name}' root@${node.address} /bin/true`,
		);
		await worker.work(durations.migrate);
		this.log(`ssh: connect to host ${node.address} port 22: No route to host`);
		this.abort("Can't connect to destination address using public key");
	}

	/** Ends a migration before anything has moved. */
	private abort(why: string): never {
		this.log(`ERROR: migration aborted (duration ${this.duration()}): ${why}`);
		throw failure('migration aborted');
	}

	private abortPhase1(why: string): never {
		this.log(`ERROR: ${why}`);
		this.log('aborting phase 1 - cleanup resources');
		for (const { volid } of this.copied) volumesOn(this.world.state, this.node.name).delete(volid);
		this.abort(why);
	}

	private scan(drives: LocalDrive[], isOnline: boolean): void {
		let isBad = false;
		const withDisks = flagOf(this.call.parameters, 'with-local-disks');
		for (const { drive } of drives) {
			const isGenerated = isCloudInit(drive);
			this.log(
				isGenerated
					? `found generated disk '${drive.file}' (in current VM config)`
					: `found local disk '${drive.file}' (attached)`,
			);
			const why =
				isOnline && !withDisks && !isGenerated
					? "can't live migrate attached local disks without with-local-disks option"
					: isCdrom(drive) && !isGenerated
						? 'local cdrom image'
						: undefined;
			if (why === undefined) continue;
			this.log(`can't migrate local disk '${drive.file}': ${why}`);
			isBad = true;
		}
		if (isBad)
			this.abortPhase1("Problem found while scanning volumes - can't migrate VM - check log");
	}

	private async copyDisks(drives: LocalDrive[]): Promise<void> {
		if (drives.length > 0) this.log('copying local disk images');
		for (const { volume } of drives) await this.copyDisk(volume);
	}

	private async copyDisk(volume: Volume): Promise<void> {
		const { state } = this.world;
		const storage = mapped(this.map, volume.storage);
		const how = `storage migration for '${volume.volid}' to storage '${storage}' failed`;
		if (!isMountedOn(storageOf(state, storage), this.node.name))
			this.abortPhase1(`${how} - exit code 255`);
		await this.worker.work(durations.clone).catch((error: unknown) => {
			if (!wasKilled(this.worker.signal)) this.abortPhase1(`${how} - interrupted by signal`);
			throw error;
		});
		const volid = `${storage}:${volume.volid.slice(volume.storage.length + 1)}`;
		const copy: Volume = { ...volume, volid, storage };
		volumesOn(state, this.node.name).set(volid, copy);
		this.copied.push(copy);
		this.log(`volume '${volume.volid}' is '${volid}' on the target`);
	}

	private async sendMemory(drives: LocalDrive[]): Promise<void> {
		const { vm, node, worker } = this;
		const there = this.world.on(node.name);
		this.log(`starting VM ${vm.vmid} on remote node '${node.name}'`);
		try {
			await this.startThere(there);
			await this.copyDisks(drives);
			this.log('start remote tunnel');
			await worker.work(durations.migration.tunnel);
			this.log('ssh tunnel ver 1');
			this.log(`starting online/live migration on unix:/run/qemu-server/${vm.vmid}.migrate`);
			const limit = numberOf(this.call.parameters, 'bwlimit');
			const bytes = memoryOf(vm) * MEMORY_IN_USE;
			const slow = limit ? (bytes / Math.max(SLOWEST, limit * 1024)) * 1000 : 0;
			await worker.work(Math.max(durations.migration.transfer, slow));
			this.log('migration status: completed');
		} catch (error) {
			if (wasKilled(worker.signal)) throw error;
			this.cancel(there, error instanceof Error ? error.message : '');
		}
	}

	/** The VM's start on the other node, which is a task there, of no token. */
	private async startThere({ state, tasks }: World): Promise<void> {
		const { vm, worker } = this;
		const bridges = bridgesHere(state);
		const missing = Object.keys(vm.config)
			.filter((key) => /^net\d+$/.test(key))
			.map((key) => String(parseNet(String(vm.config[key]))?.bridge ?? ''))
			.find((bridge) => bridge !== '' && !bridges.has(bridge));
		const upid = tasks.start({
			type: 'qmstart',
			id: String(vm.vmid),
			authId: 'root@pam',
			run: async (starting) => {
				await starting.work(durations.migration.startThere);
				if (missing !== undefined) throw failure(`bridge '${missing}' does not exist`);
			},
		});
		await worker.work(durations.migration.startThere).catch((error: unknown) => {
			throw wasKilled(worker.signal) ? error : failure('remote command failed with exit code -1');
		});
		const started = tasks.find(upid);
		await started?.done;
		if (started?.exitstatus === 'OK') return;
		this.log(`[${this.node.name}] ${started?.exitstatus}`);
		throw failure('remote command failed with exit code 255');
	}

	/** Gives up while the VM still runs where it was, and stops what has been started of it. */
	private cancel({ tasks }: World, why: string): never {
		this.log(
			`ERROR: online migrate failure - ${this.worker.signal.aborted && !why.includes('remote') ? 'interrupted by signal' : why}`,
		);
		this.log('aborting phase 2 - cleanup resources');
		this.log('migrate_cancel');
		for (const { volid } of this.copied) volumesOn(this.world.state, this.node.name).delete(volid);
		tasks.start({
			type: 'qmstop',
			id: String(this.vm.vmid),
			authId: 'root@pam',
			run: async (worker) => await worker.work(durations.stop),
		});
		this.log(`ERROR: migration finished with problems (duration ${this.duration()})`);
		throw failure('migration problems');
	}

	/** From now on the VM is the other node's. */
	private move(drives: LocalDrive[]): void {
		const { vm, node, world } = this;
		freezeReport(world, vm);
		const renamed = new Map(
			drives.map(({ drive }, index) => [drive.file, this.copied[index]?.volid ?? drive.file]),
		);
		for (const config of [vm.config, ...vm.snapshots.map((snapshot) => snapshot.config)]) {
			for (const [key, value] of Object.entries(config)) {
				const drive = isDriveName(key) ? parseDrive(key, String(value)) : undefined;
				const file = drive && renamed.get(drive.file);
				// A disk that was copied while it was in use has its format noted.
				if (drive && file !== undefined && this.isOnline && !isCdrom(drive))
					drive.format = formatOf(file);
				if (drive && file !== undefined) config[key] = printDrive(key, { ...drive, file });
				// The size of cloud-init's data is noted on the way.
				if (drive && config === vm.config && isCloudInit(drive) && renamed.has(drive.file)) {
					const size = drives.find(({ key: other }) => other === key)?.volume.size;
					config[key] = printDrive(key, {
						...drive,
						file: file ?? drive.file,
						...(size === undefined ? {} : { size }),
					});
				}
			}
		}
		for (const { volume } of drives) world.state.volumes.delete(volume.volid);
		vm.node = node.name;
	}
}

const MIGRATE = '/nodes/{node}/qemu/{vmid}/migrate';

export const migrateEndpoints: Endpoint[] = [
	{ method: 'GET', path: MIGRATE, handle: preconditions },
	{ method: 'POST', path: MIGRATE, handle: migrate },
];
