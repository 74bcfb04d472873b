import type { IDataObject, INodeParameters } from 'n8n-workflow';

import type { Boot, Vm } from '../../tools/emulator';
import { newGuest } from '../../tools/emulator/guest/guestSystem';
import { newVm } from '../../tools/emulator/state/load';
import { fixed, forever, picked } from '../reliability/faults/ingredients';
import { openLab, type Lab } from '../support/lab';

let lab: Lab;
beforeEach(async () => {
	// Seconds of a boot are seconds of the node.
	lab = await openLab({ taskSeconds: 1 });
	lab.emulator.state.vms.set(VMID, {
		...newVm(VMID, 'pve1', {
			name: 'web',
			agent: '1',
			memory: '64',
			net0: 'virtio=BC:24:11:00:00:A0,bridge=vmbr0',
		}),
	});
});
afterEach(async () => await lab.close());

const VMID = 5010;
const vm = (): Vm => {
	const found = lab.emulator.state.vms.get(VMID);
	if (!found) throw new Error(`the emulator has no VM ${VMID}`);
	return found;
};
/** Starts the VM, whose guest then boots like this. */
const start = (boot: Boot | undefined, options: INodeParameters): INodeParameters => {
	lab.emulator.state.boot = () => boot;
	return {
		operation: 'start',
		vm: picked(String(VMID)),
		options: { maxPollInterval: 1, ...options },
	};
};
const run = async (boot: Boot | undefined, options: INodeParameters): Promise<IDataObject> =>
	await lab.output(start(boot, options));
const fail = async (boot: Boot | undefined, options: INodeParameters): Promise<string> => {
	const { error } = await lab.run(start(boot, options));
	if (!error) return 'it did not fail';
	return `${error.message}\n${'description' in error ? String(error.description) : ''}`;
};
/** How often a file of the guest was read, or another command asked. */
const count = (part: string) =>
	lab.emulator.requests.filter(({ path }) => path.includes(part)).length;

const DONE = { agentSeconds: 20, cloudInit: { seconds: 30 } };

describe('Wait Until', () => {
	it('waits for nothing of the guest unless it is asked to', async () => {
		for (const options of [{}, { waitUntil: 'task' }, { waitUntil: 'running' }]) {
			vm().status = 'stopped';
			const { taskStatus: status, warnings } = await run(undefined, options);
			expect({ status, warnings }).toEqual({ status: 'ok', warnings: [] });
		}
		expect(count('/agent/')).toBe(0);
	});

	it('waits until the guest agent answers', async () => {
		const { taskStatus: status, warnings } = await run(DONE, { waitUntil: 'agent' });
		expect({ status, warnings }).toEqual({ status: 'ok', warnings: [] });
		expect(vm().agentRuns).toBe(true);
		expect(vm().guest?.files.has('/run/cloud-init/result.json')).toBe(false);
	});

	it('waits until there is an IP address', async () => {
		expect(await run(DONE, { waitUntil: 'ip' })).toMatchObject({
			taskStatus: 'ok',
			ipAddresses: ['192.0.2.100'],
		});
	});

	it('waits until cloud-init has finished, and returns the addresses', async () => {
		expect(await run(DONE, { waitUntil: 'cloudInit' })).toMatchObject({
			taskStatus: 'ok',
			warnings: [],
			ipAddresses: ['192.0.2.100'],
			cloudInit: {
				status: 'done',
				datasource: 'DataSourceNoCloud [seed=/dev/sr0]',
				messages: [],
			},
		});
		// A file that is not there yet is asked for with growing pauses.
		expect(count('result.json')).toBeLessThan(30);
	});

	it('does not take the result of an earlier boot for this one’s', async () => {
		const guest = newGuest('web');
		vm().guest = guest;
		const old = Buffer.from('{"v1":{"datasource":"DataSourceNoCloud","errors":["of last time"]}}');
		guest.files.set('/var/lib/cloud/data/result.json', old);
		guest.files.set('/run/cloud-init/result.json', old);
		expect(await run(DONE, { waitUntil: 'cloudInit' })).toMatchObject({
			cloudInit: { status: 'done', messages: [] },
		});
	});

	it('waits for a VM that runs already', async () => {
		const guest = newGuest('web');
		guest.files.set(
			'/run/cloud-init/result.json',
			Buffer.from('{"v1":{"datasource":"DataSourceConfigDrive [net,ver=2]","errors":[]}}'),
		);
		Object.assign(vm(), { status: 'running', pid: 7, agentRuns: true, guest });
		expect(await run(undefined, { waitUntil: 'cloudInit' })).toMatchObject({
			alreadyRunning: true,
			cloudInit: { status: 'done' },
		});
	});

	it('waits with Create, too', async () => {
		lab.emulator.state.boot = () => DONE;
		expect(
			await lab.output({
				...fixed(5011),
				start: true,
				general: { agent_enabled: true },
				memory: { memory_current: 64 },
				options: { waitUntil: 'cloudInit', maxPollInterval: 1 },
			}),
		).toMatchObject({ vmid: 5011, cloudInit: { status: 'done' } });
	});

	it('continues while the guest reboots', async () => {
		lab.emulator.faults.onRequest({
			path: /agent\/info/,
			times: 3,
			effect: { status: 500, phrase: `VM ${VMID} is not running`, body: '{"data":null}' },
		});
		expect(await run(DONE, { waitUntil: 'agent' })).toMatchObject({ taskStatus: 'ok' });
	});
});

