import { readWaiting } from '../form/readOptions';
import { pause } from '../pve/pause';
import { pauseBefore } from '../pve/pollPlan';
import { parseUpid } from '../pve/upid';
import { followTask, type TaskOutput } from './followTask';
import { vmPath, type Place } from './locateVm';
import type { Item } from './operation';
import { powerOf } from './powerOf';

/** Tasks that end before the VM is as it is to be: it is handed to high availability, or the guest is only down by then. */
const ENDS_EARLY = ['hastart', 'hastop', 'qmreboot'];
/** How often a VM is looked at after its task, before it is believed that the task did nothing. */
const LOOKS = 3;

/** What each change of power is to bring, and the types of its tasks in UPIDs. */
const CHANGES = {
	start: { wanted: 'running', types: ['qmstart', 'hastart'] },
	shutdown: { wanted: 'stopped', types: ['qmshutdown', 'hastop'] },
	stop: { wanted: 'stopped', types: ['qmstop', 'hastop'] },
	reboot: { wanted: 'running', types: ['qmreboot'] },
} as const;

/**
 * Turns a VM on or off, follows the task, and makes sure that the VM is so in the end, for as long again
 * as for the task.
 * Source: `POST /nodes/{node}/qemu/{vmid}/status/{start,shutdown,stop,reboot}`.
 * @param form what is sent
 * @throws as followTask does; Error where the task says OK and the VM is not so
 */
export async function changePower(
	item: Item,
	place: Place,
	what: keyof typeof CHANGES,
	form: Readonly<Record<string, string>> = {},
): Promise<TaskOutput> {
	const { run } = item;
	const { wanted, types } = CHANGES[what];
	const post = async (): Promise<string> => await run.client.post<string>(`${vmPath(place)}/status/${what}`, form);
	const task = await followTask(item, `${what} of VM ${place.vmid} on ${place.node}`, post, types);
	const read = readWaiting(item.get);
	if (task.status === 'running' || 'problems' in read) return task;

	const { timeoutSeconds, maxPollSeconds } = read.waiting;
	const isEarly = ENDS_EARLY.includes(parseUpid(task.upid)?.type ?? '');
	const begun = Date.now();
	for (let looks = 1; ; ) {
		const power = await powerOf(run.client, place);
		const elapsed = Date.now() - begun;
		if (power === wanted) return { ...task, durationMs: task.durationMs + elapsed };
		const isOver = power !== undefined && !isEarly && looks++ >= LOOKS;
		const left = timeoutSeconds * 1000 - elapsed;
		if (isOver || left <= 0) throw new Error(`The ${what} ended with ${task.exitStatus}, but VM ${place.vmid} is ${power ?? 'not to be read'}`);
		await pause(Math.min(pauseBefore(elapsed, undefined, maxPollSeconds * 1000), left), run.context.getExecutionCancelSignal());
	}
}
