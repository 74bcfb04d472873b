import fc from 'fast-check';
import type { IDataObject, INodeParameters } from 'n8n-workflow';

import { joinCluster, manualClock, type ManualClock } from '../../tools/emulator';
import type { ActiveTrigger } from '../../tools/harness/activateTrigger';
import { settings } from '../wire/properties/settings';
import { howMany } from '../support/howMany';
import { openLab, readApi, type Lab } from '../support/lab';

const type = 'n8n-nodes-proxmox-ve.proxmoxVeTrigger';

/** Some days ago: n8n's own clock is the true one, and must not be behind. */
const start = () => Date.now() - 5 * 86_400_000;
const minute = 60_000;

let lab: Lab;
let clock: ManualClock;
beforeEach(async () => {
	clock = manualClock(start());
	lab = await openLab({ clock });
});
afterEach(async () => await lab.close());

interface Planned {
	type?: string;
	id?: string;
	authId?: string;
	node?: string;
	/** How long it takes. */
	ms?: number;
	warnings?: string[];
	error?: string;
	log?: string[];
}

/** Starts a task of which the emulator knows no more than its time and its words. */
const startTask = ({
	type: kind = 'qmstart',
	id = '100',
	authId = 'root@pam',
	node,
	ms = 1000,
	warnings = [],
	error,
	log = [],
}: Planned): string =>
	lab.emulator.tasks.start({
		type: kind,
		id,
		authId,
		...(node === undefined ? {} : { node }),
		run: async (worker) => {
			log.forEach(worker.log);
			warnings.forEach(worker.warn);
			await worker.work(ms);
			if (error !== undefined) throw new Error(error);
		},
	});

const run = async (task: Planned): Promise<string> => {
	const upid = startTask(task);
	await clock.advance((task.ms ?? 1000) + 1000);
	return upid;
};

const activate = async (
	parameters: INodeParameters = {},
	saved?: IDataObject,
): Promise<ActiveTrigger> =>
	await lab.engine.activateTrigger({ type, parameters, credentials: lab.credentials, saved });

const itemsOf = ({ executions }: ActiveTrigger): IDataObject[] =>
	executions.flat().map(({ json }) => json);
const upidsOf = (trigger: ActiveTrigger): unknown[] => itemsOf(trigger).map(({ upid }) => upid);

