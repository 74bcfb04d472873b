import { clusterState, startEmulator } from '../../../tools/emulator';
import type { Emulator } from '../../../tools/emulator';
import { guestOf } from '../../../tools/emulator/guest/guestSystem';
import type { GuestSystem } from '../../../tools/emulator/guest/guestSystem';
import { askApi, finishTask } from '../../support/askApi';
import type { Reply } from '../../support/askApi';

let emulator: Emulator;
let guest: GuestSystem;
const VM = '/nodes/pve1/qemu/900';
const AGENT = `${VM}/agent`;

const post = async (path: string, form: Record<string, string> = {}): Promise<Reply> =>
	await askApi(emulator, { method: 'POST', path, form });
const get = async (path: string): Promise<Reply> => await askApi(emulator, { path });
const data = ({ data: given }: Reply) => given as Record<string, unknown>;
const vm = () => {
	const found = emulator.state.vms.get(900);
	if (!found) throw new Error('there is no VM 900');
	return found;
};

beforeEach(async () => {
	emulator = await startEmulator({
		http: true,
		taskSeconds: 0.01,
		state: clusterState({ nodes: [{ name: 'pve1' }] }),
	});
	await finishTask(
		emulator,
		await post('/nodes/pve1/qemu', {
			vmid: '900',
			name: 'web',
			agent: '1',
			net0: 'virtio,bridge=vmbr0',
		}),
	);
	await finishTask(emulator, await post(`${VM}/status/start`));
	vm().agentRuns = true;
	guest = guestOf(vm());
});
afterEach(async () => await emulator.close());

/** Runs a program in the guest and gives what it left behind. */
async function run(...command: string[]): Promise<Record<string, unknown>> {
	const body = new URLSearchParams(command.map((part): [string, string] => ['command', part]));
	const response = await fetch(`${emulator.url}/api2/json${AGENT}/exec`, {
		method: 'POST',
		body,
		headers: { Authorization: `PVEAPIToken=${emulator.token.tokenId}=${emulator.token.secret}` },
	});
	const { data: started } = (await response.json()) as { data: { pid: number } };
	return data(await get(`${AGENT}/exec-status?pid=${started.pid}`));
}

describe('a program in a guest', () => {
	it.each<[string, string[], Record<string, unknown>]>([
		[
			'its output and exit code',
			['sh', '-c', 'echo out; echo bad >&2; exit 3'],
			{ exitcode: 3, 'out-data': 'out\n', 'err-data': 'bad\n' },
		],
		['none of them where nothing was written', ['true'], { exitcode: 0 }],
		['the signal that ended it', ['sh', '-c', 'kill -9 $$'], { signal: 9 }],
		[
			'arguments as they are',
			['printf', '<%s>', 'a b', '$HOME', ''],
			{ exitcode: 0, 'out-data': '<a b><$HOME><>' },
		],
		['bytes as characters', ['printf', '\\303\\244'], { exitcode: 0, 'out-data': 'Ã¤' }],
		[
			'a pipe',
			['sh', '-c', "echo 'a;b' | cut -d';' -f2 > /tmp/x; cat /tmp/x"],
			{ exitcode: 0, 'out-data': 'b\n' },
		],
		[
			'what follows a failure',
			['sh', '-c', 'false && echo no || echo "$HOME"; nosuch 2>/dev/null'],
			{ exitcode: 127, 'out-data': '/\n' },
		],
	])('returns %s', async (_title, command, expected) => {
		const ended = Object.entries(await run(...command)).filter(
			([name]) => !name.endsWith('-truncated'),
		);
		expect(Object.fromEntries(ended)).toEqual({ exited: 1, ...expected });
	});

	it('can be a program of a test', async () => {
		guest.programs.set('cloud-init', ([command]) => ({
			stdout: `${command}: done\n`,
			seconds: 60,
		}));
		const { data: started } = await post(`${AGENT}/exec`, { command: 'cloud-init' });
		const { pid } = started as { pid: number };
		expect(data(await get(`${AGENT}/exec-status?pid=${pid}`))).toEqual({ exited: 0 });
		expect(guest.processes.get(pid)?.stdout.toString()).toBe('undefined: done\n');
	});

	it('is known once only', async () => {
		const { data: started } = await post(`${AGENT}/exec`, { command: 'true' });
		const { pid } = started as { pid: number };
		expect(data(await get(`${AGENT}/exec-status?pid=${pid}`))).toEqual({ exited: 1, exitcode: 0 });
		expect((await get(`${AGENT}/exec-status?pid=${pid}`)).phrase).toBe(
			'Agent error: PID ld does not exist',
		);
	});

	it('that is not there breaks the connection to the daemon', async () => {
		expect(await post(`${AGENT}/exec`, { command: 'echo hello' })).toMatchObject({
			status: 596,
			phrase: 'Broken pipe',
			text: '',
		});
	});

	it('with a character that is no byte makes the agent deaf for a while', async () => {
		expect((await post(`${AGENT}/exec`, { command: '€' })).phrase).toBe(
			"VM 900 qga command 'guest-exec' failed - got timeout",
		);
		expect((await post(`${AGENT}/ping`)).phrase).toBe('QEMU guest agent is not running');
		guest.deafUntil = 0;
		expect((await post(`${AGENT}/ping`)).status).toBe(200);
	});
});

