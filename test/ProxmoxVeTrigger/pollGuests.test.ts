import type { IDataObject, INodeParameters } from 'n8n-workflow';

import { joinCluster, manualClock, type ManualClock } from '../../tools/emulator';
import type { ActiveTrigger } from '../../tools/harness/activateTrigger';
import type { StoredCredentials } from '../../tools/harness/createCredentialsHelper';
import { openLab, postApi, until, type Lab } from '../support/lab';

const type = 'n8n-nodes-proxmox-ve.proxmoxVeTrigger';
const token = 'watcher@pve!tk';

let clock: ManualClock;
let lab: Lab;
let credentials: StoredCredentials;
beforeAll(async () => {
	clock = manualClock(Date.now() - 5 * 86_400_000);
	lab = await openLab({ clock });
	joinCluster(lab.emulator.state, 'lab', ['pve2']);
	reach('here');
	credentials = { proxmoxVeApi: { ...lab.credentials.proxmoxVeApi } };
});
afterAll(async () => await lab.close());
beforeEach(async () => {
	lab.emulator.faults.clear();
	for (const vmid of [700, 701, 702]) lab.emulator.state.vms.delete(vmid);
	await change('/nodes/pve1/qemu', { vmid: '700', name: 'web', tags: 'prod;web' });
});

function reach(how: 'here' | 'no route'): void {
	const node = lab.emulator.state.nodes.get('pve2');
	if (node) node.reach = how;
}
/** Changes something, until its task has finished and the cluster's list shows it. */
async function change(path: string, form: Record<string, string> = {}): Promise<void> {
	await postApi(lab.emulator, path, form);
	await clock.advance(120_000);
}
async function remove(vmid: number): Promise<void> {
	await lab.run({
		operation: 'delete',
		vm: { __rl: true, mode: 'id', value: String(vmid) },
		waitForCompletion: false,
	});
	await clock.advance(120_000);
}
const activate = async (
	parameters: INodeParameters = {},
	saved?: IDataObject,
	given = credentials,
): Promise<ActiveTrigger> =>
	await lab.engine.activateTrigger({
		type,
		parameters: { event: 'guestChanged', ...parameters },
		credentials: given,
		saved,
	});
const itemsOf = ({ executions }: ActiveTrigger): IDataObject[] =>
	executions.flat().map(({ json }) => json);
const changesOf = (trigger: ActiveTrigger): string[] =>
	itemsOf(trigger).map(({ change: what, vmid }) => `${String(what)} ${String(vmid)}`);
const moveTo = (node: string): void => {
	const vm = lab.emulator.state.vms.get(700);
	if (vm) vm.node = node;
};

