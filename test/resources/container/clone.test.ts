import type { IDataObject, INodeParameters } from 'n8n-workflow';

import { readApi, type Lab } from '../../support/lab';
import { configOf, ct, openContainerLab } from '../../support/containerLab';

let lab: Lab;
beforeEach(async () => (lab = await openContainerLab()));
afterEach(async () => await lab.close());

const cloning = (more: INodeParameters = {}): INodeParameters => ({
	resource: 'container',
	operation: 'clone',
	vm: ct(110) as INodeParameters,
	newIdMode: 'next',
	full: true,
	options: {},
	...more,
});
const clone = async (more: INodeParameters = {}): Promise<IDataObject> =>
	await lab.output(cloning(more));
const grow = (disk: string): INodeParameters => ({ growDisks: { values: [{ disk, size: 6 }] } });
const settings: INodeParameters = {
	hostname: 'copy',
	cores: 2,
	memory_current: 1024,
	ipAddress: '192.0.2.20/24',
	gateway: '192.0.2.1',
	otherParameters: { values: [{ parameter: 'tags', slot: 0, value: 'web' }] },
	...grow('rootfs'),
};
const macOf = (card: unknown): string => /hwaddr=([\dA-F:]+)/.exec(String(card))?.[1] ?? '';
const writes = (): string[] =>
	lab.emulator.requests
		.filter(({ method }) => method !== 'GET')
		.map(({ method, path }) => `${method} ${path.replace('/api2/json/nodes/pve1', '')}`);

