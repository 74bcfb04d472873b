import { clusterState, manualClock, startEmulator } from '../../../tools/emulator';
import type { ClusterSpec, Emulator, EmulatorOptions } from '../../../tools/emulator';
import { askApi, finishTask, type Asked, type Reply } from '../../support/askApi';

let emulator: Emulator;

const ONE: ClusterSpec = {
	nodes: [{ name: 'pve1' }, { name: 'pve2' }],
	storages: [
		{ storage: 'local' },
		{ storage: 'isoonly', content: ['iso'] },
		{ storage: 'othernode', nodes: ['pve2'] },
		{ storage: 'disabled', disabled: true },
	],
};

async function start(options: EmulatorOptions = {}): Promise<void> {
	emulator = await startEmulator({
		http: true,
		taskSeconds: 0.01,
		state: clusterState(ONE),
		...options,
	});
}

beforeEach(async () => await start());
afterEach(async () => await emulator.close());

const ask = async (asked: Asked): Promise<Reply> => await askApi(emulator, asked);
const get = async (path: string) => (await ask({ path })).data as Record<string, unknown>;
const rows = async (path: string) => (await ask({ path })).data as Array<Record<string, unknown>>;
const post = async (path: string, form: Record<string, string> = {}) =>
	await ask({ method: 'POST', path, form });
const run = async (path: string, form: Record<string, string> = {}) =>
	await finishTask(emulator, await post(path, form));
const put = async (path: string, form: Record<string, string>) =>
	await ask({ method: 'PUT', path, form });
const remove = async (path: string) =>
	await finishTask(emulator, await ask({ method: 'DELETE', path }));
const logOf = (reply: Reply) => (emulator.tasks.find(String(reply.data))?.log ?? []).join('\n');
const VM = '/nodes/pve1/qemu/900';
const config = async () => await get(`${VM}/config`);
const create = async (form: Record<string, string> = {}) =>
	await run('/nodes/pve1/qemu', { vmid: '900', ...form });
const volumes = () => [...emulator.state.volumes.keys()].sort();

describe('a change of a disk', () => {
	beforeEach(async () => {
		await create({ scsi0: 'local:1', scsi1: 'local:2' });
	});

	it('of its options leaves the volume where it is', async () => {
		await put(`${VM}/config`, { scsi1: 'local:900/vm-900-disk-1.raw,cache=writeback' });
		await run(`${VM}/config`, { scsi1: 'local:900/vm-900-disk-1.raw,cache=none' });
		expect(await config()).toMatchObject({
			scsi1: 'local:900/vm-900-disk-1.raw,cache=none,size=2G',
		});
		expect(await config()).not.toHaveProperty('unused0');
	});

	it('keeps a volume that is replaced or detached as an unused one, once', async () => {
		await put(`${VM}/config`, { delete: 'scsi1' });
		expect(await config()).toMatchObject({ unused0: 'local:900/vm-900-disk-1.raw' });
		await put(`${VM}/config`, { virtio0: 'local:900/vm-900-disk-1.raw' });
		expect(await config()).toMatchObject({ virtio0: expect.stringContaining('disk-1') as string });
		expect(await config()).not.toHaveProperty('unused0');
	});

	it('frees an unused volume that is deleted', async () => {
		await put(`${VM}/config`, { delete: 'scsi1' });
		await put(`${VM}/config`, { delete: 'unused0' });
		expect(volumes()).toEqual(['local:900/vm-900-disk-0.raw']);
		expect(await config()).not.toHaveProperty('unused0');
	});

	it('moves it away with a snapshot only where the source stays', async () => {
		await create({ vmid: '901', scsi0: 'local:1,format=qcow2' });
		await run('/nodes/pve1/qemu/901/snapshot', { snapname: 's1' });
		const move = { disk: 'scsi0', storage: 'local', format: 'raw', delete: '1' };
		expect(await post('/nodes/pve1/qemu/901/move_disk', move)).toMatchObject({
			status: 500,
			phrase: "you can't move a disk with snapshots and delete the source",
		});
		expect(await run('/nodes/pve1/qemu/901/move_disk', { ...move, delete: '0' })).toBe('OK');
		expect(await post(`${VM}/move_disk`, { disk: 'scsi0' })).toMatchObject({ status: 400 });
	});
});

