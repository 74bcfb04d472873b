import type { IDataObject, INodeParameters } from 'n8n-workflow';

import { guestOf } from '../../../tools/emulator/guest/guestSystem';
import type { GuestSystem } from '../../../tools/emulator/guest/guestSystem';
import { json } from '../../reliability/faults/ingredients';
import { openLab, type Lab } from '../../support/lab';

let lab: Lab;
let guest: GuestSystem;
beforeEach(async () => {
	lab = await openLab();
	const vm = lab.emulator.state.vms.get(100);
	if (!vm) throw new Error('the emulator has no VM 100');
	Object.assign(vm, { status: 'running', pid: 1, agentRuns: true });
	Object.assign(vm.config, { agent: '1', net0: 'virtio=BC:24:11:00:00:04,bridge=vmbr0' });
	guest = guestOf(vm);
});
afterEach(async () => await lab.close());

const AGENT = '/nodes/pve1/qemu/100/agent';
const agent = (operation: string, more: INodeParameters = {}): INodeParameters => ({
	resource: 'guestAgent',
	operation,
	vm: { __rl: true, mode: 'id', value: '100' },
	...more,
});
const failureOf = async (parameters: INodeParameters): Promise<string> => {
	const { error } = await lab.run(parameters);
	if (!error) return 'it did not fail';
	return `${error.message}\n${'description' in error ? String(error.description) : ''}`;
};

const text = expect.any(String) as string;
const WHICH = { vmid: 100, name: text, node: 'pve1', url: text };

describe('Get Info', () => {
	it('returns the system and the addresses of a guest', async () => {
		expect(await lab.output(agent('getInfo'))).toMatchObject({
			vmid: 100,
			node: 'pve1',
			agentVersion: '10.0.13',
			disabledCommands: [],
			hostName: 'existing',
			os: {
				id: 'debian',
				name: 'Debian GNU/Linux 13 (trixie)',
				version: '13',
				kernel: '6.12.118+deb13-cloud-amd64',
				machine: 'x86_64',
			},
			ipAddresses: ['192.0.2.100'],
			warnings: [],
		});
	});

	it('returns file systems and users if they are chosen', async () => {
		lab.emulator.faults.onRequest({
			method: 'GET',
			path: `${AGENT}/get-users`,
			effect: json(200, 'OK', {
				data: {
					result: [
						{ user: 'debian', 'login-time': 1_790_000_000.5 },
						{ user: 'x'.repeat(5_000), domain: 'D', 'login-time': 1e300 },
					],
				},
			}),
		});
		const info = await lab.output(
			agent('getInfo', { options: { fileSystems: true, users: true } }),
		);
		expect(info.fileSystems).toEqual([
			{
				mountPoint: '/',
				device: 'vda',
				type: 'ext4',
				usedBytes: 47_104,
				totalBytes: 87_341_056,
			},
		]);
		expect(info.users).toEqual([
			{ user: 'debian', domain: null, loginAt: '2026-09-21T14:13:20.500Z' },
			{ user: 'x'.repeat(1_000), domain: 'D', loginAt: null },
		]);
	});

	it('warns about commands that the agent refuses', async () => {
		guest.disabled.add('get-osinfo');
		const info = await lab.output(agent('getInfo'));
		expect(info.disabledCommands).toEqual(['guest-get-osinfo']);
		expect(info.os).toMatchObject({ id: null, name: null });
		expect(info.warnings).toEqual([
			'The guest agent of VM 100 refused get-osinfo: Agent error: Command guest-get-osinfo has been disabled: the command is not allowed',
		]);
	});

	it.each<[string, unknown]>([
		['nothing', null],
		['a text', 'x'],
		['a list', [1]],
		['rows that are none', { supported_commands: [null, { name: 5 }] }],
	])('copes with %s as a response', async (_title, result) => {
		for (const command of ['info', 'get-osinfo', 'get-host-name', 'network-get-interfaces'])
			lab.emulator.faults.onRequest({
				method: 'GET',
				path: `${AGENT}/${command}`,
				effect: json(200, 'OK', { data: { result } }),
			});
		expect(await lab.output(agent('getInfo'))).toMatchObject({
			agentVersion: null,
			hostName: null,
			ipAddresses: [],
		});
	});

	it('fails if the agent does not respond', async () => {
		const vm = lab.emulator.state.vms.get(100);
		if (vm) vm.agentRuns = false;
		expect(await failureOf(agent('getInfo'))).toContain(
			'Install and start the guest agent in the guest.',
		);
	});
});