describe('a cloud-init that did not end well', () => {
	const failed = { seconds: 1, errors: ["('scripts-user', RuntimeError('Runparts: 1 failures'))"] };
	const degraded = { seconds: 1, recoverableErrors: { WARNING: ['odd'], DEPRECATED: ['old'] } };

	it.each([
		[
			'has failed',
			failed,
			'error',
			["cloud-init of VM 5010 failed: ('scripts-user', RuntimeError('Runparts: 1 failures'))"],
		],
		[
			'is degraded',
			degraded,
			'degraded',
			['cloud-init of VM 5010 had a problem: odd', 'cloud-init of VM 5010 had a problem: old'],
		],
		[
			'found no data of ours',
			{ seconds: 1, datasource: 'DataSourceNone' },
			'error',
			[
				'cloud-init of VM 5010 failed: No data for this VM was found: the data source was DataSourceNone',
			],
		],
		[
			'did not run',
			{ isDisabled: true },
			'disabled',
			[
				'cloud-init of VM 5010 did not run: it found no cloud-init drive and no other data for this VM',
			],
		],
		['is done, of an old version', { ...degraded, version: '22.4.2' }, 'done', []],
	] as const)('%s', async (_title, cloudInit, status, warnings) => {
		const boot = { agentSeconds: 5, cloudInit } as Boot;
		expect(await run(boot, { waitUntil: 'cloudInit' })).toMatchObject({
			taskStatus: warnings.length > 0 ? 'warnings' : 'ok',
			warnings,
			cloudInit: { status },
		});
	});

	it.each([
		[
			'failed, with Fail',
			failed,
			'fail',
			'is running, but is not ready: cloud-init of VM 5010 failed',
		],
		['degraded, with Fail', degraded, 'fail', 'it did not fail'],
		[
			'degraded, with Fail, Also if Degraded',
			degraded,
			'failDegraded',
			'is running, but is not ready: cloud-init of VM 5010 had a problem: odd',
		],
		['done, with Fail', { seconds: 1 }, 'failDegraded', 'it did not fail'],
		['disabled, with Fail', { isDisabled: true }, 'fail', 'did not run'],
	] as const)('is an error as chosen: %s', async (_title, cloudInit, ifNotReady, text) => {
		const boot = { agentSeconds: 5, cloudInit } as Boot;
		expect(await fail(boot, { waitUntil: 'cloudInit', ifNotReady })).toContain(text);
	});

	it('keeps the UPID, and says what to do', async () => {
		const text = await fail(
			{ agentSeconds: 5, cloudInit: failed },
			{ waitUntil: 'cloudInit', ifNotReady: 'fail' },
		);
		expect(text).toContain('Check its guest on pve1 before you run this again.');
		expect(text).toMatch(/Task of VM 5010 on pve1: UPID:pve1:.*:qmstart:5010:/);
	});
});

