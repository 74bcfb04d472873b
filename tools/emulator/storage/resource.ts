import type { StorageState } from '../state/types';
import { hasNewsOf } from '../vm/report';
import type { World } from '../world';
import { isMountedOn, usedOn } from './storages';

/** A node's storage as /cluster/resources lists it: as the node told last, whether it is still up or not. */
export function storageResource(
	world: World,
	storage: StorageState,
	name: string,
): Record<string, unknown> {
	const node = world.state.nodes.get(name);
	const isAvailable = node !== undefined && hasNewsOf(world, node) && isMountedOn(storage, name);
	return {
		id: `storage/${name}/${storage.storage}`,
		storage: storage.storage,
		node: name,
		type: 'storage',
		plugintype: storage.type,
		content: storage.content.join(','),
		shared: storage.shared ? 1 : 0,
		status: isAvailable ? 'available' : 'unknown',
		...(isAvailable ? { maxdisk: storage.total, disk: usedOn(world.on(name).state, storage) } : {}),
	};
}
