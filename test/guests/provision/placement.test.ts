import type { INodeParameters } from 'n8n-workflow';

import {
	clusterState,
	SIX_NODES,
	type ClusterSpec,
	type EmulatorOptions,
	type NodeSpec,
} from '../../../tools/emulator';
import { openLab, type Lab } from '../../support/lab';

const GIB = 1024 ** 3;
const picked = (value: string) => ({ __rl: true, mode: 'list', value });

const node = (name: string, gib: number, more: Partial<NodeSpec> = {}): NodeSpec => ({
	name,
	memory: gib * GIB,
	...more,
});
const guest = (vmid: number, where: string, mib: number, config = {}) => ({
	vmid,
	node: where,
	config: { memory: String(mib), ...config },
});

let lab: Lab;
afterEach(async () => await lab.close());
const open = async (
	spec: Partial<ClusterSpec> = {},
	options: EmulatorOptions = {},
): Promise<void> => {
	lab = await openLab({ state: clusterState({ ...SIX_NODES, ...spec }), ...options });
};

const automatic = (values: object, more: INodeParameters = {}): INodeParameters => ({
	node: picked(''),
	specifyVm: 'json',
	vmJson: JSON.stringify(values),
	...more,
});
const nodeOf = async (values: object, more: INodeParameters = {}) =>
	(await lab.output(automatic(values, more))).node;
const failureOf = async (values: object, more: INodeParameters = {}) => {
	const { error } = await lab.run(automatic(values, more));
	return `${error?.message}\n${(error as { description?: string } | undefined)?.description}`;
};
const reads = () =>
	lab.emulator.requests.filter(({ method }) => method === 'GET').map(({ path }) => path);

