import { clusterState, manualClock, startEmulator } from '../../../tools/emulator';
import type { Boot, CloudInit, Emulator, ManualClock } from '../../../tools/emulator';
import { guestOf } from '../../../tools/emulator/guest/guestSystem';
import { askApi } from '../../support/askApi';

let emulator: Emulator;
let clock: ManualClock;
const VM = '/nodes/pve1/qemu/900';
const RESULT = '/run/cloud-init/result.json';

beforeEach(async () => {
	clock = manualClock();
	const state = clusterState({
		nodes: [{ name: 'pve1' }],
		guests: [{ vmid: 900, node: 'pve1', config: { name: 'web', agent: '1' } }],
	});
	emulator = await startEmulator({ http: true, clock, state });
});
afterEach(async () => await emulator.close());

const vm = () => {
	const found = emulator.state.vms.get(900);
	if (!found) throw new Error('there is no VM 900');
	return found;
};
const textOf = (path: string) => guestOf(vm()).files.get(path)?.toString();

/** Starts the VM, whose guest then boots like this, and waits for the task. */
async function start(boot: Boot): Promise<void> {
	emulator.state.boot = () => boot;
	await askApi(emulator, { method: 'POST', path: `${VM}/status/start` });
	while (vm().status !== 'running') await clock.advance(100);
}

/** Asks cloud-init in the guest for its status. */
async function status(): Promise<{ exitcode: unknown; answer: Record<string, unknown> }> {
	const { data: started } = await askApi(emulator, {
		method: 'POST',
		path: `${VM}/agent/exec`,
		form: [
			['command', 'cloud-init'],
			['command', 'status'],
		],
	});
	const { pid } = started as { pid: number };
	const { data } = await askApi(emulator, { path: `${VM}/agent/exec-status?pid=${pid}` });
	const ended = data as Record<string, unknown>;
	return {
		exitcode: ended.exitcode,
		answer: JSON.parse(String(ended['out-data'])) as Record<string, unknown>,
	};
}

describe('a guest that boots', () => {
	it('answers by its agent first, and has the result of cloud-init later', async () => {
		await start({ agentSeconds: 20, cloudInit: { seconds: 30 } });
		await clock.advance(19_000);
		expect(vm().agentRuns).toBe(false);
		await clock.advance(1_500);
		expect(vm().agentRuns).toBe(true);
		expect(textOf(RESULT)).toBeUndefined();
		expect(textOf('/run/cloud-init/status.json')).toContain('"stage": "modules-config"');
		await clock.advance(30_000);
		expect(textOf(RESULT)).toBe(
			'{\n "v1": {\n  "datasource": "DataSourceNoCloud [seed=/dev/sr0]",\n  "errors": []\n }\n}\n',
		);
	});

	it('has no result of its last start, but in the file that stays', async () => {
		await start({ agentSeconds: 1, cloudInit: { seconds: 1 } });
		await clock.advance(3_000);
		vm().status = 'stopped';
		await start({ agentSeconds: 1 });
		await clock.advance(3_000);
		expect(textOf(RESULT)).toBeUndefined();
		expect(textOf('/var/lib/cloud/data/result.json')).toContain('NoCloud');
	});

	it('does not continue after its VM was turned off', async () => {
		await start({ agentSeconds: 20 });
		vm().status = 'stopped';
		await clock.advance(60_000);
		expect(vm().agentRuns).toBe(false);
	});

	it.each<[string, CloudInit, number, Record<string, unknown>]>([
		['running', {}, 0, { status: 'running', extended_status: 'running' }],
		['done', { seconds: 1 }, 0, { status: 'done', extended_status: 'done' }],
		[
			'an error',
			{ seconds: 1, errors: ['x'] },
			1,
			{ status: 'error', extended_status: 'error - done', errors: ['x'] },
		],
		[
			'degraded',
			{ seconds: 1, recoverableErrors: { WARNING: ['y'] } },
			2,
			{ status: 'done', extended_status: 'degraded done', recoverable_errors: { WARNING: ['y'] } },
		],
		['disabled', { isDisabled: true }, 0, { status: 'disabled' }],
		['done, of an old version', { seconds: 1, version: '22.4.2' }, 0, { _schema_version: '1' }],
	])('has a status: %s', async (_title, cloudInit, exitcode, answer) => {
		await start({ agentSeconds: 1, cloudInit });
		await clock.advance(5_000);
		expect(await status()).toMatchObject({ exitcode, answer });
	});

	it('may have an agent that refuses to run programs', async () => {
		await start({ agentSeconds: 0 });
		await clock.advance(100);
		guestOf(vm()).disabled.add('exec');
		const refused = await askApi(emulator, {
			method: 'POST',
			path: `${VM}/agent/exec`,
			form: { command: 'true' },
		});
		expect(refused).toMatchObject({
			status: 500,
			phrase: 'Agent error: Command guest-exec has been disabled: the command is not allowed',
		});
	});
});