describe('Set Password', () => {
	const set = (more: INodeParameters = {}): INodeParameters =>
		agent('setPassword', { username: 'user', password: 'pässwörd €', ...more });

	it('sets the password of a user, as UTF-8', async () => {
		expect(await lab.output(set())).toEqual({
			...WHICH,
			username: 'user',
			passwordSet: true,
		});
		expect(Buffer.from(guest.users.get('user') ?? '', 'latin1').toString()).toBe('pässwörd €');
	});

	it('sends crypted only if it is set', async () => {
		const bodies = () => lab.emulator.requests.map(({ body }) => body).join('\n');
		await lab.output(set());
		expect(bodies()).not.toContain('crypted');
		await lab.output(set({ password: '$6$abc$def', options: { crypted: true } }));
		expect(bodies()).toContain('crypted=1');
	});

	it('never shows the password', async () => {
		const password = 'very-secret-9';
		lab.emulator.faults.onRequest({
			method: 'POST',
			path: `${AGENT}/set-user-password`,
			effect: { status: 500, phrase: `chpasswd: cannot use ${password}`, body: '{"data":null}' },
		});
		const { error, logs, runData } = await lab.run(set({ password }));
		expect(error?.message).toContain('chpasswd: cannot use ********');
		const seen = [error?.message, error?.stack, error, logs, runData];
		expect(JSON.stringify(seen)).not.toContain(password);
	});

	it('fails for a user that does not exist', async () => {
		expect(await failureOf(set({ username: 'nosuch' }))).toContain(
			'User not known to the underlying authentication module',
		);
	});

	it.each<[string, INodeParameters, string]>([
		['no user', { username: ' ' }, 'User Name is needed'],
		[
			'a user that the agent cannot get',
			{ username: 'jürgen' },
			'User Name must contain only ASCII',
		],
		['no password', { password: ' ' }, 'Password is needed'],
		['too short a password', { password: 'abcd' }, 'Password must have at least 5 characters'],
		['too long a password', { password: 'ä'.repeat(513) }, 'Password may have at most 1024 bytes'],
	])('sends nothing for %s', async (_title, parameters, message) => {
		const failure = await failureOf(set(parameters));
		expect(failure).toContain(message);
		expect(lab.emulator.requests).toEqual([]);
	});
});

it('names the missing privilege after a 403', async () => {
	const token = 'root@pam!none';
	lab.emulator.state.users.get('root@pam')?.tokens.set('none', {
		privsep: true,
		expire: 0,
		secret: 'x',
	});
	lab.emulator.state.roles.set('Look', new Set(['VM.Audit']));
	lab.emulator.state.acl.push({
		path: '/',
		type: 'token',
		ugid: token,
		roleid: 'Look',
		propagate: true,
	});
	lab.emulator.tokens[token] = 'x';
	const missing: IDataObject = {};
	for (const [operation, more] of [
		['executeCommand', { command: 'ls' }],
		['readFile', { file: '/etc/hostname' }],
		['writeFile', { file: '/tmp/a', content: 'x' }],
		['getInfo', {}],
	] as Array<[string, INodeParameters]>) {
		const { error } = await lab.runAs(token, agent(operation, more));
		const text = error && 'description' in error ? String(error.description) : '';
		missing[operation] = /Missing privilege .*/.exec(text)?.[0];
	}
	expect(missing).toEqual({
		executeCommand: 'Missing privilege VM.GuestAgent.Unrestricted on /vms/100.',
		readFile: 'Missing privilege VM.GuestAgent.FileRead or VM.GuestAgent.Unrestricted on /vms/100.',
		writeFile:
			'Missing privilege VM.GuestAgent.FileWrite or VM.GuestAgent.Unrestricted on /vms/100.',
		getInfo: 'Missing privilege VM.GuestAgent.Audit or VM.GuestAgent.Unrestricted on /vms/100.',
	});
});
