/* eslint-disable @n8n/community-nodes/no-restricted-globals -- a test, neither shipped nor scanned */
import type { IDataObject, INodeParameters } from 'n8n-workflow';

import { manualClock, type ManualClock } from '../../tools/emulator';
import type { ActiveTrigger } from '../../tools/harness/activateTrigger';
import type { StoredCredentials } from '../../tools/harness/createCredentialsHelper';
import { openLab, postApi, type Lab } from '../support/lab';

// What the trigger leaves out by itself: tasks of its own credential, and those of a cluster that it did not watch.

const type = 'n8n-nodes-proxmox-ve.proxmoxVeTrigger';
const OWN = 'root@pam!full';

let clock: ManualClock;
let lab: Lab;
let other: Lab;
beforeEach(async () => {
	// Some days ago: n8n's own clock is the true one, and must not be behind.
	clock = manualClock(Date.now() - 5 * 86_400_000);
	lab = await openLab({ clock });
	other = await openLab({ clock });
});
afterEach(async () => {
	await lab.close();
	await other.close();
});

/** A task that has ended. */
async function run(on: Lab, authId = 'root@pam', node?: string): Promise<string> {
	const upid = on.emulator.tasks.start({
		type: 'qmstart',
		id: '100',
		authId,
		...(node === undefined ? {} : { node }),
		run: async (worker) => await worker.work(1000),
	});
	await clock.advance(2000);
	return upid;
}
const activate = async (
	credentials: StoredCredentials,
	parameters: INodeParameters = {},
	saved?: IDataObject,
): Promise<ActiveTrigger> =>
	await lab.engine.activateTrigger({ type, parameters, credentials, saved });
const upidsOf = ({ executions }: ActiveTrigger): unknown[] =>
	executions.flat().map(({ json }) => json.upid);
/** Lets the engine and the emulator work, with their clock standing still. @throws Error where what is awaited does not come */
async function until(isDone: () => boolean): Promise<void> {
	for (let turn = 0; turn < 100_000; turn++) {
		if (isDone()) return;
		await new Promise((resolve) => void setImmediate(resolve));
	}
	throw new Error('it did not come');
}
const tokenOf = ({ credentials }: Lab, changes: object = {}): StoredCredentials => ({
	proxmoxVeApi: { ...credentials.proxmoxVeApi, ...changes },
});

