import type { Clock } from '../clock';
import { failure, taskErrorText } from '../errors';
import type { TaskFault, TaskFaults } from '../faults';
import type { ClusterState, FinishedTask } from '../state/types';
import type { StartTask, Task, TaskList, Worker } from './types';
import { printUpid } from './upid';

/** Why a task's process ends before its work is done. */
class Interruption extends Error {
	constructor(readonly isKill: boolean) {
		super('received interrupt');
	}
}

/** Runs tasks and remembers them, newest last. `faults` may slow one, fail it, warn in it or kill it. */
export function taskList(clock: Clock, state: ClusterState, faults: TaskFaults): TaskList {
	const tasks = new Map<string, Task>();
	const clocksAhead = new Map<string, number>();
	let nextPid = 1_000;

	for (const past of state.history ?? []) {
		const task = pastTask(past, state.localNode, (nextPid += 10));
		tasks.set(task.upid, task);
	}

	const secondsOn = (node: string): number =>
		Math.floor(clock.now() / 1000) + (clocksAhead.get(node) ?? 0);

	function newTask({ type, id, authId, node = state.localNode }: StartTask): Task {
		nextPid += 1 + Math.floor(Math.random() * 30);
		const starttime = secondsOn(node);
		const bootedAt = state.nodes.get(node)?.bootedAt ?? starttime;
		const parts = {
			node,
			pid: nextPid,
			pstart: Math.max(0, Math.floor(clock.now() / 10) - bootedAt * 100),
			starttime,
			type,
			id,
			user: authId,
		};
		const task: Task = {
			...parts,
			upid: printUpid(parts),
			authId,
			log: [],
			warnings: 0,
			state: 'running',
			done: Promise.resolve(),
			controller: new AbortController(),
		};
		tasks.set(task.upid, task);
		return task;
	}

	function workerOf(task: Task, { slowness = 1, failsWithin }: TaskFault): Worker {
		const { signal } = task.controller;
		return {
			upid: task.upid,
			pid: task.pid,
			signal,
			log: (line) => {
				if (!isKilled(task)) task.log.push(...line.split('\n'));
			},
			warn: (line) => {
				task.warnings += 1;
				if (!isKilled(task)) task.log.push(`WARN: ${line}`);
			},
			work: async (ms) => {
				if (failsWithin !== undefined) throw new Error(failsWithin);
				await clock.sleep(ms * slowness, signal);
			},
		};
	}

	function end(task: Task, exitstatus: string, lastLine?: string): void {
		if (lastLine !== undefined) task.log.push(lastLine);
		task.state = 'stopped';
		task.exitstatus = exitstatus;
		task.endtime = secondsOn(task.node);
	}

	async function execute(
		task: Task,
		run: StartTask['run'],
		fault: TaskFault | undefined,
	): Promise<void> {
		const worker = workerOf(task, fault ?? {});
		try {
			// The answer with the UPID is on its way before the work begins.
			await clock.sleep(0, worker.signal);
			if (fault?.dies) task.controller.abort(new Interruption(true));
			for (const line of fault?.warnings ?? []) worker.warn(line);
			if (fault?.extraMs) await clock.sleep(fault.extraMs * (fault.slowness ?? 1), worker.signal);
			if (fault?.failsBefore !== undefined) throw new Error(fault.failsBefore);
			await run(worker);
			if (fault?.failsAfter !== undefined) throw new Error(fault.failsAfter);
			if (isKilled(task)) return end(task, 'unexpected status');
			if (task.warnings > 0)
				return end(task, `WARNINGS: ${task.warnings}`, `TASK WARNINGS: ${task.warnings}`);
			end(task, 'OK', 'TASK OK');
		} catch (error) {
			if (isKilled(task)) return end(task, 'unexpected status');
			const text = taskErrorText(error);
			end(task, text, `TASK ERROR: ${text}`);
		}
	}

	async function interrupt(upid: string, isKill: boolean): Promise<void> {
		const task = tasks.get(upid);
		if (task?.state !== 'running') return;
		task.controller.abort(new Interruption(isKill));
		await task.done;
	}

	async function killAll(): Promise<void> {
		const running = [...tasks.values()].filter(({ state: now }) => now === 'running');
		// All at once: one may wait for another, and nothing may wait for the clock any more.
		for (const { controller } of running) controller.abort(new Interruption(true));
		for (const { done } of running) await done;
	}

	return {
		clocksAhead,
		start(request) {
			const task = newTask(request);
			const fault = faults.forTask(task.type, task.id);
			if (fault?.noWorker) {
				task.notStarted = true;
				end(task, 'unexpected status');
				throw failure('got no worker upid - start worker failed');
			}
			task.done = execute(task, request.run, fault);
			return task.upid;
		},
		find: (upid) => tasks.get(upid),
		all: () => [...tasks.values()].reverse(),
		stop: async (upid) => await interrupt(upid, false),
		kill: async (upid) => await interrupt(upid, true),
		killAll,
		async settled() {
			for (const task of tasks.values()) await task.done;
		},
	};
}

function pastTask({ type, id, authId, ...past }: FinishedTask, node: string, pid: number): Task {
	const parts = { node, pid, pstart: pid * 100, starttime: past.starttime, type, id, user: authId };
	return {
		...parts,
		...past,
		upid: printUpid(parts),
		authId,
		warnings: 0,
		state: 'stopped',
		done: Promise.resolve(),
		controller: new AbortController(),
	};
}

/** A killed process does nothing more: no cleaning up, no last line. */
export function isKilled(task: Pick<Task, 'controller'>): boolean {
	const { reason } = task.controller.signal as { reason: unknown };
	return reason instanceof Interruption && reason.isKill;
}

/** The same, told from a worker's signal. */
export function wasKilled(signal: AbortSignal): boolean {
	const { reason } = signal as { reason: unknown };
	return reason instanceof Interruption && reason.isKill;
}
