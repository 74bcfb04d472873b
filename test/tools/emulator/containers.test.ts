import { manualClock, startEmulator } from '../../../tools/emulator';
import type { Emulator, ManualClock } from '../../../tools/emulator';
import { askApi } from '../../support/askApi';

let emulator: Emulator;
let clock: ManualClock;

beforeEach(async () => {
	clock = manualClock();
	emulator = await startEmulator({ http: true, clock, seed: 'demo' });
});
afterEach(async () => await emulator.close());

const LXC = '/nodes/pve/lxc';
const ct = (vmid: number) => emulator.state.vms.get(vmid);
const ask = async (path: string, form: Record<string, string> = {}, method = 'POST') =>
	await askApi(emulator, { method, path, form });
const taskOf = ({ data }: { data?: unknown }) => emulator.tasks.find(String(data));
const create = async (vmid: number, form: Record<string, string> = {}) =>
	await ask(LXC, {
		vmid: String(vmid),
		ostemplate: 'local:vztmpl/debian-13-standard_13.1-2_amd64.tar.zst',
		storage: 'local-lvm',
		...form,
	});

/** Lets the emulator's clock go on until a task has ended; returns how it ended. */
async function endOf(reply: { data?: unknown }): Promise<string | undefined> {
	const task = taskOf(reply);
	for (let step = 0; step < 600 && task?.state === 'running'; step += 1) await clock.advance(200);
	return task?.exitstatus;
}

describe('a container that is made', () => {
	it('has its ID at once, and a lock until it is ready', async () => {
		const reply = await create(400);
		expect(ct(400)?.config).toEqual({ lock: 'create' });
		expect((await create(400)).phrase).toBe("CT 400 already exists on node 'pve'");
		expect(await endOf(reply)).toBe('OK');
		expect(ct(400)?.config).toMatchObject({ hostname: 'CT400', unprivileged: 1 });
	});

	it('stays locked if its task is killed', async () => {
		const reply = await create(400);
		await emulator.tasks.kill(String(reply.data));
		expect(ct(400)?.config).toEqual({ lock: 'create' });
	});

	it('leaves nothing if its task is stopped', async () => {
		const reply = await create(400);
		await clock.advance(400);
		const stopped = emulator.tasks.stop(String(reply.data));
		await clock.advance(1_000);
		await stopped;
		expect(ct(400)).toBeUndefined();
		const disks = [...emulator.state.volumes.values()].filter(({ vmid }) => vmid === 400);
		expect(disks).toEqual([]);
	});

	it('has no address by DHCP before it has a lease', async () => {
		await endOf(await create(400, { net0: 'name=eth0,bridge=vmbr0,ip=dhcp', start: '1' }));
		await clock.advance(1_000);
		expect(ct(400)?.status).toBe('running');
		const addresses = async () => {
			const { data } = await askApi(emulator, { path: `${LXC}/400/interfaces` });
			return (data as Array<{ inet?: string }>).map(({ inet }) => inet);
		};
		expect(await addresses()).toEqual(['127.0.0.1/8', undefined]);
		await clock.advance(3_000);
		expect(await addresses()).toEqual(['127.0.0.1/8', '198.51.100.151/24']);
	});
});

describe('a container that runs', () => {
	it('runs on if it does not listen to a shutdown, unless it is to be killed', async () => {
		Object.assign(ct(300) ?? {}, { ignoresShutdown: true });
		const path = `${LXC}/300/status/shutdown`;
		expect(await endOf(await ask(path, { timeout: '3' }))).toBe('container did not stop');
		expect(ct(300)?.status).toBe('running');
		expect(await endOf(await ask(path, { timeout: '3', forceStop: '1' }))).toBe('OK');
		expect(ct(300)?.status).toBe('stopped');
	});

	it('is stopped at once if a shutdown that waits is overruled', async () => {
		Object.assign(ct(300) ?? {}, { ignoresShutdown: true });
		const shutdown = await ask(`${LXC}/300/status/shutdown`, { timeout: '600' });
		await clock.advance(1_000);
		const stop = await ask(`${LXC}/300/status/stop`, { 'overrule-shutdown': '1' });
		expect(await endOf(stop)).toBe('OK');
		expect(taskOf(shutdown)?.state).toBe('stopped');
		expect(ct(300)?.status).toBe('stopped');
	});

	it('takes what changes while it runs, and the rest when it starts again', async () => {
		const set = { memory: '1024', features: 'nesting=1,keyctl=1' };
		expect((await ask(`${LXC}/300/config`, set, 'PUT')).status).toBe(403);
		await ask(`${LXC}/300/config`, { memory: '1024', nameserver: '192.0.2.1' }, 'PUT');
		expect(ct(300)).toMatchObject({
			config: { memory: 1024 },
			pending: { nameserver: '192.0.2.1' },
		});
		await endOf(await ask(`${LXC}/300/status/reboot`));
		expect(ct(300)).toMatchObject({ status: 'running', config: { nameserver: '192.0.2.1' } });
	});

	it('is backed up in another mode if its volumes cannot be frozen', async () => {
		emulator.state.storages.get('local')?.content.push('rootdir');
		await endOf(await create(301, { storage: 'local', start: '1' }));
		const reply = await ask('/nodes/pve/vzdump', { vmid: '301', storage: 'local' });
		expect(await endOf(reply)).toBe('OK');
		expect(taskOf(reply)?.log).toContain("INFO: trying 'suspend' mode instead");
		expect(ct(301)?.status).toBe('running');
	});
});