describe('Proxmox VE Trigger', () => {
	it('does not emit tasks that had finished before activation', async () => {
		for (let count = 0; count < 5; count++) await run({});
		const trigger = await activate();
		await trigger.tick();
		expect(trigger.executions).toEqual([]);
		const upid = await run({});
		await trigger.tick();
		await trigger.tick();
		expect(upidsOf(trigger)).toEqual([upid]);
	});

	it('emits what the next node needs', async () => {
		const trigger = await activate({ options: { logLines: 2 } });
		const begun = new Date(Math.floor(clock.now() / 1000) * 1000);
		const upid = await run({
			type: 'vzdump',
			id: '1234',
			authId: 'creator@pve!tk',
			ms: 61_000,
			log: ['one', 'two', 'three'],
		});
		await trigger.tick();
		expect(itemsOf(trigger)).toEqual([
			{
				upid,
				node: 'pve1',
				type: 'vzdump',
				id: '1234',
				vmid: 1234,
				user: 'creator@pve',
				token: 'tk',
				startedAt: begun.toISOString(),
				endedAt: new Date(begun.getTime() + 61_000).toISOString(),
				durationMs: 61_000,
				status: 'ok',
				exitStatus: 'OK',
				log: 'three\nTASK OK',
			},
		]);
	});

	it('reports how a task ended', async () => {
		const trigger = await activate();
		await run({ warnings: ['no EFI disk'] });
		await run({ type: 'startall', id: '', authId: 'root@pam', error: 'out of luck' });
		await trigger.tick();
		expect(itemsOf(trigger)).toMatchObject([
			{ status: 'warnings', exitStatus: 'WARNINGS: 1', log: 'WARN: no EFI disk\nTASK WARNINGS: 1' },
			{
				status: 'error',
				exitStatus: 'out of luck',
				vmid: null,
				user: 'root@pam',
				token: null,
				log: 'TASK ERROR: out of luck',
			},
		]);
	});

	it('emits a task that started before the last poll, and one that was running at activation', async () => {
		const early = startTask({ ms: 40 * minute });
		await clock.advance(minute);
		const trigger = await activate();
		const late = startTask({ ms: 20 * minute });
		for (let count = 0; count < 60; count += 5) {
			await clock.advance(5 * minute);
			await run({ type: 'qmstop' });
			await trigger.tick();
		}
		expect(
			itemsOf(trigger)
				.filter(({ type: kind }) => kind === 'qmstart')
				.map(({ upid }) => upid),
		).toEqual([late, early]);
		expect(new Set(upidsOf(trigger)).size).toBe(14);
	});

	it('continues after a restart of n8n', async () => {
		const first = await activate();
		const before = await run({});
		await first.tick();
		first.deactivate();
		const meanwhile = await run({});
		const second = await activate({}, first.saved);
		await second.tick();
		expect([upidsOf(first), upidsOf(second)]).toEqual([[before], [meanwhile]]);
	});

	it('emits nothing twice that was saved, and loses nothing that was not', async () => {
		const first = await activate();
		const emitted = await run({});
		await first.tick();
		const lost = await run({});
		// n8n ends while the poll reads.
		const poll = first.tick();
		first.deactivate();
		await poll;
		expect(upidsOf(first)).toEqual([emitted]);
		expect(upidsOf(await activate({}, first.saved))).toEqual([lost]);
	});

	it('stores little, and only what n8n can store', async () => {
		const trigger = await activate();
		for (let count = 0; count < 40; count++) {
			await run({ ms: minute });
			await trigger.tick();
		}
		const { nodes } = trigger.saved['node:Trigger'] as {
			nodes: Record<string, { seen: string[]; open: string[] }>;
		};
		expect(Object.keys(nodes)).toEqual(['pve1']);
		expect(nodes.pve1?.seen.length).toBeLessThan(8);
		expect(nodes.pve1?.open).toEqual([]);
		expect(JSON.parse(JSON.stringify(trigger.saved))).toEqual(trigger.saved);
	});

	it.each<[string, INodeParameters, string]>([
		['type', { types: ['vzdump'] }, 'vzdump'],
		[
			'types, one of them by its name',
			{ types: ['qmstop'], filters: { otherTypes: 'aptupdate, vzdump' } },
			'qmstop vzdump',
		],
		['status', { statuses: ['warnings', 'error'] }, 'qmdestroy qmclone'],
		['VM', { filters: { vm: { __rl: true, mode: 'id', value: '200' } } }, 'qmstop'],
		['user, with all its tokens', { filters: { user: 'creator@pve' } }, 'qmdestroy qmclone'],
		['token', { filters: { user: 'creator@pve!tk' } }, 'qmdestroy'],
		['node', { nodes: ['pve2'] }, ''],
		[
			'several at once',
			{ statuses: ['ok'], filters: { user: 'root@pam' }, types: ['qmstart', 'qmclone'] },
			'qmstart',
		],
	])('filters by %s', async (_, parameters, expected) => {
		joinCluster(lab.emulator.state, 'lab', ['pve2']);
		const trigger = await activate(parameters);
		await run({});
		await run({ type: 'qmstop', id: '200' });
		await run({ type: 'vzdump', id: '' });
		await run({ type: 'qmdestroy', authId: 'creator@pve!tk', error: 'no' });
		await run({ type: 'qmclone', authId: 'creator@pve', warnings: ['hm'] });
		await trigger.tick();
		expect(
			itemsOf(trigger)
				.map(({ type: kind }) => kind)
				.join(' '),
		).toBe(expected);
	});

	it('does not emit tasks that had finished under another filter', async () => {
		const first = await activate({ statuses: ['error'] });
		await run({});
		await first.tick();
		first.deactivate();
		const both = await run({ error: 'no' });
		const second = await activate({}, first.saved);
		const after = await run({});
		await second.tick();
		expect(upidsOf(second)).toEqual([both, after]);
	});

	it('sees only the tasks of its token without Sys.Audit', async () => {
		const tokenId = 'nosysaudit@pve!tk';
		lab.credentials.proxmoxVeApi = {
			...lab.credentials.proxmoxVeApi,
			tokenId,
			tokenSecret: lab.emulator.tokens[tokenId] ?? '',
		};
		const trigger = await activate({ ignoreOwnTasks: false });
		await run({});
		const own = await run({ authId: tokenId });
		await trigger.tick();
		expect(upidsOf(trigger)).toEqual([own]);
	});

	it('emits a task even if its log cannot be read, and reads no log if none is wanted', async () => {
		const trigger = await activate();
		await run({});
		lab.emulator.faults.onRequest({ path: /\/log$/, effect: { status: 500, phrase: 'no luck' } });
		await trigger.tick();
		expect(itemsOf(trigger)).toMatchObject([
			{ status: 'ok', log: expect.stringContaining('no luck') as string },
		]);

		const silent = await activate({ options: { logLines: 0 } });
		await run({});
		const before = lab.emulator.requests.length;
		await silent.tick();
		expect(itemsOf(silent)).toMatchObject([{ log: '' }]);
		expect(lab.emulator.requests.slice(before).filter(({ path }) => path.includes('/log'))).toEqual(
			[],
		);
	});

	it('emits a long task that is no longer listed, without its end', async () => {
		const trigger = await activate();
		const upid = startTask({ ms: 2 * minute, error: 'broken' });
		await clock.advance(minute);
		await trigger.tick();
		await clock.advance(2 * minute);
		lab.emulator.faults.onRequest({
			path: '/nodes/pve1/tasks',
			times: 2,
			effect: { status: 200, body: '{"data":[]}' },
		});
		await trigger.tick();
		await trigger.tick();
		expect(itemsOf(trigger)).toMatchObject([
			{ upid, status: 'error', exitStatus: 'broken', endedAt: null, durationMs: null },
		]);
	});

	it('reads lists of more than one page', async () => {
		const trigger = await activate({ options: { logLines: 0 } });
		const upids = Array.from({ length: 1203 }, (_, index) =>
			startTask({ id: String(100 + index) }),
		);
		await clock.advance(minute);
		await trigger.tick();
		expect(upidsOf(trigger).sort()).toEqual(upids.sort());
	});
});

