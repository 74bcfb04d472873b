import type { IDataObject, INodeParameters, NodeApiError } from 'n8n-workflow';

import type { Boot } from '../../tools/emulator';
import { openLab, postApi, readApi, until, type Lab } from '../support/lab';
import { readIso } from '../support/readIso';

const picked = (value: string) => ({ __rl: true, mode: 'list', value });
const USER_DATA = '#cloud-config\nhostname: web-1\npassword: s3cret-word';

let lab: Lab;
beforeEach(async () => {
	lab = await openLab();
	const { storages } = lab.emulator.state;
	for (const storage of storages.values())
		if (storage.storage !== 'local')
			storage.content = storage.content.filter((one) => one !== 'iso');
});
afterEach(async () => await lab.close());

const quick = { maxPollInterval: 0.1 };
/** A VM from an image with cloud-init files. */
const withSeed = (
	files: IDataObject = {},
	more: INodeParameters = {},
	options: IDataObject = {},
): INodeParameters => ({
	profile: 'linuxCloudImage',
	name: 'web-1',
	diskSource: 'import',
	image: picked('local:import/cloud.qcow2'),
	storage: picked('local'),
	moreSettings: ['cloudInitFiles', 'cloudInit', 'disks', 'general', 'advanced', 'firmware', 'boot'],
	cloudInitFiles: { userData: USER_DATA, ...files } as never,
	options: { ...quick, ...options } as never,
	...more,
});
const vm = (vmid: unknown) => lab.emulator.state.vms.get(Number(vmid));
const vms = () => [...lab.emulator.state.vms.keys()];
const configOf = async (vmid: unknown) =>
	await readApi(lab.emulator, `/nodes/pve1/qemu/${String(vmid)}/config`);
const isos = () =>
	[...lab.emulator.state.volumes.keys()].filter((volid) => volid.includes('cloud-init-seed'));
const filesOf = (volid: unknown) =>
	readIso(lab.emulator.state.volumes.get(String(volid))?.bytes ?? new Uint8Array()).joliet;
const uuidIn = (config: IDataObject) => /uuid=([0-9a-f-]{36})/.exec(String(config.smbios1))?.[1];
const changes = () =>
	lab.emulator.requests
		.filter(({ method }) => method !== 'GET')
		.map(({ method, path }) => `${method} ${path.replace(/^.*\/nodes\/\w+/, '')}`);
const failure = async (parameters: INodeParameters): Promise<string> => {
	const { error } = await lab.run(parameters);
	return `${error?.message}\n${String((error as NodeApiError | undefined)?.description)}`;
};
const remove = (vmid: unknown, options: IDataObject = {}): INodeParameters => ({
	operation: 'delete',
	vm: { __rl: true, mode: 'id', value: String(vmid) },
	options: { ...quick, ...options } as never,
});
const finishes = (cloudInit: Boot['cloudInit'] = {}): void => {
	lab.emulator.state.boot = () => ({ agentSeconds: 1, cloudInit: { seconds: 2, ...cloudInit } });
};
const untilDone = { waitUntil: 'cloudInit', readyTimeout: 600 };

describe('Clone with cloud-init files', () => {
	const clone = (more: INodeParameters = {}, options: IDataObject = {}): INodeParameters => ({
		operation: 'clone',
		vm: { __rl: true, mode: 'id', value: '100' },
		newIdMode: 'fixed',
		newId: 5100,
		name: 'web-2',
		cloudInitFiles: { userData: USER_DATA } as never,
		options: { ...quick, ...options } as never,
		...more,
	});

	it('attaches an ISO image of its own before the first start', async () => {
		const output = await lab.output(
			clone({ start: true, vm: { __rl: true, mode: 'id', value: '101' } }),
		);
		const volid = `local:iso/cloud-init-seed-5100-${uuidIn(await configOf(5100))}.iso`;
		expect(output).toMatchObject({
			vmid: 5100,
			taskStatus: 'ok',
			warnings: [],
			cloudInitIso: volid,
		});
		expect(Object.values(await configOf(5100)).map(String)).toContainEqual(
			expect.stringContaining(`${volid},media=cdrom`),
		);
		expect(filesOf(volid)['user-data']).toContain('hostname: web-1');
		const starts = changes().findIndex((change) => change.endsWith('/status/start'));
		const attached = changes().findIndex((change) => change === 'POST /qemu/5100/config');
		expect(attached).toBeGreaterThan(0);
		expect(starts).toBeGreaterThan(attached);
	});

	it('replaces the cloud-init drive of the original, and says so', async () => {
		Object.assign(vm(100)?.config ?? {}, { ide2: 'local:100/vm-100-cloudinit.qcow2,media=cdrom' });
		const output = await lab.output(clone());
		expect(output.warnings).toEqual([
			expect.stringContaining('in place of the cloud-init drive of VM 100'),
		]);
		expect((await configOf(5100)).ide2).toContain('cloud-init-seed-5100-');
	});

	it.each([
		['a user of Proxmox', { ciuser: 'admin' }, {}, 'cannot be combined with Cloud-Init Files'],
		['no wait', {}, { waitUntil: 'nothing' }, 'Options → Wait Until → Nothing'],
		[
			'a wrong file',
			{ cloudInitFiles: { userData: 'password: s3cret-word' } as never },
			{},
			'Cloud-Init Files → User Data',
		],
	])('is refused with %s, and nothing is sent', async (_what, more, options, text) => {
		expect(await failure(clone(more, options))).toContain(text);
		expect(changes()).toEqual([]);
	});

	it('shows in Preview what would be sent, without the files', async () => {
		const output = await lab.output(clone({ start: true }, { preview: true }));
		expect(output.afterwards).toMatchObject([
			{ path: '/api2/json/nodes/pve1/storage/ISO_STORAGE/upload' },
			{ body: { ide2: expect.stringContaining('cloud-init-seed-5100-') as string } },
			{ path: '/api2/json/nodes/pve1/qemu/5100/status/start' },
		]);
		expect(JSON.stringify(output)).not.toContain('s3cret-word');
		expect(changes()).toEqual([]);
	});
});

