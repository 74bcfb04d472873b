import type { INodeParameters } from 'n8n-workflow';

import { openLab, readApi, type Lab } from '../../support/lab';

const GIB = 1024 ** 3;
const DISK = 'local:104/vm-104-disk-0.qcow2';
const picked = (value: unknown) => ({ __rl: true, mode: 'list', value: String(value) });

let lab: Lab;
beforeEach(async () => {
	lab = await openLab();
	lab.emulator.state.volumes.set(DISK, {
		volid: DISK,
		storage: 'local',
		vmid: 104,
		size: GIB,
		used: 0,
		ctime: 1,
		content: 'images',
		format: 'qcow2',
	});
	Object.assign(vm().config, { scsi0: `${DISK},size=1G`, ide2: 'none,media=cdrom' });
});
afterEach(async () => await lab.close());

const vm = () => {
	const found = lab.emulator.state.vms.get(104);
	if (!found) throw new Error('the emulator has no VM 104');
	return found;
};
const on = (operation: string, more: INodeParameters = {}): INodeParameters => ({
	resource: 'virtualMachine',
	operation,
	vm: picked(104),
	...more,
});
const move = (more: INodeParameters = {}) =>
	on('moveDisk', { disk: picked('scsi0'), storage: picked('lab'), ...more });
const detach = (disk = 'scsi0', more: INodeParameters = {}) =>
	on('detachDisk', { disk: picked(disk), ...more });
const attach = (more: INodeParameters = {}) =>
	on('attachDisk', { unusedDisk: picked('unused0'), bus: 'scsi', ...more });
const changes = () => lab.emulator.requests.filter(({ method }) => method !== 'GET');
const sent = () => Object.fromEntries(new URLSearchParams(changes().at(-1)?.body));
const config = async () => await readApi(lab.emulator, '/nodes/pve1/qemu/104/config');
const failure = async (parameters: INodeParameters) => (await lab.run(parameters)).error?.message;
const lose = (path: RegExp) =>
	lab.emulator.faults.onRequest({ method: 'POST', path, when: 'after', effect: 'reset' });
const detached = (): void => {
	delete vm().config.scsi0;
	vm().config.unused0 = DISK;
};

describe('Move Disk', () => {
	it('moves a disk, keeps the original as an unused disk, and gives the new volume', async () => {
		const item = await lab.output(move());
		expect(item).toMatchObject({
			vmid: 104,
			disk: 'scsi0',
			storage: 'lab',
			volume: expect.stringMatching(/^lab:/) as string,
			taskStatus: 'ok',
			upid: expect.stringContaining(':qmmove:104:') as string,
		});
		expect(await config()).toMatchObject({
			scsi0: expect.stringContaining(String(item.volume)) as string,
			unused0: DISK,
		});
		expect(sent()).toEqual({
			disk: 'scsi0',
			storage: 'lab',
			digest: expect.any(String) as string,
		});
	});

	it('deletes the original and changes the format if chosen', async () => {
		await lab.output(
			move({ storage: picked('local'), options: { delete: true, format: 'raw', bwlimit: 9000 } }),
		);
		expect(lab.emulator.state.volumes.has(DISK)).toBe(false);
		expect(sent()).toMatchObject({ delete: '1', format: 'raw', bwlimit: '9000' });
	});

	it('lists the disks of the VM if none has the name', async () => {
		expect(await failure(move({ disk: picked('scsi3') }))).toBe(
			`VM 104 has no disk scsi3. It has: ide2 (none), scsi0 (${DISK})`,
		);
		expect(changes()).toEqual([]);
	});

	it('says what to do about snapshots that have the disk', async () => {
		vm().snapshots.push({ name: 's1', snaptime: 1, vmstate: false, config: { ...vm().config } });
		const { error } = await lab.run(move({ options: { delete: true } }));
		expect(error?.description).toContain('Turn off Options → Delete Source');
	});

	it('is done once if the response is lost', async () => {
		lose(/\/move_disk$/);
		expect(await lab.output(move())).toMatchObject({
			volume: expect.stringMatching(/^lab:/) as string,
			upid: null,
			taskStatus: 'warnings',
		});
		expect(changes()).toHaveLength(1);
	});

	it('is sent again if the lost request never arrived: the digest forbids a second one', async () => {
		lab.emulator.faults.onRequest({ method: 'POST', path: /\/move_disk$/, effect: 'reset' });
		expect(await lab.output(move())).toMatchObject({ taskStatus: 'ok' });
		expect(Object.keys(vm().config).filter((name) => name.startsWith('unused'))).toEqual([
			'unused0',
		]);
	});
});

describe('Detach Disk', () => {
	it('keeps the volume as an unused disk', async () => {
		expect(await lab.output(detach())).toMatchObject({
			disk: 'scsi0',
			volume: DISK,
			unusedDisk: 'unused0',
			pending: false,
			taskStatus: 'ok',
		});
		expect(await config()).toMatchObject({ unused0: DISK });
		expect(sent()).toEqual({ delete: 'scsi0', digest: expect.any(String) as string });
	});

	it('says that a running VM has it until its next start if it cannot be unplugged', async () => {
		Object.assign(vm(), { status: 'running', pid: 1 });
		vm().config.sata0 = `${DISK},size=1G`;
		delete vm().config.scsi0;
		expect(await lab.output(detach('sata0'))).toMatchObject({ pending: true, unusedDisk: null });
	});

	it('refuses CD drives and disks that do not exist', async () => {
		expect(await failure(detach('ide2'))).toBe(
			'ide2 of VM 104 is a CD drive. Remove it with Update → Settings to Remove',
		);
		expect(await failure(detach('scsi9'))).toContain('VM 104 has no disk scsi9. It has: ');
		expect(changes()).toEqual([]);
	});

	it('does not delete an unused disk', async () => {
		detached();
		expect(await failure(detach('unused0'))).toBe(
			'Disk must be a value such as scsi0, got "unused0"',
		);
		expect(lab.emulator.requests).toEqual([]);
	});

	it('is done once if the response is lost', async () => {
		lose(/\/config$/);
		expect(await lab.output(detach())).toMatchObject({
			upid: null,
			taskStatus: 'warnings',
			unusedDisk: 'unused0',
		});
		expect(changes()).toHaveLength(1);
	});
});

