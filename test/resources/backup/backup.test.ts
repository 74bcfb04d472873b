import type { IDataObject, NodeApiError } from 'n8n-workflow';

import { addContainer } from '../../support/containerLab';
import { openLab, readApi, type Lab } from '../../support/lab';

const picked = (value: string | number) => ({ __rl: true, mode: 'list', value });
const ARCHIVE = 'local:backup/vzdump-qemu-100-2026_01_02-03_04_05.vma.zst';
const options = { maxPollInterval: 0.1 };

let lab: Lab;
beforeEach(async () => {
	lab = await openLab();
});
afterEach(async () => await lab.close());

const on = (operation: string, more: object = {}) => ({ resource: 'backup', operation, ...more });
const descriptionOf = (error: unknown) => String((error as NodeApiError | undefined)?.description);
const posts = () => lab.emulator.requests.filter(({ method }) => method === 'POST');
const sent = () => Object.fromEntries(new URLSearchParams(posts()[0]?.body));
const listed = async (more: object = {}): Promise<IDataObject[]> => {
	const { items, error } = await lab.run(on('getAll', { returnAll: true, ...more }));
	if (error) throw error;
	return (items[0] ?? []).map(({ json }) => json);
};
const inStorage = async (volid: unknown): Promise<IDataObject | undefined> => {
	const rows: unknown = await readApi(
		lab.emulator,
		'/nodes/pve1/storage/local/content?content=backup',
	);
	return (rows as IDataObject[]).find((row) => row.volid === volid);
};

/** A backup of a Proxmox Backup Server, put into the storage "lab". */
const addPbsBackup = (ctime: number, state: 'ok' | 'failed', vmid = 100): string => {
	const { storages, volumes } = lab.emulator.state;
	const storage = storages.get('lab');
	if (storage) storage.type = 'pbs';
	const volid = `lab:backup/vm/${vmid}/${new Date(ctime * 1000).toISOString().replace('.000', '')}`;
	const verification = { state, upid: 'UPID:pbs:1' };
	volumes.set(volid, {
		volid,
		storage: 'lab',
		content: 'backup',
		format: 'pbs-vm',
		size: 1024,
		used: 1024,
		ctime,
		vmid,
		verification,
	});
	return volid;
};