describe('Proxmox VE Trigger, if something is down', () => {
	beforeEach(() => joinCluster(lab.emulator.state, 'lab', ['pve2']));
	const reach = (how: 'here' | 'refused') => {
		const node = lab.emulator.state.nodes.get('pve2');
		if (node) node.reach = how;
	};

	it('catches up with a node once it is back', async () => {
		reach('here');
		const trigger = await activate();
		const running = startTask({ node: 'pve2', ms: 3 * minute });
		await clock.advance(minute);
		await trigger.tick();
		reach('refused');
		await run({ node: 'pve2' });
		const there = await run({});
		await clock.advance(10 * minute);
		await trigger.tick();
		expect(upidsOf(trigger)).toEqual([there]);
		reach('here');
		await trigger.tick();
		expect(trigger.errors).toEqual([]);
		expect(itemsOf(trigger).map(({ node }) => node)).toEqual(['pve1', 'pve2', 'pve2']);
		expect(upidsOf(trigger)).toContain(running);
	});

	it('emits what finishes on a node after activation, even if it was down then', async () => {
		// Here n8n's clock is all there is to tell when that was.
		await clock.advance(Date.now() - clock.now() - 10 * minute);
		await run({ node: 'pve2' });
		await clock.advance(Date.now() - clock.now());
		const trigger = await activate();
		await clock.advance(minute);
		const missed = await run({ node: 'pve2' });
		reach('here');
		await trigger.tick();
		expect(upidsOf(trigger)).toEqual([missed]);
	});

	it('continues if one node responds with an error, and reports it', async () => {
		reach('here');
		const trigger = await activate();
		const [one, two] = [await run({}), await run({ node: 'pve2' })];
		lab.emulator.faults.onRequest({
			path: '/nodes/pve2/tasks',
			effect: { status: 596, phrase: 'Connection timed out' },
		});
		await trigger.tick();
		expect(upidsOf(trigger)).toEqual([one]);
		expect(trigger.logs).toContainEqual(
			expect.objectContaining({
				level: 'warn',
				message: expect.stringContaining('node pve2') as string,
			}),
		);
		await trigger.tick();
		expect(upidsOf(trigger)).toEqual([one, two]);
	});

	it('fails the poll if no host responds, and loses nothing', async () => {
		const trigger = await activate();
		const upid = await run({});
		lab.emulator.faults.onRequest({ path: '/nodes', effect: 'reset' });
		await trigger.tick();
		expect(trigger.errors).toMatchObject([
			{
				name: 'NodeApiError',
				message: expect.stringContaining('Proxmox VE could not be reached') as string,
				failure: { cause: 'temporarily-unavailable' },
			},
		]);
		await trigger.tick();
		expect(upidsOf(trigger)).toEqual([upid]);
	});

	it('cannot be activated with a wrong token or an unknown node', async () => {
		await expect(activate({ nodes: ['pve9'] })).rejects.toThrow(
			'The cluster has no node "pve9". It has pve1, pve2',
		);
		await expect(
			activate({ filters: { vm: { __rl: true, mode: 'id', value: 'web' } } }),
		).rejects.toThrow('Virtual Machine must be a VM ID from 100');
		lab.credentials.proxmoxVeApi = { ...lab.credentials.proxmoxVeApi, tokenSecret: 'wrong' };
		await expect(activate()).rejects.toMatchObject({
			message: expect.stringContaining('Proxmox VE answered 401') as string,
			failure: { cause: 'credential-invalid' },
		});
	});

	it('reports invalid input as an error of the configuration', async () => {
		await expect(activate({ options: { logLines: -1 } })).rejects.toMatchObject({
			failure: { cause: 'configuration-invalid' },
		});
	});
});