describe('On VM or container change', () => {
	it('emits each change once, with one request for each poll', async () => {
		const trigger = await activate();
		const before = lab.emulator.requests.length;
		await trigger.tick();
		expect(lab.emulator.requests.slice(before).map(({ path }) => path)).toEqual([
			'/api2/json/cluster/resources?type=vm',
		]);
		await change('/nodes/pve1/qemu/700/status/start');
		await trigger.tick();
		await change('/nodes/pve1/qemu/700/status/stop');
		await change('/nodes/pve1/qemu', { vmid: '701', start: '1' });
		await trigger.tick();
		moveTo('pve2');
		await trigger.tick();
		moveTo('pve1');
		await remove(700);
		await trigger.tick();
		await trigger.tick();
		expect(changesOf(trigger)).toEqual([
			'started 700',
			'stopped 700',
			'created 701',
			'started 701',
			'migrated 700',
			'removed 700',
		]);
		const [started, , , , migrated, removed] = itemsOf(trigger);
		expect(started).toEqual({
			change: 'started',
			vmid: 700,
			kind: 'virtualMachine',
			name: 'web',
			node: 'pve1',
			previousNode: null,
			status: 'running',
			tags: ['prod', 'web'],
			pool: null,
		});
		expect(migrated).toMatchObject({ node: 'pve2', previousNode: 'pve1' });
		expect(removed).toMatchObject({ name: 'web', status: null, tags: [] });
	});

	it('continues after a restart of n8n', async () => {
		const first = await activate();
		await change('/nodes/pve1/qemu/700/status/start');
		await first.tick();
		await change('/nodes/pve1/qemu', { vmid: '701' });
		const second = await activate({}, first.saved);
		await second.tick();
		expect([changesOf(first), changesOf(second)]).toEqual([['started 700'], ['created 701']]);
	});

	it('reports no guest as stopped or removed because its node is down', async () => {
		moveTo('pve2');
		await change('/nodes/pve2/qemu/700/status/start');
		const trigger = await activate();
		reach('no route');
		for (const minutes of [1, 10]) {
			await clock.advance(minutes * 60_000);
			await trigger.tick();
		}
		reach('here');
		await trigger.tick();
		expect(changesOf(trigger)).toEqual([]);
		moveTo('pve1');
	});

	it('reports no guest as removed or new because it may not be seen for a while', async () => {
		const { state, tokens } = lab.emulator;
		state.users.set('watcher@pve', {
			userid: 'watcher@pve',
			enabled: true,
			expire: 0,
			groups: [],
			tokens: new Map([['tk', { privsep: false, expire: 0, secret: 'seen', comment: '' }]]),
		} as never);
		tokens[token] = 'seen';
		const grant = {
			path: '/vms/700',
			type: 'user' as const,
			ugid: 'watcher@pve',
			roleid: 'PVEVMUser',
			propagate: true,
		};
		state.acl.push(grant);
		const trigger = await activate({}, undefined, {
			proxmoxVeApi: { ...lab.credentials.proxmoxVeApi, tokenId: token, tokenSecret: 'seen' },
		});
		state.acl.splice(state.acl.indexOf(grant), 1);
		await trigger.tick();
		expect(trigger.errors).toEqual([]);
		state.acl.push(grant);
		await trigger.tick();
		await change('/nodes/pve1/qemu/700/status/start');
		await trigger.tick();
		state.acl.splice(state.acl.indexOf(grant), 1);
		expect(changesOf(trigger)).toEqual(['started 700']);
	});

	it('asks for at most 50 missing guests in a poll, and reports the others later', async () => {
		const { vms } = lab.emulator.state;
		const [vm] = [vms.get(700)];
		if (!vm) throw new Error('VM 700 is not there');
		const many = Array.from({ length: 60 }, (_, index) => 7000 + index);
		for (const vmid of many) vms.set(vmid, { ...vm, vmid });
		const trigger = await activate();
		for (const vmid of many) vms.delete(vmid);
		const before = lab.emulator.requests.length;
		await trigger.tick();
		expect(lab.emulator.requests.length - before).toBe(51);
		await trigger.tick();
		expect(new Set(changesOf(trigger)).size).toBe(60);
		expect(trigger.executions.map(({ length }) => length)).toEqual([50, 10]);
	});

	it('emits and stores nothing in a poll that a later one has overtaken', async () => {
		const trigger = await activate();
		await change('/nodes/pve1/qemu', { vmid: '701' });
		lab.emulator.faults.onRequest({
			path: '/cluster/resources',
			when: 'after',
			effect: { delayMs: 60_000 },
		});
		const { length } = lab.emulator.requests;
		const late = trigger.tick();
		await until(() => lab.emulator.requests.length > length);
		await change('/nodes/pve1/qemu/701/status/start');
		const early = trigger.tick();
		await early;
		await clock.advance(120_000);
		await late;
		await trigger.tick();
		expect(changesOf(trigger)).toEqual(['created 701', 'started 701']);
	});

	it('starts over with the credential of another cluster', async () => {
		const first = await activate();
		const other = await openLab({ clock });
		const second = await activate({}, first.saved, {
			proxmoxVeApi: { ...other.credentials.proxmoxVeApi },
		});
		await second.tick();
		await other.close();
		expect(changesOf(second)).toEqual([]);
	});

	it.each<[string, INodeParameters, string[]]>([
		['changes', { changes: ['removed'] }, ['removed 700']],
		['VM', { filters: { vm: { __rl: true, mode: 'id', value: '701' } } }, ['created 701']],
		['kind', { filters: { kind: 'lxc' } }, []],
		['pool', { filters: { pool: { __rl: true, mode: 'name', value: 'nosuch' } } }, []],
		[
			'tags, also of what is gone',
			{ filters: { tags: 'WEB, prod' } },
			['started 700', 'removed 700'],
		],
	])('filters by %s', async (_, parameters, expected) => {
		const trigger = await activate(parameters);
		await change('/nodes/pve1/qemu/700/status/start');
		await trigger.tick();
		await change('/nodes/pve1/qemu/700/status/stop');
		await change('/nodes/pve1/qemu', { vmid: '701' });
		await remove(700);
		await trigger.tick();
		expect(changesOf(trigger)).toEqual(expected);
	});

	it.each<[INodeParameters, string]>([
		[{ changes: ['moved'] }, 'Changes must be one of created, migrated'],
		[{ filters: { kind: 'vm' } }, 'Kind must be'],
		[{ filters: { vm: { __rl: true, mode: 'id', value: 'web' } } }, 'Virtual Machine must be'],
	])(
		'refuses %j',
		async (parameters, message) => await expect(activate(parameters)).rejects.toThrow(message),
	);

	it('shows a guest that matches as a test event', async () => {
		const fetch = async (parameters: INodeParameters) =>
			await lab.engine.runWorkflow(
				{
					nodes: [
						{
							id: '1',
							name: 'Trigger',
							type,
							typeVersion: 1,
							position: [0, 0],
							parameters: { event: 'guestChanged', ...parameters },
						},
					],
					connections: {},
				},
				{ credentials },
			);
		expect((await fetch({ changes: ['removed'], filters: { tags: 'web' } })).items).toMatchObject([
			[{ json: { change: 'removed', vmid: 700 } }],
		]);
		expect((await fetch({ filters: { tags: 'nosuch' } })).error).toMatchObject({
			message: 'No VM or container matches',
		});
	});
});
