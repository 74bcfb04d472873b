import { demand } from '../auth/permissions';
import { failure } from '../errors';
import type { ClusterState, Volume } from '../state/types';
import { free } from '../storage/allocate';
import { backupsToPrune, parseRetention } from '../storage/prune';
import { activate, checkEnabled } from '../storage/storages';
import { durations } from '../tasks/durations';
import { numberOf, textOf } from './types';
import type { Call, Endpoint } from './types';

const typeOf = ({ volid }: Volume): string => /vzdump-(lxc|qemu)-/.exec(volid)?.[1] ?? 'unknown';

/** The backups of a storage that a request is about, and which of them its retention does not cover. */
function marked({ world: { state }, parameters }: Call): Array<{ volume: Volume; mark: string }> {
	const storage = activate(state, textOf(parameters, 'storage') ?? '');
	const type = textOf(parameters, 'type');
	const vmid = numberOf(parameters, 'vmid');
	const text = textOf(parameters, 'prune-backups') ?? storage.pruneBackups ?? 'keep-all=1';
	const retention = parseRetention(text) ?? {};
	const backups = backupsOn(state, storage.storage)
		.filter((volume) => type === undefined || typeOf(volume) === type)
		.filter((volume) => vmid === undefined || volume.vmid === vmid);
	const guests = new Map<string, Volume[]>();
	for (const volume of backups) {
		const guest = `${typeOf(volume)}/${volume.vmid}`;
		guests.set(guest, [...(guests.get(guest) ?? []), volume]);
	}
	const pruned = new Set([...guests.values()].flatMap((each) => backupsToPrune(each, retention)));
	return backups.map((volume) => ({
		volume,
		mark: volume.protected ? 'protected' : pruned.has(volume) ? 'remove' : 'keep',
	}));
}

const backupsOn = (state: ClusterState, storage: string): Volume[] =>
	[...state.volumes.values()]
		.filter((volume) => volume.storage === storage && volume.content === 'backup')
		.sort((a, b) => (a.volid < b.volid ? -1 : 1));

function list(call: Call): unknown {
	return marked(call).map(({ volume, mark }) => ({
		volid: volume.volid,
		ctime: volume.ctime,
		type: typeOf(volume),
		...(volume.vmid === undefined ? {} : { vmid: volume.vmid }),
		mark,
	}));
}

function prune(call: Call): string {
	const { world, authId, parameters } = call;
	const { state } = world;
	const storage = textOf(parameters, 'storage') ?? '';
	const vmid = numberOf(parameters, 'vmid');
	if (vmid === undefined) {
		demand(state, authId, `/storage/${storage}`, ['Datastore.Allocate']);
	} else {
		demand(state, authId, `/storage/${storage}`, ['Datastore.AllocateSpace']);
		demand(state, authId, `/vms/${vmid}`, ['VM.Backup']);
	}
	return world.tasks.start({
		type: 'prunebackups',
		id: vmid === undefined ? storage : `${vmid}@${storage}`,
		authId,
		run: async (worker) => {
			await worker.work(durations.destroy);
			for (const { volume, mark } of marked(call)) {
				if (mark !== 'remove') continue;
				worker.log(`removing backup '${volume.volid}'`);
				free(state, volume.volid);
			}
		},
	});
}

/** What identifies a storage: none of those that are emulated says. */
function identity({ world: { state }, parameters }: Call): never {
	checkEnabled(state, textOf(parameters, 'storage') ?? '');
	throw failure(
		'get_identity not implemented for this plugin at /usr/share/perl5/PVE/Storage/Plugin.pm line 2681.',
	);
}

const STORAGE = '/nodes/{node}/storage/{storage}';

export const pruneBackupsEndpoints: Endpoint[] = [
	{ method: 'GET', path: `${STORAGE}/prunebackups`, handle: list },
	{ method: 'DELETE', path: `${STORAGE}/prunebackups`, handle: prune },
	{ method: 'GET', path: `${STORAGE}/identity`, handle: identity },
];
