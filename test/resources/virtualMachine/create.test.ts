import { openLab, type Lab } from '../../support/lab';

const picked = (value: string) => ({ __rl: true, mode: 'list', value });
const linuxVm = {
	name: 'plain',
	diskList: {
		values: [{ source: 'new', storage: picked('local'), size: 8, options: { bus: 'virtio' } }],
	},
	netList: { values: [{ model: 'virtio', bridge: picked('vmbr0'), options: {} }] },
};

let lab: Lab;
beforeEach(async () => {
	lab = await openLab();
});
afterEach(async () => await lab.close());

const posts = () => lab.emulator.requests.filter(({ method }) => method === 'POST');
const vm = (vmid: unknown) => lab.emulator.state.vms.get(Number(vmid));

describe('Create', () => {
	it('creates a plain Linux VM from node, name, one disk and one network card', async () => {
		const item = await lab.output(linuxVm);
		expect(item).toEqual({
			vmid: expect.any(Number) as number,
			name: 'plain',
			node: 'pve1',
			upid: expect.stringMatching(
				/^UPID:pve1:[0-9A-F]{8}:[0-9A-F]{8,9}:[0-9A-F]{8}:qmcreate:\d+:.+:$/,
			) as string,
			taskStatus: 'ok',
			exitStatus: 'OK',
			warnings: [],
			startedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/) as string,
			durationMs: expect.any(Number) as number,
			url: `${lab.emulator.url}/#v1:0:=qemu%2F${String(item.vmid)}:4`,
			reused: false,
		});
		expect(vm(item.vmid)?.config).toMatchObject({
			name: 'plain',
			virtio0: expect.stringContaining('size=8G') as string,
		});
	});

	it('sends nothing that the user did not set', async () => {
		await lab.output(linuxVm);
		const sent = Object.keys(Object.fromEntries(new URLSearchParams(posts()[0]?.body)));
		// The node's own mark, by which it recognises the VM after a lost response.
		expect(sent.sort()).toEqual(['name', 'net0', 'smbios1', 'virtio0', 'vmid']);
	});

	it('sends false, 0 and an empty text if they were set', async () => {
		const { vmid } = await lab.output({
			general: { onboot: false, description: '' },
			memory: { balloon: 0 },
		});
		expect(Object.fromEntries(new URLSearchParams(posts()[0]?.body))).toEqual({
			vmid: String(vmid),
			smbios1: expect.stringMatching(/^uuid=/) as string,
			onboot: '0',
			description: '',
			balloon: '0',
		});
	});

	it('takes the next free ID, and the one after it for the next item', async () => {
		const { items } = await lab.run({ name: '={{ $json.name }}' }, [
			{ name: 'a' },
			{ name: 'b' },
			{ name: 'c' },
		]);
		const ids = (items[0] ?? []).map(({ json }) => Number(json.vmid));
		expect(new Set(ids).size).toBe(3);
		expect(ids.map((id) => vm(id)?.config.name)).toEqual(['a', 'b', 'c']);
		expect((items[0] ?? []).map(({ pairedItem }) => pairedItem)).toEqual([
			{ item: 0 },
			{ item: 1 },
			{ item: 2 },
		]);
	});

	it('takes a fixed ID, and never another in its place', async () => {
		const fixed = { vmIdMode: 'fixed', vmId: { __rl: true, mode: 'id', value: '4711' } };
		expect(await lab.output(fixed)).toMatchObject({ vmid: 4711 });
		const { error } = await lab.run(fixed);
		expect(error?.message).toContain("VM 4711 already exists on node 'pve1'");
		expect(posts()).toHaveLength(2);
	});

	it('sends one POST, and polls the task until it has finished', async () => {
		await lab.output(linuxVm);
		expect(posts()).toHaveLength(1);
		expect(
			lab.emulator.requests.filter(({ path }) => /\/tasks\b/.test(path)).length,
		).toBeGreaterThan(0);
	});

	it('does not wait if it is not asked to', async () => {
		const item = await lab.output({ ...linuxVm, options: { waitUntil: 'nothing' } });
		expect(item).toMatchObject({ taskStatus: 'running', exitStatus: null });
		expect(lab.emulator.requests.some(({ path }) => path.includes('/tasks/'))).toBe(false);
	});

	it('emits a task that ended with warnings, and the warnings', async () => {
		lab.emulator.faults.onTask({ type: 'qmcreate', warnings: ['no EFI disk', 'old machine type'] });
		expect(await lab.output(linuxVm)).toMatchObject({
			taskStatus: 'warnings',
			exitStatus: 'WARNINGS: 2',
			warnings: ['WARN: no EFI disk', 'WARN: old machine type'],
		});
	});

	it('logs the UPID as soon as it has it', async () => {
		lab.emulator.faults.onTask({ type: 'qmcreate', failsBefore: 'no luck' });
		const { logs, error } = await lab.run(linuxVm);
		const [accepted] = logs.filter(({ message }) => message.includes('UPID:pve1:'));
		expect(accepted).toMatchObject({ level: 'info' });
		expect(error?.description).toContain(/UPID:\S+/.exec(accepted?.message ?? '')?.[0]);
	});

	it('puts the VM into a pool', async () => {
		const { vmid } = await lab.output({ general: { pool: picked('dev') } });
		expect(lab.emulator.state.pools.get('dev')?.vms).toContain(vmid);
	});

	it('starts it and converts it to a template if chosen', async () => {
		const started = await lab.output({ ...linuxVm, start: true });
		const template = await lab.output({ general: { template: true } });
		await lab.emulator.clock.sleep(2000);
		expect(vm(started.vmid)?.status).toBe('running');
		expect(vm(template.vmid)?.config.template).toBe(1);
	});

	it('imports a disk image', async () => {
		const { vmid } = await lab.output({
			diskList: {
				values: [
					{
						source: 'import',
						size: '',
						storage: picked('local'),
						image: picked('local:import/cloud.qcow2'),
						options: { bus: 'scsi' },
					},
				],
			},
			disks: { 'import-working-storage': picked('local') },
		});
		expect(vm(vmid)?.config.scsi0).toMatch(/^local:\d+\/vm-\d+-disk-0/);
	});

	it('grows a disk from an image to the size in its field', async () => {
		const { vmid } = await lab.output({
			diskList: {
				values: [
					{
						source: 'import',
						size: 12,
						storage: picked('local'),
						image: picked('local:import/cloud.qcow2'),
						options: { bus: 'scsi' },
					},
				],
			},
			start: true,
		});
		expect(vm(vmid)?.config.scsi0).toContain('size=12G');
		expect(vm(vmid)?.status).toBe('running');
	});

	it('sends Additional Parameters as they are', async () => {
		const { error } = await lab.run({
			additionalParameters: { values: [{ name: 'brand-new', value: '1' }] },
		});
		expect(new URLSearchParams(posts()[0]?.body).get('brand-new')).toBe('1');
		expect(error?.message).toContain('brand-new');
	});
});

