import type { IDataObject, INodeParameters } from 'n8n-workflow';

import { isWellSpelled, seedUrlOf } from '../../nodes/ProxmoxVe/wire/seedUrl';
import { openLab, type Lab } from '../support/lab';

const SERIAL = 'ds=nocloud;dsmode=net;s=https://n8n.example.com/webhook/seed/0123/';
const encode = (text: string): string => Buffer.from(text).toString('base64');
const picked = (value: string) => ({ __rl: true, mode: 'list', value });

describe('a serial number', () => {
	it.each([
		[SERIAL, 'https://n8n.example.com/webhook/seed/0123/'],
		['ds=nocloud;s=http://a/', 'http://a/'],
		['ds=nocloud-net;i=iid;h=web;s=http://a/?file=%s', 'http://a/?file=%s'],
		['web-1', undefined],
		['ds=nocloud', undefined],
		['ds=nocloud;s=file:///seed/', undefined],
		['x ds=nocloud;s=http://a/', undefined],
	])('%j names the web server %j', (serial, url) => {
		expect(seedUrlOf({ serial })?.url).toBe(url);
		expect(seedUrlOf({ serial: encode(serial), base64: true })?.url).toBe(url);
	});

	it.each([undefined, 'uuid=1', {}, { serial: 7 }])('is not in %j', (smbios1) => {
		expect(seedUrlOf(smbios1)).toBeUndefined();
	});

	it.each([
		[SERIAL, true],
		['ds=nocloud;dsmode=net;s=https://a/?file=%s', true],
		['ds=nocloud;dsmode=net;s=https://a', false],
		['ds=nocloud;s=https://a/', false],
		['ds=nocloud-net;dsmode=net;s=https://a/', false],
	])('%j is understood by all versions: %j', (serial, isGood) => {
		expect(isWellSpelled(serial, seedUrlOf({ serial })?.url ?? '')).toBe(isGood);
	});
});

describe('a new VM with such a serial number', () => {
	let lab: Lab;
	beforeEach(async () => (lab = await openLab()));
	afterEach(async () => await lab.close());

	const vm = (values: IDataObject, more: INodeParameters = {}): INodeParameters => ({
		specifyVm: 'json',
		vmJson: JSON.stringify({ smbios1: { serial: SERIAL }, net0: 'virtio', ...values }),
		...more,
	});
	const sent = () =>
		Object.fromEntries(
			new URLSearchParams(lab.emulator.requests.find(({ method }) => method === 'POST')?.body),
		);

	it.each([
		[{ ide2: 'local:cloudinit' }, 'the cloud-init drive ide2'],
		[{ ide2: 'local:iso/cloud-init-seed-a.iso,media=cdrom' }, 'the cloud-init drive ide2'],
		[{ ciuser: 'admin', ipconfig0: 'ip=dhcp' }, 'User (ciuser), IP Configuration ipconfig0'],
		[{ sshkeys: 'ssh-ed25519 AAAA me' }, 'SSH Keys (sshkeys)'],
	])('and %j is refused', async (values, others) => {
		const { error } = await lab.run(vm(values, { profile: 'linuxCloudImage' }));
		expect(error?.message).toContain(
			`System Serial Number (smbios1.serial) makes cloud-init use a web server, so the guest would ignore ${others}`,
		);
		expect(lab.emulator.requests).toEqual([]);
	});

	it('is refused beside a cloud-init drive in fields, and in the text of smbios1', async () => {
		const drive = { source: 'cloudInit', storage: picked('local'), options: {} };
		const fields = {
			firmware: { smbios1_serial: SERIAL },
			diskList: { values: [drive] },
		};
		expect((await lab.run(fields)).error?.message).toContain('the cloud-init drive');
		const text = { smbios1: `base64=1,serial=${encode(SERIAL)}`, ide2: 'local:cloudinit' };
		expect((await lab.run(vm(text))).error?.message).toContain('the cloud-init drive');
		expect(lab.emulator.requests).toEqual([]);
	});

	it('and User Data of its own is refused', async () => {
		const { error } = await lab.run({
			moreSettings: ['firmware', 'cloudInitFiles'],
			firmware: { smbios1_serial: SERIAL },
			cloudInitFiles: { userData: '#cloud-config\npackages: [curl]\n' },
			start: true,
		});
		expect(error?.message).toContain(
			'cannot be combined with a System Serial Number that names a web server for cloud-init',
		);
		expect(lab.emulator.requests).toEqual([]);
	});

	it('gets no cloud-init drive and no address from its profile', async () => {
		const { taskStatus, warnings } = await lab.output(
			vm({ scsi0: 'local:1' }, { profile: 'linuxCloudImage' }),
		);
		expect([taskStatus, warnings]).toEqual(['ok', []]);
		expect(Object.keys(sent())).not.toContain('ipconfig0');
		expect(Object.values(sent()).join()).not.toContain('cloudinit');
		expect(sent()).toMatchObject({ ostype: 'l26', agent: '1' });
	});

	it('keeps another serial number beside a cloud-init drive', async () => {
		const parameters = vm({ smbios1: { serial: 'web-1' }, ide2: 'local:cloudinit' });
		expect(await lab.output(parameters)).toMatchObject({ taskStatus: 'ok' });
	});

	it('is recognized by a UUID of its own, and keeps that', async () => {
		const { vmid } = await lab.output(vm({}));
		const config = lab.emulator.state.vms.get(Number(vmid))?.config;
		expect(config?.smbios1).toMatch(/^uuid=[0-9a-f-]{36},/);
		expect(sent().smbios1).toBe(config?.smbios1);
		expect(config?.smbios1).toContain(`serial=${encode(SERIAL)}`);
	});

	it('has no such UUID if the text would be too long for Proxmox', async () => {
		const serial = `${SERIAL}${'x'.repeat(359 - SERIAL.length)}/`;
		const { vmid } = await lab.output(vm({ smbios1: { serial } }));
		expect(lab.emulator.state.vms.get(Number(vmid))?.config.smbios1).not.toContain('uuid=');
	});

	it('shows the UUID as a placeholder in the preview', async () => {
		const { body, command } = await lab.output(vm({}, { options: { preview: true } }));
		expect(body).toMatchObject({
			smbios1: `uuid=RANDOM_UUID,serial=${encode(SERIAL)},base64=1`,
		});
		expect(command).toContain(
			`--smbios1 "uuid=$(cat /proc/sys/kernel/random/uuid)",serial=${encode(SERIAL)},base64=1`,
		);
	});

	it('is created with a warning if some versions of cloud-init would not use it', async () => {
		const { warnings } = await lab.output(vm({ smbios1: { serial: 'ds=nocloud;s=http://a/' } }));
		expect(warnings).toEqual([
			expect.stringContaining('Write ds=nocloud;dsmode=net;s=URL with a slash at its end'),
		]);
	});
});
