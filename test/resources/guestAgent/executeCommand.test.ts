import type { IDataObject, INodeParameters } from 'n8n-workflow';

import { guestOf } from '../../../tools/emulator/guest/guestSystem';
import type { GuestSystem } from '../../../tools/emulator/guest/guestSystem';
import { openLab, until, type Lab } from '../../support/lab';

let lab: Lab;
let guest: GuestSystem;
beforeEach(async () => {
	lab = await openLab();
	Object.assign(vm(), { status: 'running', pid: 1, agentRuns: true });
	vm().config.agent = '1';
	guest = guestOf(vm());
});
afterEach(async () => await lab.close());

const vm = () => {
	const found = lab.emulator.state.vms.get(100);
	if (!found) throw new Error('the emulator has no VM 100');
	return found;
};
const command = (more: INodeParameters): INodeParameters => ({
	resource: 'guestAgent',
	operation: 'executeCommand',
	vm: { __rl: true, mode: 'id', value: '100' },
	...more,
});
const sh = (line: string, more: INodeParameters = {}) => command({ command: line, ...more });
const program = (name: string, args: unknown, more: INodeParameters = {}) =>
	command({ commandType: 'program', program: name, arguments: args as string[], ...more });
const run = async (parameters: INodeParameters): Promise<IDataObject> =>
	await lab.output(parameters);
const fail = async (
	parameters: INodeParameters,
): Promise<{ message: string; description: string }> => {
	const { error } = await lab.run(parameters);
	if (!error) throw new Error('it did not fail');
	return {
		message: error.message,
		description: String('description' in error && error.description),
	};
};
/** The POSTs that reached the agent. */
const posts = () => lab.emulator.requests.filter(({ method }) => method === 'POST');

const text = expect.any(String) as string;
const WHICH = { vmid: 100, name: text, node: 'pve1', url: text };

describe('Execute Command', () => {
	it('runs a shell line, and returns its output and exit code', async () => {
		expect(await run(sh('echo out; echo bad >&2'))).toEqual({
			...WHICH,
			pid: 150,
			exitCode: 0,
			signal: null,
			stdout: 'out\n',
			stderr: 'bad\n',
			stdoutTruncated: false,
			stderrTruncated: false,
		});
	});

	it('runs a program with its arguments as they are', async () => {
		expect(await run(program('printf', ['<%s>', 'a b', '$HOME', '', 7, true]))).toMatchObject({
			stdout: '<a b><$HOME><><7><true>',
		});
	});

	it('passes the input as UTF-8, including its blanks', async () => {
		const options = { 'input-data': ' äöü €\n' };
		expect(await run(program('cat', [], { options }))).toMatchObject({ stdout: ' äöü €\n' });
		expect(await run(program('wc', ['-c'], { options }))).toMatchObject({ stdout: '12\n' });
		expect(await run(program('wc', ['-c'], { options: { 'input-data': '\n' } }))).toMatchObject({
			stdout: '1\n',
		});
	});

	it('reads output that is not UTF-8 as Latin-1', async () => {
		expect(await run(program('printf', ['\\344\\377']))).toMatchObject({ stdout: 'äÿ' });
	});

	it('passes a script to PowerShell unchanged', async () => {
		let given: string[] = [];
		guest.programs.set('powershell.exe', (args) => {
			given = args;
			return { stdout: 'ok' };
		});
		const script = 'Write-Output "ä € \'x\'" | Out-File C:\\a.txt';
		expect(await run(command({ commandType: 'powershell', command: script }))).toMatchObject({
			stdout: 'ok',
		});
		expect(Buffer.from(given.at(-1) ?? '', 'base64').toString('utf16le')).toContain(script);
	});

	it('waits until a command has ended', async () => {
		guest.programs.set('slow', () => ({ seconds: 30, stdout: 'done' }));
		expect(await run(program('slow', []))).toMatchObject({ stdout: 'done', exitCode: 0 });
		expect(posts()).toHaveLength(1);
	});

	it('says that output was cut off', async () => {
		guest.programs.set('much', () => ({ stdout: Buffer.alloc(16 * 1024 ** 2 + 1, 'x') }));
		expect(await run(program('much', []))).toMatchObject({
			stdoutTruncated: true,
			stderrTruncated: false,
		});
	});

	it('finds a VM that moves to another node meanwhile', async () => {
		guest.programs.set('move', () => {
			vm().node = 'pve2';
			Object.assign(lab.emulator.state.nodes.get('pve2') ?? {}, { reach: 'here', member: true });
			return { stdout: 'moved' };
		});
		expect(await run(program('move', []))).toMatchObject({ stdout: 'moved' });
	});
});

describe('a command that fails', () => {
	it('fails the item, with the last lines of its output', async () => {
		const failure = await fail(sh('echo first; echo why >&2; exit 3'));
		expect(failure.message).toBe('The command in VM 100 ended with exit code 3');
		expect(failure.description).toBe(
			'Last lines of its output:\nwhy\nTo continue with the exit code instead, turn off Fail on Non-Zero Exit Code.',
		);
	});

	it('does not fail the item if that is turned off', async () => {
		const failOnExitCode = false;
		expect(await run(sh('exit 3', { failOnExitCode }))).toMatchObject({ exitCode: 3 });
		expect(await run(sh('kill -9 $$', { failOnExitCode }))).toMatchObject({
			exitCode: null,
			signal: 9,
		});
	});

	it('fails the item if a signal ended it', async () => {
		expect(await fail(sh('kill -9 $$'))).toMatchObject({
			message: 'The command in VM 100 was ended by signal 9',
		});
	});

	it('is reported if its program does not exist, and not sent again', async () => {
		const failure = await fail(program('nosuch', []));
		expect(failure.message).toBe('The guest agent of VM 100 could not run nosuch: Broken pipe');
		expect(failure.description).toContain('Check its name or full path.');
		expect(posts()).toHaveLength(1);
	});
});

