import { manualClock, startEmulator } from '../../../tools/emulator';
import type { Emulator, EmulatorOptions } from '../../../tools/emulator';
import { askApi, finishTask, type Asked, type Reply } from '../../support/askApi';

let emulator: Emulator;

async function start(options: EmulatorOptions = {}): Promise<Emulator> {
	emulator = await startEmulator({ http: true, taskSeconds: 0.01, ...options });
	return emulator;
}

afterEach(async () => await emulator.close());

const ask = async (asked: Asked): Promise<Reply> => await askApi(emulator, asked);

const create = async (form: Record<string, string>) =>
	await ask({ method: 'POST', path: '/nodes/pve1/qemu', form });

const finish = async (reply: Reply): Promise<string | undefined> =>
	await finishTask(emulator, reply);

describe('the server', () => {
	it('speaks TLS with a certificate that its CA vouches for', async () => {
		await start({ http: false });
		expect(await ask({ path: '/version' })).toMatchObject({
			status: 200,
			data: { version: '9.2.11' },
		});
	});

	it('logs requests without secrets', async () => {
		await start();
		await create({ vmid: '900', cipassword: 'hunter2', ciuser: 'me' });
		expect(emulator.requests).toMatchObject([
			{ method: 'POST', path: '/api2/json/nodes/pve1/qemu', status: 200, authId: 'root@pam!full' },
		]);
		expect(emulator.requests[0]?.body).toBe('vmid=900&cipassword=***&ciuser=me');
	});

	it('refuses what it cannot do with 501 and says so', async () => {
		await start();
		const reply = await ask({
			method: 'POST',
			path: '/nodes/pve1/migrateall',
			form: { target: 'not looked at' },
		});
		expect(reply.status).toBe(501);
		expect(reply.phrase).toMatch(/not supported by the emulator/);
	});

	it('refuses paths it has never heard of as the API does', async () => {
		await start();
		expect(await ask({ path: '/nodes/pve1/nosuch' })).toMatchObject({
			status: 501,
			phrase: "Method 'GET /nodes/pve1/nosuch' not implemented",
		});
	});

	it('keeps one emulator apart from another', async () => {
		const other = await startEmulator({ http: true });
		await start();
		await create({ vmid: '900' });
		expect(emulator.state.vms.has(900)).toBe(true);
		expect(other.state.vms.has(900)).toBe(false);
		await other.close();
	});
});

describe('time', () => {
	it('does not move with a manual clock until it is advanced', async () => {
		const clock = manualClock();
		await start({ clock });
		const reply = await create({ vmid: '900' });
		const task = emulator.tasks.find(String(reply.data));
		await clock.advance(100);
		expect(task?.state).toBe('running');
		await clock.advance(10_000);
		expect(task).toMatchObject({ state: 'stopped', exitstatus: 'OK' });
		expect((task?.endtime ?? 0) - (task?.starttime ?? 0)).toBeLessThan(3);
	});

	it('makes a second create of an ID wait for the lock, and then give up', async () => {
		const clock = manualClock();
		await start({ clock });
		await create({
			vmid: '900',
			archive: 'local:backup/vzdump-qemu-100-2026_01_02-03_04_06.vma',
			bwlimit: '1',
		});
		await clock.advance(1_000);
		const second = create({ vmid: '900' });
		let isAnswered = false;
		void second.then(() => {
			isAnswered = true;
		});
		while (!isAnswered) await clock.advance(1_000);
		expect(await second).toMatchObject({
			status: 500,
			phrase:
				"unable to create VM 900 - can't lock file '/var/lock/qemu-server/lock-900.conf' - got timeout",
		});
	});
});

describe('faults of requests', () => {
	const lost = 'socket hang up|ECONNRESET|aborted';

	it('resets a connection before anything was done', async () => {
		await start();
		emulator.faults.onRequest({ method: 'POST', path: '/nodes/pve1/qemu', effect: 'reset' });
		await expect(create({ vmid: '900' })).rejects.toThrow(new RegExp(lost));
		expect(emulator.state.vms.has(900)).toBe(false);
		expect((await create({ vmid: '900' })).status).toBe(200);
	});

	it('loses an answer after the VM was created', async () => {
		await start();
		emulator.faults.onRequest({ method: 'POST', effect: 'reset', when: 'after' });
		await expect(create({ vmid: '900' })).rejects.toThrow(new RegExp(lost));
		expect(emulator.state.vms.has(900)).toBe(true);
	});

	it('breaks an answer off half way', async () => {
		await start();
		emulator.faults.onRequest({ path: /version/, effect: 'truncate' });
		await expect(ask({ path: '/version' })).rejects.toThrow(new RegExp(lost));
	});

	it('answers as a proxy would, for the nth request and as often as requested', async () => {
		await start();
		emulator.faults.onRequest({
			path: '/version',
			nth: 2,
			times: 2,
			effect: {
				status: 502,
				phrase: 'Bad Gateway',
				body: '<html>',
				headers: { 'Content-Type': 'text/html' },
			},
		});
		const statuses = [];
		for (let count = 0; count < 4; count++) statuses.push((await ask({ path: '/version' })).status);
		expect(statuses).toEqual([200, 502, 502, 200]);
	});

	it('forgets all faults on request', async () => {
		await start();
		emulator.faults.onRequest({ effect: 'reset', times: 9 });
		emulator.faults.daemon = 'down';
		emulator.faults.clear();
		expect((await create({ vmid: '900' })).status).toBe(200);
	});
});

