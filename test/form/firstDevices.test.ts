import type { IDataObject, INodeParameters } from 'n8n-workflow';

import { openLab, type Lab } from '../support/lab';

const picked = (value: string) => ({ __rl: true, mode: 'list', value });
const image = picked('local:import/cloud.qcow2');
const tiny = picked('local:iso/tiny.iso');
const drivers = picked('local:iso/drivers.iso');

let lab: Lab;
beforeAll(async () => {
	lab = await openLab();
});
afterAll(async () => await lab.close());

/** Runs a new node in which only these fields were touched. */
const run = async (parameters: INodeParameters) =>
	await lab.engine.runNode({
		parameters: { ...parameters, options: { node: picked('pve1'), ...Object(parameters.options) } },
		credentials: lab.credentials,
	});

/** What it would send, in a preview. */
async function sent(parameters: INodeParameters): Promise<IDataObject> {
	const { items, error } = await run({ ...parameters, options: { preview: true } });
	if (error) throw error;
	const body = { ...(items[0]?.[0]?.json.body as IDataObject) };
	delete body.smbios1;
	return body;
}

describe('the fields of a new node', () => {
	it('create a cloud-image VM from an image and a storage', async () => {
		expect(await sent({ image, storage: picked('local') })).toEqual({
			vmid: 'NEXT_FREE_ID',
			ostype: 'l26',
			scsihw: 'virtio-scsi-single',
			cpu: 'x86-64-v2-AES',
			agent: '1',
			serial0: 'socket',
			vga: 'serial0',
			scsi0: 'local:0,discard=on,import-from=local:import/cloud.qcow2,iothread=1',
			ide2: 'local:cloudinit',
			net0: 'virtio,bridge=vmbr0',
			ipconfig0: 'ip=dhcp',
			boot: 'order=scsi0',
		});
	});

	it('send user, password, keys and start', async () => {
		const body = await sent({
			image,
			storage: picked('local'),
			ciuser: 'admin',
			moreSettings: ['cloudInit'],
			cloudInit: { cipassword: 'secret' },
			sshkeys: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIII',
			start: true,
		});
		// The start comes after the imported disk was enlarged.
		expect(body).toMatchObject({ ciuser: 'admin' });
		expect(await sent({ profile: 'none', diskSource: 'none', start: true })).toMatchObject({
			start: '1',
		});
		expect(body).toHaveProperty('cipassword');
		expect(body).toHaveProperty('sshkeys');
	});

	it('create a Windows VM with both ISO images, from which it boots in order', async () => {
		expect(
			await sent({
				profile: 'windows11',
				storage: picked('local'),
				iso: tiny,
				driversIso: drivers,
			}),
		).toMatchObject({
			scsi0: 'local:64,discard=on,iothread=1',
			ide2: 'local:iso/tiny.iso,media=cdrom',
			ide0: 'local:iso/drivers.iso,media=cdrom',
			net0: 'virtio,bridge=vmbr0',
			boot: 'order=scsi0;ide2;ide0;net0',
			tpmstate0: 'local:1,version=v2.0',
		});
	});

	it.each<[string, INodeParameters]>([
		['other', { sata0: 'local:32', net0: 'e1000,bridge=vmbr0' }],
		['linuxIso', { scsi0: 'local:32,discard=on,iothread=1', net0: 'virtio,bridge=vmbr0' }],
		['none', { virtio0: 'local:32', net0: 'virtio,bridge=vmbr0', vmid: 'NEXT_FREE_ID' }],
	])('add a disk and a card that fit profile %s', async (profile, body) => {
		const whole = await sent({ profile, storage: picked('local') });
		if (profile === 'none') expect(whole).toEqual(body);
		else expect(whole).toMatchObject(body);
	});

	it('come before the entries of the lists', async () => {
		const body = await sent({
			profile: 'none',
			storage: picked('local'),
			iso: tiny,
			moreSettings: ['disks', 'network'],
			diskList: {
				values: [{ source: 'new', storage: picked('local'), size: 2 }, { source: 'empty' }],
			},
			netList: { values: [{ model: 'e1000', bridge: picked('vmbr1') }] },
		});
		expect(body).toMatchObject({
			virtio0: 'local:32',
			virtio1: 'local:2',
			ide2: 'local:iso/tiny.iso,media=cdrom',
			ide0: 'none,media=cdrom',
			net0: 'virtio,bridge=vmbr0',
			net1: 'e1000,bridge=vmbr1',
		});
	});

	it('stay the first to boot from, also if an entry of the list has an earlier slot', async () => {
		const body = await sent({
			image,
			storage: picked('local'),
			moreSettings: ['disks', 'network'],
			diskList: {
				values: [{ source: 'new', storage: picked('local'), size: 2, options: { slot: 0 } }],
			},
		});
		expect(body.scsi0).toMatch(/^local:2,/);
		expect(body.scsi1).toContain('import-from=local:import/cloud.qcow2');
		expect(body.boot).toBe('order=scsi1');
	});

	it('may be left out: no disk, no card', async () => {
		const bridge = { __rl: true, mode: 'name', value: '' };
		expect(await sent({ profile: 'none', diskSource: 'none', bridge })).toEqual({
			vmid: 'NEXT_FREE_ID',
		});
	});

	it('need an image, and a storage for it, which n8n marks', async () => {
		await expect(run({})).rejects.toThrow('"Image" is required');
		await expect(run({ image })).rejects.toThrow('"Storage" is required');
	});

	it('keep the storage of an image that is an expression', async () => {
		const body = await sent({
			image: picked(`={{ '${image.value}' }}`),
			storage: picked('local'),
			diskSize: 20,
		});
		expect(body.scsi0).toContain(`import-from=${image.value}`);
	});

	it('do not count beside JSON, which has no profile unless one is chosen', async () => {
		const vmJson = JSON.stringify({ name: 'x', scsi0: 'local:1' });
		expect(await sent({ profile: 'json', vmJson })).toEqual({
			vmid: 'NEXT_FREE_ID',
			name: 'x',
			scsi0: 'local:1',
		});
		expect(await sent({ profile: 'json', vmJson, jsonProfile: 'linuxIso' })).toMatchObject({
			ostype: 'l26',
		});
	});

	it.each<[INodeParameters, string]>([
		[{ diskSize: 0, profile: 'none', storage: picked('local') }, 'Size (GiB)'],
		[{ bridge: picked('={{ null }}'), profile: 'none', diskSource: 'none' }, 'Bridge has no value'],
		[
			{ iso: picked('={{ $json.nosuch }}'), profile: 'linuxIso', storage: picked('local') },
			'ISO Image has no value',
		],
		[
			{ driversIso: picked('={{ null }}'), profile: 'windows11', storage: picked('local') },
			'Drivers ISO Image has no value',
		],
		[
			{ start: '={{ null }}', profile: 'none', diskSource: 'none' },
			'Start After Creation (start) has no value',
		],
		[
			{ driversIso: picked('local:8'), profile: 'windows11', storage: picked('local') },
			'Drivers ISO Image must be the name of an existing volume',
		],
		[
			{
				image,
				storage: picked('local'),
				ciuser: 'a',
				moreSettings: ['cloudInit'],
				cloudInit: { ciuser: 'b' },
			},
			'User (ciuser) is set twice: in its own field and under Cloud-Init. Remove one of them',
		],
	])('%j are refused by the label', async (parameters, message) => {
		const { error } = await run(parameters);
		expect(error?.message).toContain(message);
		expect(lab.emulator.requests).not.toContainEqual(expect.objectContaining({ method: 'POST' }));
	});
});
