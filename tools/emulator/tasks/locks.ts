import type { Clock } from '../clock';
import { failure } from '../errors';
import type { Worker } from './types';

export interface Waiting {
	/** Called when there is something to wait for. */
	onWait?: () => void;
	/** Ends the wait with its reason: a task that is stopped does not wait on. */
	signal?: AbortSignal;
	/** The lock file, for the error; a VM's unless given. */
	file?: string;
}

export interface VmLocks {
	/**
	 * Runs `action` while no other holds the VM's lock file. Waits up to `timeout` seconds for it, then throws
	 * `can't lock file … - got timeout`.
	 */
	hold<Result>(
		vmid: number,
		timeout: number,
		action: () => Promise<Result>,
		waiting?: Waiting,
	): Promise<Result>;
	isHeld(vmid: number): boolean;
	/** The lock files of another node. */
	on(node: string): VmLocks;
}

/** The lock files of /var/lock/qemu-server on each node: one holder a VM at a time, first come first served. */
export function vmLocks(clock: Clock, node = ''): VmLocks {
	const queues = new Map<string, Array<() => void>>();

	function release(key: string): void {
		const next = queues.get(key)?.shift();
		if (next) next();
		else queues.delete(key);
	}

	async function acquire(
		key: string,
		vmid: number,
		timeout: number,
		{ onWait, signal, file = `/var/lock/qemu-server/lock-${vmid}.conf` }: Waiting,
	): Promise<void> {
		const queue = queues.get(key);
		if (!queue) {
			queues.set(key, []);
			return;
		}
		signal?.throwIfAborted();
		onWait?.();
		const giveUp = new AbortController();
		await new Promise<void>((resolve, reject) => {
			const turn = () => {
				giveUp.abort();
				resolve();
			};
			const leave = (error: Error) => {
				queue.splice(queue.indexOf(turn), 1);
				giveUp.abort();
				reject(error);
			};
			queue.push(turn);
			signal?.addEventListener('abort', () => leave(signal.reason as Error), {
				once: true,
				signal: giveUp.signal,
			});
			clock.sleep(timeout * 1000, giveUp.signal).then(
				() => leave(failure(`can't lock file '${file}' - got timeout`)),
				() => undefined,
			);
		});
	}

	const locksOf = (owner: string): VmLocks => ({
		async hold(vmid, timeout, action, waiting = {}) {
			const key = `${owner}/${vmid}`;
			await acquire(key, vmid, timeout, waiting);
			try {
				return await action();
			} finally {
				release(key);
			}
		},
		isHeld: (vmid) => queues.has(`${owner}/${vmid}`),
		on: locksOf,
	});
	return locksOf(node);
}

/** Runs a task's work with a guest's lock, saying so in its log while it waits. `timeout` is in seconds. */
export async function holdInTask<Result>(
	locks: VmLocks,
	vmid: number,
	worker: Worker,
	work: () => Promise<Result>,
	{ timeout, file }: { timeout: number; file?: string },
): Promise<Result> {
	let waited = false;
	const begin = async () => {
		if (waited) worker.log(' OK');
		return await work();
	};
	const onWait = () => {
		waited = true;
		worker.log('trying to acquire lock...');
	};
	return await locks.hold(vmid, timeout, begin, { onWait, signal: worker.signal, file });
}
