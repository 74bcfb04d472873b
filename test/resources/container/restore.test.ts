import type { IDataObject, INodeParameters } from 'n8n-workflow';

import { readApi, type Lab } from '../../support/lab';
import { configOf, openContainerLab } from '../../support/containerLab';

const BACKUP = 'local:backup/vzdump-lxc-110-2026_01_02-03_04_05.tar.zst';
const named = (value: string) => ({ __rl: true, mode: 'name', value });

let lab: Lab;
beforeEach(async () => (lab = await openContainerLab()));
afterEach(async () => await lab.close());

const restoring = (more: INodeParameters): INodeParameters => ({
	resource: 'container',
	operation: 'restore',
	node: named('pve1'),
	vmIdMode: 'next',
	backupSource: 'archive',
	archive: named(BACKUP),
	specifyVm: 'fields',
	restore: { storage: named('local') },
	moreSettings: ['general', 'volumes', 'network', 'isolation', 'system', 'resources'],
	options: {},
	...more,
});
const restore = async (more: INodeParameters = {}): Promise<IDataObject> =>
	await lab.output(restoring(more));
const errorOf = async (more: INodeParameters): Promise<string> => {
	const { error } = await lab.run(restoring(more));
	return [error?.message, (error as { description?: string } | undefined)?.description].join('\n');
};
const posts = (): string[] =>
	lab.emulator.requests
		.filter(({ method }) => method !== 'GET')
		.map(({ method, path }) => `${method} ${path.replace('/api2/json', '')}`);

describe('a restored container', () => {
	it('gets a free ID, and settings of the user replace those of the backup', async () => {
		const output = await restore({
			hostname: 'restored',
			memory_current: 200,
			general: { tags: 'x' },
		});
		expect(output).toMatchObject({
			name: 'restored',
			archive: BACKUP,
			overwritten: false,
			taskStatus: 'ok',
			upid: expect.stringContaining(':vzrestore:'),
		});
		expect(output.vmid).not.toBe(110);
		expect(await configOf(lab, output.vmid)).toMatchObject({
			hostname: 'restored',
			memory: 200,
			tags: 'x',
			rootfs: expect.stringContaining('local:'),
		});
	});

	it('is sent as a restore, with nothing that the user has not set', async () => {
		const preview = await restore({ options: { preview: true } });
		expect(preview).toMatchObject({
			path: '/api2/json/nodes/pve1/lxc',
			body: { vmid: 'NEXT_FREE_ID', ostemplate: BACKUP, restore: '1', storage: 'local' },
			command: expect.stringContaining('pvesh create /nodes/pve1/lxc'),
		});
		expect(Object.keys(preview.body as object)).toHaveLength(4);
		expect(posts()).toEqual([]);
	});

	it('may be the newest backup of a container', async () => {
		// They hold no container.
		for (const time of ['03_04_08', '03_04_09'])
			lab.emulator.state.volumes.delete(`local:backup/vzdump-lxc-110-2026_01_02-${time}.tar`);
		const output = await restore({ backupSource: 'newest', backupVm: named('110') });
		expect(output).toMatchObject({
			archive: expect.stringContaining('vzdump-lxc-110-'),
			archiveCreatedAt: expect.any(String),
		});
		expect(await errorOf({ backupSource: 'newest', backupVm: named('100') })).toContain(
			'There is no backup of CT 100',
		);
	});

	it.each<[string, INodeParameters, string]>([
		[
			'without an archive',
			{ archive: { __rl: true, mode: 'name', value: '={{ "" }}' } },
			'is needed',
		],
		[
			'with a password, which Proxmox ignores',
			{ specifyVm: 'json', vmJson: `{"ostemplate":"${BACKUP}","password":"secret-5"}` },
			'Password (password) cannot be set with a restore',
		],
	])('%s is refused before any request', async (_, more, message) => {
		expect(await errorOf(more)).toContain(message);
		expect(posts()).toEqual([]);
	});
});

describe('a restore that overwrites', () => {
	const over = (vmid: number, more: INodeParameters = {}): INodeParameters => ({
		vmIdMode: 'fixed',
		vmId: named(String(vmid)),
		restore: { force: true, storage: named('local') },
		...more,
	});
	const start = async (vmid: number) =>
		await lab.output({
			resource: 'container',
			operation: 'start',
			vm: { __rl: true, mode: 'id', value: String(vmid) },
			options: {},
		});

	it('replaces a container that is off', async () => {
		expect(await restore(over(110))).toMatchObject({ vmid: 110, overwritten: true });
	});

	it.each([
		[112, 'CT 112 on pve1 is protected'],
		[113, 'CT 113 on pve1 is locked (backup)'],
		[100, '100 is a VM on pve1: a restore of a CT cannot overwrite it'],
		[9999, 'CT 9999 does not exist, so it cannot be overwritten'],
	])('of %d is refused before it is sent', async (vmid, message) => {
		expect(await errorOf(over(vmid))).toContain(message);
		expect(posts()).toEqual([]);
	});

	it('stops a running one only if that is chosen', async () => {
		await start(110);
		const before = posts().length;
		expect(await errorOf(over(110))).toContain('CT 110 is running');
		expect(posts()).toHaveLength(before);
		expect(await restore(over(110, { options: { stopFirst: true } }))).toMatchObject({
			overwritten: true,
		});
	});

	it('starts it again if the restore is refused', async () => {
		await start(110);
		lab.emulator.faults.onRequest({
			method: 'POST',
			path: '/nodes/pve1/lxc',
			effect: { status: 500, phrase: 'no such thing' },
		});
		expect(await errorOf(over(110, { options: { stopFirst: true } }))).toContain(
			'CT 110 was started again',
		);
		expect(await readApi(lab.emulator, '/nodes/pve1/lxc/110/status/current')).toMatchObject({
			status: 'running',
		});
	});
});
