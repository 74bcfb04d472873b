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
const posts = (): string[] =>
	lab.emulator.requests
		.filter(({ method }) => method === 'POST')
		.map(({ path }) => path.replace('/api2/json/nodes/pve1', ''));

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
		expect(posts().filter((path) => path.endsWith('/clone'))).toHaveLength(1);
		expect((await configOf(lab, first.vmid)).description).toMatch(/^a container\n+<!-- n8n-key:/);
	});

	it('is shown and not sent with Preview', async () => {
		expect(
			await clone({ hostname: 'copy', start: true, options: { preview: true } }),
		).toMatchObject({
			path: '/api2/json/nodes/pve1/lxc/110/clone',
			body: { newid: 'NEXT_FREE_ID', hostname: 'copy', full: '1' },
			afterwards: [{ path: expect.stringMatching(/\/lxc\/.*\/status\/start$/) }],
		});
		expect(posts()).toEqual([]);
	});

	it('of a running one needs a snapshot', async () => {
		await lab.output({ ...cloning(), operation: 'start' });
		const { error } = await lab.run(cloning());
		expect(error?.message).toContain(
			'Full clone of a running container is only possible from a snapshot',
		);
	});

	it('has no second one if the response is lost', async () => {
		lab.emulator.faults.onRequest({
			method: 'POST',
			path: '/nodes/pve1/lxc/110/clone',
			when: 'after',
			effect: 'reset',
		});
		await lab.run(cloning({ hostname: 'copy' }));
		expect(posts().filter((path) => path.endsWith('/clone'))).toHaveLength(1);
	});

	it('is started by the second delivery of a key where the first start was refused', async () => {
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
		expect(posts().filter((path) => path.endsWith('/clone'))).toHaveLength(1);
	});

	it('is not Update It, which would change nothing', async () => {
		const { error } = await lab.run(
			cloning({ options: { idempotencyKey: 'order-1', ifExists: 'update' } }),
		);
		expect(error?.message).toBe('Options → If CT Exists cannot be Update It here: use Update');
		expect(posts()).toEqual([]);
	});
});