describe('Attach Disk', () => {
	beforeEach(detached);

	it('attaches an unused disk to the lowest free slot', async () => {
		vm().config.scsi0 = 'none,media=cdrom';
		expect(await lab.output(attach())).toMatchObject({
			disk: 'scsi1',
			volume: DISK,
			pending: false,
			taskStatus: 'ok',
		});
		const now = await config();
		expect(now.scsi1).toContain(DISK);
		expect(now.unused0).toBeUndefined();
	});

	it('attaches it to a slot of another bus', async () => {
		expect(await lab.output(attach({ bus: 'virtio', options: { slot: 3 } }))).toMatchObject({
			disk: 'virtio3',
		});
		expect(Object.keys(sent())).toEqual(['virtio3', 'digest']);
	});

	it('uses no slot that is in use', async () => {
		expect(await failure(attach({ bus: 'ide', options: { slot: 2 } }))).toBe(
			'ide2 of VM 104 is in use. Choose another slot or bus',
		);
		for (const slot of [0, 1, 3]) vm().config[`ide${slot}`] = 'none,media=cdrom';
		expect(await failure(attach({ bus: 'ide' }))).toBe(
			'VM 104 has no free slot on the bus ide. Choose another bus',
		);
		expect(changes()).toEqual([]);
	});

	it('lists the unused disks if none has the name', async () => {
		expect(await failure(attach({ unusedDisk: picked('unused7') }))).toBe(
			`VM 104 has no unused7. Its unused disks are: unused0 (${DISK})`,
		);
	});

	it.each([
		[{ options: { slot: 4 }, bus: 'ide' }, 'Slot is too high for this bus, got "4"'],
		[{ unusedDisk: picked('scsi0') }, 'Unused Disk must be a value such as unused0, got "scsi0"'],
		[{ bus: 'usb' }, 'Bus must be one of'],
		[{ options: { slot: '={{ "" }}' } }, 'Slot has no value'],
	])('refuses %j before any request', async (more, message) => {
		expect(await failure(attach(more as INodeParameters))).toContain(message);
		expect(lab.emulator.requests).toEqual([]);
	});

	it('is done once if the response is lost', async () => {
		lose(/\/config$/);
		expect(await lab.output(attach())).toMatchObject({
			disk: 'scsi0',
			volume: DISK,
			upid: null,
			taskStatus: 'warnings',
		});
		expect(changes()).toHaveLength(1);
	});

	it('lists the unused disks of the VM in the editor', async () => {
		expect(
			await lab.engine.listSearch('searchUnusedDisks', {
				parameters: { resource: 'virtualMachine', operation: 'attachDisk', vm: picked(104) },
				credentials: lab.credentials,
			}),
		).toMatchObject({ results: [{ name: `unused0 (${DISK})`, value: 'unused0' }] });
	});
});

describe('Regenerate Cloud-Init Drive', () => {
	const regenerate = (more: INodeParameters = {}) => on('regenerateCloudInit', more);

	it('brings the drive up to date', async () => {
		vm().config.ide2 = 'local:104/vm-104-cloudinit.qcow2,media=cdrom';
		Object.assign(vm(), { imageDrift: { values: { ciuser: 'old' }, added: [] } });
		expect(await lab.output(regenerate())).toEqual({
			vmid: 104,
			name: 'inpool',
			node: 'pve1',
			url: expect.any(String) as string,
			regenerated: true,
		});
		expect(vm()).not.toHaveProperty('imageDrift');
		expect(changes()).toMatchObject([{ method: 'PUT' }]);
	});

	it('fails if there is no such drive, though Proxmox says OK', async () => {
		expect(await failure(regenerate())).toContain('VM 104 has no cloud-init drive');
		expect(changes()).toEqual([]);
	});

	it('is unknown if its response is lost', async () => {
		vm().config.ide2 = 'local:104/vm-104-cloudinit.qcow2,media=cdrom';
		lab.emulator.faults.onRequest({ method: 'PUT', when: 'after', effect: 'reset' });
		expect(await failure(regenerate())).toBe(
			'The response to the request to regenerate the cloud-init drive of VM 104 on pve1 was lost. Whether it was executed is unknown',
		);
		expect(changes()).toHaveLength(1);
	});
});

it('Preview shows the requests, and sends nothing', async () => {
	const options = { preview: true };
	expect(await lab.output(move({ options: { ...options, delete: false } }))).toMatchObject({
		command: 'pvesh create /nodes/pve1/qemu/104/move_disk --disk scsi0 --storage lab --delete 0',
	});
	expect(await lab.output(detach('scsi0', { options }))).toMatchObject({
		path: '/api2/json/nodes/pve1/qemu/104/config',
		body: { delete: 'scsi0' },
	});
	vm().config.ide2 = 'local:cloudinit,media=cdrom';
	expect(await lab.output(on('regenerateCloudInit', { options }))).toMatchObject({
		command: 'pvesh set /nodes/pve1/qemu/104/cloudinit',
	});
	detached();
	expect(await lab.output(attach({ options }))).toMatchObject({ body: { scsi0: DISK } });
	expect(await failure(detach('scsi0', { options }))).toContain('has no disk scsi0');
	expect(changes()).toEqual([]);
});