describe('Fetch Test Event', () => {
	const fetch = async (parameters: INodeParameters = {}, staticData?: IDataObject) =>
		await lab.engine.runWorkflow(
			{
				nodes: [{ id: '1', name: 'Trigger', type, typeVersion: 1, position: [0, 0], parameters }],
				connections: {},
				staticData,
			},
			{ credentials: lab.credentials },
		);

	it('returns the matching task that finished last, and stores nothing', async () => {
		const trigger = await activate();
		const long = startTask({ type: 'vzdump', ms: 10 * minute });
		await run({});
		await run({ type: 'qmstop' });
		await clock.advance(10 * minute);
		const saved = JSON.stringify(trigger.saved);
		expect((await fetch()).items).toMatchObject([[{ json: { upid: long, log: 'TASK OK' } }]]);
		expect((await fetch({ types: ['qmstart', 'qmstop'] }, trigger.saved)).items).toMatchObject([
			[{ json: { type: 'qmstop' } }],
		]);
		expect(JSON.stringify(trigger.saved)).toBe(saved);
		await trigger.tick();
		expect(itemsOf(trigger)).toHaveLength(3);
	});

	it('says so if there is none', async () => {
		const { error } = await fetch({ types: ['qmtemplate'] });
		expect(error).toMatchObject({
			message: 'No finished task matches',
			description: expect.stringContaining('Sys.Audit') as string,
		});
	});
});

describe('the lists of the panel', () => {
	it('list the nodes and the VMs', async () => {
		joinCluster(lab.emulator.state, 'lab', ['pve2']);
		const panel = { type, credentials: lab.credentials };
		expect(await lab.engine.loadOptions('getNodes', panel)).toEqual([
			{ name: 'pve1', value: 'pve1' },
			{ name: 'pve2 (offline)', value: 'pve2' },
		]);
		const { results } = await lab.engine.listSearch('searchVirtualMachines', panel);
		expect(results.length).toBeGreaterThan(0);
	});
});

/** Of a minute, more or less. */
const STEPS = howMany(30, 110);
const TASKS = howMany(120, 500);

