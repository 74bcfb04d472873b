import type { PveClient } from '../api/client';
import { isTransient, PveError, TaskError } from '../api/errors';
import { sleep, stopwatch } from '../api/sleep';
import { pollInterval } from '../api/tasks/pollInterval';
import { parseUpid } from '../api/upid';
import type { Follow, TaskOutput } from '../runtime/followTask';
import { guestPath } from '../api/paths';
import { changeGuest, changeRequest, type GuestChange } from './changeGuest';
import type { GuestLocation } from './locateGuest';
import type { Waiting } from '../form/Form';
import type { Item } from '../runtime/operation';
import type { PveRequest } from '../runtime/previewRequest';
import { readOfVm } from './powerOf';

/** Tasks that finish before the VM reaches its new state, as a reboot does: high availability only queues the change. */
const ENDS_EARLY = ['hastart', 'hastop'];
/** How often a VM is looked at after its task, before it is believed that the task did nothing. */
const LOOKS = 3;

/** Whether Proxmox refuses to stop a guest because it is off. Of a VM it starts a task that does nothing. */
const isNotRunning = ({ kind, vmid }: GuestLocation, error: PveError): boolean =>
	error.failure.message.startsWith(`${kind.label} ${vmid} not running`);

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

/** What a change of power leads to. */
interface Change {
	/** What it is, for messages. */
	readonly label: string;
	/** The path of its request behind `status/`. */
	readonly path: string;
	/** The parameters that make it this change. */
	readonly body?: Readonly<Record<string, string>>;
	/** The status of the VM at the end. */
	readonly wanted: 'running' | 'stopped';
	/** The types of its tasks under high availability. */
	readonly ha: readonly string[];
	/** Whether that state is there, beside the status. Without it, a VM looks the same before and after. */
	isReached?(now: Current, before: Current | undefined): boolean;
	/** After the task the status is not enough: it was the same before. */
	readonly isMoreThanStatus?: boolean;
}

const isUnpaused = ({ qmpstatus }: Current): boolean => qmpstatus !== 'paused';

const CHANGES = {
	start: {
		label: 'start',
		path: 'start',
		wanted: 'running',
		ha: ['hastart'],
		isReached: isUnpaused,
	},
	shutdown: {
		label: 'shutdown',
		path: 'shutdown',
		wanted: 'stopped',
		ha: ['hastop'],
		isReached: () => true,
	},
	stop: { label: 'stop', path: 'stop', wanted: 'stopped', ha: ['hastop'], isReached: () => true },
	reboot: {
		label: 'reboot',
		path: 'reboot',
		wanted: 'running',
		ha: [],
		// Only another process shows that a VM was rebooted.
		isReached: (now, before) => isUnpaused(now) && now.pid !== undefined && now.pid !== before?.pid,
	},
	reset: { label: 'reset', path: 'reset', wanted: 'running', ha: [] },
	suspend: {
		label: 'suspend',
		path: 'suspend',
		wanted: 'running',
		ha: [],
		isReached: ({ qmpstatus = 'running' }) => ['paused', 'prelaunch'].includes(qmpstatus),
		isMoreThanStatus: true,
	},
	hibernate: {
		label: 'hibernation',
		path: 'suspend',
		body: { todisk: '1' },
		wanted: 'stopped',
		ha: [],
		isReached: ({ lock }) => lock === 'suspended',
	},
	resume: {
		label: 'resume',
		path: 'resume',
		wanted: 'running',
		ha: [],
		isReached: ({ qmpstatus = 'running' }) => qmpstatus === 'running',
		isMoreThanStatus: true,
	},
} as const satisfies Readonly<Record<string, Change>>;

/** A change of power, by the name of its operation. */
export type PowerChange = keyof typeof CHANGES;

/** How a change of power is sent and followed. */
type Following = Pick<Follow, 'waiting' | 'inGate' | 'onAccepted'>;
interface PowerOptions extends Following {
	/** The caller makes sure by itself that the VM is in the state, unless its task ends before that. */
	readonly isUnconfirmed?: boolean;
	/** What is sent. */
	readonly body?: Readonly<Record<string, string>>;
}

/** Source: `GET /nodes/{node}/qemu/{vmid}/status/current`. @throws PveError */
export const readCurrent = async (
	{ run }: Pick<Item, 'run'>,
	place: GuestLocation,
): Promise<Current> => (await run.client.get<Current>(`${guestPath(place)}/status/current`)).data;

/** The state of a VM, on whichever node it is; undefined if it cannot be read just now. @throws PveError if it is refused */
const currentOf = async (client: PveClient, place: GuestLocation): Promise<Current | undefined> =>
	await readOfVm<Current>(client, place, 'status/current').catch((error: unknown) => {
		if (error instanceof PveError && isTransient(error)) return undefined;
		throw error;
	});

const requestOf = (
	place: GuestLocation,
	what: PowerChange,
	body: Readonly<Record<string, string>> = {},
): GuestChange => {
	const { label, path, ha, ...change }: Change = CHANGES[what];
	return {
		label: `${label} of ${place.kind.label} ${place.vmid} on ${place.node}`,
		types: [place.kind.taskTypes[what], ...ha],
		method: 'POST',
		path: `status/${path}`,
		body: { ...change.body, ...body },
	};
};

/** The request of a change of power. */
export const powerRequest = (
	place: GuestLocation,
	what: PowerChange,
	body?: Readonly<Record<string, string>>,
): PveRequest => changeRequest(place, requestOf(place, what, body));