describe('Backup → Get Many', () => {
	it('returns the backups of all storages, the newest first', async () => {
		const newest = addPbsBackup(1_795_000_000, 'ok');
		const backups = await listed();
		expect(backups[0]).toEqual({
			volid: newest,
			vmid: 100,
			type: 'qemu',
			node: 'pve1',
			storage: 'lab',
			createdAt: '2026-11-18T11:06:40.000Z',
			size: 1024,
			format: 'pbs-vm',
			notes: null,
			protected: false,
			verification: 'ok',
			encrypted: false,
		});
		expect(backups.find(({ volid }) => volid === ARCHIVE)).toMatchObject({
			storage: 'local',
			createdAt: '2026-01-02T03:04:05.000Z',
			size: lab.emulator.state.volumes.get(ARCHIVE)?.size,
			format: 'vma.zst',
			notes: 'lab backup notes',
			verification: null,
		});
		const times = backups.map(({ createdAt }) => String(createdAt));
		expect(times).toEqual([...times].sort().reverse());
	});

	it('returns no more than the limit', async () => {
		const all = await listed();
		expect(await listed({ returnAll: false, limit: 2 })).toEqual(all.slice(0, 2));
	});

	it('returns those of one VM, or of some storages', async () => {
		const other = addPbsBackup(1_795_000_000, 'ok', 4711);
		expect((await listed({ filters: { vm: picked(4711) } })).map(({ volid }) => volid)).toEqual([
			other,
		]);
		expect(await listed({ filters: { vm: { __rl: true, mode: 'id', value: '101' } } })).toEqual([]);
		expect(
			new Set(
				(await listed({ filters: { storage: picked('local') } })).map(({ storage }) => storage),
			),
		).toEqual(new Set(['local']));
		expect(
			new Set(
				(
					await listed({ filters: { storage: { __rl: true, mode: 'name', value: 'lab, local' } } })
				).map(({ storage }) => storage),
			),
		).toEqual(new Set(['lab', 'local']));
	});

	it('returns those of VMs and of containers', async () => {
		const { volumes } = lab.emulator.state;
		const volid = 'local:backup/vzdump-lxc-300-2026_01_02-03_04_05.tar.zst';
		volumes.set(volid, {
			volid,
			storage: 'local',
			content: 'backup',
			format: 'tar.zst',
			size: 1,
			used: 1,
			ctime: 1,
			vmid: 300,
		});
		expect((await listed()).map(({ type }) => type)).toEqual(
			expect.arrayContaining(['qemu', 'lxc']),
		);
		for (const filters of [{ type: 'lxc' }, { vm: picked(300) }])
			expect(await listed({ filters })).toMatchObject([{ volid, type: 'lxc', vmid: 300 }]);
		const names = await lab.engine.listSearch('searchBackups', {
			parameters: { resource: 'backup', node: picked('pve1') },
			credentials: lab.credentials,
		});
		expect(names.results).toContainEqual(
			expect.objectContaining({ name: expect.stringMatching(/^CT 300, /) as string }),
		);
	});

	it('names offline storages, whose backups are missing', async () => {
		const { logs } = await lab.run(on('getAll', { returnAll: true }));
		expect(logs).toContainEqual(
			expect.objectContaining({
				level: 'warn',
				message: expect.stringContaining('offline on pve1 are not in the list: offline') as string,
			}),
		);
	});

	it('fails if a chosen or online storage cannot be read', async () => {
		const named = await lab.run(on('getAll', { filters: { storage: picked('offline') } }));
		expect(named.error?.message).toContain("unable to activate storage 'offline'");
		lab.emulator.faults.onRequest({
			path: '/nodes/pve1/storage/lab/content',
			effect: { status: 500, phrase: 'lab is gone' },
		});
		expect((await lab.run(on('getAll'))).error?.message).toContain('lab is gone');
	});

	it.each([
		[{ limit: 0 }, 'Limit must be a whole number of at least 1, got "0"'],
		[
			{ filters: { vm: { __rl: true, mode: 'id', value: 'web' } } },
			'Filters → Guest must be a guest ID from 100 to 999999999, got "web"',
		],
		[{ node: { __rl: true, mode: 'name', value: '={{ "" }}' } }, 'Node (node) is needed'],
	])('refuses %j before any request', async (more, message) => {
		const { error } = await lab.run(on('getAll', more));
		expect(error?.message).toContain(message);
		expect(lab.emulator.requests).toEqual([]);
	});
});