describe('Create, from JSON', () => {
	const json = (value: unknown) => ({
		specifyVm: 'json',
		vmJson: typeof value === 'string' ? value : JSON.stringify(value),
	});

	it('takes the form of the API', async () => {
		const config = await lab.configOf(
			json({ cores: 2, memory: '1024', net0: 'virtio,bridge=vmbr0', scsi0: 'local:2', agent: 1 }),
		);
		expect(config).toMatchObject({
			cores: 2,
			agent: '1',
			scsi0: expect.stringContaining('size=2G') as string,
		});
	});

	it('takes devices as objects, lists as arrays and booleans as they are', async () => {
		const config = await lab.configOf(
			json({
				net0: { model: 'virtio', bridge: 'vmbr0', firewall: true },
				scsi0: { file: 'local:2', ssd: true },
				tags: ['web', 'prod'],
				memory: 2048,
				onboot: true,
				sshkeys:
					'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIII me@x',
				smbios1: { manufacturer: 'Example GmbH' },
				description: null,
			}),
		);
		expect(config).toMatchObject({ tags: 'prod;web', onboot: 1 });
		expect(config.net0).toContain('bridge=vmbr0,firewall=1');
		expect(config.smbios1).toContain(
			`manufacturer=${Buffer.from('Example GmbH').toString('base64')}`,
		);
	});

	it('takes the whole body of a webhook from an expression', async () => {
		const item = await lab.output({ specifyVm: 'json', vmJson: '={{ $json.body }}' }, [
			{ body: { vmid: 6001, node: 'pve1', name: 'from-webhook' } },
		]);
		expect(item.vmid).toBe(6001);
		expect(vm(6001)?.config.name).toBe('from-webhook');
	});

	it.each([
		[{ corse: 2 }, 'corse is not a parameter that Proxmox VE accepts here; did you mean cores?'],
		[{ net99: 'virtio' }, 'net99 is not a parameter'],
		[
			{ net0: { model: 'virtio', brigde: 'vmbr0' } },
			'Network Card net0 → brigde is not an option of this device; did you mean bridge?',
		],
		[{ net0: { model: 'virtoi' } }, 'did you mean virtio?'],
		[
			{ net0: 'model=virtio,mtu=70000' },
			'Network Card net0 → MTU must be a whole number from 1 to 65520, got "70000"',
		],
		[{ cores: 0 }, 'Cores (cores) must be a whole number of at least 1, got "0"'],
		[{ node: 'pve2' }, 'Options → Node is "pve1" in its field and "pve2" in the JSON'],
		[{ archive: 'local:backup/x.vma' }, 'use the operation Restore'],
		['[1]', 'JSON must be one object'],
		['{"a"', 'JSON is not valid'],
	])('refuses %j before any request', async (value, message) => {
		const { error } = await lab.run(json(value));
		expect(error?.message).toContain(message);
		expect(lab.emulator.requests).toEqual([]);
	});
});