describe('faults of the cluster', () => {
	it('creates the VM later when the daemon hung, though the answer was 596', async () => {
		const clock = manualClock();
		await start({ clock });
		emulator.faults.daemon = 'hangs';
		const pending = create({ vmid: '900' });
		let reply: Reply | undefined;
		void pending.then((answer) => {
			reply = answer;
		});
		while (!reply) await clock.advance(1_000);
		expect(reply).toMatchObject({ status: 596, phrase: 'Connection timed out' });
		expect(emulator.state.vms.has(900)).toBe(false);
		emulator.faults.daemon = 'up';
		await clock.advance(5_000);
		expect(emulator.state.vms.has(900)).toBe(true);
	});

	it('continues unprotected reads while the daemon is down', async () => {
		await start();
		emulator.faults.daemon = 'down';
		expect((await create({ vmid: '900' })).status).toBe(595);
		expect((await ask({ path: '/version' })).status).toBe(200);
	});

	it('creates nothing without quorum', async () => {
		await start();
		emulator.state.quorate = false;
		expect((await create({ vmid: '900' })).phrase).toBe('cluster not ready - no quorum?');
	});
});

describe('faults of tasks', () => {
	it('lets one warn, fail or work and then fail', async () => {
		await start();
		emulator.faults.onTask({ type: 'qmcreate', vmid: 900, warnings: ['one', 'two'] });
		emulator.faults.onTask({ type: 'qmcreate', vmid: 901, failsBefore: 'no room' });
		expect(await finish(await create({ vmid: '900' }))).toBe('WARNINGS: 2');
		const failed = await create({ vmid: '901' });
		expect(await finish(failed)).toBe('no room');
		expect(emulator.tasks.find(String(failed.data))?.log.at(-1)).toBe('TASK ERROR: no room');
	});

	it('kills one, which leaves the VM with its lock', async () => {
		await start();
		emulator.faults.onTask({ type: 'qmcreate', dies: true });
		expect(await finish(await create({ vmid: '900' }))).toBe('unexpected status');
		expect(emulator.state.vms.get(900)?.config).toEqual({ lock: 'create' });
		expect((await create({ vmid: '900' })).phrase).toMatch(/already exists/);
	});

	it('slows one down', async () => {
		const clock = manualClock();
		await start({ clock });
		emulator.faults.onTask({ type: 'qmcreate', extraMs: 3_600_000 });
		const reply = await create({ vmid: '900' });
		await clock.advance(3_000_000);
		expect(emulator.tasks.find(String(reply.data))?.state).toBe('running');
		await clock.advance(1_000_000);
		expect(emulator.tasks.find(String(reply.data))?.exitstatus).toBe('OK');
	});
});

describe('what is created', () => {
	it('can be read back, and is gone with its disks after a failure', async () => {
		await start();
		await finish(
			await create({
				vmid: '900',
				scsi0: 'local:2,ssd=1',
				ide2: 'local:cloudinit',
				net0: 'virtio,bridge=vmbr0',
			}),
		);
		const { data } = await ask({ path: '/nodes/pve1/qemu/900/config' });
		expect(data).toMatchObject({
			scsi0: 'local:900/vm-900-disk-0.raw,size=2G,ssd=1',
			ide2: 'local:900/vm-900-cloudinit.qcow2,media=cdrom',
			boot: 'order=scsi0;ide2;net0',
		});
		expect(data).toHaveProperty(
			'net0',
			expect.stringMatching(/^virtio=BC:24:11(:[0-9A-F]{2}){3},bridge=vmbr0$/),
		);
		expect(await finish(await create({ vmid: '901', scsi0: 'local:1', scsi1: 'small:1' }))).toMatch(
			/No space left/,
		);
		expect([...emulator.state.volumes.keys()].filter((volid) => volid.includes('901'))).toEqual([]);
		expect(emulator.state.vms.has(901)).toBe(false);
	});

	it('can be backed up and restored', async () => {
		await start();
		await finish(await create({ vmid: '900', name: 'original', scsi0: 'local:1' }));
		await finish(
			await ask({
				method: 'POST',
				path: '/nodes/pve1/vzdump',
				form: { vmid: '900', storage: 'lab' },
			}),
		);
		const backup = [...emulator.state.volumes.values()].find(
			({ storage, content }) => storage === 'lab' && content === 'backup',
		);
		expect(
			await finish(await create({ vmid: '901', archive: backup?.volid ?? '', storage: 'lab' })),
		).toBe('OK');
		expect(emulator.state.vms.get(901)?.config).toMatchObject({
			name: 'original',
			scsi0: 'lab:901/vm-901-disk-0.raw,size=1G',
		});
	});
});
