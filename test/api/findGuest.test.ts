import { openLab, type Lab } from '../support/lab';

let lab: Lab;
beforeEach(async () => {
	lab = await openLab();
});
afterEach(async () => await lab.close());

const by = (mode: string, value: string, more = {}) => ({
	operation: 'get',
	vm: { __rl: true, mode, value },
	...more,
});
const configure = (vmid: number, config: object) =>
	Object.assign(lab.emulator.state.vms.get(vmid)?.config ?? {}, config);
const lists = () =>
	lab.emulator.requests.filter(({ path }) => path.includes('/cluster/resources')).length;

describe('a VM by its name', () => {
	it('is the one that has exactly this name', async () => {
		configure(100, { name: 'web-1' });
		configure(101, { name: 'web-10' });
		expect(await lab.output(by('name', 'web-1'))).toMatchObject({ vmid: 100, name: 'web-1' });
	});

	it('that several have lists them', async () => {
		configure(100, { name: 'twin' });
		configure(101, { name: 'twin' });
		expect((await lab.run(by('name', 'twin'))).error?.message).toMatch(
			/^There are 2 guests with the name twin: 100 on pve1, 101 on pve1\. Choose one by its ID/,
		);
		expect(lab.emulator.requests.every(({ method }) => method === 'GET')).toBe(true);
	});

	it.each(['nosuch', '100'])('%s is not found', async (name) => {
		expect((await lab.run(by('name', name))).error?.message).toContain(
			`There is no virtual machine with the name ${name}`,
		);
	});

	it('of a container is refused', async () => {
		Object.assign(lab.emulator.state.vms.get(101) ?? {}, { type: 'lxc' });
		configure(101, { name: 'ct', hostname: 'ct' });
		expect((await lab.run(by('name', 'ct'))).error?.message).toContain('is a container');
	});

	it.each(['name', 'tag'])('is needed if it is empty (%s)', async (mode) => {
		expect((await lab.run(by(mode, ' '))).error?.message).toBe('Virtual Machine is needed');
		expect(lab.emulator.requests).toEqual([]);
	});

	describe('if the list is older than a change', () => {
		const listed = (rows: object[]) =>
			lab.emulator.faults.onRequest({
				path: /^\/cluster\/resources/,
				effect: { status: 200, body: JSON.stringify({ data: rows }) },
			});
		const row = (vmid: number, name: string) => ({ type: 'qemu', vmid, node: 'pve1', name });

		it.each([
			['another VM has the name now', [row(100, 'web-1')]],
			['the VM is new', []],
			['one of two was deleted', [row(101, 'web-1'), row(4711, 'web-1')]],
		])('is the VM that has it now: %s', async (_what, rows) => {
			listed(rows);
			configure(101, { name: 'web-1' });
			expect(await lab.output(by('name', 'web-1'))).toMatchObject({ vmid: 101 });
		});

		it('is no VM that had it before', async () => {
			listed([row(102, 'web-1')]);
			const { error } = await lab.run({ ...by('name', 'web-1'), operation: 'delete' });
			expect(error?.message).toContain('There is no virtual machine with the name web-1');
			expect(lab.emulator.requests.every(({ method }) => method === 'GET')).toBe(true);
		});

		it('an ID that was that of a container is found', async () => {
			listed([{ ...row(101, 'ct'), type: 'lxc' }]);
			expect(await lab.output(by('id', '101'))).toMatchObject({ vmid: 101 });
		});
	});

	it('is found by every operation', async () => {
		configure(102, { name: 'web-2' });
		const started = await lab.output({ ...by('name', 'web-2'), operation: 'start' });
		expect(started).toMatchObject({ vmid: 102, name: 'web-2' });
	});
});

describe('a VM by a tag', () => {
	it('is the one that has it among others, in upper or lower case', async () => {
		configure(101, { tags: 'linux;Golden' });
		expect(await lab.output(by('tag', 'golden'))).toMatchObject({ vmid: 101 });
		expect(await lab.output(by('tag', 'GOLDEN'))).toMatchObject({ vmid: 101 });
	});

	it('that none has is not found', async () => {
		expect((await lab.run(by('tag', 'gold'))).error?.message).toContain(
			'There is no virtual machine with the tag gold',
		);
	});
});

describe('many items', () => {
	const items = (count: number) => Array.from({ length: count }, () => ({}));

	it('share one list of the cluster', async () => {
		const { error } = await lab.run(by('id', '100', { options: { maxParallel: 10 } }), items(12));
		expect(error).toBeUndefined();
		expect(lists()).toBe(1);
	});

	// At most 200 items are under way at once: one more begins when the first have ended.
	const more = items(201);
	const snapshots = by('id', '100', { resource: 'snapshot', operation: 'getAll' });
	beforeEach(() =>
		Object.assign(lab.emulator.state.vms.get(100) ?? {}, {
			snapshots: [{ name: 'one', snaptime: 1, vmstate: false, config: {} }],
		}),
	);

	it('share one list, however long they take', async () => {
		const { faults, requests } = lab.emulator;
		faults.onRequest({ path: /\/snapshot$/, times: 200, effect: { delayMs: 100_000 } });
		const { error } = await lab.run(snapshots, more);
		expect(error).toBeUndefined();
		// The last one, at least, found the list too old, and asked the VM itself.
		expect(requests.some(({ path }) => path.endsWith('/100/status/current'))).toBe(true);
		expect(lists()).toBe(1);
	});

	it('find a VM that has left its node since the list was read', async () => {
		const { faults, state } = lab.emulator;
		faults.onRequest({
			path: /^\/cluster\/resources/,
			effect: {
				status: 200,
				body: JSON.stringify({
					data: [...state.vms.keys()].map((vmid) => ({ type: 'qemu', vmid, node: 'gone' })),
				}),
			},
		});
		faults.onRequest({ path: /\/gone\//, times: Infinity, effect: { delayMs: 100_000 } });
		const { items: out } = await lab.run(snapshots, more, {
			onError: 'continueRegularOutput',
		});
		expect(out[0]?.at(-1)?.json).toMatchObject({ vmid: 100, node: 'pve1' });
	});
});
