import type { IDataObject, INodeParameters } from 'n8n-workflow';

import { readApi, type Lab } from '../../support/lab';
import { configOf, ct, newContainer, openContainerLab } from '../../support/containerLab';

let lab: Lab;
let vmid: number;
beforeAll(async () => (lab = await openContainerLab()));
afterAll(async () => await lab.close());
beforeEach(async () => {
	const { items, logs } = await lab.run({ ...newContainer, hostname: 'life' });
	vmid = Number(items[0]?.[0]?.json.vmid);
	expect(logs.map(({ message }) => message).join()).toContain(`the create of CT ${vmid} on pve1`);
});

const parametersOf = (operation: string, more: INodeParameters, id = vmid): INodeParameters => ({
	resource: 'container',
	operation,
	vm: ct(id) as INodeParameters,
	options: {},
	...more,
});
const run = async (
	operation: string,
	more: INodeParameters = {},
	id?: number,
): Promise<IDataObject> => {
	const { items, error, logs } = await lab.run(parametersOf(operation, more, id));
	if (error) throw error;
	// Neither the log calls a container a VM.
	expect(logs.filter(({ message }) => /\bVM \d/.test(message))).toEqual([]);
	return items[0]?.[0]?.json ?? {};
};
const errorOf = async (
	operation: string,
	more: INodeParameters = {},
	id?: number,
): Promise<string> => {
	const { error } = await lab.run(parametersOf(operation, more, id));
	return [error?.message, (error as { description?: string } | undefined)?.description].join('\n');
};
const status = async (): Promise<unknown> =>
	(await readApi(lab.emulator, `/nodes/pve1/lxc/${vmid}/status/current`)).status;

describe('the power of a container', () => {
	it('is turned on, and a second start is no error', async () => {
		expect(await run('start')).toMatchObject({
			vmid,
			name: 'life',
			taskStatus: 'ok',
			alreadyRunning: false,
			upid: expect.stringContaining(':vzstart:'),
		});
		expect(await status()).toBe('running');
		expect(await run('start')).toMatchObject({ alreadyRunning: true, upid: null });
	});

	it.each(['shutdown', 'stop'])(
		'is turned off with %s, and once it is off that is no error',
		async (operation) => {
			await run('start');
			expect(await run(operation)).toMatchObject({
				taskStatus: 'ok',
				upid: expect.stringContaining(`:vz${operation}:`),
			});
			expect(await status()).toBe('stopped');
			expect(await run(operation)).toMatchObject({ taskStatus: 'ok', upid: null });
		},
	);

	it('is turned off and on with Reboot', async () => {
		await run('start');
		expect(await run('reboot')).toMatchObject({ upid: expect.stringContaining(':vzreboot:') });
		expect(await status()).toBe('running');
	});

	it('can be waited for until it has an address', async () => {
		await run('update', {
			specifyVm: 'json',
			vmJson: '{"net0":"name=eth0,bridge=vmbr0,ip=10.10.10.88/24"}',
		});
		expect(await run('start', { options: { waitUntil: 'ip' } })).toMatchObject({
			ipAddresses: ['10.10.10.88'],
			networkInterfaces: expect.arrayContaining([
				expect.objectContaining({ name: 'eth0', card: 'net0', addresses: ['10.10.10.88'] }),
			]),
		});
	});
});

describe('what is read of containers', () => {
	it('is short with Simplify, and has the addresses', async () => {
		await run('update', {
			specifyVm: 'json',
			vmJson: '{"net0":"name=eth0,bridge=vmbr0,ip=10.10.10.88/24"}',
		});
		await run('start');
		expect(await run('get', { simplify: true, options: { ipAddresses: true } })).toEqual({
			vmid,
			name: 'life',
			node: 'pve1',
			status: 'running',
			template: false,
			tags: [],
			lock: null,
			cores: null,
			memory: 512,
			ipAddresses: ['10.10.10.88'],
			warnings: [],
			url: expect.stringContaining(`lxc%2F${vmid}`),
		});
	});

	it('is the whole configuration without it', async () => {
		expect(await run('get', { simplify: false })).toMatchObject({
			config: {
				hostname: 'life',
				unprivileged: true,
				features: { nesting: true },
				net0: { name: 'eth0', bridge: 'vmbr0', ip: 'dhcp' },
				rootfs: { volume: expect.stringContaining('local:'), size: '1G' },
			},
		});
	});

	it('is a list of containers only', async () => {
		const { items } = await lab.run({
			resource: 'container',
			operation: 'getAll',
			returnAll: true,
			simplify: true,
			filters: {},
		});
		const rows = (items[0] ?? []).map(({ json }) => json);
		expect(rows.map((row) => row.vmid)).toEqual(expect.arrayContaining([110, 112, vmid]));
		expect(rows.map((row) => row.vmid)).not.toContain(100);
	});

	it.each([
		['By Name', { __rl: true, mode: 'name', value: 'ct-existing' }],
		['By Tag', { __rl: true, mode: 'tag', value: 'B' }],
	])('finds it %s', async (_, vm) => {
		expect(await run('get', { vm: vm as INodeParameters, simplify: true })).toMatchObject({
			vmid: 110,
			name: 'ct-existing',
			tags: ['a', 'b'],
		});
	});
});