describe('a clone of a container', () => {
	it('gets a free ID and the host name that was set', async () => {
		const output = await clone({ hostname: 'copy', options: { description: 'x' } });
		expect(output).toMatchObject({
			name: 'copy',
			original: 110,
			taskStatus: 'ok',
			reused: false,
			upid: expect.stringContaining(':vzclone:110:'),
		});
		expect(await configOf(lab, output.vmid)).toMatchObject({
			hostname: 'copy',
			description: 'x\n',
		});
	});

	it('is started afterwards, and its addresses are those that the host reports', async () => {
		const output = await clone({ start: true, options: { waitUntil: 'ip' } });
		expect(output).toMatchObject({
			startUpid: expect.stringContaining(':vzstart:'),
			ipAddresses: ['10.10.10.110'],
		});
		expect(
			await readApi(lab.emulator, `/nodes/pve1/lxc/${String(output.vmid)}/status/current`),
		).toMatchObject({ status: 'running' });
	});

	it('is one for several runs with a key', async () => {
		const options = { idempotencyKey: 'order-1', ifExists: 'return' };
		const first = await clone({ hostname: 'copy', options });
		expect(await clone({ hostname: 'copy', options })).toMatchObject({
			vmid: first.vmid,
			reused: true,
		});
		expect(writes().filter((path) => path.endsWith('/clone'))).toHaveLength(1);
		expect((await configOf(lab, first.vmid)).description).toMatch(/^a container\n+<!-- n8n-key:/);
	});

	it('gets its own settings, address and size before its first start', async () => {
		const output = await clone({ ...settings, start: true, options: { waitUntil: 'ip' } });
		const at = `/lxc/${String(output.vmid)}`;
		expect(writes()).toEqual([
			'POST /lxc/110/clone',
			`PUT ${at}/config`,
			`PUT ${at}/resize`,
			`POST ${at}/status/start`,
		]);
		expect(output).toMatchObject({ name: 'copy', taskStatus: 'ok', ipAddresses: ['192.0.2.20'] });
		const { net0: original } = await configOf(lab, 110);
		const { net0, ...config } = await configOf(lab, output.vmid);
		expect(config).toMatchObject({
			hostname: 'copy',
			cores: 2,
			memory: 1024,
			tags: 'web',
			rootfs: expect.stringContaining('size=6G'),
		});
		expect(net0).toContain('name=eth0,bridge=vmbr0,gw=192.0.2.1,');
		expect(net0).toContain('ip=192.0.2.20/24');
		expect(macOf(net0)).not.toBe(macOf(original));
	});

	it('is completed by the next run with the key, if its settings were refused', async () => {
		lab.emulator.faults.onRequest({
			method: 'PUT',
			path: /\/config$/,
			effect: { status: 500, phrase: 'no luck', body: '{"data":null}' },
		});
		const options = { idempotencyKey: 'order-1', ifExists: 'return' };
		const { error } = await lab.run(cloning({ ...settings, options }));
		expect(error?.message).toContain('its settings (cores, memory, net0, tags) were not changed');
		const { vmid } = await clone({ ...settings, options });
		expect(await configOf(lab, vmid)).toMatchObject({
			cores: 2,
			rootfs: expect.stringContaining('size=6G'),
			description: expect.stringMatching(/^a container\n+<!-- n8n-key:\w+ -->\n$/),
		});
		expect(writes().filter((path) => path.endsWith('/clone'))).toHaveLength(1);
	});

	it('is shown and not sent with Preview', async () => {
		const { net0 } = await configOf(lab, 110);
		const shown = await clone({ ...settings, start: true, options: { preview: true } });
		expect(shown).toMatchObject({
			path: '/api2/json/nodes/pve1/lxc/110/clone',
			body: { newid: 'NEXT_FREE_ID', hostname: 'copy', full: '1' },
			afterwards: [
				{
					method: 'PUT',
					path: expect.stringMatching(/\/lxc\/.*\/config$/),
					body: { cores: '2', net0: expect.stringContaining('hwaddr=MAC_OF_THE_CLONE') },
				},
				{ method: 'PUT', body: { disk: 'rootfs', size: '6G' } },
				{ path: expect.stringMatching(/\/lxc\/.*\/status\/start$/) },
			],
		});
		expect(JSON.stringify(shown)).not.toContain(macOf(net0));
		expect(writes()).toEqual([]);
	});

	it.each<[string, INodeParameters, string]>([
		['volume', grow('scsi0'), 'Volume to Grow 1 → Disk must be a disk such as rootfs, got "scsi0"'],
		['volume that is there', grow('mp200'), 'CT 110 has no disk mp200'],
		['gateway in use', { gateway: '192.0.2.1', ipAddress: 'dhcp' }, 'IPv4 Gateway'],
		[
			'name from its field',
			{ specifyVm: 'json', vmJson: '{"hostname":"a"}' },
			'has its own field: set it in Host Name',
		],
	])('needs a %s', async (_, given, message) => {
		expect((await lab.run(cloning(given))).error?.message).toContain(message);
		expect(writes()).toEqual([]);
	});

	it('of a running one needs a snapshot', async () => {
		await lab.output({ ...cloning(), operation: 'start' });
		const { error } = await lab.run(cloning());
		expect(error?.message).toContain(
			'Full clone of a running container is only possible from a snapshot',
		);
	});

	it('is not created twice if the response is lost', async () => {
		lab.emulator.faults.onRequest({
			method: 'POST',
			path: '/nodes/pve1/lxc/110/clone',
			when: 'after',
			effect: 'reset',
		});
		await lab.run(cloning({ hostname: 'copy' }));
		expect(writes().filter((path) => path.endsWith('/clone'))).toHaveLength(1);
	});

	it('is started by the second delivery of a key if the first start was refused', async () => {
		lab.emulator.faults.onRequest({
			method: 'POST',
			path: /\/status\/start$/,
			effect: { status: 500, phrase: 'no luck', body: '{"data":null}' },
		});
		const keyed = cloning({
			hostname: 'copy',
			start: true,
			options: { idempotencyKey: 'order-1', ifExists: 'return' },
		});
		expect((await lab.run(keyed)).error?.message).toMatch(/was created, but is not running/);
		const second = await lab.output(keyed);
		expect(second).toMatchObject({
			reused: true,
			upid: expect.stringContaining(':vzclone:110:'),
			startUpid: expect.stringContaining(':vzstart:'),
		});
		expect(
			await readApi(lab.emulator, `/nodes/pve1/lxc/${String(second.vmid)}/status/current`),
		).toMatchObject({ status: 'running' });
		expect(writes().filter((path) => path.endsWith('/clone'))).toHaveLength(1);
	});

	it('refuses Update It, which would change nothing', async () => {
		const { error } = await lab.run(
			cloning({ options: { idempotencyKey: 'order-1', ifExists: 'update' } }),
		);
		expect(error?.message).toBe('Options → If CT Exists cannot be Update It here: use Update');
		expect(writes()).toEqual([]);
	});
});