describe('a clone', () => {
	it.each([
		['nosuch', 500, "storage 'nosuch' does not exist"],
		['disabled', 500, "storage 'disabled' is disabled"],
		['othernode', 500, "storage 'othernode' is not available on node 'pve1'"],
	])('to the storage %s is refused at once', async (storage, status, phrase) => {
		await create({ scsi0: 'local:1' });
		expect(await post(`${VM}/clone`, { newid: '901', full: '1', storage })).toMatchObject({
			status,
			phrase,
		});
	});

	it('to a storage without images is refused for its parameter', async () => {
		await create({ scsi0: 'local:1' });
		const reply = await post(`${VM}/clone`, { newid: '901', full: '1', storage: 'isoonly' });
		expect(reply.status).toBe(400);
		expect(JSON.parse(reply.text)).toMatchObject({
			errors: { storage: "storage 'isoonly' does not support vm images" },
		});
	});

	it("of a snapshot takes the snapshot's description, and rolling back keeps the VM's", async () => {
		await create({ scsi0: 'local:1,format=qcow2', description: 'vm' });
		await run(`${VM}/snapshot`, { snapname: 's1', description: 'then' });
		expect(await get(`${VM}/config?snapshot=s1`)).toMatchObject({
			description: 'then',
			snaptime: expect.any(Number) as number,
		});
		expect(await run(`${VM}/clone`, { newid: '901', full: '1', snapname: 's1' })).toBe('OK');
		expect(emulator.state.vms.get(901)?.config.description).toBe('then');
		expect(await run(`${VM}/snapshot/s1/rollback`)).toBe('OK');
		expect(await config()).toMatchObject({ description: 'vm', parent: 's1' });
	});

	it('that is linked names the format of its base, and keeps the base from being deleted', async () => {
		await create({ scsi0: 'local:1,format=qcow2' });
		expect(await run(`${VM}/template`)).toBe('OK');
		const reply = await post(`${VM}/clone`, { newid: '901' });
		expect(await finishTask(emulator, reply)).toBe('OK');
		expect(logOf(reply)).toContain('backing_fmt=qcow2');
		expect(await remove(VM)).toBe(
			"base volume 'local:900/base-900-disk-0.qcow2' is still in use by linked cloned",
		);
		expect(await run(`${VM}/config`, { name: 'still-there' })).toBe('OK');
	});
});

describe('a backup', () => {
	beforeEach(async () => {
		await create({ scsi0: 'local:1' });
	});

	it('refuses notes with a variable that it does not know', async () => {
		const reply = await post('/nodes/pve1/vzdump', {
			vmid: '900',
			storage: 'local',
			'notes-template': '{{bogus}}',
		});
		expect(reply.status).toBe(400);
		expect(reply.text).toContain("found unknown: variable 'bogus' at char 4");
	});

	it.each([
		[
			'nosuch',
			"could not activate storage 'nosuch': storage 'nosuch' does not exist could not get storage information for 'nosuch': storage 'nosuch' does not exist",
		],
		['disabled', "could not activate storage 'disabled': storage 'disabled' is disabled"],
		[
			'othernode',
			"could not activate storage 'othernode': storage 'othernode' is not available on node 'pve1'",
		],
	])('to the storage %s fails for it', async (storage, text) => {
		expect(await run('/nodes/pve1/vzdump', { vmid: '900', storage })).toBe(text);
	});

	it('needs a VM, and directories are for root alone', async () => {
		const missing = await post('/nodes/pve1/vzdump', { storage: 'local' });
		expect(missing).toMatchObject({ status: 400 });
		expect(missing.text).toContain('"vmid":"property is missing"');
		const dumpdir = await post('/nodes/pve1/vzdump', { vmid: '900', dumpdir: '/tmp' });
		expect(dumpdir.text).toContain('"dumpdir":"Only root may set this option."');
	});

	it('removes what is beyond the number to be kept, but nothing protected', async () => {
		const archive = (day: string, isProtected: boolean) => {
			const volid = `local:backup/vzdump-qemu-900-2026_01_${day}-00_00_00.vma.zst`;
			const ctime = Date.UTC(2026, 0, Number(day)) / 1000;
			emulator.state.volumes.set(volid, {
				volid,
				storage: 'local',
				content: 'backup',
				format: 'vma.zst',
				size: 1,
				used: 1,
				ctime,
				vmid: 900,
				protected: isProtected,
			});
			return volid;
		};
		const old = archive('01', false);
		const kept = archive('02', true);
		const reply = await post('/nodes/pve1/vzdump', {
			vmid: '900',
			storage: 'local',
			'prune-backups': 'keep-last=1',
			remove: '1',
		});
		expect(await finishTask(emulator, reply)).toBe('OK');
		expect(volumes()).not.toContain(old);
		expect(volumes()).toContain(kept);
		expect(volumes().filter((volid) => volid.includes('backup/'))).toHaveLength(2);
		expect(logOf(reply)).toContain('prune older backups with retention: keep-last=1');
	});

	it('starts a stopped VM for it, and says so', async () => {
		const reply = await post('/nodes/pve1/vzdump', { vmid: '900', storage: 'local' });
		await finishTask(emulator, reply);
		expect(logOf(reply)).toContain('starting kvm to execute backup task');
		expect(logOf(reply)).toContain('stopping kvm after backup task');
	});
});