describe('a file in a guest', () => {
	it('is written and read, whole and in parts', async () => {
		await post(`${AGENT}/file-write`, { file: '/tmp/a', content: 'äöü' });
		expect(guest.files.get('/tmp/a')).toHaveLength(3);
		await post(`${AGENT}/file-write`, {
			file: '/tmp/a',
			content: Buffer.from('hello').toString('base64'),
			encode: '0',
		});
		expect(data(await get(`${AGENT}/file-read?file=/tmp/a`))).toEqual({
			content: 'hello',
			'bytes-read': 5,
		});
		expect(data(await get(`${AGENT}/file-read?file=/tmp/a&offset=1&count=2`))).toEqual({
			content: 'el',
			'bytes-read': 2,
			truncated: 1,
		});
		expect(data(await get(`${AGENT}/file-read?file=/tmp/a&decode=0`))).toMatchObject({
			content: 'aGVsbG8=',
		});
	});

	it.each<[string, Record<string, string>, string]>([
		[
			'a character that is no byte',
			{ file: '/tmp/a', content: '€' },
			'Wide character in subroutine entry at /usr/share/perl5/PVE/API2/Qemu/Agent.pm line 624.',
		],
		[
			'no folder',
			{ file: '/nosuch/a', content: 'x' },
			"Agent error: failed to open file '/nosuch/a' (mode: 'wb'): No such file or directory",
		],
		[
			'no base64',
			{ file: '/tmp/a', content: '!', encode: '0' },
			'Agent error: Base64 data contains invalid characters',
		],
	])('is not written: %s', async (_title, form, phrase) => {
		expect(await post(`${AGENT}/file-write`, form)).toMatchObject({ status: 500, phrase });
	});
});

describe('the guest agent', () => {
	it('refuses in a 200, or with an error, while file systems are frozen', async () => {
		expect(data(await post(`${AGENT}/fsfreeze-freeze`))).toEqual({ result: 1 });
		expect(data(await get(`${AGENT}/get-osinfo`))).toMatchObject({
			result: { error: { class: 'CommandNotFound' } },
		});
		expect((await post(`${AGENT}/exec`, { command: 'ls' })).phrase).toBe(
			'Agent error: Command guest-exec has been disabled: the command is not allowed',
		);
		expect(data(await post(`${AGENT}/fsfreeze-thaw`))).toEqual({ result: 1 });
		expect(data(await get(`${AGENT}/get-host-name`))).toEqual({ result: { 'host-name': 'web' } });
	});

	it('sets the password of a user that there is', async () => {
		expect(
			data(await post(`${AGENT}/set-user-password`, { username: 'user', password: 'secret' })),
		).toEqual({ result: {} });
		expect(guest.users.get('user')).toBe('secret');
		expect(
			(await post(`${AGENT}/set-user-password`, { username: 'x', password: 'secret' })).status,
		).toBe(500);
		expect(
			(await post(`${AGENT}/set-user-password`, { username: 'user', password: 'four' })).status,
		).toBe(400);
	});

	it('turns the guest off, and its programs end with it', async () => {
		await post(`${AGENT}/exec`, { command: 'true' });
		expect(data(await post(`${AGENT}/shutdown`))).toEqual({ result: null });
		expect(vm().status).toBe('stopped');
		expect(guest.processes.size).toBe(0);
		expect((await post(`${AGENT}/ping`)).phrase).toBe('VM 900 is not running');
	});
});
