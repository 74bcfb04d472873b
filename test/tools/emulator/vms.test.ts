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

	it('moves it away with a snapshot only if the source stays', async () => {
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
	it('with its unreferenced disks fails if a storage is offline, and then the VM stays without its disks', async () => {
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
	it('does not wait for a stopped clock', async () => {
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
			'with another cloud-init drive',
			async () => {
				await run(`${VM}/status/stop`);
				await put(`${VM}/config`, { delete: 'ide2' });
				await put(`${VM}/config`, { ide2: 'local:cloudinit' });
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
	])('are in an image that is created anew %s', async (_when, renew) => {
		await change();
		await renew();
		expect(await listed()).toEqual([{ key: 'ciuser', value: 'bob' }]);
	});

	test('are not in an image that is only changed while the VM is off', async () => {
		await change();
		await run(`${VM}/status/stop`);
		await put(`${VM}/config`, { nameserver: '192.0.2.1', ciuser: 'carl' });
		expect(await listed()).toEqual([
			WAITING[0],
			{ key: 'ciuser', value: 'anna', pending: 'carl' },
			...WAITING.slice(2),
			{ key: 'nameserver', value: '192.0.2.1' },
		]);
	});

	test('that are set back do not wait', async () => {
		await change();
		await put(`${VM}/config`, {
			ciuser: 'anna',
			ciupgrade: '1',
			ipconfig1: 'ip=dhcp',
			delete: 'ipconfig2',
		});
		expect(await listed()).toEqual([
			{ key: 'ciupgrade', value: 1 },
			{ key: 'ciuser', value: 'anna' },
		]);
	});

	test('a new password is stored as a hash and does not count as a change', async () => {
		await put(`${VM}/config`, { cipassword: 'hunter2' });
		expect(emulator.state.vms.get(900)?.config.cipassword).toMatch(/^\$5\$[^$]+\$[^$]+$/);
		expect(await listed()).toContainEqual({ key: 'cipassword', value: '**********' });
	});

	test('nothing waits if the VM has no cloud-init drive', async () => {
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

describe('a change of a running VM', () => {
	const waiting = async () =>
		(await rows(`${VM}/pending`))
			.filter(({ pending, delete: gone }) => pending !== undefined || gone)
			.map(({ key }) => key)
			.sort();
	beforeEach(async () => {
		await create({
			scsi0: 'local:1',
			ide2: 'none,media=cdrom',
			net0: 'virtio,bridge=vmbr0',
			agent: '1',
			ostype: 'l26',
			balloon: '256',
			cores: '2',
			boot: 'order=scsi0',
			hotplug: 'disk,usb,cpu',
		});
		await run(`${VM}/status/start`);
	});

	it.each<[string, Record<string, string>, string[]]>([
		['usb0', { usb0: 'spice' }, []],
		['a new disk', { scsi1: 'local:1' }, []],
		['a disk on a bus that cannot', { sata0: 'local:1' }, ['sata0']],
		['fewer processors', { vcpus: '1' }, []],
		['another card', { net0: 'e1000,bridge=vmbr0' }, ['net0']],
		['memory', { memory: '1024' }, ['memory']],
		['trimming after a clone', { agent: '1,fstrim_cloned_disks=1' }, []],
		['another agent', { agent: '1,type=isa' }, ['agent']],
		['less balloon', { balloon: '128' }, []],
		['no balloon', { balloon: '0' }, ['balloon']],
		['a removed card', { delete: 'net0' }, ['net0']],
		['a removed disk', { delete: 'scsi0' }, ['boot']],
	])('applies at once or waits: %s', async (_title, form, expected) => {
		await put(`${VM}/config`, form);
		expect(await waiting()).toEqual(expected);
	});

	it.each<[string, Record<string, string>, string]>([
		['ide2', { ide2: 'local:1' }, 'hotplug problem - unable to change media type\n'],
		['vcpus', { vcpus: '4' }, "hotplug problem - you can't add more vcpus than maxcpus\n"],
	])('that QEMU cannot take is refused, and waits: %s', async (key, form, error) => {
		const reply = await put(`${VM}/config`, { ...form, name: 'other' });
		expect(reply.status).toBe(400);
		expect(JSON.parse(reply.text)).toMatchObject({ errors: { [key]: error } });
		expect(await waiting()).toContain(key);
		expect(await config()).toMatchObject({ name: 'other' });
	});

	it('does not try again what waits already', async () => {
		await put(`${VM}/config`, { net0: 'e1000,bridge=vmbr0' });
		const { config: stored } = emulator.state.vms.get(900) ?? {
			config: {} as Record<string, string>,
		};
		stored.hotplug = 'network,disk';
		await put(`${VM}/config`, { name: 'x' });
		expect(await waiting()).toEqual(['net0']);
		await put(`${VM}/config`, { net0: 'e1000,bridge=vmbr0,firewall=1' });
		expect(await waiting()).toEqual([]);
	});

	it('is taken back, with the disk that was created for it', async () => {
		await put(`${VM}/config`, { sata0: 'local:1', delete: 'net0' });
		expect(await waiting()).toEqual(['net0', 'sata0']);
		await put(`${VM}/config`, { revert: 'net0,sata0' });
		expect(await waiting()).toEqual([]);
		expect(await config()).toMatchObject({ unused0: 'local:900/vm-900-disk-1.raw' });
	});

	it.each<[string, Record<string, string>, number, string]>([
		[
			'a digest of before',
			{ name: 'x', digest: 'a'.repeat(40) },
			500,
			'checksum mismatch (file change by other user?)',
		],
		[
			'what is set and taken back',
			{ name: 'x', revert: 'name' },
			400,
			'Parameter verification failed.',
		],
	])('is refused at once, even if a task would do it: %s', async (_title, form, status, phrase) => {
		expect(await post(`${VM}/config`, form)).toMatchObject({ status, phrase });
	});

	it('answers without a task if it ends in time', async () => {
		expect(await post(`${VM}/config`, { name: 'x', background_delay: '5' })).toMatchObject({
			status: 200,
			data: null,
		});
		emulator.faults.onTask({ type: 'qmconfig', failsBefore: 'no luck' });
		expect(await post(`${VM}/config`, { name: 'y', background_delay: '5' })).toMatchObject({
			status: 500,
			phrase: 'failed to update VM 900: no luck',
		});
	});
});

describe('while a task works on a VM that runs', () => {
	beforeEach(async () => {
		await create({ scsi0: 'local:1,format=qcow2', memory: '128', startup: 'down=7' });
		await run(`${VM}/status/start`);
	});
	const slow = (type: string) => emulator.faults.onTask({ type, slowness: 1_000 });

	it.each<[string, string, () => Promise<Reply>]>([
		[
			'a backup',
			'backup',
			async () => await post('/nodes/pve1/vzdump', { vmid: '900', storage: 'local' }),
		],
		['a snapshot', 'snapshot', async () => await post(`${VM}/snapshot`, { snapname: 's2' })],
		[
			'the removal of a snapshot',
			'snapshot-delete',
			async () => await ask({ method: 'DELETE', path: `${VM}/snapshot/s1` }),
		],
		['a rollback', 'rollback', async () => await post(`${VM}/snapshot/s1/rollback`)],
		[
			'a suspend to disk',
			'suspending',
			async () => await post(`${VM}/status/suspend`, { todisk: '1' }),
		],
	])('others are refused at once instead of after a wait: %s', async (_title, lock, begin) => {
		await run(`${VM}/snapshot`, { snapname: 's1' });
		for (const type of ['vzdump', 'qmsnapshot', 'qmdelsnapshot', 'qmrollback', 'qmsuspend'])
			slow(type);
		await begin();
		while ((await config()).lock === undefined) await emulator.clock.sleep(50);
		expect((await config()).lock).toBe(lock);
		expect(await post(`${VM}/clone`, { newid: '901' })).toMatchObject({
			status: 500,
			phrase: `VM is locked (${lock})`,
		});
		expect(await put(`${VM}/config`, { name: 'x' })).toMatchObject({
			status: 500,
			phrase: `VM is locked (${lock})`,
		});
		expect(await run(`${VM}/snapshot`, { snapname: 's3' })).toBe(`VM is locked (${lock})`);
	});

	it('a snapshot that fails is taken away again, one that is killed stays as it is', async () => {
		emulator.faults.onTask({ type: 'qmsnapshot', failsWithin: 'no room' });
		expect(await run(`${VM}/snapshot`, { snapname: 's1' })).toBe('no room');
		expect((await config()).lock).toBeUndefined();
		expect((await rows(`${VM}/snapshot`)).map(({ name }) => name)).toEqual(['current']);
		slow('qmsnapshot');
		const { data } = await post(`${VM}/snapshot`, { snapname: 's1' });
		while ((await config()).lock === undefined) await emulator.clock.sleep(50);
		await emulator.tasks.kill(String(data));
		expect((await config()).lock).toBe('snapshot');
		expect(await rows(`${VM}/snapshot`)).toContainEqual(
			expect.objectContaining({ name: 's1', snapstate: 'prepare' }),
		);
	});

	it('the removal of a snapshot that is stopped leaves its lock', async () => {
		await run(`${VM}/snapshot`, { snapname: 's1' });
		emulator.faults.onTask({ type: 'qmdelsnapshot', failsWithin: 'received interrupt' });
		expect(await remove(`${VM}/snapshot/s1`)).toBe('received interrupt');
		expect((await config()).lock).toBe('snapshot-delete');
	});

	it('a reboot ends when the guest is off, and root starts it again', async () => {
		await put(`${VM}/config`, { cores: '2' });
		const state = emulator.state.vms.get(900);
		if (state) state.ignoresShutdown = false;
		expect(await run(`${VM}/status/reboot`)).toBe('OK');
		expect(state).toMatchObject({ status: 'stopped', config: { cores: 2 } });
		await emulator.tasks.settled();
		expect(emulator.tasks.all()[0]).toMatchObject({
			type: 'qmstart',
			authId: 'root@pam',
			exitstatus: 'OK',
		});
		expect(state?.status).toBe('running');
	});

	it('a stop can end the shutdowns that wait', async () => {
		const waiting = await post(`${VM}/status/shutdown`, { timeout: '3600' });
		const stopping = await post(`${VM}/status/stop`, { 'overrule-shutdown': '1' });
		expect(await finishTask(emulator, stopping)).toBe('OK');
		expect(logOf(stopping)).toContain(`overruled qmshutdown tasks: ${String(waiting.data)}`);
		expect(emulator.tasks.find(String(waiting.data))?.exitstatus).toBe('received interrupt');
	});

	it('a VM that was saved to disk is resumed as it was, discarded or deleted', async () => {
		await put(`${VM}/config`, { cores: '2' });
		await run(`${VM}/status/suspend`, { todisk: '1' });
		await run(`${VM}/status/resume`);
		expect(await config()).toMatchObject({ cores: 2 });
		expect(await get(`${VM}/config?current=1`)).not.toHaveProperty('cores');
		await run(`${VM}/status/suspend`, { todisk: '1' });
		expect((await put(`${VM}/config`, { name: 'x' })).phrase).toBe('VM is locked (suspended)');
		expect((await put(`${VM}/config`, { delete: 'vmstate' })).status).toBe(200);
		expect((await config()).lock).toBeUndefined();
		await run(`${VM}/status/start`);
		await run(`${VM}/status/suspend`, { todisk: '1' });
		expect(await remove(VM)).toBe('OK');
		expect(volumes()).toEqual([]);
	});
});

it('a VM is deleted with a warning if the storage of its disk cannot be used', async () => {
	await create({ scsi0: 'local:1' });
	const storage = emulator.state.storages.get('local');
	if (storage) storage.disabled = true;
	const reply = await ask({ method: 'DELETE', path: VM });
	expect(await finishTask(emulator, reply)).toBe('WARNINGS: 1');
	expect(logOf(reply)).toContain(
		"WARN: Could not remove disk 'local:900/vm-900-disk-0.raw', check manually: storage 'local' is disabled",
	);
	expect(emulator.state.vms.has(900)).toBe(false);
});