describe('a command whose end is unknown', () => {
	it('is still running at the timeout', async () => {
		guest.programs.set('slow', () => ({ seconds: 600 }));
		const failure = await fail(program('slow', [], { options: { timeout: 20 } }));
		expect(failure).toEqual({
			message: 'The command (PID 150) was still running after 20 s',
			description: 'It continues in the guest. To wait longer, raise Options → Timeout.',
		});
		expect(posts()).toHaveLength(1);
	});

	it('has an agent that dies', async () => {
		guest.programs.set('kill-agent', () => {
			vm().agentRuns = false;
			return {};
		});
		const failure = await fail(program('kill-agent', [], { options: { timeout: 20 } }));
		expect(failure.message).toBe(
			'Timed out after 20 s, and the status of the command (PID 150) could not be read: QEMU guest agent is not running',
		);
		expect(failure.description).toContain('Whether the command finished its work is unknown');
		expect(posts()).toHaveLength(1);
	});

	it('has an agent that is started again, and knows nothing of it', async () => {
		guest.programs.set('restart-agent', () => ({ seconds: 600 }));
		const failing = fail(program('restart-agent', []));
		await until(() => guest.processes.size > 0);
		guest.processes.clear();
		expect((await failing).message).toBe(
			'The guest agent of VM 100 no longer knows the command (PID 150): it was restarted, or its response with the result was lost',
		);
	});

	it('has a VM that is turned off', async () => {
		guest.programs.set('poweroff', () => {
			vm().status = 'stopped';
			return {};
		});
		expect((await fail(program('poweroff', []))).message).toBe(
			'VM 100 was turned off while the command (PID 150) was running',
		);
	});

	it.each([
		[
			'the connection breaks',
			{ method: 'POST', path: '/agent/exec', when: 'after', effect: 'reset' },
		],
		[
			'the agent does not answer in time',
			{
				method: 'POST',
				path: '/agent/exec',
				when: 'after',
				effect: {
					status: 500,
					phrase: "VM 100 qga command 'guest-exec' failed - got timeout",
					body: '{"data":null}',
				},
			},
		],
	] as const)('was sent, and %s: it is not sent again', async (_title, fault) => {
		lab.emulator.faults.onRequest({ ...fault, path: `/nodes/pve1/qemu/100${fault.path}` });
		const failure = await fail(sh('echo once > /tmp/once'));
		expect(failure.message).toBe(
			'The response to the command in VM 100 on pve1 was lost. Whether it was executed is unknown',
		);
		expect(posts()).toHaveLength(1);
		expect(guest.files.get('/tmp/once')?.toString()).toBe('once\n');
	});

	it('is polled again if a poll gets no response', async () => {
		guest.programs.set('slow', () => ({ seconds: 20, stdout: 'done' }));
		lab.emulator.faults.onRequest({
			method: 'GET',
			path: '/nodes/pve1/qemu/100/agent/exec-status',
			effect: 'reset',
			times: 2,
		});
		expect(await run(program('slow', []))).toMatchObject({ stdout: 'done' });
	});
});

describe('a command that is not sent', () => {
	it.each<[string, INodeParameters, string]>([
		['no command', sh(' '), 'Command is needed'],
		['no program', program(' ', []), 'Program is needed'],
		['arguments in a text', program('ls', 'a b'), 'Arguments must be a list'],
		['an object as argument', program('ls', [{ a: 1 }]), 'Arguments must be text, a number'],
		[
			'a character that the agent cannot get',
			program('echo', ['a', 'ü']),
			'must contain only ASCII characters, and "ü" is not one: Proxmox VE cannot pass it to the guest agent (entry 2)',
		],
		[
			'the same in a shell line',
			sh('echo €'),
			'must contain only ASCII characters, and "€" is not one',
		],
		[
			'too much input',
			program('cat', [], { options: { 'input-data': 'ä'.repeat(32_769) } }),
			'Input Data may have at most 65536 bytes in UTF-8, got 65538',
		],
		[
			'too long a PowerShell script',
			command({ commandType: 'powershell', command: 'x'.repeat(20_000) }),
			'is too long for a Windows command line',
		],
		[
			'a wrong type',
			command({ commandType: 'bash', command: 'ls' }),
			'Command Type must be one of',
		],
	])('for %s', async (_title, parameters, message) => {
		expect((await fail(parameters)).message).toContain(message);
		expect(lab.emulator.requests).toEqual([]);
	});

	it.each<[string, () => void, string, string]>([
		[
			'no agent in the configuration',
			() => void delete vm().config.agent,
			'No QEMU guest agent configured',
			'Turn on Guest Agent',
		],
		[
			'no agent that answers',
			() => (vm().agentRuns = false),
			'QEMU guest agent is not running',
			'Install and start the guest agent in the guest.',
		],
		[
			'a VM that is off',
			() => (vm().status = 'stopped'),
			'VM 100 is not running',
			'Start the VM first.',
		],
		[
			'an agent that may not run programs',
			() => guest.disabled.add('exec'),
			'Command guest-exec has been disabled',
			'Allow this command of the guest agent',
		],
	])('is refused for %s', async (_title, arrange, message, advice) => {
		arrange();
		const failure = await fail(sh('ls'));
		expect(failure.message).toContain(message);
		expect(failure.description).toContain(advice);
		expect(posts()).toHaveLength(1);
	});
});
