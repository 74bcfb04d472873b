import type { IDataObject, INodeParameters } from 'n8n-workflow';

import { readApi, type Lab } from '../../support/lab';
import { configOf, newContainer, openContainerLab } from '../../support/containerLab';

let lab: Lab;
beforeEach(async () => (lab = await openContainerLab()));
afterEach(async () => await lab.close());

const withOptions = (options: INodeParameters, more: INodeParameters = {}): INodeParameters => ({
	...newContainer,
	hostname: 'once',
	...more,
	options: { ...(newContainer.options as INodeParameters), ...options },
});
const containers = async (): Promise<IDataObject[]> =>
	((await readApi(lab.emulator, '/nodes/pve1/lxc')) as unknown as IDataObject[]).filter(
		({ name }) => name === 'once',
	);
const creates = (): number =>
	lab.emulator.requests.filter(
		({ method, path }) => method === 'POST' && path.endsWith('/nodes/pve1/lxc'),
	).length;
const loseAnswer = (times = 1): void =>
	void lab.emulator.faults.onRequest({
		method: 'POST',
		path: '/nodes/pve1/lxc',
		when: 'after',
		times,
		effect: 'reset',
	});

describe('a create whose response is lost', () => {
	it('is recognized by the MAC address of its card, and not sent again', async () => {
		loseAnswer();
		const output = await lab.output(withOptions({}));
		expect(output).toMatchObject({ name: 'once', upid: expect.stringContaining(':vzcreate:') });
		expect(await containers()).toHaveLength(1);
		expect(creates()).toBe(1);
		expect((await configOf(lab, output.vmid)).net0).toMatch(/hwaddr=BC:24:11/);
	});

	it.each(['02:aa', '02:aa:', '02:aa:b'])('has the prefix %s of the datacenter', async (prefix) => {
		lab.emulator.state.options.mac_prefix = prefix;
		const output = await lab.output(withOptions({}));
		expect((await configOf(lab, output.vmid)).net0).toContain(`hwaddr=${prefix.toUpperCase()}`);
	});

	it('is reported as unknown if the container has no card', async () => {
		loseAnswer();
		const { error } = await lab.run(
			withOptions({}, { bridge: { __rl: true, mode: 'name', value: '' } }),
		);
		expect((error as { description?: string }).description).toMatch(
			/CT \d+ exists, but it is unknown whether this request created it|may exist on pve1/,
		);
		expect(await containers()).toHaveLength(1);
	});

	it('is sent again if it never arrived', async () => {
		lab.emulator.faults.onRequest({ method: 'POST', path: '/nodes/pve1/lxc', effect: 'reset' });
		await lab.output(withOptions({}));
		expect(await containers()).toHaveLength(1);
	});
});

describe('an ID that is taken', () => {
	it('is skipped, whether a VM or a container has it', async () => {
		const output = await lab.output(withOptions({ vmId: '100', ifExists: 'useAnotherId' }));
		expect(output.vmid).not.toBe(100);
	});

	it('is an error by default, with Proxmox’s own words about the other guest', async () => {
		const { error } = await lab.run(withOptions({ vmId: '100' }));
		expect(error?.message).toContain("VM 100 already exists on node 'pve1'");
		expect((await lab.run(withOptions({ vmId: '110' }))).error?.message).toContain(
			"CT 110 already exists on node 'pve1'",
		);
	});

	it('is not given to two of many items', async () => {
		const { items } = await lab.run(
			withOptions({}),
			Array.from({ length: 8 }, (_, at) => ({ at })),
		);
		const ids = (items[0] ?? []).map(({ json }) => json.vmid);
		expect(new Set(ids).size).toBe(8);
		expect(await containers()).toHaveLength(8);
	});
});

describe('an idempotency key', () => {
	const keyed = (more: INodeParameters = {}) =>
		withOptions({ idempotencyKey: 'order-1', ifExists: 'return', ...more });

	it('creates one container for several runs', async () => {
		const first = await lab.output(keyed());
		const second = await lab.output(keyed());
		expect(second).toMatchObject({ vmid: first.vmid, name: 'once', reused: true });
		expect(await containers()).toHaveLength(1);
		expect((await configOf(lab, first.vmid)).description).toContain('<!-- n8n-key:');
	});

	it('creates one also if a response is lost', async () => {
		loseAnswer();
		const first = await lab.output(keyed());
		expect(await lab.output(keyed())).toMatchObject({ vmid: first.vmid, reused: true });
		expect(await containers()).toHaveLength(1);
	});

	it('is kept when the notes change', async () => {
		const { vmid } = await lab.output(keyed());
		await lab.output({
			resource: 'container',
			operation: 'update',
			vm: { __rl: true, mode: 'id', value: String(vmid) },
			specifyVm: 'json',
			vmJson: '{"description":"other notes"}',
			options: {},
		});
		expect((await lab.output(keyed())).vmid).toBe(vmid);
	});
});

describe('a create that fails', () => {
	it('leaves nothing, and says why', async () => {
		const { error } = await lab.run(
			withOptions(
				{},
				{
					ostemplate: { __rl: true, mode: 'name', value: 'local:vztmpl/nosuch.tar.zst' },
				},
			),
		);
		expect(error?.message).toMatch(/volume 'local:vztmpl\/nosuch\.tar\.zst' does not exist/);
		expect((error as { description?: string }).description).toMatch(
			/CT \d+ does not exist on pve1: nothing was left behind/,
		);
		expect(await containers()).toEqual([]);
	});
});

describe('Update It', () => {
	const writes = (): string[] =>
		lab.emulator.requests
			.filter(({ method }) => method !== 'GET')
			.map(({ method, path }) => `${method} ${path.replace('/api2/json', '')}`);

	it('changes only what differs of the container that exists, and names what it cannot compare', async () => {
		const options = { ifExists: 'update', vmId: '333' };
		expect(await lab.output(withOptions(options))).toMatchObject({ vmid: 333, reused: false });
		const before = writes().length;
		expect(await lab.output(withOptions(options))).toMatchObject({
			vmid: 333,
			reused: true,
			changes: [],
			warnings: expect.arrayContaining([
				'ostemplate is not compared: it cannot be changed on an existing CT',
			]),
		});
		expect(writes()).toHaveLength(before);
		await lab.output(withOptions(options, { memory_current: 2048 }));
		expect(writes().slice(before)).toEqual(['PUT /nodes/pve1/lxc/333/config']);
		expect(await configOf(lab, 333)).toMatchObject({ memory: 2048, hostname: 'once' });
	});

	it('shows in its preview the request that it sends', async () => {
		const options = { ifExists: 'update', vmId: '333' };
		await lab.output(withOptions(options));
		const before = writes().length;
		const more = { memory_current: 2048 };
		const preview = await lab.output(withOptions({ ...options, preview: true }, more));
		expect(preview).toMatchObject({ body: { memory: '2048' } });
		expect(preview.command).toBe('pvesh set /nodes/pve1/lxc/333/config --memory 2048');
		expect(writes()).toHaveLength(before);
		await lab.output(withOptions(options, more));
		expect(writes().slice(before)).toEqual([
			`${String(preview.method)} ${String(preview.path).replace('/api2/json', '')}`,
		]);
	});
});