describe('Ignore Own Tasks', () => {
	it('is on by default: tasks of the same token are left out, those of others are not', async () => {
		const trigger = await activate(tokenOf(lab));
		await run(lab, OWN);
		const others = [
			await run(lab, 'root@pam'),
			await run(lab, 'root@pam!other'),
			await run(lab, 'creator@pve!full'),
		];
		await trigger.tick();
		expect(upidsOf(trigger)).toEqual(others);
	});
	it.each([true, 'true', 1, '1'])('%p leaves them out', async (ignoreOwnTasks) => {
		const trigger = await activate(tokenOf(lab), { ignoreOwnTasks });
		await run(lab, OWN);
		await trigger.tick();
		expect(upidsOf(trigger)).toEqual([]);
	});
	it.each([false, 'false', 0, '0'])('%p emits them', async (ignoreOwnTasks) => {
		const trigger = await activate(tokenOf(lab), { ignoreOwnTasks });
		const own = await run(lab, OWN);
		await trigger.tick();
		expect(upidsOf(trigger)).toEqual([own]);
	});
	it('with a password, tasks of the user are left out, those of its tokens are not', async () => {
		const ticket: StoredCredentials = {
			proxmoxVePasswordApi: { ...lab.credentials.proxmoxVePasswordApi },
		};
		const trigger = await activate(ticket, { authentication: 'password' });
		await run(lab, 'root@pam');
		const byToken = await run(lab, OWN);
		await trigger.tick();
		expect(upidsOf(trigger)).toEqual([byToken]);
	});
	it('a realm with case-insensitive user names', async () => {
		const user = {
			userid: 'Jo@ad',
			enabled: true,
			expire: 0,
			groups: [],
			tokens: new Map(),
			password: 'open sesame',
		};
		lab.emulator.state.users.set('Jo@ad', user);
		lab.emulator.state.acl.push({
			path: '/',
			type: 'user',
			ugid: 'Jo@ad',
			roleid: 'Administrator',
			propagate: true,
		});
		const trigger = await activate(
			{
				proxmoxVePasswordApi: {
					...lab.credentials.proxmoxVePasswordApi,
					username: 'Jo@ad',
					password: 'open sesame',
				},
			},
			{ authentication: 'password' },
		);
		await run(lab, 'jo@ad');
		await trigger.tick();
		expect(upidsOf(trigger)).toEqual([]);
	});
	it('a workflow that creates a VM for each task does not start itself', async () => {
		const trigger = await activate(tokenOf(lab));
		const first = await run(lab);
		let done = 0;
		for (let poll = 0; poll < 4; poll++) {
			await trigger.tick();
			for (; done < trigger.executions.flat().length; done++)
				await postApi(lab.emulator, '/nodes/pve1/qemu', { vmid: String(800 + done), start: '1' });
			await clock.advance(60_000);
		}
		expect(upidsOf(trigger)).toEqual([first]);
	});
	it('tasks that finished while it was on are never emitted later', async () => {
		const first = await activate(tokenOf(lab));
		await run(lab, OWN);
		const second = await activate(tokenOf(lab), { ignoreOwnTasks: false }, first.saved);
		expect(upidsOf(second)).toEqual([]);
		const own = await run(lab, OWN);
		await second.tick();
		expect(upidsOf(second)).toEqual([own]);
	});
	it('applies to the current token of the credential', async () => {
		const changed = tokenOf(lab);
		const trigger = await activate(changed);
		Object.assign(changed.proxmoxVeApi ?? {}, {
			tokenId: 'creator@pve!tk',
			tokenSecret: lab.emulator.tokens['creator@pve!tk'],
		});
		await trigger.tick();
		await run(lab, 'creator@pve!tk');
		const old = await run(lab, OWN);
		await trigger.tick();
		expect(upidsOf(trigger)).toEqual([old]);
	});
	it('a filter for the same token is refused while it is on', async () => {
		await expect(activate(tokenOf(lab), { filters: { user: OWN } })).rejects.toThrow(
			'User is the token of this credential',
		);
		const trigger = await activate(tokenOf(lab), { filters: { user: OWN }, ignoreOwnTasks: false });
		const own = await run(lab, OWN);
		await trigger.tick();
		expect(upidsOf(trigger)).toEqual([own]);
	});
	it('a filter for the same user is allowed with a password: it matches the tasks of its tokens', async () => {
		const ticket: StoredCredentials = {
			proxmoxVePasswordApi: { ...lab.credentials.proxmoxVePasswordApi },
		};
		const trigger = await activate(ticket, {
			authentication: 'password',
			filters: { user: 'root@pam' },
		});
		await run(lab, 'root@pam');
		await run(lab, 'creator@pve!full');
		const byToken = await run(lab, OWN);
		await trigger.tick();
		expect(upidsOf(trigger)).toEqual([byToken]);
	});
	it.each(['yes', 2, '', null, {}])('%j is refused', async (ignoreOwnTasks) => {
		await expect(activate(tokenOf(lab), { ignoreOwnTasks })).rejects.toThrow('Ignore Own Tasks');
	});
});

it.each(['0x64', '1e2', '99', '1000000000', '100.5', [100], true])(
	'Virtual Machine %j is refused',
	async (vm) => {
		await expect(
			activate(tokenOf(lab), {
				filters: { vm: { __rl: true, mode: 'id', value: vm as string } },
			}),
		).rejects.toThrow('Virtual Machine');
	},
);
it.each(['runing', 'ok, runing', ['ok', 'runing']])('Status %j is refused', async (statuses) => {
	await expect(activate(tokenOf(lab), { statuses })).rejects.toThrow('Status must be one of ok, ');
});
it.each(['0x10', '', '-1', 1.5, true, 'x'])('Log Lines %j is refused', async (logLines) => {
	await expect(activate(tokenOf(lab), { options: { logLines } })).rejects.toThrow('Log Lines');
});