describe('Create with cloud-init files', () => {
	it('attaches an ISO image with them before the first start', async () => {
		const output = await lab.output(
			withSeed(
				{ networkConfig: 'version: 2' },
				{ start: true, diskSize: 20, bridge: picked('vmbr0') },
			),
		);
		const config = await configOf(output.vmid);
		const id = `${String(output.vmid)}-${uuidIn(config)}`;
		const volid = `local:iso/cloud-init-seed-${id}.iso`;
		expect(output).toMatchObject({ taskStatus: 'ok', warnings: [], cloudInitIso: volid });
		expect(config).toMatchObject({
			ide2: expect.stringMatching(`^${volid},media=cdrom`) as string,
			// Proxmox adds a new CD drive to the end.
			boot: 'order=scsi0;ide2',
		});
		expect(Object.keys(config).filter((name) => /ipconfig|sshkeys|ciuser/.test(name))).toEqual([]);
		expect(JSON.stringify(config)).not.toContain('cloudinit');
		expect(filesOf(volid)).toEqual({
			'user-data': USER_DATA,
			'meta-data': `instance-id: ${id}\nlocal-hostname: web-1\n`,
			'network-config': 'version: 2',
		});
		expect(changes()).toEqual([
			'POST /qemu',
			`PUT /qemu/${String(output.vmid)}/resize`,
			'POST /storage/local/upload',
			`POST /qemu/${String(output.vmid)}/config`,
			`POST /qemu/${String(output.vmid)}/status/start`,
		]);
		expect(vm(output.vmid)?.status).toBe('running');
	});

	it.each<[string, INodeParameters, string]>([
		['q35, whose IDE not all kernels know', { firmware: { machine_type: 'q35' } }, 'scsi1'],
		['another drive on ide2', { diskList: { values: [{ source: 'empty', options: {} }] } }, 'ide0'],
	])('takes a free CD drive beside %s', async (_what, more, drive) => {
		const { vmid, cloudInitIso } = await lab.output(withSeed({}, more));
		expect((await configOf(vmid))[drive]).toContain(cloudInitIso);
	});

	it('works with one task at a time', async () => {
		const { items, error } = await lab.run(withSeed({}, { start: true }, { maxParallel: 1 }), [
			{},
			{},
		]);
		expect(error).toBeUndefined();
		expect(items[0]).toHaveLength(2);
		expect(isos()).toHaveLength(2);
	});

	it('shows in the preview', async () => {
		const preview = await lab.output(
			withSeed(
				{ vendorData: '#cloud-config\nlocale: C' },
				{ start: true, diskSize: '' },
				{ preview: true },
			),
		);
		const volid = 'ISO_STORAGE:iso/cloud-init-seed-NEXT_FREE_ID-RANDOM_UUID.iso';
		expect(preview.body).not.toHaveProperty('ide2');
		expect(preview.body).not.toHaveProperty('start');
		expect(preview.afterwards).toEqual([
			{
				method: 'POST',
				path: '/api2/json/nodes/pve1/storage/ISO_STORAGE/upload',
				body: { content: 'iso', filename: volid.slice('ISO_STORAGE:iso/'.length) },
				command: `genisoimage -quiet -J -R -V cidata -o "$(pvesm path ${volid})" user-data meta-data vendor-data`,
			},
			expect.objectContaining({ body: { ide2: `${volid},media=cdrom` } }),
			expect.objectContaining({ path: '/api2/json/nodes/pve1/qemu/NEXT_FREE_ID/status/start' }),
		]);
		expect(JSON.stringify(preview)).not.toContain('s3cret-word');
		expect(lab.emulator.requests).toEqual([]);
	});

	it('warns of what may not be meant', async () => {
		const userData = '#cloud-config\nruncmd: [a]\nruncmd: [b]';
		expect(await lab.output(withSeed({ userData }))).toMatchObject({
			taskStatus: 'warnings',
			warnings: [expect.stringContaining('more than once') as string],
		});
	});

	it.each<[string, IDataObject, INodeParameters, IDataObject, RegExp]>([
		[
			'no User Data',
			{ userData: '', networkConfig: 'version: 2' },
			{},
			{},
			/^Cloud-Init Files → User Data is needed/,
		],
		[
			'a wrong first line',
			{ userData: 'hostname: x' },
			{},
			{},
			/^Cloud-Init Files → User Data must have "#cloud-config"/,
		],
		[
			'a wrong Network Config',
			{ networkConfig: 'a: 1' },
			{},
			{},
			/^Cloud-Init Files → Network Config must/,
		],
		[
			'a user',
			{},
			{ ciuser: 'admin' },
			{},
			/\(ciuser\) cannot be combined with Cloud-Init Files.*Set it in User Data/,
		],
		[
			'SSH keys',
			{},
			{
				sshkeys: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIII',
			},
			{},
			/\(sshkeys\) cannot be combined/,
		],
		[
			'a DNS server',
			{},
			{ cloudInit: { nameserver: '192.0.2.1' } },
			{},
			/\(nameserver\) cannot.*Set it in Network Config/,
		],
		[
			'a cloud-init drive',
			{},
			{ diskList: { values: [{ source: 'cloudInit', storage: picked('local'), options: {} }] } },
			{},
			/ide2 cannot be combined with Cloud-Init Files/,
		],
		[
			'another cloud-init ISO',
			{},
			{
				diskList: {
					values: [{ source: 'iso', iso: picked('local:iso/cloud-init-seed-a.iso'), options: {} }],
				},
			},
			{},
			/ide2 cannot be combined with Cloud-Init Files/,
		],
		['a template', {}, { general: { template: true } }, {}, /\(template\) cannot be combined/],
		[
			'no wait',
			{},
			{ diskSize: '' },
			{ waitUntil: 'nothing' },
			/^Cloud-Init Files cannot be combined with Options → Wait Until → Nothing/,
		],
		[
			'a removal without its wait',
			{ removeAfterBoot: true },
			{ start: true },
			{},
			/Remove After First Boot needs Options → Wait Until → Cloud-Init Finished/,
		],
	])('is refused before any request with %s', async (_what, files, more, options, words) => {
		const text = await failure(withSeed(files, more, options));
		expect(text).toMatch(words);
		expect(text).not.toContain('s3cret-word');
		expect(lab.emulator.requests).toEqual([]);
	});

	it('that cannot store the ISO image leaves a VM that is off, and the error says what to do', async () => {
		for (const storage of lab.emulator.state.storages.values())
			storage.content = storage.content.filter((one) => one !== 'iso');
		const text = await failure(withSeed({}, { start: true }));
		expect(text).toMatch(
			/^VM \d+ was created, but its Cloud-Init Files were not stored: pve1 has no storage with the content ISO image/,
		);
		expect(text).toMatch(
			/VM \d+ exists on pve1: create the ISO with Image → Create Cloud-Init ISO/,
		);
		expect(vm(vms().at(-1))?.status).toBe('stopped');
	});

	it('that cannot attach it says so', async () => {
		lab.emulator.faults.onTask({ type: 'qmconfig', failsBefore: 'no such drive' });
		expect(await failure(withSeed({}, { start: true }))).toMatch(
			/^VM \d+ was created, but its cloud-init ISO local:iso\/cloud-init-seed-\S+\.iso was not attached: no such drive/,
		);
	});

	it.each(['before', 'after'] as const)(
		'attaches it once if the response is lost %s the change',
		async (when) => {
			lab.emulator.faults.onRequest({ method: 'POST', path: /\/config$/, when, effect: 'reset' });
			const { vmid, cloudInitIso } = await lab.output(withSeed({}, { start: true }));
			expect((await configOf(vmid)).ide2).toContain(cloudInitIso);
			expect(vm(vmid)?.status).toBe('running');
		},
	);

	it('does for a second delivery of the key what the first one could not', async () => {
		lab.emulator.faults.onTask({ type: 'imgcopy', failsBefore: 'no space left' });
		const keyed = withSeed({}, { start: true }, { idempotencyKey: 'order-7', ifExists: 'return' });
		expect(await failure(keyed)).toContain('were not stored');
		const { vmid, reused, cloudInitIso } = await lab.output(keyed);
		expect(reused).toBe(true);
		expect((await configOf(vmid)).ide2).toContain(cloudInitIso);
		expect(vm(vmid)?.status).toBe('running');
		expect(await lab.output(keyed)).toMatchObject({ vmid, cloudInitIso });
		expect(isos()).toHaveLength(1);
	});
});