describe(`${TASKS} tasks of three nodes`, () => {
	const nodes = ['pve1', 'pve2', 'pve3'];
	/** What happens in one step. */
	const steps = fc.array(
		fc.record({
			seconds: fc.integer({ min: 5, max: 120 }),
			tasks: fc.array(
				fc.record({
					node: fc.constantFrom(...nodes),
					id: fc.integer({ min: 100, max: 999 }),
					seconds: fc.oneof(
						{ weight: 6, arbitrary: fc.integer({ min: 0, max: 20 }) },
						{ weight: 3, arbitrary: fc.integer({ min: 20, max: 600 }) },
						{ weight: 1, arbitrary: fc.integer({ min: 600, max: 7_200 }) },
					),
					ends: fc.constantFrom<Partial<Planned>>({}, {}, { warnings: ['hm'] }, { error: 'no' }),
				}),
				{ minLength: 4, maxLength: 9 },
			),
			/** How many polls begin, and how many requests of theirs hang until the next step. */
			polls: fc.constantFrom(0, 1, 1, 2, 3),
			hanging: fc.constantFrom(0, 0, 1, 2),
			/** A node that goes down or comes back, or a cluster that does not answer. */
			event: fc.constantFrom('', '', '', '', '', '', 'pve2', 'pve3', 'no answer'),
		}),
		{ minLength: STEPS, maxLength: STEPS },
	);

	it('are emitted once each, over restarts, overlapping polls and outages', async () => {
		const { state, faults, tasks } = lab.emulator;
		joinCluster(state, 'lab', nodes.slice(1));
		const flip = (name: string, up?: boolean): void => {
			const node = state.nodes.get(name);
			if (node) node.reach = (up ?? node.reach !== 'here') ? 'here' : 'refused';
		};
		nodes.slice(1).forEach((name) => flip(name, true));
		tasks.clocksAhead.set('pve2', 45).set('pve3', -90);
		for (const node of nodes) await run({ node });

		const parameters = { options: { logLines: 0 } };
		const lives = [await activate(parameters)];
		const polls: Array<Promise<void>> = [];
		const started: string[] = [];
		let overlapping = 0;
		let underWay = 0;
		const current = (): ActiveTrigger => lives[lives.length - 1] as ActiveTrigger;

		for (const [index, step] of (
			fc.sample(steps, { numRuns: 1, seed: settings(1).seed })[0] ?? []
		).entries()) {
			for (const { node, id, seconds, ends } of step.tasks) {
				if (started.length < TASKS)
					started.push(startTask({ node, id: String(id), ms: seconds * 1000, ...ends }));
			}
			if (nodes.includes(step.event)) flip(step.event);
			if (step.event === 'no answer')
				faults.onRequest({ path: '/nodes', times: 2, effect: 'reset' });
			if (index % 15 === 14) {
				current().deactivate();
				faults.clear();
				const { saved } = current();
				lives.push(
					await lab.engine.activateTrigger({
						type,
						parameters,
						credentials: lab.credentials,
						saved,
						activation: 'init',
					}),
				);
			}
			for (let count = 0; count < step.hanging; count++) {
				faults.onRequest({
					path: /\/tasks(\/.*)?$/,
					nth: 1 + 2 * count,
					effect: { delayMs: 40_000 },
				});
			}
			for (let count = 0; count < step.polls; count++) {
				if (underWay > 0) overlapping += 1;
				underWay += 1;
				polls.push(
					current()
						.tick()
						.finally(() => (underWay -= 1)),
				);
			}
			// Polls that do not hang get on for so long.
			for (let count = 0; count < 4 && underWay > 0; count++)
				await readApi(lab.emulator, '/version');
			await clock.advance(step.seconds * 1000);
		}

		faults.clear();
		nodes.slice(1).forEach((name) => flip(name, true));
		await clock.advance(3 * 60 * minute);
		await Promise.all(polls);
		await current().tick();
		await current().tick();

		const emitted = lives.flatMap(upidsOf);
		const counts = new Map(
			started.map((upid) => [upid, emitted.filter((other) => other === upid).length]),
		);
		expect({
			tasks: counts.size,
			emitted: emitted.length,
			missed: [...counts.values()].filter((count) => count === 0).length,
			doubled: [...counts.values()].filter((count) => count > 1).length,
		}).toEqual({ tasks: TASKS, emitted: TASKS, missed: 0, doubled: 0 });
		expect(lives).toHaveLength(1 + Math.floor(STEPS / 15));
		expect(overlapping).toBeGreaterThan(0.4 * STEPS);
		expect(lives.flatMap(({ errors }) => errors).length).toBeGreaterThan(0);
		expect(JSON.stringify(current().saved).length).toBeLessThan(20_000);
	}, 180_000);
});
