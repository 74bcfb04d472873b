/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- a test, neither shipped nor scanned */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { readBackupLog } from '../../../nodes/ProxmoxVe/resources/backup/readBackupLog';

interface Exchange {
	readonly name: string;
	readonly task?: {
		readonly log: readonly string[];
		readonly status: { exitstatus: string };
	};
}

/** The logs of a real Proxmox VE. */
const recorded = ['recordings', 'recordings-2', 'recordings-3', 'recordings-4'].flatMap((file) =>
	readFileSync(join(__dirname, `../../../tools/facts/${file}.jsonl`), 'utf8')
		.split('\n')
		.filter((line) => line.includes(':vzdump:'))
		.map((line) => JSON.parse(line) as Exchange)
		.filter(({ task }) => task !== undefined),
);
const logOf = (name: string) => {
	const found = recorded.find((one) => one.name.endsWith(name));
	return readBackupLog(found?.task?.log ?? []);
};

describe('the log of a backup task', () => {
	it('has a failed guest if the task ended with job errors, and only then', () => {
		expect(recorded.length).toBeGreaterThan(20);
		for (const { name, task } of recorded) {
			const all = [...readBackupLog(task?.log ?? []).values()];
			const hasFailed = all.some(({ status, reason }) => status === 'failed' && reason !== '');
			expect([name, hasFailed]).toEqual([name, task?.status.exitstatus === 'job errors']);
			if (task?.status.exitstatus === 'OK')
				expect(all).toEqual(all.map(() => expect.objectContaining({ status: 'ok' }) as unknown));
		}
	});

	it('has the figures of a VM and of a container', () => {
		expect([...logOf('vzdump of a VM and a CT')]).toEqual([
			[
				106,
				{
					status: 'ok',
					archive: 'vzdump-qemu-106-2026_11_26-08_12_19.vma.zst',
					summary: {
						mode: 'stop',
						seconds: 2,
						transferredBytes: Math.round(102.4 * 1024 ** 2),
						bytesPerSecond: null,
						warnings: [],
					},
				},
			],
			[
				110,
				{
					status: 'ok',
					archive: 'vzdump-lxc-110-2026_11_26-08_12_21.tar.zst',
					summary: {
						mode: 'stop',
						seconds: 2,
						transferredBytes: 2_150_400,
						bytesPerSecond: 575 * 1024 ** 2,
						warnings: [],
					},
				},
			],
		]);
		expect(
			logOf('vzdump of a running CT, snapshot mode, raw on a directory').get(110),
		).toMatchObject({
			summary: { mode: 'suspend', seconds: 1 },
		});
		expect(logOf('vzdump of a running VM with an agent').get(400)).toMatchObject({
			summary: { mode: 'snapshot', bytesPerSecond: 3 * 1024 ** 3 },
		});
	});

	it('has one guest that failed beside one that did not, and one that does not exist', () => {
		expect([...logOf('vzdump: two VMs, one locked')]).toMatchObject([
			[103, { status: 'failed', reason: 'VM is locked (backup)' }],
			[7613, { status: 'ok', summary: { seconds: 2 } }],
		]);
		expect([...logOf('vzdump of missing vm')]).toMatchObject([
			[99999, { status: 'failed', reason: "unable to find VM '99999'" }],
		]);
	});

	it('is read as far as it goes, whatever it contains', () => {
		const lines = [
			'a line of nobody',
			'INFO: Starting Backup of VM 100 (qemu)',
			'INFO: trying something new: 5 GiB',
			'WARN: unable to add notes - no space',
			"INFO: creating Proxmox Backup Server archive 'vm/100/2026-01-02T03:04:05Z'",
			'INFO: Finished Backup of VM 100 (26:00:01)',
			'INFO: Starting Backup of VM 101 (lxc)',
			'INFO: Finished Backup of VM 100 (00:00:09)',
		];
		expect([...readBackupLog(lines)]).toMatchObject([
			[
				100,
				{
					status: 'ok',
					archive: '2026-01-02T03:04:05Z',
					summary: { mode: null, seconds: 93_601, warnings: ['unable to add notes - no space'] },
				},
			],
			[101, { status: 'unknown' }],
		]);
	});
});