describe('Remove After First Boot', () => {
	const removing = (more: INodeParameters = {}, options: IDataObject = {}) =>
		withSeed(
			{ removeAfterBoot: true },
			{ start: true, bridge: picked('vmbr0'), ...more },
			{ ...untilDone, ...options },
		);

	it('ejects and deletes the ISO image once cloud-init has finished', async () => {
		finishes();
		const { vmid, ...output } = await lab.output(removing());
		expect(output).toMatchObject({
			cloudInitIso: null,
			cloudInit: { status: 'done' },
		});
		expect(isos()).toEqual([]);
		expect((await configOf(vmid)).ide2).toBe('none,media=cdrom');
		expect(vm(vmid)?.status).toBe('running');
	});

	it('keeps it if cloud-init failed, with a warning', async () => {
		finishes({ errors: ['runcmd failed'] });
		const { warnings, cloudInitIso } = await lab.output(removing());
		expect(isos()).toEqual([cloudInitIso]);
		expect(warnings).toContainEqual(expect.stringMatching(/was kept, because cloud-init/));
	});

	it('that is not allowed is a warning, since the VM is as it should be', async () => {
		finishes();
		lab.emulator.faults.onRequest({
			method: 'DELETE',
			path: /\/content\//,
			effect: {
				status: 403,
				phrase: 'Permission check failed (/storage/local, Datastore.Allocate)',
			},
		});
		const { warnings, cloudInitIso } = await lab.output(removing());
		expect(isos()).toEqual([cloudInitIso]);
		expect(warnings).toContainEqual(
			expect.stringMatching(
				/was not deleted: .*Delete it with Image → Delete, which needs Datastore\.Allocate/,
			),
		);
	});
});

