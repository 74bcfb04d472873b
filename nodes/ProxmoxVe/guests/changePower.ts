import { TaskError } from '../api/errors';
import { sleep, stopwatch } from '../api/sleep';
import { pollInterval } from '../api/tasks/pollInterval';
import { parseUpid } from '../api/upid';
import { changedNothingOf, followTask, type Follow, type TaskOutput } from '../runtime/followTask';
import { guestPath } from '../api/paths';
import type { GuestLocation } from './locateGuest';
import { settleByEffect } from './lostChange';
import type { Item } from '../runtime/operation';
import { powerOf } from './powerOf';

/** Tasks that finish before the VM reaches its new state, as a reboot does: high availability only queues the change. */
const ENDS_EARLY = ['hastart', 'hastop'];
/** How often a VM is looked at after its task, before it is believed that the task did nothing. */
const LOOKS = 3;

/** The state that each change of power leads to, and the types of its tasks under high availability. */
const CHANGES = {
	start: { wanted: 'running', ha: ['hastart'] },
	shutdown: { wanted: 'stopped', ha: ['hastop'] },
	stop: { wanted: 'stopped', ha: ['hastop'] },
	reboot: { wanted: 'running', ha: [] },
} as const;

/** A VM's state, as far as it matters here. */
interface Current {
	readonly status: string;
	/** QEMU's own state: a VM that is paused is `running` by its status. */
	readonly qmpstatus?: string;
	readonly lock?: string;
	/** Of the process: another one after a reboot. */
	readonly pid?: number;
	readonly ha?: { readonly managed?: number };
}

/** How a change of power is sent and followed. */
type Following = Pick<Follow, 'waiting' | 'inGate' | 'onAccepted'>;
interface PowerOptions extends Following {
	/** What is sent. */
	readonly body?: Readonly<Record<string, string>>;
}

/** Source: `GET /nodes/{node}/qemu/{vmid}/status/current`. @throws PveError */
const readCurrent = async ({ run }: Item, place: GuestLocation): Promise<Current> =>
	(await run.client.get<Current>(`${guestPath(place)}/status/current`)).data;

/**
 * Turns a VM on or off, follows the task, and makes sure that the VM is in that state at the end, for as long again
 * as for the task.
 * Source: `POST /nodes/{node}/qemu/{vmid}/status/{start,shutdown,stop,reboot}`.
 * @throws as followTask does; Error where the task says OK and the VM is not so
 */
export async function changePower(
	item: Item,
	place: GuestLocation,
	what: keyof typeof CHANGES,
	{ body = {}, ...how }: PowerOptions,
): Promise<TaskOutput> {
	const { run } = item;
	const { waiting } = how;
	const { wanted, ha } = CHANGES[what];
	const { taskTypes } = place.kind;
	const types = [taskTypes[what], ...ha];
	const label = `${what} of VM ${place.vmid} on ${place.node}`;
	// Only another process shows that a VM was rebooted.
	const before = what === 'reboot' ? await readCurrent(item, place) : undefined;
	const isReached = async (): Promise<boolean> => {
		const { status, qmpstatus, pid } = await readCurrent(item, place);
		return (
			status === wanted &&
			qmpstatus !== 'paused' &&
			(before === undefined || (pid !== undefined && pid !== before.pid))
		);
	};
	const task = await followTask(item, {
		...how,
		...place,
		label,
		types,
		start: async () => await run.client.post<string>(`${guestPath(place)}/status/${what}`, body),
		changedNothing: changedNothingOf(place.vmid),
		settle: async (error, startedAt, left) =>
			await settleByEffect(
				item,
				place,
				error,
				{ what: label, types, startedAt, id: String(place.vmid) },
				isReached,
				left,
			),
	});
	if (task.taskStatus === 'running' || task.upid === null) return task;

	const { timeoutSeconds, maxPollSeconds } = waiting;
	const endsEarly = [...ENDS_EARLY, taskTypes.reboot];
	const isEarly = endsEarly.includes(parseUpid(task.upid)?.type ?? '');
	const sinceTask = stopwatch();
	for (let looks = 1; ; ) {
		const power = await powerOf(run.client, place);
		const elapsed = sinceTask();
		if (power === wanted) return { ...task, durationMs: task.durationMs + elapsed };
		const isOver = power !== undefined && !isEarly && looks++ >= LOOKS;
		const left = timeoutSeconds * 1000 - elapsed;
		if (isOver || left <= 0)
			throw new Error(
				`The ${what} ended with ${task.exitStatus}, but VM ${place.vmid} is ${power ?? 'in an unknown state'}`,
			);
		await sleep(
			Math.min(pollInterval(elapsed, [], maxPollSeconds * 1000), left),
			run.context.getExecutionCancelSignal(),
		);
	}
}

/** What Start emits: a VM that runs already is a success. */
export type StartOutput = TaskOutput & { alreadyRunning: boolean };

/**
 * Starts a VM, unless it runs already. One that high availability manages is always started, because it may
 * be about to stop.
 * @throws as changePower does; Error where QEMU has paused the VM, which a start does not change
 */
export async function startVm(
	item: Item,
	place: GuestLocation,
	how: Following,
): Promise<StartOutput> {
	const elapsed = stopwatch();
	const current = await readCurrent(item, place);
	const isRunning = runs(current, place);
	if (isRunning && current.ha?.managed !== 1) {
		return {
			upid: null,
			taskStatus: 'ok',
			exitStatus: null,
			warnings: [],
			startedAt: null,
			durationMs: elapsed(),
			alreadyRunning: true,
		};
	}
	const task = await changePower(item, place, 'start', how).catch(async (error: unknown) => {
		// It was off when it was looked at, and running when the task started.
		const isMeanwhile =
			error instanceof TaskError && error.exitStatus === `VM ${place.vmid} already running`;
		if (!isMeanwhile || !runs(await readCurrent(item, place), place)) throw error;
		return error;
	});
	if (!(task instanceof TaskError)) return { ...task, alreadyRunning: isRunning };
	const { upid, exitStatus } = task;
	const startedAt = parseUpid(upid)?.startedAt.toISOString() ?? null;
	return {
		upid,
		taskStatus: 'ok',
		exitStatus,
		warnings: [],
		startedAt,
		durationMs: elapsed(),
		alreadyRunning: true,
	};
}

/** Words for the states in which QEMU's process is there and the guest does not run. */
const HALTED: Readonly<Record<string, string>> = {
	paused: 'paused. Start does not change that: use Resume in Proxmox VE',
	prelaunch: 'paused before its start. Start does not change that: use Resume in Proxmox VE',
	suspended:
		'asleep (suspended to RAM by its guest). Start does not change that: wake it up in Proxmox VE with Resume',
	'io-error':
		'halted by a storage error (io-error). Free space on the storage or repair it, then use Resume in Proxmox VE',
	'internal-error': 'halted by a QEMU error (internal-error). Use Stop, then Start',
	'guest-panicked': 'halted because its guest crashed (guest-panicked). Use Stop, then Start',
};

/** Whether a VM runs. @throws Error where it is neither running nor off */
function runs({ status, qmpstatus = 'running', lock }: Current, { vmid }: GuestLocation): boolean {
	if (status !== 'running') return false;
	// A backup holds a VM that was off in this state, and Proxmox starts it then.
	if (qmpstatus === 'prelaunch' && lock === 'backup') return false;
	const halted = HALTED[qmpstatus];
	if (halted !== undefined) throw new Error(`VM ${vmid} is ${halted}`);
	return true;
}
