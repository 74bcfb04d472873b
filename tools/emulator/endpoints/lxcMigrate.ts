/* eslint-disable @n8n/community-nodes/require-node-api-error -- the emulator is no node: its errors are the API's */
import { demand, demandOnVm } from '../auth/permissions';
import { checkCtLock, ctOf } from '../ct/config';
import { kindOf, mountsOf, printMount } from '../ct/mountPoints';
import { haltCt, startCt, withCtLock } from '../ct/start';
import { failure, parameterError } from '../errors';
import type { ClusterState, NodeState, Vm } from '../state/types';
import { memberNodes, reachOf, volumesOn } from '../state/view';
import { checkEnabled, storageOf } from '../storage/storages';
import { parseVolumeId } from '../storage/volumeId';
import { durations } from '../tasks/durations';
import { silentWorker } from '../tasks/silentWorker';
import { wasKilled } from '../tasks/taskList';
import type { Worker } from '../tasks/types';
import { checkQuorum } from '../vm/create';
import { freezeReport } from '../vm/report';
import { mapped, readStorageMap, targetsOf } from './storageMap';
import type { StorageMap } from './storageMap';
import { flagOf, textOf, vmidOf } from './types';
import type { Call, Endpoint } from './types';

/** What is looked at before a migration. Storages are not. */
function preconditions({ world: { state }, parameters }: Call): unknown {
	checkQuorum(state);
	const ct = ctOf(state, vmidOf(parameters));
	checkCtLock(ct);
	const others = memberNodes(state).filter(({ name }) => name !== state.localNode);
	return {
		running: ct.status === 'running' ? 1 : 0,
		'allowed-nodes': others.map(({ name }) => name),
		'not-allowed-nodes': {},
	};
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
	const ct = ctOf(state, vmid);
	const mayRun = flagOf(parameters, 'online') || flagOf(parameters, 'restart');
	if (ct.status === 'running' && !mayRun)
		throw failure("can't migrate running container without --online or --restart");
	const map = readStorageMap(textOf(parameters, 'target-storage'));
	if (!map.identity) demandOnVm(state, authId, vmid, undefined, ['VM.Config.Disk']);
	for (const storage of targetsOf(map)) {
		demand(state, authId, `/storage/${storage}`, ['Datastore.AllocateSpace']);
		if (!checkEnabled(state, storage, target).content.includes('rootdir'))
			throw parameterError({
				'target-storage': `storage '${storage}' does not support container directories`,
			});
	}
	if (ct.haManaged !== undefined) return requestByHa(call, node);
	return startMigration(call, node, map);
}

/** What HA manages is moved by the HA manager, as root and with a task of its own: stopped, and started there. */
function requestByHa(call: Call, node: NodeState): string {
	const { world, authId, parameters } = call;
	const vmid = vmidOf(parameters);
	return world.tasks.start({
		type: 'hamigrate',
		id: String(vmid),
		authId,
		run: async (worker) => {
			worker.log(`Requesting HA migration for CT ${vmid} to node ${node.name}`);
			await worker.work(durations.highAvailability);
			const asRoot = { vmid, target: node.name, restart: 1 };
			startMigration(
				{ ...call, authId: 'root@pam', parameters: asRoot },
				node,
				readStorageMap(undefined),
			);
		},
	});
}

function startMigration(call: Call, node: NodeState, map: StorageMap): string {
	const { world, authId, parameters } = call;
	const { state } = world;
	const vmid = vmidOf(parameters);
	return world.tasks.start({
		type: 'vzmigrate',
		id: String(vmid),
		authId,
		run: async (worker) =>
			await withCtLock(
				world,
				vmid,
				worker,
				async () => await migrateCt(call, ctOf(state, vmid), node, map, worker),
			),
	});
}