describe('Backup → Create', () => {
	const backup = on('create', { vm: picked(102), storage: picked('local'), options });

	it('backs up a VM, and returns the new backup', async () => {
		const item = await lab.output(backup);
		expect(item).toEqual({
			volid: expect.stringMatching(
				/^local:backup\/vzdump-qemu-102-\d{4}_\d\d_\d\d-\d\d_\d\d_\d\d\.vma\.zst$/,
			) as string,
			vmid: 102,
			type: 'qemu',
			name: 'protected',
			node: 'pve1',
			url: `${lab.emulator.url}/#v1:0:=qemu%2F102:4`,
			storage: 'local',
			createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT/) as string,
			size: expect.any(Number) as number,
			format: 'vma.zst',
			notes: null,
			protected: false,
			verification: null,
			encrypted: null,
			upid: expect.stringMatching(/^UPID:pve1:.*:vzdump:102:/) as string,
			taskStatus: 'ok',
			exitStatus: 'OK',
			warnings: [],
			startedAt: expect.any(String) as string,
			durationMs: expect.any(Number) as number,
			summary: {
				mode: 'stop',
				seconds: expect.any(Number) as number,
				transferredBytes: 1024 ** 3,
				bytesPerSecond: expect.any(Number) as number,
				warnings: [],
			},
		});
		expect(await inStorage(item.volid)).toMatchObject({ vmid: 102, size: item.size });
		expect(posts()).toHaveLength(1);
		expect(sent()).toEqual({ vmid: '102', storage: 'local', mode: 'snapshot', compress: 'zstd' });
	});

	it('backs up a container, and deletes its backup, with the texts for containers', async () => {
		const vmid = addContainer(lab.emulator);
		const { volid, ...item } = await lab.output({ ...backup, vm: picked(vmid) });
		expect(volid).toMatch(new RegExp(`^local:backup/vzdump-lxc-${vmid}-.*\\.tar\\.zst$`));
		expect(item).toMatchObject({
			vmid,
			name: 'added',
			format: 'tar.zst',
			url: `${lab.emulator.url}/#v1:0:=lxc%2F${vmid}:4`,
		});
		lab.emulator.faults.onTask({ type: 'imgdel', failsBefore: 'no' });
		const remove = on('delete', { volid: picked(String(volid)), options });
		expect((await lab.run(remove)).error?.message).toBe(`The task of CT ${vmid} failed: no`);
		await lab.output(remove);
		expect(await inStorage(volid)).toBeUndefined();
	});

	it('sends its options, notes of several lines too', async () => {
		const rare = {
			'notes-template': 'nightly {{guestname}}\nC:\\new',
			protected: true,
			bwlimit: 10240,
		};
		const item = await lab.output({
			...backup,
			mode: 'stop',
			compress: 'gzip',
			options: { ...options, ...rare },
		});
		expect(item).toMatchObject({
			format: 'vma.gz',
			notes: 'nightly protected\nC:\\new',
			protected: true,
		});
		expect(sent()).toMatchObject({
			mode: 'stop',
			compress: 'gzip',
			protected: '1',
			bwlimit: '10240',
			'notes-template': 'nightly {{guestname}}\\nC:\\\\new',
		});
	});

	it('refuses notes that are too long before any request', async () => {
		const { error } = await lab.run({ ...backup, options: { 'notes-template': '\n'.repeat(513) } });
		expect(error?.message).toContain('Notes may have at most 1024 characters');
		expect(lab.emulator.requests).toEqual([]);
	});

	it('does not wait if it is not asked to', async () => {
		expect(await lab.output({ ...backup, waitForCompletion: false })).toMatchObject({
			volid: null,
			taskStatus: 'running',
			exitStatus: null,
		});
	});

	it('distinguishes its own backup from others of the VM', async () => {
		const items = [await lab.output(backup), await lab.output({ ...backup, compress: 'lzo' })];
		expect(items.map(({ volid }) => String(volid).replace(/.*\.vma/, 'vma'))).toEqual([
			'vma.zst',
			'vma.lzo',
		]);
	});

	it('reports success even if its volume could not be found', async () => {
		lab.emulator.faults.onRequest({
			method: 'GET',
			path: '/nodes/pve1/storage/local/content',
			effect: { status: 500, phrase: 'busy' },
		});
		expect(await lab.output(backup)).toMatchObject({
			volid: null,
			taskStatus: 'warnings',
			exitStatus: 'OK',
			warnings: ['The new backup could not be found in the list of local: busy'],
		});
	});

	it('reports why it failed, with its log', async () => {
		const { error } = await lab.run({ ...backup, vm: picked(103) });
		expect(error?.message).toBe(
			'The task of VM 103 failed: Backup of VM 103 failed - VM is locked (backup)',
		);
		expect(descriptionOf(error)).toContain(
			'ERROR: Backup of VM 103 failed - VM is locked (backup)',
		);
		expect(descriptionOf(error)).toMatch(/UPID:pve1:\S+:vzdump:103:/);
		const wrongStorage = await lab.run({ ...backup, storage: picked('small') });
		expect(wrongStorage.error?.message).toContain('wrong content type');
	});

	it('does not trust the OK of a node that no longer has the VM', async () => {
		const vm = lab.emulator.state.vms.get(102);
		lab.emulator.faults.onRequest({
			method: 'POST',
			path: '/nodes/pve1/vzdump',
			effect: {
				status: 200,
				phrase: 'OK',
				body: '{"data":"OK"}',
				headers: { 'content-type': 'application/json' },
			},
		});
		const { error } = await lab.run(backup);
		expect(error?.message).toContain('VM 102 is no longer on pve1: nothing was backed up');
		expect(vm?.config.lock).toBeUndefined();
	});

	it.each([
		[{ storage: { __rl: true, mode: 'name', value: '={{ "" }}' } }, 'Storage is needed'],
		[{ mode: '={{ "live" }}' }, 'Mode must be'],
		[{ options: { bwlimit: -1 } }, 'Bandwidth Limit (KiB/s) must be'],
		[{ vm: { __rl: true, mode: 'id', value: 'web' } }, 'Guest must be a guest ID'],
	])('refuses %j before any request', async (more, message) => {
		const { error } = await lab.run({ ...backup, ...more });
		expect(error?.message).toContain(message);
		expect(lab.emulator.requests).toEqual([]);
	});
});