describe('deleting a VM', () => {
	it('with its unreferenced disks fails where a storage is offline, and then the VM stays without its disks', async () => {
		await create({ scsi0: 'local:1' });
		emulator.state.storages.set('gone', {
			...emulator.state.storages.get('local')!,
			storage: 'gone',
			path: '/mnt/gone',
			unmounted: true,
		});
		const failed = await remove(`${VM}?destroy-unreferenced-disks=1`);
		expect(failed).not.toBe('OK');
		expect(failed).toContain('gone');
		expect(volumes()).toEqual([]);
		expect((await ask({ path: `${VM}/config` })).status).toBe(200);
		expect(await remove(VM)).toBe('OK');
	});
});

describe('the list of the cluster', () => {
	const row = async () =>
		(await rows('/cluster/resources?type=vm')).find(({ vmid }) => vmid === 900);

	it('knows a new VM by its ID alone, until the node has sent word of it', async () => {
		await emulator.close();
		const clock = manualClock();
		await start({ clock });
		const reply = await post('/nodes/pve1/qemu', { vmid: '900', name: 'fresh' });
		const task = emulator.tasks.find(String(reply.data));
		while (task?.state === 'running') await clock.advance(100);
		expect(await row()).toEqual({
			id: 'qemu/900',
			node: 'pve1',
			status: 'unknown',
			type: 'qemu',
			vmid: 900,
		});
		await clock.advance(10_000);
		expect(await row()).toMatchObject({ status: 'stopped', name: 'fresh' });
		await put(`${VM}/config`, { name: 'renamed' });
		expect(await row()).toMatchObject({ name: 'fresh' });
		expect(await config()).toMatchObject({ name: 'renamed' });
		await clock.advance(10_000);
		expect(await row()).toMatchObject({ name: 'renamed' });
	});

	it('shows what a test sets at once', async () => {
		await create({ name: 'made' });
		emulator.state.vms.delete(900);
		const [example] = clusterState({
			...ONE,
			guests: [{ vmid: 900, node: 'pve1', config: { name: 'set' } }],
		}).vms.values();
		if (example) emulator.state.vms.set(900, example);
		expect(await row()).toMatchObject({ status: 'stopped', name: 'set' });
	});
});