async function migrateCt(
	call: Call,
	ct: Vm,
	node: NodeState,
	map: StorageMap,
	worker: Worker,
): Promise<void> {
	const { world, parameters } = call;
	const { state, clock } = world;
	const began = clock.now();
	const log = (line: string) =>
		worker.log(`${new Date(clock.now()).toISOString().replace('T', ' ').slice(0, 19)} ${line}`);
	const duration = () =>
		new Date(Math.floor((clock.now() - began) / 1000) * 1000).toISOString().slice(11, 19);
	const wasRunning = ct.status === 'running';
	let isShutDown = false;
	try {
		checkCtLock(ct);
		if (wasRunning && !flagOf(parameters, 'restart'))
			throw failure('lxc live migration is currently not implemented');
		const volumes = mountsOf(ct.config).flatMap(([key, mount]) => {
			const kind = kindOf(mount);
			if (kind !== 'volume' && !mount.shared)
				throw failure(`cannot migrate local ${kind} mount point '${key}'`);
			const volume = kind === 'volume' ? state.volumes.get(mount.volume) : undefined;
			return volume ? [{ key, mount, volume }] : [];
		});
		for (const { volume } of volumes) checkEnabled(state, mapped(map, volume.storage), node.name);
		await connect(call, node, worker, log);
		if (wasRunning) {
			log(`shutdown CT ${ct.vmid}`);
			await worker.work(durations.shutdown);
			await haltCt(world, ct, worker);
			isShutDown = true;
		}
		log(`starting migration of CT ${ct.vmid} to node '${node.name}' (${node.address})`);
		ct.config.lock = 'migrate';
		checkSnapshots(state, ct, log);
		const there = volumesOn(state, node.name);
		for (const { key, mount, volume } of volumes) {
			const storage = mapped(map, volume.storage);
			const isShared = storageOf(state, volume.storage).shared && storage === volume.storage;
			if (isShared) {
				log(`volume '${volume.volid}' is on shared storage '${storage}'`);
				continue;
			}
			log(`found local volume '${volume.volid}' (in current VM config)`);
			await worker.work(durations.clone);
			const volid = `${storage}:${parseVolumeId(volume.volid)?.name ?? ''}`;
			there.set(volid, { ...volume, volid, storage });
			log(`volume '${volume.volid}' is '${volid}' on the target`);
			ct.config[key] = printMount(key, { ...mount, volume: volid });
		}
		log('start final cleanup');
		await worker.work(durations.migration.connect);
		for (const { volume } of volumes)
			if (!storageOf(state, volume.storage).shared) state.volumes.delete(volume.volid);
		freezeReport(world, ct);
		ct.node = node.name;
		delete ct.config.lock;
		if (wasRunning) {
			log('start container on target node');
			await startCt(world.on(node.name), ct, silentWorker);
		}
	} catch (error) {
		// A killed process leaves its lock.
		if (wasKilled(worker.signal)) throw error;
		if (ct.config.lock === 'migrate') delete ct.config.lock;
		if (isShutDown && ct.node === state.localNode) {
			log('start container on source node');
			await startCt(world, ct, silentWorker);
		}
		const why = error instanceof Error ? error.message : '';
		log(`ERROR: migration aborted (duration ${duration()}): ${why}`);
		throw failure('migration aborted');
	}
	log(`migration finished successfully (duration ${duration()})`);
}

/** Of local storages, only btrfs and ZFS send snapshots along. */
function checkSnapshots(state: ClusterState, ct: Vm, log: (line: string) => void): void {
	const stuck = ct.snapshots.flatMap(({ config }) =>
		mountsOf(config).flatMap(([, { volume }]) => {
			const storage = state.storages.get(state.volumes.get(volume)?.storage ?? '');
			return storage && !storage.shared && !['btrfs', 'zfspool'].includes(storage.type)
				? [volume]
				: [];
		}),
	);
	for (const volume of new Set(stuck))
		log(`WARNING: can't migrate local volume '${volume}': non-migratable snapshot exists`);
	if (stuck.length > 0) throw failure("can't migrate CT - check log");
}

async function connect(
	{ world: { state } }: Call,
	node: NodeState,
	worker: Worker,
	log: (line: string) => void,
): Promise<void> {
	if (reachOf(state, node) !== 'no route') return await worker.work(durations.migration.connect);
	log(
		`# /usr/bin/ssh -e none -o 'BatchMode=yes' -o 'HostKeyAlias=${node.name}' root@${node.address} /bin/true`,
	);
	await worker.work(durations.migrate);
	log(`ssh: connect to host ${node.address} port 22: No route to host`);
	throw failure("Can't connect to destination address using public key");
}

const MIGRATE = '/nodes/{node}/lxc/{vmid}/migrate';

export const lxcMigrateEndpoints: Endpoint[] = [
	{ method: 'GET', path: MIGRATE, handle: preconditions },
	{ method: 'POST', path: MIGRATE, handle: migrate },
];