describe('Backup → Delete', () => {
	const remove = (volid: unknown) => on('delete', { volid: picked(String(volid)), options });

	it('deletes a backup', async () => {
		expect(await lab.output(remove(ARCHIVE))).toMatchObject({
			volid: ARCHIVE,
			vmid: 100,
			node: 'pve1',
			storage: 'local',
			upid: expect.stringContaining(':imgdel:') as string,
			taskStatus: 'ok',
			exitStatus: 'OK',
		});
		expect(await inStorage(ARCHIVE)).toBeUndefined();
	});

	it('reports that a protected one cannot be deleted', async () => {
		const { volid } = await lab.output(
			on('create', {
				vm: picked(102),
				storage: picked('local'),
				options: { ...options, protected: true },
			}),
		);
		const { error } = await lab.run(remove(volid));
		expect(error?.message).toBe(
			`The task of VM 102 failed: cannot remove protected volume '${String(volid).replace('local:', '')}' on 'local'`,
		);
		expect(await inStorage(volid)).toBeDefined();
	});

	it('deletes one of a Proxmox Backup Server', async () => {
		const volid = addPbsBackup(1_795_000_000, 'ok');
		expect(await lab.output(remove(volid))).toMatchObject({
			vmid: 100,
			storage: 'lab',
			taskStatus: 'ok',
		});
		expect(lab.emulator.state.volumes.has(volid)).toBe(false);
	});

	it.each(['local:100/vm-100-disk-0.raw', 'local:iso/tiny.iso', '/var/lib/vz/dump/x.vma', ' '])(
		'refuses "%s", which is no backup',
		async (volid) => {
			const { error } = await lab.run(remove(volid));
			expect(error?.message).toContain('Backup must be the volume ID of a backup');
			expect(lab.emulator.requests).toEqual([]);
		},
	);
});

describe('the lists to choose from', () => {
	const search = async (method: string, parameters: object = {}, filter?: string) =>
		(
			await lab.engine.listSearch(method, {
				parameters: { node: picked('pve1'), ...parameters },
				credentials: lab.credentials,
				filter,
			})
		).results;

	it('list the storages that hold backups, of the node or of the node of the VM', async () => {
		const values = (await search('searchBackupStorages')).map(({ value }) => value);
		expect(values).toEqual(expect.arrayContaining(['lab', 'local']));
		expect(values).not.toContain('small');
		const ofVm = await search('searchBackupStorages', {
			resource: 'backup',
			operation: 'create',
			node: undefined,
			vm: picked(102),
		});
		expect(ofVm.map(({ value }) => value)).toEqual(values);
		const ofMany = { resource: 'backup', operation: 'createMany', node: undefined };
		const ofAll = await search('searchBackupStorages', ofMany);
		expect(ofAll.map(({ value }) => value)).toEqual(values);
	});

	it('list the newest backup first, with its details', async () => {
		const volid = addPbsBackup(1_795_000_000, 'failed');
		const [first] = await search('searchBackups');
		expect(first).toEqual({
			name: `VM 100, 2026-11-18 11:06, 1.0 KiB, failed verification (${volid})`,
			value: volid,
		});
	});

	it('list the VMs that have backups', async () => {
		addPbsBackup(1_795_000_000, 'ok', 4711);
		expect(await search('searchBackedUpVms', {}, '4711')).toEqual([
			{ name: 'VM 4711 (1 backup, the newest of 2026-11-18 11:06)', value: 4711 },
		]);
	});
});