describe('a VM that runs', () => {
	beforeEach(async () => {
		await create({ scsi0: 'local:1', net0: 'virtio=BC:24:11:00:00:01,bridge=vmbr0' });
		await run(`${VM}/status/start`);
	});

	it('takes some changes at once and lets others wait', async () => {
		await put(`${VM}/config`, {
			cpuunits: '50',
			balloon: '256',
			tablet: '0',
			agent: '1',
			cores: '2',
			net0: 'virtio=BC:24:11:00:00:01,bridge=vmbr0,link_down=1',
			scsi0: 'local:900/vm-900-disk-0.raw,size=1G,iops=100',
		});
		const waiting = (await rows(`${VM}/pending`))
			.filter(({ pending }) => pending !== undefined)
			.map(({ key }) => key);
		expect(waiting.sort()).toEqual(['agent', 'cores']);
		expect(await run(`${VM}/status/stop`)).toBe('OK');
		expect(await config()).toMatchObject({ agent: '1', cores: 2 });
	});

	it('reports what QEMU knows', async () => {
		expect(await get(`${VM}/status/current`)).toMatchObject({
			status: 'running',
			qmpstatus: 'running',
			'running-machine': expect.any(String) as string,
			'running-qemu': expect.any(String) as string,
			blockstat: { scsi0: expect.any(Object) as object },
			'proxmox-support': expect.any(Object) as object,
		});
		await run(`${VM}/status/stop`);
		expect(await get(`${VM}/status/current`)).not.toHaveProperty('running-qemu');
	});

	it('is suspended to disk under a lock, and resumed from there', async () => {
		expect(await run(`${VM}/status/suspend`, { todisk: '1' })).toBe('OK');
		expect(await config()).toMatchObject({
			lock: 'suspended',
			vmstate: expect.stringContaining('state-suspend') as string,
		});
		expect(await run(`${VM}/status/start`)).toBe('OK');
		expect(await config()).not.toHaveProperty('lock');
		expect(await config()).not.toHaveProperty('vmstate');
	});
});

describe('closing', () => {
	it('does not wait for a clock that stands still', async () => {
		await emulator.close();
		const clock = manualClock();
		await start({ clock });
		const ids = ['901', '902', '903'];
		const replies = await Promise.all(
			ids.map(async (vmid) => await post('/nodes/pve1/qemu', { vmid })),
		);
		const second = await post('/nodes/pve1/qemu/901/status/start');
		await emulator.close();
		for (const reply of [...replies, second])
			expect(emulator.tasks.find(String(reply.data))?.state).toBe('stopped');
	});
});

describe('cloud-init settings', () => {
	const listed = async () =>
		(await rows(`${VM}/cloudinit`)).sort((a, b) => (String(a.key) < String(b.key) ? -1 : 1));
	beforeEach(async () => {
		await create({
			ide2: 'local:cloudinit',
			ciuser: 'anna',
			ciupgrade: '1',
			ipconfig0: 'ip=dhcp',
			ipconfig1: 'ip=dhcp',
		});
		await run(`${VM}/status/start`);
	});
	const change = async () =>
		await put(`${VM}/config`, {
			ciuser: 'bob',
			ciupgrade: '0',
			ipconfig0: 'ip=192.0.2.7/24',
			ipconfig2: 'ip=dhcp',
			delete: 'ipconfig1',
		});
	const WAITING = [
		{ key: 'ciupgrade', delete: 1 },
		{ key: 'ciuser', value: 'anna', pending: 'bob' },
		{ key: 'ipconfig1', delete: 1 },
		{ key: 'ipconfig2', pending: 'ip=dhcp' },
	];

	test('wait for the next image; an IP configuration that was changed is not listed', async () => {
		await change();
		expect(await listed()).toEqual(WAITING);
		await run(`${VM}/status/stop`);
		expect(await listed()).toEqual(WAITING);
		await run(`${VM}/status/start`);
		expect(await listed()).toEqual([{ key: 'ciuser', value: 'bob' }]);
	});

	test.each([
		['on request', async () => await put(`${VM}/cloudinit`, {})],
		[
			'with a change while the VM is off',
			async () => {
				await run(`${VM}/status/stop`);
				await put(`${VM}/config`, { nameserver: '192.0.2.1' });
				await put(`${VM}/config`, { delete: 'nameserver' });
			},
		],
		[
			'with the next change where hotplug says so',
			async () => {
				await put(`${VM}/config`, { hotplug: 'cloudinit' });
				expect(await listed()).toEqual(WAITING);
				await put(`${VM}/config`, { tags: 'a' });
			},
		],
	])('are in an image that is made anew %s', async (_when, renew) => {
		await change();
		await renew();
		expect(await listed()).toEqual([{ key: 'ciuser', value: 'bob' }]);
	});

	test('nothing waits where the VM has no cloud-init drive', async () => {
		await run(`${VM}/status/stop`);
		await put(`${VM}/config`, { delete: 'ide2' });
		await run(`${VM}/status/start`);
		await put(`${VM}/config`, { ciuser: 'bob' });
		expect(await listed()).toEqual([
			{ key: 'ciupgrade', value: 1 },
			{ key: 'ciuser', value: 'bob' },
		]);
	});
});
