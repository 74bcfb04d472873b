import { demand, may } from '../auth/permissions';
import { splitList } from '../contract/perl';
import { failure, taskErrorText } from '../errors';
import type { ClusterState, Pool } from '../state/types';
import { storageResource } from '../storage/resource';
import { vmResource } from '../vm/resource';
import { flagOf, textOf } from './types';
import type { Call, Endpoint } from './types';

function poolOf({ world: { state } }: Call, poolid: string): Pool {
	const pool = state.pools.get(poolid);
	if (!pool) throw failure(`pool '${poolid}' does not exist`);
	return pool;
}

/** What the cluster's list has and a pool's members lack. */
const UNTOLD = new Set(['pool', 'tags', 'lock', 'hastate']);

/** A pool's members are shown to all who may see the pool. */
function describe(
	{ world, parameters }: Call,
	{ poolid, comment, vms, storages }: Pool,
): Record<string, unknown> {
	const { state } = world;
	const type = textOf(parameters, 'type');
	const guests = [...vms].flatMap((vmid) => {
		const vm = state.vms.get(vmid);
		if (!vm || (type !== undefined && type !== vm.type)) return [];
		return [
			Object.fromEntries(Object.entries(vmResource(world, vm)).filter(([key]) => !UNTOLD.has(key))),
		];
	});
	const storageRows = [...storages].flatMap((name) => {
		const storage = state.storages.get(name);
		return storage && (type === undefined || type === 'storage')
			? [storageResource(world, storage, state.localNode)]
			: [];
	});
	return {
		poolid,
		...(comment === undefined ? {} : { comment }),
		members: [...guests, ...storageRows],
	};
}

function list(call: Call): unknown {
	const { world, authId, parameters } = call;
	const poolid = textOf(parameters, 'poolid');
	// Whoever knows a pool's name sees it here, with or without the right to.
	if (poolid !== undefined) return [describe(call, poolOf(call, poolid))];
	return [...world.state.pools.values()]
		.filter((pool) => may(world.state, authId, `/pool/${pool.poolid}`, ['Pool.Audit']))
		.map((pool) => ({
			poolid: pool.poolid,
			...(pool.comment === undefined ? {} : { comment: pool.comment }),
		}));
}

function read(call: Call): unknown {
	const { poolid, ...rest } = describe(call, poolOf(call, textOf(call.parameters, 'poolid') ?? ''));
	return { poolid, ...rest };
}

/** Runs a change of the user configuration; what goes wrong in it is told with what it was to do. */
function changing({ quorate }: ClusterState, what: string, work: () => void): null {
	try {
		if (!quorate) throw failure("cfs-lock 'file-user_cfg' error: no quorum!");
		work();
	} catch (error) {
		throw failure(`${what} failed: ${taskErrorText(error)}`);
	}
	return null;
}

function create({ world: { state }, parameters }: Call): null {
	const poolid = textOf(parameters, 'poolid') ?? '';
	return changing(state, 'create pool', () => {
		if (state.pools.has(poolid)) throw failure(`pool '${poolid}' already exists`);
		const [, parent, leaf = poolid] = /^(.*)\/([^/]+)$/.exec(poolid) ?? [];
		if (parent !== undefined && !state.pools.has(parent)) {
			throw failure(`parent '${parent}' of pool '${poolid}' does not exist`);
		}
		if (!/^[A-Za-z]/.test(leaf)) throw failure('pool name must start with a letter');
		const comment = textOf(parameters, 'comment');
		state.pools.set(poolid, {
			poolid,
			comment: comment === '' ? undefined : comment,
			vms: new Set(),
			storages: new Set(),
		});
	});
}

function changeVm({ world: { state }, authId, parameters }: Call, pool: Pool, vmid: number): void {
	demand(state, authId, `/vms/${vmid}`, ['Permissions.Modify', 'VM.Allocate'], { any: true });
	const current = [...state.pools.values()].find(({ vms }) => vms.has(vmid));
	if (flagOf(parameters, 'delete')) {
		if (current !== pool) throw failure(`VM ${vmid} is not a pool member`);
		pool.vms.delete(vmid);
		return;
	}
	if (current === pool) throw failure(`VM ${vmid} is already a pool member`);
	if (current) {
		if (!flagOf(parameters, 'allow-move')) {
			throw failure(
				`VM ${vmid} belongs already to pool '${current.poolid}' and 'allow-move' is not set`,
			);
		}
		demand(state, authId, `/pool/${current.poolid}`, ['Pool.Allocate']);
		current.vms.delete(vmid);
	}
	pool.vms.add(vmid);
}

function changeStorage(
	{ world: { state }, authId, parameters }: Call,
	pool: Pool,
	storage: string,
): void {
	demand(state, authId, `/storage/${storage}`, ['Permissions.Modify', 'Datastore.Allocate'], {
		any: true,
	});
	const isMember = pool.storages.has(storage);
	if (flagOf(parameters, 'delete')) {
		if (!isMember) throw failure(`Storage '${storage}' is not a pool member`);
		pool.storages.delete(storage);
		return;
	}
	if (isMember) throw failure(`Storage '${storage}' is already a pool member`);
	pool.storages.add(storage);
}

function update(call: Call): null {
	const { world, parameters } = call;
	return changing(world.state, 'update pools', () => {
		const pool = poolOf(call, textOf(parameters, 'poolid') ?? '');
		const comment = textOf(parameters, 'comment');
		if (comment !== undefined) pool.comment = comment;
		for (const vmid of splitList(textOf(parameters, 'vms') ?? ''))
			changeVm(call, pool, Number(vmid));
		for (const storage of splitList(textOf(parameters, 'storage') ?? ''))
			changeStorage(call, pool, storage);
	});
}

function remove(call: Call): null {
	const { state } = call.world;
	const poolid = textOf(call.parameters, 'poolid') ?? '';
	return changing(state, 'delete pool', () => {
		const { vms, storages } = poolOf(call, poolid);
		const child = [...state.pools.keys()].find(
			(name) =>
				name.startsWith(`${poolid}/`) && name.split('/').length === poolid.split('/').length + 1,
		);
		// What does not exist, though it was put in, counts for nothing here.
		const vm = [...vms].sort((a, b) => a - b).find((vmid) => state.vms.has(vmid));
		const storage = [...storages].find((name) => state.storages.has(name));
		const member =
			child !== undefined
				? `pool '${child}'`
				: vm !== undefined
					? `VM ${vm}`
					: storage === undefined
						? undefined
						: `storage '${storage}'`;
		if (member !== undefined) throw failure(`pool '${poolid}' is not empty (contains ${member})`);
		state.pools.delete(poolid);
		state.acl = state.acl.filter(({ path }) => path !== `/pool/${poolid}`);
	});
}

export const poolEndpoints: Endpoint[] = [
	{ method: 'GET', path: '/pools', handle: list },
	{ method: 'GET', path: '/pools/{poolid}', handle: read },
	{ method: 'POST', path: '/pools', handle: create },
	{ method: 'PUT', path: '/pools', handle: update },
	{ method: 'DELETE', path: '/pools', handle: remove },
	{ method: 'PUT', path: '/pools/{poolid}', handle: update },
	{ method: 'DELETE', path: '/pools/{poolid}', handle: remove },
];
