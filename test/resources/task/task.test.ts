import type { NodeApiError } from 'n8n-workflow';

import { openLab, type Lab } from '../../support/lab';

const NEVER_WAS = 'UPID:pve1:00000001:00000001:6A000000:qmcreate:1234:root@pam:';
const ARCHIVE = 'local:backup/vzdump-qemu-100-2026_01_02-03_04_05.vma.zst';
const picked = (value: string) => ({ __rl: true, mode: 'list', value });

let lab: Lab;
beforeEach(async () => {
	// Tasks go on between the runs of the node.
	lab = await openLab({ realTime: true });
});
afterEach(async () => await lab.close());

const on = (operation: string, upid: unknown, more: object = {}) => ({
	resource: 'task',
	operation,
	upid: String(upid),
	...more,
});
const descriptionOf = (error: unknown) => String((error as NodeApiError | undefined)?.description);

/** A create that has ended. */
const created = async (): Promise<{ upid: unknown; vmid: unknown }> => {
	const { upid, vmid } = await lab.output({ name: 'done' });
	return { upid, vmid };
};

/** A create that runs on for some 30 s unless it is stopped. */
const running = async (): Promise<{ upid: unknown; vmid: unknown }> => {
	lab.emulator.faults.onTask({ type: 'qmcreate', extraMs: 1_000_000 });
	const { upid, vmid } = await lab.output({ name: 'slow', options: { waitUntil: 'nothing' } });
	return { upid, vmid };
};

const facts = ({ upid, vmid }: { upid: unknown; vmid: unknown }) => ({
	upid,
	node: 'pve1',
	type: 'qmcreate',
	id: String(vmid),
	vmid,
	user: 'root@pam',
	token: 'full',
	startedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/) as string,
});

describe('Task → Get', () => {
	it('returns all facts of a finished task', async () => {
		const task = await created();
		expect(await lab.output(on('get', task.upid))).toEqual({
			...facts(task),
			status: 'ok',
			exitStatus: 'OK',
			endedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/) as string,
		});
	});

	it('returns those of a running one', async () => {
		const task = await running();
		expect(await lab.output(on('get', task.upid))).toEqual({
			...facts(task),
			status: 'running',
			exitStatus: null,
			endedAt: null,
		});
	});

	it('does not fail if the task failed, or ended with warnings', async () => {
		lab.emulator.faults.onTask({ type: 'qmcreate', failsBefore: 'no luck' });
		const failed = await lab.output({ options: { waitUntil: 'nothing' } });
		await lab.run(on('wait', failed.upid));
		expect(await lab.output(on('get', failed.upid))).toMatchObject({
			status: 'error',
			exitStatus: 'no luck',
		});
		lab.emulator.faults.onTask({ type: 'qmcreate', warnings: ['odd'] });
		const { upid } = await lab.output({});
		expect(await lab.output(on('get', upid))).toMatchObject({
			status: 'warnings',
			exitStatus: 'WARNINGS: 1',
		});
	});

	it('returns no end if the task list cannot be read', async () => {
		const { upid } = await created();
		lab.emulator.faults.onRequest({
			path: '/nodes/pve1/tasks',
			effect: { status: 500, phrase: 'no' },
		});
		expect(await lab.output(on('get', upid))).toMatchObject({ status: 'ok', endedAt: null });
	});

	it('reports what Proxmox says about an unknown task', async () => {
		const { error } = await lab.run(on('get', NEVER_WAS));
		expect(error?.message).toBe('Proxmox VE refused upid: no such task');
		expect(descriptionOf(error)).toContain(NEVER_WAS);
	});

	it.each([' ', 'foo', 'UPID:pve1:xyz', NEVER_WAS.slice(0, -1)])(
		'refuses "%s" before any request',
		async (upid) => {
			const { error } = await lab.run(on('get', upid));
			expect(error?.message).toContain('UPID must be the ID of a task');
			expect(lab.emulator.requests).toEqual([]);
		},
	);

	it('takes the UPID from each item', async () => {
		const tasks = [await created(), await created()];
		const { items } = await lab.run(
			on('get', '={{ $json.upid }}'),
			tasks.map(({ upid }) => ({ upid: String(upid) })),
		);
		expect(items[0]?.map(({ json }) => json.vmid)).toEqual(tasks.map(({ vmid }) => vmid));
	});
});