describe('a guest that is not ready in time', () => {
	const soon = { readyTimeout: 60 };
	it.each<[string, Boot, INodeParameters, string]>([
		[
			'an agent that never answers',
			{},
			{ waitUntil: 'agent' },
			'The guest agent of VM 5010 has not answered after 60 s: QEMU guest agent is not running. It needs the package qemu-guest-agent in the guest',
		],
		[
			'the same, with cloud-init',
			{},
			{ waitUntil: 'cloudInit' },
			'The guest agent of VM 5010 has not answered after 60 s: QEMU guest agent is not running. It needs the package qemu-guest-agent in the guest',
		],
		[
			'a cloud-init that does not end',
			{ agentSeconds: 5, cloudInit: {} },
			{ waitUntil: 'cloudInit' },
			'cloud-init of VM 5010 was still running after 60 s',
		],
		[
			'no cloud-init',
			{ agentSeconds: 5 },
			{ waitUntil: 'cloudInit' },
			'cloud-init of VM 5010 had not started after 60 s: it needs the package cloud-init in the guest',
		],
	])('is a warning: %s', async (_title, boot, options, warning) => {
		expect(await run(boot, { ...soon, ...options })).toMatchObject({
			taskStatus: 'warnings',
			warnings: [warning],
		});
	});

	it('fails the item if that was chosen', async () => {
		expect(await fail({}, { ...soon, waitUntil: 'agent', ifNotReady: 'fail' })).toContain(
			'VM 5010 is running, but is not ready: The guest agent of VM 5010 has not answered after 60 s',
		);
		vm().status = 'stopped';
		vm().guestInterfaces = () => [];
		expect(
			await fail({ agentSeconds: 1 }, { ...soon, waitUntil: 'ip', ifNotReady: 'fail' }),
		).toContain('is not ready: net0 of VM 5010 had no IPv4 address after 60 s');
	});

	it('is asked once with 0', async () => {
		expect(
			(await run({ agentSeconds: 100 }, { waitUntil: 'agent', readyTimeout: 0 })).warnings,
		).toEqual(['The guest agent of VM 5010 has not answered: QEMU guest agent is not running']);
		expect(count('/agent/info')).toBe(1);
	});
});

describe('what is missing to ask a guest is said at once', () => {
	const long = { readyTimeout: 100_000 };

	it.each<[string, INodeParameters, RegExp, string]>([
		[
			'agent',
			{ waitUntil: 'agent' },
			/agent\/info/,
			'The guest agent of VM 5010 could not be read: missing privilege VM.GuestAgent.Audit (before Proxmox VE 9: VM.Monitor) on /vms/5010',
		],
		[
			'cloudInit',
			{ waitUntil: 'cloudInit' },
			/agent\/file-read/,
			'The result of cloud-init of VM 5010 could not be read: missing privilege VM.GuestAgent.FileRead (before Proxmox VE 9: VM.Monitor) on /vms/5010',
		],
	])('the privilege for %s', async (_title, options, path, warning) => {
		lab.emulator.faults.onRequest({
			path,
			times: forever,
			effect: {
				status: 403,
				phrase: 'Permission check failed (/vms/5010, VM.GuestAgent.X|VM.GuestAgent.Unrestricted)',
				body: '{"data":null}',
			},
		});
		expect((await run({ agentSeconds: 1 }, { ...long, ...options })).warnings).toEqual([warning]);
	});

	it('an agent that is off', async () => {
		vm().config.agent = '0';
		const { warnings } = await run({ agentSeconds: 1 }, { ...long, waitUntil: 'cloudInit' });
		expect(warnings).toEqual([
			'The result of cloud-init of VM 5010 could not be read: QEMU Guest Agent (agent) is off. Turn it on, and restart the VM',
		]);
		expect(count('/agent/')).toBe(0);
	});

	it('an agent that refuses to read files, once that lasts longer than a freeze for a backup', async () => {
		const guest = newGuest('web');
		guest.disabled.add('file-open');
		vm().guest = guest;
		const { warnings } = await run(DONE, { ...long, waitUntil: 'cloudInit' });
		expect(warnings).toEqual([
			'The result of cloud-init of VM 5010 could not be read: the guest agent refuses guest-file-open. Allow it in the guest, such as in /etc/sysconfig/qemu-ga',
		]);
	});

	it.each<[string, INodeParameters, string]>([
		['a wrong choice', { options: { waitUntil: 'x' } }, 'Options → Wait Until must be one of'],
		['a negative time', { options: { readyTimeout: -1 } }, 'Ready Timeout (Seconds) must be'],
	])('and nothing is sent for %s', async (_title, more, message) => {
		const { error } = await lab.run({ ...start({}, { waitUntil: 'agent' }), ...more });
		expect(error?.message).toContain(message);
		expect(lab.emulator.requests).toEqual([]);
	});
});
