import { demand, may } from '../auth/permissions';
import { failure } from '../errors';
import type { ClusterState } from '../state/types';
import { storageOf } from './storages';
import { parseVolumeId, parseVolumeName } from './volumeId';

/** Where in its source the API refuses paths; it says so itself. */
const PATH_REFUSED =
	'Only root can pass arbitrary filesystem paths. at /usr/share/perl5/PVE/Storage.pm line 651.';

export interface VolumeAccess {
	state: ClusterState;
	authId: string;
	/** The VM that is to have the volume: its own volumes are free to it. */
	vmid?: number;
	/** `STORAGE:NAME`, or a path. */
	volume: string;
	/** What it has to be. */
	type?: string;
}

/** Throws where a user may not use a volume, or it is not what it has to be. Says nothing about whether it exists. */
export function checkVolumeAccess({ state, authId, vmid, volume, type }: VolumeAccess): void {
	const id = parseVolumeId(volume);
	if (!id) {
		if (authId !== 'root@pam') throw failure(PATH_REFUSED);
		return;
	}
	const name = parseVolumeName(id.name, storageOf(state, id.storage).type);
	if (type !== undefined && name.type !== type) {
		throw failure(`unable to use volume ${volume} - content type needs to be '${type}'`);
	}
	const path = `/storage/${id.storage}`;
	if (may(state, authId, path, ['Datastore.Allocate'])) return;
	if (name.type === 'iso' || name.type === 'vztmpl' || name.type === 'import') {
		demand(state, authId, path, ['Datastore.AllocateSpace', 'Datastore.Audit'], { any: true });
	} else if (name.vmid !== undefined && name.vmid === vmid) {
		return;
	} else if (name.type === 'backup' && name.vmid !== undefined) {
		demand(state, authId, path, ['Datastore.AllocateSpace']);
		demand(state, authId, `/vms/${name.vmid}`, ['VM.Backup']);
	} else if (name.type === 'images' && name.vmid !== undefined) {
		demand(state, authId, path, ['Datastore.Audit']);
		demand(state, authId, `/vms/${name.vmid}`, ['VM.Config.Disk']);
	} else {
		throw failure(`missing privileges to access ${volume}`);
	}
}
