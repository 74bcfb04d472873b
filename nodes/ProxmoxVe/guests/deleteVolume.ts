import { volumePath } from '../api/backups';
import { isNotStarted, PveError } from '../api/errors';
import { followTask, type Follow, type TaskOutput } from '../runtime/followTask';
import type { Item } from '../runtime/operation';
import type { PveRequest } from '../runtime/previewRequest';
import { settleByEffect } from './lostChange';

/** The type of the task that deletes a volume. */
export const DELETION = 'imgdel';

/** A volume to delete, and how to follow its task. */
export interface VolumeDeletion
	extends Pick<Follow, 'waiting' | 'types' | 'inGate' | 'onAccepted'> {
	readonly node: string;
	readonly volid: string;
	/** Whether the storage can be read and no longer lists the volume. */
	isGone(): Promise<boolean>;
}

/** The request that deletes a volume. */
export const deletionRequest = (node: string, volid: string): PveRequest => ({
	method: 'DELETE',
	path: volumePath(node, volid),
});

/**
 * Deletes a volume of a storage once, also if the response is lost.
 * Source: `DELETE /nodes/{node}/storage/{storage}/content/{volume}`.
 * @throws as followTask does; UnknownOutcomeError
 */
export async function deleteVolume(
	item: Item,
	{ node, volid, isGone, ...following }: VolumeDeletion,
): Promise<TaskOutput> {
	const what = `deletion of ${volid} on ${node}`;
	return await followTask(item, {
		...following,
		label: what,
		node,
		start: async () => await item.run.client.delete<string>(deletionRequest(node, volid).path),
		changedNothing: (error) => error instanceof PveError && isNotStarted(error),
		settle: async (error, startedAt, left) =>
			await settleByEffect(
				item,
				{ node },
				error,
				{ what, types: [DELETION], startedAt },
				isGone,
				left,
			),
	});
}
