import { failure } from '../errors';
import { checkEnabled, storageOf } from '../storage/storages';
import { textOf } from './types';
import type { Call } from './types';

/** The node that is to have a clone; throws where there is none of that name. */
export function targetOf({ world: { state }, parameters }: Call): string {
	const target = textOf(parameters, 'target');
	if (target === undefined || target === 'localhost' || target === state.localNode)
		return state.localNode;
	if (!state.nodes.get(target)?.member) throw failure(`no such cluster node '${target}'`);
	return target;
}

/** Throws where the storage that a clone's disks are to go to cannot be used. That it is not mounted shows later. */
export function checkTargetStorage(
	{ world: { state } }: Call,
	storage: string | undefined,
	target: string,
): void {
	if (storage === undefined) return;
	checkEnabled(state, storage);
	if (target === state.localNode) return;
	checkEnabled(state, storage, target);
	if (!storageOf(state, storage).shared)
		throw failure(`can't clone to non-shared storage '${storage}'`);
}
