import type { Waiting } from '../form/Form';
import { TaskError } from '../api/errors';
import { sleep } from '../api/sleep';
import { tasksOf } from '../api/tasks/findOwnTask';
import type { TaskEnd } from '../api/tasks/wait';
import { changedNothingOf, followTask, type TaskOutput } from '../runtime/followTask';
import { guestPath } from '../api/paths';
import type { GuestLocation } from './locateGuest';
import { settleByEffect } from './lostChange';
import { UnfinishedError } from '../runtime/errors';
import type { Item } from '../runtime/operation';
import type { PveRequest } from '../runtime/previewRequest';

const IS_ONE_ALREADY = /^you can't convert a template to a template/;

/**
 * Makes a template of a VM that was just made: the flag alone would leave its disks as they are, and no
 * linked clone could be made of it. The item has its place in the gate already.
 * @throws UnfinishedError; what the signal throws if the execution is cancelled
 */
export async function toTemplate(
	item: Item,
	place: GuestLocation,
	waiting: Waiting,
): Promise<TaskEnd> {
	return await convertToTemplate(item, place, waiting).then(
		({ exitStatus, warnings }) => ({ exitStatus: exitStatus ?? 'OK', warnings }),
		(error: unknown) => {
			// Another delivery of the idempotency key was faster.
			if (error instanceof TaskError && IS_ONE_ALREADY.test(error.exitStatus))
				return { exitStatus: 'OK', warnings: [] };
			throw item.run.context.getExecutionCancelSignal()?.aborted
				? error
				: new UnfinishedError(error, 'is not a template', 'use Convert to Template');
		},
	);
}

/**
 * Converts a VM that is off into a template, disks included.
 * Source: `POST /nodes/{node}/qemu/{vmid}/template`.
 * @throws as followTask does
 */
export async function convertToTemplate(
	item: Item,
	place: GuestLocation,
	waiting: Waiting,
): Promise<TaskOutput> {
	const what = `conversion of ${place.kind.label} ${place.vmid} on ${place.node} to a template`;
	return await followTask(item, {
		...place,
		label: what,
		types: [place.kind.taskTypes.template],
		waiting,
		inGate: true,
		start: async () => await post(item, place),
		changedNothing: changedNothingOf(place.vmid),
		settle: async (error, startedAt) => {
			const request = {
				what,
				types: [place.kind.taskTypes.template],
				startedAt,
				id: String(place.vmid),
			};
			return await settleByEffect(
				item,
				place,
				error,
				request,
				async () => await isTemplate(item, place),
				waiting,
			);
		},
	});
}

/** The request of a conversion. */
export const templateRequest = (place: GuestLocation): PveRequest => ({
	method: 'POST',
	path: `${guestPath(place)}/template`,
});

/** Pauses before each look for the task of a container, in milliseconds. */
const PAUSES_MS = [0, 300, 1_000, 2_000];

/**
 * Sends the request. Of a container, the response is empty though a task does the work: it is the one that is new in the
 * list of its node.
 * Source: `POST /nodes/{node}/{kind}/{vmid}/template`, `GET /nodes/{node}/tasks`.
 * @returns the UPID; null if it cannot be found
 */
async function post(
	{ run: { client, context } }: Item,
	place: GuestLocation,
): Promise<string | null> {
	const expected = { ...place, taskType: place.kind.taskTypes.template };
	const before =
		place.kind.changes === 'atOnce' ? (await tasksOf(client, expected)).own : undefined;
	const upid = await client.post<string | null>(templateRequest(place).path);
	if (upid !== null || before === undefined) return upid;
	for (const pause of PAUSES_MS) {
		await sleep(pause, context.getExecutionCancelSignal());
		const found = (await tasksOf(client, expected)).own.find((one) => !before.includes(one));
		if (found !== undefined) return found;
	}
	return null;
}

/** Whether a VM is one already. Source: `GET /nodes/{node}/qemu/{vmid}/config`. */
export const isTemplate = async ({ run }: Item, place: GuestLocation): Promise<boolean> =>
	(await run.client.get<{ template?: number }>(`${guestPath(place)}/config`)).data.template === 1;