describe('a container that is restored over', () => {
	const backup = () =>
		[...emulator.state.volumes.values()].find(({ volid }) => /vzdump-lxc/.test(volid));
	const restore = async () =>
		await ask(LXC, {
			vmid: '300',
			ostemplate: backup()?.volid ?? '',
			restore: '1',
			force: '1',
			storage: 'local-lvm',
			hostname: 'new',
		});
	beforeEach(async () => void (await endOf(await ask(`${LXC}/300/status/stop`))));

	it('gets new volumes', async () => {
		expect(await endOf(await restore())).toBe('OK');
		expect(ct(300)?.config).toMatchObject({
			hostname: 'new',
			rootfs: 'local-lvm:vm-300-disk-1,size=8G',
		});
		expect(emulator.state.volumes.has('local-lvm:vm-300-disk-0')).toBe(false);
	});

	it('is gone if its new volumes cannot be made', async () => {
		Object.assign(emulator.state.storages.get('local-lvm') ?? {}, { full: true });
		expect(await endOf(await restore())).toMatch(/thin pool pve\/data reached threshold\.$/);
		expect(ct(300)).toBeUndefined();
	});

	it('is as it was if the archive is broken', async () => {
		Object.assign(backup() ?? {}, { damage: 'garbage' });
		expect(await endOf(await restore())).toMatch(/archive contains no configuration file$/);
		expect(ct(300)?.config).toMatchObject({
			hostname: 'proxy',
			rootfs: 'local-lvm:vm-300-disk-0,size=8G',
		});
		expect(ct(300)?.config.lock).toBeUndefined();
	});
});

describe('a container that is copied', () => {
	it('is locked until its clone is made', async () => {
		await endOf(await ask(`${LXC}/300/status/stop`));
		const first = await ask(`${LXC}/300/clone`, { newid: '400' });
		expect((await ask(`${LXC}/300/clone`, { newid: '401' })).phrase).toBe('CT is locked (disk)');
		expect(await endOf(first)).toBe('OK');
		expect(await endOf(await ask(`${LXC}/300/clone`, { newid: '401' }))).toBe('OK');
	});

	it('becomes a template in a task that the answer does not name', async () => {
		await endOf(await ask(`${LXC}/300/status/stop`));
		expect((await ask(`${LXC}/300/template`)).data).toBeNull();
		expect(ct(300)?.config.template).toBeUndefined();
		const [task] = emulator.tasks.all();
		expect(task).toMatchObject({ type: 'vztemplate', id: '300' });
		await endOf({ data: task?.upid });
		expect(ct(300)?.config).toMatchObject({
			template: 1,
			rootfs: 'local-lvm:base-300-disk-0,size=8G',
		});
	});
});

describe('a template', () => {
	const STORAGE = '/nodes/pve/storage/local';

	it('is downloaded from the list of appliances, and used for a container', async () => {
		const { data } = await askApi(emulator, { path: '/nodes/pve/aplinfo' });
		const [first] = data as Array<{ template: string }>;
		const template = String(first?.template);
		expect(await endOf(await ask('/nodes/pve/aplinfo', { storage: 'local', template }))).toBe('OK');
		const ostemplate = `local:vztmpl/${template}`;
		expect(await endOf(await create(400, { ostemplate }))).toBe('OK');
		expect(ct(400)?.config.ostype).toBe('alpine');
	});

	it.each(['docker.io/library/nginx:1.29', 'library/nginx:1.29', 'nginx:1.29'])(
		'is pulled from a registry as %s, and what it starts is set',
		async (reference) => {
			const path = `${STORAGE}/oci-registry-pull`;
			expect(await endOf(await ask(path, { reference }))).toBe('OK');
			const ostemplate = 'local:vztmpl/nginx_1.29.tar';
			const net0 = 'name=eth0,bridge=vmbr0,ip=dhcp';
			expect(await endOf(await create(400, { ostemplate, net0, start: '1' }))).toBe('OK');
			await clock.advance(2_000);
			const { data } = await askApi(emulator, { path: `${LXC}/400/config` });
			expect(data).toMatchObject({
				entrypoint: "/docker-entrypoint.sh nginx -g 'daemon off;'",
				lxc: [['lxc.signal.halt', 'SIGQUIT']],
				net0: expect.stringContaining('host-managed=1') as unknown,
			});
			expect(ct(400)?.status).toBe('running');
		},
	);
});

it('backups of a container are pruned apart from those of VMs', async () => {
	await endOf(await ask('/nodes/pve/vzdump', { vmid: '100,300', storage: 'local' }));
	const path = '/nodes/pve/storage/local/prunebackups?prune-backups=keep-last%3D1';
	const { data } = await askApi(emulator, { path });
	const marks = (data as Array<{ vmid: number; mark: string }>).map(({ vmid, mark }) => [
		vmid,
		mark,
	]);
	expect(marks).toEqual([
		[300, 'remove'],
		[300, 'keep'],
		[100, 'remove'],
		[100, 'keep'],
	]);
	await endOf(await askApi(emulator, { method: 'DELETE', path: `${path}&vmid=300` }));
	const left = [...emulator.state.volumes.values()].flatMap(({ content, vmid }) =>
		content === 'backup' ? [vmid] : [],
	);
	expect(left.sort()).toEqual([100, 100, 300]);
});