describe('a node that was left empty', () => {
	it('is the one with the most memory that no guest has, running or not', async () => {
		await open();
		const { node: chosen, placement } = await lab.output(automatic({ scsi0: 'local:2' }));
		expect(chosen).toBe('pve2');
		expect(placement).toBe('Most memory left for guests: 56.0 of 64.0 GiB');
	});

	it('does not count templates, which never run', async () => {
		await open({ guests: [guest(100, 'pve4', 120 * 1024, { template: 1 })] });
		expect(await nodeOf({})).toBe('pve4');
	});

	it.each([
		['a storage for a new disk', { scsi0: 'fast:2' }, 'pve3'],
		['a storage for the EFI disk', { bios: 'ovmf', efidisk0: 'fast:1' }, 'pve3'],
		['a storage for the cloud-init drive', { ide2: 'fast:cloudinit' }, 'pve3'],
		['memory', { memory: 40 * 1024 }, 'pve2'],
	])('has %s', async (_what, values, expected) => {
		await open();
		expect(await nodeOf(values)).toBe(expected);
	});

	it('has the image to import', async () => {
		await open();
		lab.emulator.state.volumesByNode.get('pve1')?.set('local:import/c.qcow2', {
			volid: 'local:import/c.qcow2',
			storage: 'local',
			content: 'import',
			format: 'qcow2',
			size: GIB,
			used: GIB,
			ctime: 1,
		});
		expect(
			await nodeOf({ scsi0: { file: 'local:0', 'import-from': 'local:import/c.qcow2' } }),
		).toBe('pve1');
	});

	it.each([
		['the bridge', { net0: 'virtio,bridge=vmbr1' }, 'pve3'],
		['each of its bridges', { net0: 'virtio,bridge=vmbr0', net1: 'virtio,bridge=vmbr1' }, 'pve3'],
		['the virtual network', { net0: 'virtio,bridge=web', memory: 60 * 1024 }, 'pve2'],
		['bridge and storage', { net0: 'virtio,bridge=web', scsi0: 'fast:2' }, 'pve1'],
	])('has %s', async (_what, values, expected) => {
		await open();
		expect(await nodeOf(values)).toBe(expected);
	});

	it('that has no such bridge is named, each with its reason', async () => {
		await open();
		const failure = await failureOf({ net0: 'virtio,bridge=web', scsi0: 'fast:2', memory: 20480 });
		expect(failure).toContain('pve1: has only 16.0 GiB of memory');
		expect(failure).toContain('pve2: has no storage fast');
		expect(failure).toContain('pve3: has no bridge web, or it may not be used (SDN.Use)');
		expect(failure).toContain('pve5: is offline');
		expect(failure).toContain('pve6: is in maintenance mode');
	});

	it('is online and not in maintenance', async () => {
		await open({
			nodes: [
				node('pve1', 16),
				node('pve2', 64, { reach: 'no route' }),
				node('pve3', 32, { maintenance: true }),
			],
			guests: [],
		});
		expect(await nodeOf({})).toBe('pve1');
	});

	it('is one of the allowed nodes', async () => {
		await open();
		expect(await nodeOf({}, { options: { allowedNodes: 'pve1, pve3' } })).toBe('pve3');
	});

	describe('while the items of a run wait for one another', () => {
		/** Three nodes that are asked for a bridge which none has: the cluster's list is too old after that. */
		const AGES = { net0: 'virtio,bridge=nosuch' };
		const openSmall = async (): Promise<void> => {
			const nodes = [node('pve1', 64), node('pve2', 32), node('pve3', 8)];
			await open({ nodes, guests: [], vnets: [] }, { taskSeconds: 1 });
			lab.emulator.faults.onRequest({ path: /network/, times: 3, effect: { delayMs: 25_000 } });
		};
		const nodesOf = async (...values: object[]) => {
			const options = { maxParallel: 1, timeout: 900 };
			const { items } = await lab.run(
				automatic({}, { vmJson: '={{ $json }}', options }),
				values.map((each) => ({ ...each })),
				{ onError: 'continueRegularOutput' },
			);
			const lists = reads().filter((path) => path.includes('/cluster/resources'));
			expect(lists.length).toBeGreaterThan(1);
			return (items[0] ?? []).map(({ json }) => json.node);
		};

		it('counts one that was placed long ago and is not sent yet', async () => {
			await openSmall();
			lab.emulator.faults.onTask({ type: 'qmcreate', extraMs: 200_000 });
			expect(
				await nodesOf({ memory: 4096 }, { memory: 40 * 1024 }, AGES, { memory: 4096 }),
			).toEqual(['pve1', 'pve1', undefined, 'pve2']);
		});

		it('counts one once that the list has', async () => {
			await openSmall();
			expect(await nodesOf({ memory: 22 * 1024 }, AGES, { memory: 4096 })).toEqual([
				'pve1',
				undefined,
				'pve1',
			]);
		});

		it('does not count one that failed', async () => {
			await openSmall();
			lab.emulator.faults.onTask({ type: 'qmcreate', failsBefore: 'no space' });
			const [, , third] = await nodesOf({ memory: 40 * 1024 }, AGES, { memory: 4096 });
			expect(third).toBe('pve1');
		});
	});

	it('differs for the items of one run as memory is taken', async () => {
		await open({ guests: [], nodes: [node('pve1', 16), node('pve2', 16), node('pve3', 16)] });
		const { items } = await lab.run(automatic({ memory: 4096 }), [{}, {}, {}, {}, {}, {}]);
		const nodes = (items[0] ?? []).map(({ json }) => String(json.node)).sort();
		expect(nodes).toEqual(['pve1', 'pve1', 'pve2', 'pve2', 'pve3', 'pve3']);
		expect(reads().filter((path) => path.includes('/cluster/resources'))).toHaveLength(1);
	});

	it('is that of the VM of the key', async () => {
		await open();
		const keyed = automatic(
			{},
			{ options: { idempotencyKey: 'order-1', ifExists: 'return', maxPollInterval: 0.1 } },
		);
		const first = await lab.output(keyed);
		lab.emulator.state.nodes.set('pve9', {
			...(lab.emulator.state.nodes.get('pve4') as never as object),
			name: 'pve9',
			memory: 900 * GIB,
		} as never);
		expect(await lab.output(keyed)).toMatchObject({
			node: first.node,
			vmid: first.vmid,
			reused: true,
		});
	});

	it('is shown in the preview, and nothing is sent', async () => {
		await open();
		const preview = await lab.output(automatic({}, { options: { preview: true } }));
		expect(preview).toMatchObject({
			path: '/api2/json/nodes/pve2/qemu',
			placement: 'Most memory left for guests: 56.0 of 64.0 GiB',
		});
		expect(lab.emulator.requests.every(({ method }) => method === 'GET')).toBe(true);
	});

	it('that no node fits says what is missing on each one', async () => {
		await open({
			nodes: [
				node('pve1', 16),
				node('pve2', 64, { reach: 'no route' }),
				node('pve3', 32, { maintenance: true }),
			],
			guests: [],
		});
		const failure = await failureOf(
			{ scsi0: 'fast:2', net0: 'virtio,bridge=vmbr9' },
			{ options: { allowedNodes: 'pve1,pve2,pve3,pve7' } },
		);
		expect(failure).toMatch(/^No node of the cluster fits this guest/);
		expect(failure).toContain('pve1: has no bridge vmbr9');
		expect(failure).toContain('pve2: is offline');
		expect(failure).toContain('pve3: is in maintenance mode');
		expect(failure).toContain('pve7: is not a node of this cluster');
		expect(lab.emulator.requests.every(({ method }) => method === 'GET')).toBe(true);
	});

	it.each([
		[
			'a storage that takes no disks',
			{ scsi0: 'isoonly:2' },
			'its storage isoonly does not accept disk images',
		],
		['a storage that is not there', { scsi0: 'nosuch:2' }, 'has no storage nosuch'],
		[
			'an ISO image that is not there',
			{ ide2: 'local:iso/x.iso,media=cdrom' },
			'has no volume local:iso/x.iso',
		],
		['more memory than any node has', { memory: 999 * 1024 }, 'has only 16.0 GiB of memory'],
		['more CPUs than any node has', { cores: 99 }, 'has only 8 CPUs'],
	])('with %s says so', async (_what, values, reason) => {
		await open();
		expect(await failureOf(values)).toContain(`pve1: ${reason}`);
	});

	it('takes the node in the JSON', async () => {
		await open();
		expect(await nodeOf({ node: 'pve1' })).toBe('pve1');
	});

	it('is chosen if the JSON has null for it', async () => {
		await open();
		expect(await nodeOf({ node: null })).toBe('pve2');
	});

	it.each(['={{ "" }}', '={{ null }}', ' , '])(
		'is not chosen from all if Allowed Nodes is %j',
		async (allowedNodes) => {
			await open();
			expect(await failureOf({}, { options: { allowedNodes } })).toMatch(
				/^Allowed Nodes (?:has no value|names no node|must)/,
			);
			expect(lab.emulator.requests).toEqual([]);
		},
	);

	it('is never looked for if one is chosen', async () => {
		await open();
		expect(await nodeOf({}, { node: picked('pve1') })).toBe('pve1');
		expect(reads().some((path) => path.includes('/cluster/resources'))).toBe(false);
	});

	it.each([
		['its field', { node: picked('pve2') }, {}],
		['the JSON', {}, { node: 'pve2' }],
	])('may be chosen in %s if it is one of the allowed nodes', async (_where, fields, values) => {
		await open();
		const chosen = (allowedNodes: string) => ({ ...fields, options: { allowedNodes } });
		expect(await failureOf(values, chosen('pve1,pve3'))).toContain(
			'Node (node) is "pve2", which is not one of Options → Allowed Nodes (pve1, pve3)',
		);
		expect(lab.emulator.requests).toEqual([]);
		expect(await nodeOf(values, chosen('pve1,pve2'))).toBe('pve2');
	});

	it('is needed for a restore, and if its option is empty', async () => {
		await open();
		const restore = await failureOf({ archive: 'local:backup/x' }, { operation: 'restore' });
		expect(restore).toContain('Node (node) is needed');
		for (const empty of ['', '={{ $json.nosuch }}'])
			expect(await failureOf({}, { options: { node: picked(empty) } })).toContain(
				'Options → Node is empty: set it, or remove the option',
			);
	});

	describe('without Sys.Audit', () => {
		const failure = async (spec: Partial<ClusterSpec>) => {
			await open({ guests: [], ...spec });
			const { error, items } = await lab.runAs('nosysaudit@pve!tk', automatic({}));
			return {
				node: items[0]?.[0]?.json.node,
				description: String(error && 'description' in error && error.description),
			};
		};
		it('is the only one that fits', async () => {
			expect(await failure({ nodes: [node('pve1', 16)] })).toMatchObject({ node: 'pve1' });
		});
		it('has to be chosen if several fit', async () => {
			expect((await failure({})).description).toContain(
				'pve1: its memory cannot be read without Sys.Audit on /nodes/pve1',
			);
		});
	});
});