describe('Task → Get Log', () => {
	const restored = async (): Promise<unknown> =>
		(await lab.output({ operation: 'restore', archive: picked(ARCHIVE) })).upid;

	it('returns the last lines, in their order', async () => {
		const upid = await restored();
		const { total, lines } = await lab.output(on('getLog', upid, { limit: 3 }));
		expect(Number(total)).toBeGreaterThan(100);
		expect(lines).toEqual(['rescan volumes...', expect.stringContaining('offline'), 'TASK OK']);
	});

	it.each([
		['is empty, for which Proxmox writes one line', [], []],
		['only begins with that line', ['no content', 'TASK OK'], ['no content', 'TASK OK']],
	])('returns the lines of a log that %s', async (_what, log, expected) => {
		const upid = await restored();
		lab.emulator.tasks.find(String(upid))?.log.splice(0, Infinity, ...log);
		expect(await lab.output(on('getLog', upid))).toMatchObject({
			total: expected.length,
			lines: expected,
		});
	});

	it('returns all of a log that is longer than a page', async () => {
		lab.emulator.faults.onTask({
			type: 'qmcreate',
			warnings: Array.from({ length: 1234 }, (_, number) => `line ${number}`),
		});
		const { upid } = await lab.output({});
		const { total, lines } = await lab.output(on('getLog', upid, { returnAll: true }));
		expect(lines).toHaveLength(Number(total));
		expect(
			(lines as string[])
				.filter((line) => line.startsWith('WARN: line '))
				.map((line) => Number(line.slice(11))),
		).toEqual([...Array(1234).keys()]);
		expect((lines as string[]).slice(-1)).toEqual(['TASK WARNINGS: 1234']);
	});

	it('reports a missing log, and a limit that is not a number', async () => {
		expect((await lab.run(on('getLog', NEVER_WAS))).error?.message).toBe(
			`Proxmox VE has no log of the task ${NEVER_WAS}`,
		);
		expect((await lab.run(on('getLog', NEVER_WAS, { limit: 0 }))).error?.message).toContain(
			'Limit must be a whole number of at least 1, got "0"',
		);
	});
});

