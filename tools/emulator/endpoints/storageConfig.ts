import { createHash } from 'node:crypto';
import { may } from '../auth/permissions';
import { splitList } from '../contract/perl';
import { failure, unsupported } from '../errors';
import type { ClusterState, StorageState } from '../state/types';
import { storageOf } from '../storage/storages';
import { ownFacts } from './ownFacts';
import { textOf } from './types';
import type { Call, Endpoint } from './types';

function describe(state: ClusterState, storage: StorageState): Record<string, unknown> {
	const digest = createHash('sha1')
		.update(JSON.stringify([...state.storages.values()]))
		.digest('hex');
	return {
		storage: storage.storage,
		type: storage.type,
		...(storage.type === 'lvmthin'
			? { thinpool: 'data', vgname: storage.path.split('/').pop() }
			: { path: storage.path }),
		content: storage.content.join(','),
		digest,
		...(storage.shared ? { shared: 1 } : {}),
		...(storage.disabled ? { disable: 1 } : {}),
		...(storage.nodes === undefined ? {} : { nodes: storage.nodes.join(',') }),
		...(storage.unmounted || storage.mountedOn !== undefined ? { is_mountpoint: 'yes' } : {}),
		...(storage.preallocation === undefined ? {} : { preallocation: storage.preallocation }),
		...(storage.pruneBackups === undefined ? {} : { 'prune-backups': storage.pruneBackups }),
	};
}

function list({ world: { state }, authId }: Call): unknown {
	const privileges = ['Datastore.Audit', 'Datastore.AllocateSpace'];
	return [...state.storages.values()]
		.filter(({ storage }) => may(state, authId, `/storage/${storage}`, privileges, { any: true }))
		.map((storage) => describe(state, storage));
}

const read = ({ world: { state }, parameters }: Call): unknown =>
	describe(state, storageOf(state, textOf(parameters, 'storage') ?? ''));

function checkQuorate({ quorate }: ClusterState, what: string): void {
	if (!quorate) throw failure(`${what} failed: cfs-lock 'file-storage_cfg' error: no quorum!`);
}

/** Only what a storage holds can be changed here. */
function change({ world: { state }, parameters }: Call): unknown {
	const storage = storageOf(state, textOf(parameters, 'storage') ?? '');
	checkQuorate(state, 'update storage');
	storage.content = splitList(textOf(parameters, 'content') ?? '');
	return { storage: storage.storage, type: storage.type };
}

function add({ world: { state } }: Call): never {
	checkQuorate(state, 'create storage');
	throw unsupported('new storages');
}

const AUDIT = ['perm', '/storage/{storage}', ['Datastore.Allocate']];

export const storageConfigEndpoints: Endpoint[] = [
	{ method: 'GET', path: '/storage', facts: ownFacts('GET', '/storage'), handle: list },
	{
		method: 'POST',
		path: '/storage',
		facts: ownFacts(
			'POST',
			'/storage',
			{
				storage: { type: 'string' },
				type: { type: 'string' },
				path: { type: 'string', optional: 1 },
			},
			['perm', '/storage', ['Datastore.Allocate']],
		),
		handle: add,
	},
	{
		method: 'GET',
		path: '/storage/{storage}',
		facts: ownFacts('GET', '/storage/{storage}', {}, AUDIT),
		handle: read,
	},
	{
		method: 'PUT',
		path: '/storage/{storage}',
		facts: ownFacts(
			'PUT',
			'/storage/{storage}',
			{ content: { type: 'string', format: 'pve-storage-content-list', formatKind: 'code' } },
			['perm', '/storage', ['Datastore.Allocate']],
		),
		handle: change,
	},
];
