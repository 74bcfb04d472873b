/* eslint-disable @n8n/community-nodes/no-restricted-globals -- a test, neither shipped nor scanned */
import { sleep } from 'n8n-workflow';

import { createGate, inParallel } from '../../nodes/ProxmoxVe/runtime/concurrency';
import { manualClock } from '../../tools/emulator';
import { openLab } from '../support/lab';

const later = async (): Promise<void> => await new Promise((resolve) => setImmediate(resolve));

describe('items side by side', () => {
	it('keep their order, and never more than the limit are under way', async () => {
		let now = 0;
		let most = 0;
		const results = await inParallel(50, 7, async (index) => {
			most = Math.max(most, ++now);
			await sleep(20 + ((index * 7) % 5));
			now--;
			return index;
		});
		expect(
			results.map((result) => (result.status === 'fulfilled' ? result.value : undefined)),
		).toEqual([...Array(50).keys()]);
		expect(most).toBe(7);
	});

	it('begin no more once one has failed, and end those under way', async () => {
		const begun: number[] = [];
		const ended: number[] = [];
		const results = await inParallel(10, 3, async (index) => {
			begun.push(index);
			await sleep(20);
			if (index === 1) throw new Error('no');
			await sleep(20);
			ended.push(index);
		});
		expect(begun).toEqual([0, 1, 2]);
		expect(ended).toEqual([0, 2]);
		expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
	});

	it('give others a turn, even if none of them waits for anything', async () => {
		let turns = 0;
		let isOver = false;
		const count = (): void => {
			turns++;
			if (!isOver) setImmediate(count);
		};
		setImmediate(count);
		await inParallel(200, 200, async () => {
			for (let part = 0; part < 5; part++) {
				const end = performance.now() + 0.5;
				while (performance.now() < end);
				await Promise.resolve();
			}
		});
		isOver = true;
		// 500 ms of work in turns of some 15 ms.
		expect(turns).toBeGreaterThan(10);
	});
});

describe('the gate', () => {
	it('admits a fixed number for each key, and the others in the order in which they came', async () => {
		const gate = createGate(2);
		const inside: Record<string, number> = { a: 0, b: 0 };
		let most = 0;
		const order: number[] = [];
		await Promise.all(
			[0, 1, 2, 3, 4, 5].map(async (index) => {
				const key = index % 2 === 0 ? 'a' : 'b';
				await gate(key, async () => {
					order.push(index);
					inside[key] = (inside[key] ?? 0) + 1;
					most = Math.max(most, inside[key]);
					await later();
					inside[key] -= 1;
				});
			}),
		);
		expect(most).toBe(2);
		expect(order).toEqual([0, 1, 2, 3, 4, 5]);
	});

	it('opens again after one that failed', async () => {
		const gate = createGate(1);
		await expect(gate('a', async () => await Promise.reject(new Error('no')))).rejects.toThrow(
			'no',
		);
		expect(await gate('a', async () => 1)).toBe(1);
	});
});

it('Max Parallel holds for the tasks on one Proxmox node', async () => {
	const clock = manualClock(Date.now());
	const lab = await openLab({ clock });
	try {
		/** Tasks end only after as many run as may. @returns the most that ran at once */
		const running = async (maxParallel: number): Promise<number> => {
			const now = () => lab.emulator.tasks.all().filter(({ state }) => state === 'running').length;
			let most = 0;
			let isOver = false;
			const run = lab
				.run(
					{ options: { maxParallel, maxPollInterval: 0.1 } },
					Array.from({ length: 8 }, () => ({})),
				)
				.finally(() => (isOver = true));
			while (!isOver) {
				await sleep(20);
				most = Math.max(most, now());
				if (now() >= maxParallel) await clock.advance(100);
			}
			const { items, error } = await run;
			expect(error).toBeUndefined();
			expect(new Set(items[0]?.map(({ json }) => json.vmid)).size).toBe(8);
			return most;
		};
		expect(await running(2)).toBe(2);
		expect(await running(8)).toBe(8);
	} finally {
		await lab.close();
	}
});