/**
 * Changes the power of a VM, follows the task, and makes sure that the VM is in the right state at the end, for as
 * long again as for the task.
 * Source: `POST /nodes/{node}/qemu/{vmid}/status/{start,shutdown,stop,reboot,reset,suspend,resume}`.
 * @throws as followTask does; Error if the task says OK and the VM is not so
 */
export async function changePower(
	item: Item,
	place: GuestLocation,
	what: PowerChange,
	{ body = {}, isUnconfirmed = false, ...how }: PowerOptions,
): Promise<TaskOutput> {
	const { waiting } = how;
	const { wanted, isReached }: Change = CHANGES[what];
	const before = what === 'reboot' ? await readCurrent(item, place) : undefined;
	const task = await changeGuest(
		item,
		place,
		{
			...requestOf(place, what, body),
			// A VM that is off cannot be hibernated: that is no success.
			...(what === 'stop' || what === 'shutdown'
				? { isSoAlready: (error: PveError) => isNotRunning(place, error) }
				: {}),
			...(isReached === undefined
				? {}
				: {
						isReached: async () => {
							const now = await readCurrent(item, place);
							return now.status === wanted && isReached(now, before);
						},
					}),
		},
		how,
	);
	if (task.taskStatus === 'running' || task.upid === null) return task;

	if (isUnconfirmed && !endsEarly(task, place)) return task;
	return await confirmPower(item, place, what, { task, waiting, before });
}

/** Whether the task of a change of power ends before the VM is in the state. */
const endsEarly = ({ upid }: TaskOutput, { kind }: GuestLocation): boolean =>
	[...ENDS_EARLY, kind.taskTypes.reboot].includes(parseUpid(upid ?? undefined)?.type ?? '');

/**
 * Makes sure that a VM is in the state to which a task should have brought it, for as long as for the task.
 * @param before the VM before that, if it is needed
 * @returns the task, with the time that this took
 * @throws Error if it is not so
 */
export async function confirmPower(
	{ run }: Item,
	place: GuestLocation,
	what: PowerChange,
	{
		task,
		waiting,
		before,
	}: { readonly task: TaskOutput; readonly waiting: Waiting; readonly before?: Current },
): Promise<TaskOutput> {
	const { label, wanted, isReached, isMoreThanStatus = false }: Change = CHANGES[what];
	const { timeoutSeconds, maxPollSeconds } = waiting;
	const isEarly = endsEarly(task, place);
	const sinceTask = stopwatch();
	for (let looks = 1; ; ) {
		const now = await currentOf(run.client, place);
		const elapsed = sinceTask();
		const power = now?.status;
		const isSo = now?.status === wanted && (!isMoreThanStatus || isReached?.(now, before) === true);
		if (isSo) return { ...task, durationMs: task.durationMs + elapsed };
		const isOver = power !== undefined && !isEarly && looks++ >= LOOKS;
		const left = timeoutSeconds * 1000 - elapsed;
		if (isOver || left <= 0)
			throw new Error(
				`The ${label} ended with ${task.exitStatus}, but VM ${place.vmid} is ${power === wanted ? now?.qmpstatus : (power ?? 'in an unknown state')}`,
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
 * Whether a guest runs, and whether Start sends a request. One that high availability manages is always started, because
 * it may be about to stop.
 * @throws PveError; Error if it is neither running nor off
 */
export async function readStart(
	item: Item,
	place: GuestLocation,
): Promise<{ readonly isRunning: boolean; readonly isNeeded: boolean }> {
	const current = await readCurrent(item, place);
	const isRunning = runs(current, place);
	return { isRunning, isNeeded: !isRunning || current.ha?.managed === 1 };
}

/**
 * Starts a VM, unless it runs already.
 * @param isOff whether it was just made, so that it certainly does not run yet
 * @throws as changePower does; Error if QEMU has paused the VM, which a start does not change
 */
export async function startVm(
	item: Item,
	place: GuestLocation,
	{ isOff = false, ...how }: Omit<PowerOptions, 'body'> & { readonly isOff?: boolean },
): Promise<StartOutput> {
	const elapsed = stopwatch();
	const { isRunning, isNeeded } = isOff
		? { isRunning: false, isNeeded: true }
		: await readStart(item, place);
	if (!isNeeded) {
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
		const { upid = null, exitStatus = null } = error instanceof TaskError ? error : {};
		const says = error instanceof PveError ? error.failure.message.trim() : exitStatus;
		const isMeanwhile = says === `${place.kind.label} ${place.vmid} already running`;
		if (!isMeanwhile || !runs(await readCurrent(item, place), place)) throw error;
		return { upid, exitStatus };
	});
	if ('taskStatus' in task) return { ...task, alreadyRunning: isRunning };
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
	paused: 'paused. Start does not change that: use Resume',
	prelaunch: 'paused before its start. Start does not change that: use Resume',
	suspended:
		'asleep (suspended to RAM by its guest). Start does not change that: wake it up with Resume',
	'io-error':
		'halted by a storage error (io-error). Free space on the storage or repair it, then use Resume',
	'internal-error': 'halted by a QEMU error (internal-error). Use Stop, then Start',
	'guest-panicked': 'halted because its guest crashed (guest-panicked). Use Stop, then Start',
};

/** Whether a VM runs. @throws Error if it is neither running nor off */
function runs({ status, qmpstatus = 'running', lock }: Current, { vmid }: GuestLocation): boolean {
	if (status !== 'running') return false;
	// A backup holds a VM that was off in this state, and Proxmox starts it then.
	if (qmpstatus === 'prelaunch' && lock === 'backup') return false;
	const halted = HALTED[qmpstatus];
	if (halted !== undefined) throw new Error(`VM ${vmid} is ${halted}`);
	return true;
}
