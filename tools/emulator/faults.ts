/**
 * Everything that can be made to go wrong, in one place.
 *
 * - `faults.onRequest({...})`: a request is answered wrongly, late or not at all, before or after it was handled.
 * - `faults.onTask({...})`: a task is slow, warns, fails, or its process is killed.
 * - `faults.daemon`: the daemon behind the API hangs or is down: whatever is `protected` waits or is refused.
 *   `faults.setDaemon('pve2', 'down')` does the same to another node's.
 * - Quorum and nodes are state, not faults: `state.quorate`, `state.nodes.get('pve2').reach`.
 */

/** An answer that is not the API's own, e.g. of a reverse proxy. */
export interface FalseAnswer {
	status: number;
	/** The reason phrase. */
	phrase?: string;
	body?: string;
	headers?: Record<string, string>;
}

export type RequestEffect =
	/** The connection is reset without an answer. */
	| 'reset'
	/** No answer ever comes; the connection stays open. */
	| 'hang'
	/** The answer breaks off half way. */
	| 'truncate'
	/** The answer comes a byte a second, without end. */
	| 'trickle'
	| FalseAnswer
	/** The right answer, `delayMs` late. */
	| { delayMs: number };

export interface RequestFault {
	/** Any when left out. */
	method?: string;
	/** The path behind `/api2/json`, or a pattern it must match. Any when left out. */
	path?: string | RegExp;
	/** Counted among the requests that match: 1 is the first, which is the default. */
	nth?: number;
	/** How many in a row are hit, from `nth` on. 1 by default. */
	times?: number;
	/** `after`: the request is handled, only its answer is lost. `before` by default. */
	when?: 'before' | 'after';
	effect: RequestEffect;
}

/** What happens to a task; several may be combined. */
export interface TaskFault {
	/** `qmcreate`, `qmrestore`, `qmstart` … Any when left out. */
	type?: string;
	vmid?: number;
	/** How many tasks are hit. 1 by default. */
	times?: number;
	/** Multiplies all its durations; with Infinity it never ends. */
	slowness?: number;
	/** Milliseconds that it takes longer. */
	extraMs?: number;
	/** Log lines `WARN: …`; it ends with `WARNINGS: n`. */
	warnings?: string[];
	/** It fails with this text before it has done anything. */
	failsBefore?: string;
	/** It fails with this text at its own work, and cleans up as it does after any other failure. */
	failsWithin?: string;
	/** It does all it should, then fails with this text. */
	failsAfter?: string;
	/** Its process is killed at the start: `unexpected status`, and nothing is cleaned up. */
	dies?: boolean;
	/** Its process cannot be started: the request answers 500 `got no worker upid - start worker failed`, and the task is listed as one with `unexpected status`. */
	noWorker?: boolean;
}

export interface TaskFaults {
	/** The fault that hits a task that is about to start; counts it. */
	forTask(type: string, id: string): TaskFault | undefined;
}

export type DaemonState = 'up' | 'hangs' | 'down';

export interface FaultList extends TaskFaults {
	onRequest(fault: RequestFault): void;
	onTask(fault: TaskFault): void;
	/** The fault that hits a request; counts it. */
	forRequest(method: string, path: string): RequestFault | undefined;
	/** While it hangs, requests are kept and handled once it is `up` again, though their answer was 596 by then. */
	daemon: DaemonState;
	setDaemon(node: string, state: DaemonState): void;
	daemonOf(node: string): DaemonState;
	/** Resolves when a node's daemon no longer hangs. */
	daemonAnswers(node: string): Promise<void>;
	/** Those of requests and tasks that have hit nothing yet. */
	unused(): Array<RequestFault | TaskFault>;
	/** No faults any more, the daemon up. */
	clear(): void;
}

interface Counted<Fault> {
	fault: Fault;
	seen: number;
}

/** A list without faults; `daemon` is that of `localNode`. */
export function faultList(localNode: string): FaultList {
	let requestFaults: Array<Counted<RequestFault>> = [];
	let taskFaults: Array<Counted<TaskFault>> = [];
	const daemons = new Map<string, DaemonState>();
	let waiting: Array<{ node: string; resume: () => void }> = [];
	const daemonOf = (node: string): DaemonState => daemons.get(node) ?? 'up';

	function setDaemon(node: string, next: DaemonState): void {
		daemons.set(node, next);
		if (next === 'hangs') return;
		const resumed = waiting.filter((other) => other.node === node);
		waiting = waiting.filter((other) => other.node !== node);
		for (const { resume } of resumed) resume();
	}

	return {
		onRequest: (fault) => void requestFaults.push({ fault, seen: 0 }),
		onTask: (fault) => void taskFaults.push({ fault, seen: 0 }),
		forRequest(method, path) {
			let hit: RequestFault | undefined;
			for (const counted of requestFaults) {
				const { fault } = counted;
				if (fault.method !== undefined && fault.method !== method) continue;
				if (fault.path !== undefined && !matchesPath(fault.path, path)) continue;
				counted.seen += 1;
				const first = fault.nth ?? 1;
				if (counted.seen >= first && counted.seen < first + (fault.times ?? 1)) hit ??= fault;
			}
			return hit;
		},
		forTask(type, id) {
			for (const counted of taskFaults) {
				const { fault } = counted;
				if (fault.type !== undefined && fault.type !== type) continue;
				if (fault.vmid !== undefined && String(fault.vmid) !== id) continue;
				counted.seen += 1;
				if (counted.seen <= (fault.times ?? 1)) return fault;
			}
			return undefined;
		},
		get daemon() {
			return daemonOf(localNode);
		},
		set daemon(next) {
			setDaemon(localNode, next);
		},
		setDaemon,
		daemonOf,
		async daemonAnswers(node) {
			if (daemonOf(node) === 'hangs')
				await new Promise<void>((resume) => waiting.push({ node, resume }));
		},
		unused: () =>
			[
				...requestFaults.filter(({ fault, seen }) => seen < (fault.nth ?? 1)),
				...taskFaults.filter(({ seen }) => seen === 0),
			].map(({ fault }) => fault),
		clear() {
			requestFaults = [];
			taskFaults = [];
			for (const node of daemons.keys()) setDaemon(node, 'up');
		},
	};
}

function matchesPath(pattern: string | RegExp, path: string): boolean {
	return typeof pattern === 'string' ? pattern === path : pattern.test(path);
}
