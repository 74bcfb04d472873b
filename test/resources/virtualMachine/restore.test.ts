import { openLab, type Lab } from '../../support/lab';

const picked = (value: string) => ({ __rl: true, mode: 'list', value });
const ARCHIVE = 'local:backup/vzdump-qemu-100-2026_01_02-03_04_05.vma.zst';
const restore = { operation: 'restore', archive: picked(ARCHIVE) };

let lab: Lab;
beforeEach(async () => {
	lab = await openLab();
});
afterEach(async () => await lab.close());

const vm = (vmid: unknown) => lab.emulator.state.vms.get(Number(vmid));
const sent = () =>
	Object.fromEntries(
		new URLSearchParams(lab.emulator.requests.find(({ method }) => method === 'POST')?.body),
	);

describe('Restore', () => {
	it('creates a VM from a backup', async () => {
		const item = await lab.output(restore);
		expect(item).toMatchObject({
			taskStatus: 'ok',
			exitStatus: 'OK',
			upid: expect.stringContaining(':qmrestore:') as string,
		});
		expect(vm(item.vmid)?.config.memory).toBeDefined();
		expect(Object.keys(sent()).sort()).toEqual(['archive', 'vmid']);
	});

	it('sends its settings and the overrides that the API takes with an archive', async () => {
		const item = await lab.output({
			...restore,
			name: 'restored',
			restore: { storage: picked('local'), unique: true, bwlimit: 10240, 'live-restore': false },
			start: false,
			general: { pool: picked('dev'), tags: 'copy' },
			memory_current: 1024,
			cores: 3,
		});
		expect(vm(item.vmid)?.config).toMatchObject({ name: 'restored', tags: 'copy', cores: 3 });
		expect(String(vm(item.vmid)?.config.memory)).toBe('1024');
		expect(lab.emulator.state.pools.get('dev')?.vms).toContain(item.vmid);
		expect(sent()).toMatchObject({
			storage: 'local',
			unique: '1',
			bwlimit: '10240',
			'live-restore': '0',
		});
		expect(sent()).not.toHaveProperty('start');
	});

	it('overwrites a VM only if Overwrite is on', async () => {
		const over = { ...restore, vmIdMode: 'fixed', vmId: { __rl: true, mode: 'list', value: 100 } };
		const refused = await lab.run(over);
		expect(refused.error?.message).toContain('already exists');
		expect(await lab.output({ ...over, restore: { force: true } })).toMatchObject({
			vmid: 100,
			taskStatus: 'ok',
		});
	});

	it.each(['', '   ', '0', null])(
		'refuses an empty archive (%j): the API would create an empty VM and say OK',
		async (archive) => {
			const { error } = await lab.run(
				{
					operation: 'restore',
					archive: { __rl: true, mode: 'name', value: '={{ $json.archive }}' },
				},
				[{ archive }],
			);
			expect(error?.message).toContain('Backup Archive (archive) is needed');
			expect(lab.emulator.requests).toEqual([]);
		},
	);

	it('refuses disks beside an archive, and an archive that is missing in JSON', async () => {
		const json = (value: object) => ({
			operation: 'restore',
			specifyVm: 'json',
			vmJson: JSON.stringify(value),
		});
		expect((await lab.run(json({ archive: ARCHIVE, scsi0: 'local:1' }))).error?.message).toContain(
			'cannot be set with a restore',
		);
		expect((await lab.run(json({ name: 'x' }))).error?.message).toContain(
			'Backup Archive (archive) is needed',
		);
		expect(lab.emulator.requests).toEqual([]);
	});

	it('reports why a restore failed, and what was left behind', async () => {
		lab.emulator.faults.onTask({ type: 'qmrestore', failsBefore: 'storage is offline' });
		const { error } = await lab.run({
			...restore,
			vmIdMode: 'fixed',
			vmId: { __rl: true, mode: 'id', value: '7001' },
		});
		expect(error?.message).toBe('The task of VM 7001 failed: storage is offline');
		expect(error?.description).toContain('TASK ERROR: storage is offline');
		expect(error?.description).toMatch(/UPID:pve1:\S+:qmrestore:7001:/);
	});
});