describe('Delete', () => {
	it('deletes the ISO image that was created for the VM', async () => {
		const { vmid } = await lab.output(withSeed());
		expect(isos()).toHaveLength(1);
		expect(await lab.output(remove(vmid))).toMatchObject({
			deleted: true,
			taskStatus: 'ok',
			warnings: [],
			upid: expect.stringContaining(':qmdestroy:') as string,
		});
		expect(isos()).toEqual([]);
	});

	it('deletes it after Stop First too', async () => {
		const { vmid } = await lab.output(withSeed({}, { start: true }));
		await lab.output(remove(vmid, { stopFirst: true, maxParallel: 1 }));
		expect(isos()).toEqual([]);
	});

	it.each<[string, (config: IDataObject) => void]>([
		[
			'of a VM with another uuid',
			(config) => (config.smbios1 = `uuid=${'0'.repeat(8)}-0000-0000-0000-${'0'.repeat(12)}`),
		],
		['of a VM without one', (config) => delete config.smbios1],
		['of a template, which its clones use', (config) => (config.template = 1)],
	])('leaves the ISO image %s', async (_what, change) => {
		const { vmid } = await lab.output(withSeed());
		change(vm(vmid)?.config as IDataObject);
		await lab.output(remove(vmid));
		expect(vm(vmid)).toBeUndefined();
		expect(isos()).toHaveLength(1);
	});

	it('leaves that of the original of a clone', async () => {
		const { vmid } = await lab.output(withSeed());
		await postApi(lab.emulator, `/nodes/pve1/qemu/${String(vmid)}/clone`, {
			newid: '5900',
			full: '1',
		});
		await until(() => vm(5900) !== undefined && vm(5900)?.config.lock === undefined);
		expect(JSON.stringify(vm(5900)?.config)).toContain('cloud-init-seed');
		await lab.output(remove(5900));
		expect(isos()).toHaveLength(1);
	});

	it('that does not wait leaves it, with a warning', async () => {
		const { vmid } = await lab.output(withSeed());
		const { warnings } = await lab.output({ ...remove(vmid), waitForCompletion: false });
		expect(warnings).toEqual([
			expect.stringMatching(/was not deleted, because Wait for Completion is off/),
		]);
	});
});