describe('Task → Wait', () => {
	const soon = { options: { maxPollInterval: 0.1, waitAtMost: 1 } };
	const now = { options: { waitAtMost: 0 } };

	it('waits until the task has finished, and emits it by Done', async () => {
		lab.emulator.faults.onTask({ type: 'qmcreate', extraMs: 10_000 });
		const task = await lab.output({ name: 'slow', options: { waitUntil: 'nothing' } });
		const { items } = await lab.run(on('wait', task.upid, { options: { maxPollInterval: 0.1 } }));
		expect(items).toHaveLength(2);
		expect(items[0]?.map(({ json }) => json)).toEqual([
			{
				...facts({ upid: task.upid, vmid: task.vmid }),
				status: 'ok',
				exitStatus: 'OK',
				endedAt: expect.any(String) as string,
				warnings: [],
				durationMs: expect.any(Number) as number,
			},
		]);
		expect(items[1]).toEqual([]);
	});

	it('emits a running task by Still Running, with what is needed to come back', async () => {
		const task = await running();
		for (const options of [soon, now]) {
			const { items } = await lab.run(on('wait', '={{ $json.upid }}', options), [
				{ upid: String(task.upid) },
			]);
			expect(items[0]).toEqual([]);
			expect(items[1]?.map(({ json }) => json)).toEqual([
				{
					...facts(task),
					status: 'running',
					exitStatus: null,
					endedAt: null,
					warnings: [],
					durationMs: expect.any(Number) as number,
				},
			]);
			expect(items[1]?.[0]?.pairedItem).toEqual({ item: 0 });
		}
	});

	it('polls once if Wait at Most is 0', async () => {
		const { upid } = await created();
		expect((await lab.run(on('wait', upid, now))).items[0]).toHaveLength(1);
	});

	it('emits the warnings of the task', async () => {
		lab.emulator.faults.onTask({ type: 'qmcreate', warnings: ['odd'] });
		const { upid } = await lab.output({ options: { waitUntil: 'nothing' } });
		expect(await lab.output(on('wait', upid))).toMatchObject({
			status: 'warnings',
			exitStatus: 'WARNINGS: 1',
			warnings: ['WARN: odd'],
		});
	});

	it('fails if the task failed, at once or later', async () => {
		lab.emulator.faults.onTask({ type: 'qmcreate', failsAfter: 'no luck', times: 2 });
		const { upid } = await lab.output({ options: { waitUntil: 'nothing' } });
		for (let again = 0; again < 2; again++) {
			const { error } = await lab.run(on('wait', upid, { options: { maxPollInterval: 0.1 } }));
			expect(error?.message).toMatch(/^The task of VM \d+ failed: no luck$/);
			expect(descriptionOf(error)).toContain('TASK ERROR: no luck');
			expect(descriptionOf(error)).toContain(String(upid));
		}
	});

	it('fails at the timeout if Wait at Most is not set', async () => {
		const { upid } = await running();
		const { error } = await lab.run(
			on('wait', upid, { options: { timeout: 1, maxPollInterval: 0.1 } }),
		);
		expect(error?.message).toContain('the task was still running after 1 s');
	});

	it('survives a host that does not respond for a while', async () => {
		const { upid } = await created();
		lab.emulator.faults.onRequest({
			method: 'GET',
			path: /\/status$/,
			effect: { status: 595, phrase: 'Connection refused' },
		});
		expect(await lab.output(on('wait', upid, { options: { maxPollInterval: 0.1 } }))).toMatchObject(
			{ status: 'ok' },
		);
	});

	it('has an error output behind its two', async () => {
		const done = await created();
		const slow = await running();
		lab.emulator.faults.onTask({ type: 'qmcreate', failsBefore: 'no luck' });
		const failed = await lab.output({ options: { waitUntil: 'nothing' } });
		await lab.run(on('wait', failed.upid));
		const items = [slow, { upid: failed.upid }, done, { upid: 'foo' }].map(({ upid }, order) => ({
			upid: String(upid),
			order,
		}));
		const { items: output } = await lab.run(on('wait', '={{ $json.upid }}', now), items, {
			onError: 'continueErrorOutput',
		});
		expect(output.map((list) => list?.map(({ json }) => json.upid))).toEqual([
			[done.upid],
			[slow.upid],
			[String(failed.upid), 'foo'],
		]);
		expect(output[2]?.[0]?.json).toMatchObject({
			order: 1,
			error: { message: expect.stringContaining('no luck') as string, upid: failed.upid },
		});
	});

	it('emits failed items by Done if the node continues on errors', async () => {
		const slow = await running();
		const { items } = await lab.run(
			on('wait', '={{ $json.upid }}', now),
			[{ upid: 'foo' }, { upid: String(slow.upid) }],
			{ onError: 'continueRegularOutput' },
		);
		expect(items[0]?.map(({ json }) => json.error)).toMatchObject([
			{ message: expect.stringContaining('UPID must be') as string },
		]);
		expect(items[1]?.map(({ json }) => json.upid)).toEqual([slow.upid]);
	});

	it('loops through Still Running until the task has finished', async () => {
		lab.emulator.faults.onTask({ type: 'qmcreate', extraMs: 80_000 });
		const task = await lab.output({ options: { waitUntil: 'nothing' } });
		const parameters = on('wait', '={{ $json.upid }}', soon);
		const result = await lab.engine.runWorkflow(
			{
				nodes: [
					{
						id: '1',
						name: 'Trigger',
						type: 'n8n-nodes-base.manualTrigger',
						typeVersion: 1,
						position: [0, 0],
						parameters: {},
					},
					{
						id: '2',
						name: 'Wait',
						type: 'n8n-nodes-proxmox-ve.proxmoxVe',
						typeVersion: 1,
						position: [0, 0],
						parameters,
					},
					{
						id: '3',
						name: 'Again',
						type: 'n8n-nodes-base.noOp',
						typeVersion: 1,
						position: [0, 0],
						parameters: {},
					},
					{
						id: '4',
						name: 'End',
						type: 'n8n-nodes-base.noOp',
						typeVersion: 1,
						position: [0, 0],
						parameters: {},
					},
				],
				connections: {
					Trigger: { main: [[{ node: 'Wait', type: 'main', index: 0 }]] },
					Wait: {
						main: [
							[{ node: 'End', type: 'main', index: 0 }],
							[{ node: 'Again', type: 'main', index: 0 }],
						],
					},
					Again: { main: [[{ node: 'Wait', type: 'main', index: 0 }]] },
				},
			},
			{ credentials: lab.credentials, inputItems: [{ upid: String(task.upid) }] },
		);
		expect(result.error).toBeUndefined();
		expect(result.runData.Wait?.length).toBeGreaterThan(1);
		expect(result.runData.End?.[0]?.data?.main?.[0]?.[0]?.json).toMatchObject({
			upid: task.upid,
			status: 'ok',
		});
	});
});

describe('Task → Stop', () => {
	it('stops a running task, and says so', async () => {
		const task = await running();
		expect(await lab.output(on('stop', task.upid))).toMatchObject({
			...facts(task),
			wasRunning: true,
			status: 'error',
			exitStatus: expect.any(String) as string,
		});
		expect(await lab.output(on('get', task.upid))).toMatchObject({ status: 'error' });
	});

	it('does nothing to a finished task, and says so', async () => {
		const { upid } = await created();
		expect(await lab.output(on('stop', upid))).toMatchObject({
			upid,
			wasRunning: false,
			status: 'ok',
		});
		expect(lab.emulator.requests.filter(({ method }) => method === 'DELETE')).toEqual([]);
	});

	it('reports that the token may not stop a task of another user', async () => {
		const { upid } = await running();
		const tokenId = 'auditor@pve!tk';
		const { error } = await lab.engine.runNode({
			parameters: on('stop', upid),
			credentials: {
				proxmoxVeApi: {
					...lab.credentials.proxmoxVeApi,
					tokenId,
					tokenSecret: lab.emulator.tokens[tokenId] ?? '',
				},
			},
		});
		expect(error?.message).toContain('Permission check failed (/nodes/pve1, Sys.Modify)');
	});
});