describe('a credential of another cluster, with nodes of the same names', () => {
	it.each([
		['saved with another credential', true],
		['edited', false],
	])('%s: emits only tasks that finish from then on', async (_how, isReactivated) => {
		for (let count = 0; count < 30; count++) await run(other);
		const credentials = tokenOf(lab);
		let trigger = await activate(credentials);
		const own = await run(lab);
		for (let count = 0; count < 3; count++) await run(other);
		await trigger.tick();
		expect(upidsOf(trigger)).toEqual([own]);

		if (isReactivated) trigger = await activate(tokenOf(other), {}, trigger.saved);
		else Object.assign(credentials, tokenOf(other));
		await trigger.tick();
		expect(upidsOf(trigger)).toEqual(isReactivated ? [] : [own]);
		await run(lab);
		const late = await run(other);
		await trigger.tick();
		await trigger.tick();
		expect(upidsOf(trigger)).toEqual(isReactivated ? [late] : [own, late]);
	});
	it('emits no old tasks if its clock is behind', async () => {
		await run(other);
		await clock.advance(86_400_000);
		const credentials = tokenOf(lab);
		const trigger = await activate(credentials);
		await run(lab);
		await trigger.tick();
		Object.assign(credentials, tokenOf(other));
		for (let count = 0; count < 3; count++) await trigger.tick();
		expect(upidsOf(trigger)).toHaveLength(1);
	});
	it('emits a task that ran there when the credential was changed', async () => {
		const credentials = tokenOf(lab);
		const trigger = await activate(credentials);
		const long = other.emulator.tasks.start({
			type: 'vzdump',
			id: '',
			authId: 'root@pam',
			run: async (worker) => await worker.work(600_000),
		});
		Object.assign(credentials, tokenOf(other));
		await trigger.tick();
		await clock.advance(700_000);
		await trigger.tick();
		expect(upidsOf(trigger)).toEqual([long]);
	});
	it('decides nothing while no node can be read', async () => {
		const credentials = tokenOf(lab);
		const trigger = await activate(credentials);
		const upids = [await run(lab)];
		await trigger.tick();
		upids.push(await run(lab));
		// The same cluster, as turns out later.
		credentials.proxmoxVeApi = {
			...credentials.proxmoxVeApi,
			url: `http://localhost:${lab.emulator.port}`,
		};
		lab.emulator.faults.onRequest({
			path: /\/tasks$/,
			effect: { status: 595, phrase: 'No route to host' },
		});
		await trigger.tick();
		await trigger.tick();
		expect(upidsOf(trigger)).toEqual(upids);
	});
	it('and back again: emits nothing twice, and all tasks that finish from then on', async () => {
		const credentials = tokenOf(lab);
		const trigger = await activate(credentials);
		const before = await run(lab);
		await trigger.tick();
		Object.assign(credentials, tokenOf(other));
		await trigger.tick();
		const there = await run(other);
		await run(lab);
		await trigger.tick();
		Object.assign(credentials, tokenOf(lab));
		await trigger.tick();
		const after = await run(lab);
		await run(other);
		await trigger.tick();
		expect(upidsOf(trigger)).toEqual([before, there, after]);
	});
	it('a poll that started with the old credential and ends late changes nothing', async () => {
		const credentials = tokenOf(lab);
		const trigger = await activate(credentials);
		await run(lab);
		lab.emulator.faults.onRequest({ path: /\/log$/, effect: { delayMs: 60_000 } });
		// Its last request: n8n signs each one with the credential of that moment.
		const late = trigger.tick();
		const isAsked = (): boolean =>
			lab.emulator.requests.some(({ path, status }) => /\/log\b/.test(path) && status === 0);
		await until(isAsked);
		Object.assign(credentials, tokenOf(other));
		await trigger.tick();
		const there = await run(other);
		await clock.advance(120_000);
		await late;
		await trigger.tick();
		expect(upidsOf(trigger)).toEqual([there]);
	});
});

describe('the same cluster by another Cluster URL', () => {
	const elsewhere = (credentials: StoredCredentials, url: string): void =>
		void Object.assign(credentials.proxmoxVeApi ?? {}, { url });
	it.each([
		['another name', (port: number) => `http://localhost:${port}`],
		[
			'one host more, in front',
			(port: number) => `http://pve2.example.invalid, http://127.0.0.1:${port}`,
		],
	])('%s: no task is lost or emitted twice', async (_how, urlOf) => {
		const credentials = tokenOf(lab);
		const trigger = await activate(credentials);
		const upids = [await run(lab)];
		await trigger.tick();
		upids.push(await run(lab));
		elsewhere(credentials, urlOf(lab.emulator.port));
		upids.push(await run(lab));
		await trigger.tick();
		upids.push(await run(lab));
		await trigger.tick();
		elsewhere(credentials, lab.emulator.url);
		upids.push(await run(lab));
		await trigger.tick();
		expect(upidsOf(trigger)).toEqual(upids);
	});
	it('no task is lost if it changes after days without a poll', async () => {
		const credentials = tokenOf(lab);
		const trigger = await activate(credentials);
		const upids = [await run(lab)];
		await trigger.tick();
		for (let day = 0; day < 4; day++) {
			await clock.advance(86_400_000);
			upids.push(await run(lab));
		}
		elsewhere(credentials, `http://localhost:${lab.emulator.port}`);
		await trigger.tick();
		expect(upidsOf(trigger)).toEqual(upids);
	});
});
