import type { Clock } from '../clock';
import { failure } from '../errors';

export interface VmLocks {
	/**
	 * Runs `action` while no other holds the VM's lock file. Waits up to `timeout` seconds for it, then throws
	 * `can't lock file … - got timeout`. `onWait` is called when there is something to wait for.
	 */
	hold<Result>(vmid: number, timeout: number, action: () => Promise<Result>, onWait?: () => void): Promise<Result>;
	isHeld(vmid: number): boolean;
}

/** The lock files of /var/lock/qemu-server: one holder a VM at a time, first come first served. */
export function vmLocks(clock: Clock): VmLocks {
	const queues = new Map<number, Array<() => void>>();

	function release(vmid: number): void {
		const next = queues.get(vmid)?.shift();
		if (next) next();
		else queues.delete(vmid);
	}

	async function acquire(vmid: number, timeout: number, onWait?: () => void): Promise<void> {
		const queue = queues.get(vmid);
		if (!queue) {
			queues.set(vmid, []);
			return;
		}
		onWait?.();
		const giveUp = new AbortController();
		await new Promise<void>((resolve, reject) => {
			const turn = () => {
				giveUp.abort();
				resolve();
			};
			queue.push(turn);
			clock.sleep(timeout * 1000, giveUp.signal).then(
				() => {
					queue.splice(queue.indexOf(turn), 1);
					reject(failure(`can't lock file '/var/lock/qemu-server/lock-${vmid}.conf' - got timeout`));
				},
				() => undefined,
			);
		});
	}

	return {
		async hold(vmid, timeout, action, onWait) {
			await acquire(vmid, timeout, onWait);
			try {
				return await action();
			} finally {
				release(vmid);
			}
		},
		isHeld: (vmid) => queues.has(vmid),
	};
}
