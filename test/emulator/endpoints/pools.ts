import { demand, may } from '../auth/permissions';
import { failure } from '../errors';
import type { Pool } from '../state/types';
import { vmResource } from '../vm/status';
import { flagOf, textOf } from './types';
import type { Call, Endpoint } from './types';

function poolOf({ world: { state } }: Call, poolid: string): Pool {
	const pool = state.pools.get(poolid);
	if (!pool) throw failure(`pool '${poolid}' does not exist`);
	return pool;
}

/** What the cluster's list has and a pool's members lack. */
const UNTOLD = new Set(['pool', 'tags', 'lock', 'hastate']);

function describe({ world, authId, parameters }: Call, { poolid, comment, vms, storages }: Pool): Record<string, unknown> {
	const { state } = world;
	const type = textOf(parameters, 'type');
	const vmRows = [...vms].flatMap((vmid) => {
		const vm = state.vms.get(vmid);
		if (!vm || !may(state, authId, `/vms/${vmid}`, ['VM.Audit'])) return [];
		return [Object.fromEntries(Object.entries(vmResource(world, vm)).filter(([key]) => !UNTOLD.has(key)))];
	});
	const storageRows = [...storages].map((storage) => ({ id: `storage/${state.localNode}/${storage}`, type: 'storage', storage }));
	return {
		poolid,
		...(comment === undefined ? {} : { comment }),
		members: [...(type === 'storage' ? [] : vmRows), ...(type === undefined || type === 'storage' ? storageRows : [])],
	};
}

function list(call: Call): unknown {
	const { world, authId, parameters } = call;
	const poolid = textOf(parameters, 'poolid');
	if (poolid !== undefined) {
		const pool = poolOf(call, poolid);
		demand(world.state, authId, `/pool/${poolid}`, ['Pool.Audit']);
		return [describe(call, pool)];
	}
	return [...world.state.pools.values()]
		.filter((pool) => may(world.state, authId, `/pool/${pool.poolid}`, ['Pool.Audit']))
		.map((pool) => ({ poolid: pool.poolid, ...(pool.comment === undefined ? {} : { comment: pool.comment }) }));
}

function read(call: Call): unknown {
	const { poolid, ...rest } = describe(call, poolOf(call, textOf(call.parameters, 'poolid') ?? ''));
	return { poolid, ...rest };
}

function create({ world: { state }, parameters }: Call): null {
	const poolid = textOf(parameters, 'poolid') ?? '';
	if (state.pools.has(poolid)) throw failure(`pool '${poolid}' already exists`);
	state.pools.set(poolid, { poolid, comment: textOf(parameters, 'comment'), vms: new Set(), storages: new Set() });
	return null;
}

const namesOf = (text: string | undefined): string[] => (text ?? '').split(/[,; ]+/).filter((name) => name !== '');

function update(call: Call): null {
	const { world, parameters } = call;
	const pool = poolOf(call, textOf(parameters, 'poolid') ?? '');
	const comment = textOf(parameters, 'comment');
	if (comment !== undefined) pool.comment = comment;
	const isDelete = flagOf(parameters, 'delete');
	for (const storage of namesOf(textOf(parameters, 'storage'))) {
		if (isDelete) pool.storages.delete(storage);
		else pool.storages.add(storage);
	}
	for (const vmid of namesOf(textOf(parameters, 'vms')).map(Number)) {
		const current = [...world.state.pools.values()].find(({ vms }) => vms.has(vmid));
		if (isDelete) {
			if (current !== pool) throw failure(`VM ${vmid} is not a pool member`);
			pool.vms.delete(vmid);
			continue;
		}
		if (current === pool) throw failure(`VM ${vmid} is already a pool member`);
		if (current && !flagOf(parameters, 'allow-move')) {
			throw failure(`VM ${vmid} belongs already to pool '${current.poolid}' and allow-move is not set`);
		}
		current?.vms.delete(vmid);
		pool.vms.add(vmid);
	}
	return null;
}

export const poolEndpoints: Endpoint[] = [
	{ method: 'GET', path: '/pools', handle: list },
	{ method: 'GET', path: '/pools/{poolid}', handle: read },
	{ method: 'POST', path: '/pools', handle: create },
	{ method: 'PUT', path: '/pools', handle: update },
];