describe('an update', () => {
	it('changes what is set at once, and says what waits for the next start', async () => {
		await run('start');
		const output = await run('update', {
			specifyVm: 'fields',
			hostname: 'renamed',
			memory_current: 256,
			moreSettings: ['general', 'network'],
			general: { tags: 'a' },
			network: { nameserver: '192.0.2.53' },
		});
		expect(output).toMatchObject({
			name: 'renamed',
			taskStatus: 'ok',
			upid: null,
			pending: ['nameserver'],
		});
		expect(await configOf(lab, vmid)).toMatchObject({
			hostname: 'renamed',
			memory: 256,
			tags: 'a',
		});
	});

	it('adds a mount point to the next free slot, and keeps the options of a card', async () => {
		await run('update', {
			specifyVm: 'fields',
			moreSettings: ['volumes', 'network'],
			mpList: { values: [{ volume: 'local:1', mp: '/data', options: {} }] },
			netList: { values: [{ name: '', bridge: '', ip: '192.0.2.9/24', options: { slot: 0 } }] },
		});
		expect(await configOf(lab, vmid)).toMatchObject({
			mp0: expect.stringMatching(/^local:\d+\/vm-\d+-disk-1\.raw,mp=\/data,size=1G$/),
			net0: expect.stringMatching(/^name=eth0,bridge=vmbr0,hwaddr=.*,ip=192\.0\.2\.9\/24/),
		});
		expect(
			await errorOf('update', {
				specifyVm: 'fields',
				moreSettings: ['volumes'],
				mpList: { values: [{ volume: 'local:1', mp: '/data', options: { slot: 0 } }] },
			}),
		).toContain('Disk mp0 is in use by local:');
	});

	it('removes a setting, and the volume of a mount point is kept', async () => {
		await run('update', {
			specifyVm: 'json',
			vmJson: '{"mp0":"local:1,mp=/data","description":"x"}',
		});
		await run('update', { specifyVm: 'json', vmJson: '{"delete":"mp0,description"}' });
		const config = await configOf(lab, vmid);
		expect(config).not.toHaveProperty('description');
		expect(config).not.toHaveProperty('mp0');
		expect(config.unused0).toContain('disk-1');
	});

	it.each([
		['{"rootfs":"local:8"}', 'Root File System (rootfs) cannot be changed on an existing CT'],
		['{"unprivileged":false}', 'cannot be changed on an existing CT'],
		['{"template":true}', 'use the operation Convert to Template'],
		['{"features":{"nesting":true,"keyctl":true}}', 'can be set only by root@pam'],
		['{"scsi0":"local:8"}', 'is not a parameter that Proxmox VE accepts here'],
	])('of %s is refused', async (vmJson, message) => {
		expect(await errorOf('update', { specifyVm: 'json', vmJson })).toContain(message);
	});

	it('of nesting keeps a feature that root@pam has set', async () => {
		const { error } = await lab.run({
			...parametersOf('update', {
				specifyVm: 'json',
				vmJson: '{"features":{"keyctl":true}}',
			}),
			authentication: 'password',
		});
		expect(error).toBeUndefined();
		await run('update', {
			specifyVm: 'fields',
			otherParameters: { values: [{ parameter: 'timezone', value: 'host' }] },
		});
		expect(await configOf(lab, vmid)).toMatchObject({ features: 'keyctl=1', timezone: 'host' });
	});
});

describe('volumes', () => {
	it('grow by an amount', async () => {
		expect(await run('resizeVolume', { disk: 'rootfs', size: '+1G' })).toMatchObject({
			disk: 'rootfs',
			size: '2G',
			taskStatus: 'ok',
		});
	});

	it('of other names are refused', async () => {
		expect(await errorOf('resizeVolume', { disk: 'scsi0', size: '+1G' })).toContain(
			'Volume must be a value such as rootfs',
		);
	});
});

describe('a container', () => {
	it('becomes a template', async () => {
		expect(await run('convertToTemplate')).toMatchObject({
			taskStatus: 'ok',
			upid: expect.stringContaining(':vztemplate:'),
		});
		expect(await configOf(lab, vmid)).toMatchObject({ template: 1 });
		expect(await errorOf('start')).toMatch(
			/^The task of CT \d+ failed: you can't start a CT if it's a template/,
		);
	});

	it('is deleted, and stopped first if chosen', async () => {
		await run('start');
		expect(await errorOf('delete')).toContain('Choose Options → Stop First');
		expect(await run('delete', { options: { stopFirst: true } })).toMatchObject({
			vmid,
			deleted: true,
			upid: expect.stringContaining(':vzdestroy:'),
		});
		await expect(configOf(lab, vmid)).rejects.toThrow();
	});

	it('that is protected is neither stopped nor deleted', async () => {
		expect(await errorOf('delete', {}, 112)).toContain('Turn off Protection first');
	});
});

describe('the wrong kind of guest', () => {
	it.each(['start', 'get', 'delete'])('%s of a VM is refused', async (operation) => {
		expect(await errorOf(operation, {}, 100)).toContain('100 is a VM on pve1. Choose a container');
	});

	it('and of a container is refused by Virtual Machine', async () => {
		const { error } = await lab.run({
			resource: 'virtualMachine',
			operation: 'start',
			vm: ct(110) as INodeParameters,
		});
		expect(error?.message).toContain('110 is a container on pve1. Choose a virtual machine');
	});

	it('an unknown ID is reported with the texts for containers', async () => {
		expect(await errorOf('start', {}, 9999)).toContain('There is no CT 9999');
	});
});
