import { clusterState, manualClock, startEmulator } from '../../../tools/emulator';
import type { ClusterSpec, ClusterState, Emulator, EmulatorOptions } from '../../../tools/emulator';
import { askApi, finishTask, type Asked, type Reply } from '../../support/askApi';

let emulator: Emulator;

const DISK = 'local:200/vm-200-disk-0.qcow2';

/** Two nodes that both answer, each with `local` of its own, and `shared`; 100 is on the first, 200 on the second. */
const TWO: ClusterSpec = {
	nodes: [{ name: 'pve1' }, { name: 'pve2' }],
	storages: [
		{ storage: 'local' },
		{ storage: 'shared', shared: true },
		{ storage: 'only2', nodes: ['pve2'] },
	],
	guests: [
		{ vmid: 100, node: 'pve1', config: { name: 'first' } },
		{ vmid: 200, node: 'pve2', config: { name: 'second' } },
	],
};

async function start(spec: ClusterSpec = TWO, options: EmulatorOptions = {}): Promise<void> {
	emulator = await startEmulator({
		http: true,
		taskSeconds: 0.01,
		everyNode: true,
		state: clusterState(spec),
		...options,
	});
}

afterEach(async () => await emulator.close());

const ask = async (asked: Asked): Promise<Reply> => await askApi(emulator, asked);
const post = async (path: string, form: Record<string, string> = {}, via?: string) =>
	await ask({ method: 'POST', path, form, via });
const finish = async (reply: Reply) => await finishTask(emulator, reply);
const rows = (reply: Reply) => (reply.data ?? []) as Array<Record<string, unknown>>;

/** Puts a disk on 200's node and gives it to the VM. */
function giveDisk(volid = DISK): void {
	const [storage = ''] = volid.split(':');
	const volume = {
		volid,
		storage,
		content: 'images',
		format: 'qcow2',
		size: 1024 ** 3,
		used: 0,
		ctime: 0,
		vmid: 200,
	};
	emulator.state.volumesByNode.get('pve2')?.set(volid, volume);
	const vm = emulator.state.vms.get(200);
	if (vm) vm.config.scsi0 = `${volid},size=1G`;
}

describe('a cluster from a short description', () => {
	it('has its nodes, storages and guests, and nothing else', async () => {
		await start({
			nodes: [
				{ name: 'a' },
				{ name: 'b', cpus: 64, memory: 2 ** 38 },
				{ name: 'c', maintenance: true },
				{ name: 'd', reach: 'no route' },
			],
			storages: [
				{ storage: 'nfs', shared: true },
				{ storage: 'disks', nodes: ['b', 'c'] },
			],
			guests: [
				{ vmid: 7000, node: 'b', running: true, pool: 'blue' },
				{ vmid: 7001, node: 'a', type: 'lxc' },
			],
		});
		const nodes = rows(await ask({ path: '/cluster/resources?type=node' }));
		expect(
			nodes.map(({ node, status, maxcpu, hastate }) => [node, status, maxcpu, hastate]),
		).toEqual([
			['a', 'online', 8, undefined],
			['b', 'online', 64, undefined],
			['c', 'online', 8, 'maintenance'],
			['d', 'offline', 8, undefined],
		]);
		const storages = rows(await ask({ path: '/cluster/resources?type=storage' }));
		expect(storages.map(({ id }) => id).sort()).toEqual([
			'storage/a/nfs',
			'storage/b/disks',
			'storage/b/nfs',
			'storage/c/disks',
			'storage/c/nfs',
			'storage/d/nfs',
		]);
		const guests = rows(await ask({ path: '/cluster/resources?type=vm' }));
		expect(guests.map(({ id, node, status, pool }) => [id, node, status, pool])).toEqual([
			['qemu/7000', 'b', 'running', 'blue'],
			['lxc/7001', 'a', 'stopped', undefined],
		]);
		expect(Object.keys(emulator.urls)).toEqual(['a', 'b', 'c', 'd']);
	});

	it('has bridges of each node, and virtual networks of some', async () => {
		await start({
			nodes: [
				{ name: 'a', bridges: ['vmbr0'] },
				{ name: 'b', bridges: ['vmbr0', 'vmbr7'] },
			],
			vnets: [
				{ vnet: 'web', zone: 'dmz', nodes: ['a'], alias: 'Front end' },
				{ vnet: 'all', zone: 'campus' },
			],
		});
		const bridgesOf = async (node: string, type: string) =>
			rows(await ask({ path: `/nodes/${node}/network?type=${type}` })).map(({ iface }) => iface);
		expect(await bridgesOf('a', 'any_bridge')).toEqual(['vmbr0', 'web', 'all']);
		expect(await bridgesOf('b', 'any_bridge')).toEqual(['vmbr0', 'vmbr7', 'all']);
		expect(await bridgesOf('b', 'any_local_bridge')).toEqual(['vmbr0', 'vmbr7']);
		expect(await bridgesOf('a', 'vnet')).toEqual(['web', 'all']);
		expect(rows(await ask({ path: '/nodes/a/network' })).map(({ type }) => type)).not.toContain(
			'vnet',
		);
		expect(rows(await ask({ path: '/cluster/resources?type=sdn' })).map(({ id }) => id)).toEqual([
			'network/a/zone/localnetwork',
			'network/a/zone/dmz',
			'network/a/zone/campus',
			'network/b/zone/localnetwork',
			'network/b/zone/campus',
		]);
		expect(rows(await ask({ path: '/cluster/sdn/vnets' }))).toEqual([
			{ vnet: 'web', zone: 'dmz', type: 'vnet', alias: 'Front end' },
			{ vnet: 'all', zone: 'campus', type: 'vnet' },
		]);
		const startOn = async (node: string, vmid: string) => {
			const form = { vmid, net0: 'virtio,bridge=web', start: '1' };
			return await finish(await post(`/nodes/${node}/qemu`, form));
		};
		expect(await startOn('a', '900')).toBe('OK');
		await startOn('b', '901');
		await emulator.clock.sleep(5_000);
		expect(emulator.state.vms.get(900)?.status).toBe('running');
		expect(emulator.state.vms.get(901)?.status).toBe('stopped');
	});

	it('shares nothing with other clusters', async () => {
		await start();
		const partsOf = ({ version, realms, nodes }: ClusterState) =>
			structuredClone({ version, realms, nodes });
		const one = clusterState(TWO, 1);
		const before = partsOf(one);
		one.version.version = '1.0';
		one.realms.pop();
		one.nodes.get('pve1')?.network.pop();
		expect(partsOf(clusterState(TWO, 1))).toEqual(before);
	});

	it('is alone with one node', async () => {
		await start({ nodes: [{ name: 'lone' }] });
		expect(
			rows(await ask({ path: '/cluster/status' })).map(({ type, name }) => [type, name]),
		).toEqual([['node', 'lone']]);
		expect(await finish(await post('/nodes/lone/qemu', { vmid: '900', scsi0: 'local:1' }))).toBe(
			'OK',
		);
	});
});

describe('a request for another node', () => {
	it("is handed on, and the task is that node's", async () => {
		await start();
		const reply = await post('/nodes/pve2/qemu', { vmid: '300', scsi0: 'local:1' });
		expect(await finish(reply)).toBe('OK');
		expect(String(reply.data)).toMatch(/^UPID:pve2:/);
		expect(emulator.state.vms.get(300)?.node).toBe('pve2');
		const upid = String(reply.data);
		expect(await ask({ path: `/nodes/pve2/tasks/${upid}/status` })).toMatchObject({
			status: 200,
			data: { exitstatus: 'OK' },
		});
		expect(await ask({ path: `/nodes/pve1/tasks/${upid}/status` })).toMatchObject({ status: 400 });
		expect((await ask({ path: `/nodes/pve1/tasks/${upid}/status` })).text).toContain(
			'no such task',
		);
		expect(await ask({ path: `/nodes/pve1/tasks/${upid}/log` })).toMatchObject({
			status: 200,
			data: [{ n: 1, t: 'unable to open file - No such file or directory' }],
		});
		expect(rows(await ask({ path: '/nodes/pve1/tasks' }))).toEqual([]);
		expect(rows(await ask({ path: '/nodes/pve2/tasks' }))).toMatchObject([{ upid }]);
		expect(rows(await ask({ path: '/cluster/tasks' }))).toMatchObject([{ upid }]);
	});

	it('gets the same answer whichever node is asked, and the log says which', async () => {
		await start();
		const config = { path: '/nodes/pve2/qemu/200/config' };
		expect((await ask({ ...config, via: 'pve1' })).text).toBe(
			(await ask({ ...config, via: 'pve2' })).text,
		);
		expect(emulator.requests.map(({ via }) => via)).toEqual(['pve1', 'pve2']);
		expect(
			rows(await ask({ path: '/cluster/status', via: 'pve2' })).filter(({ local }) => local === 1),
		).toMatchObject([{ name: 'pve2' }]);
	});

	it('fails if the node has no such guest', async () => {
		await start();
		const text = "Configuration file 'nodes/pve1/qemu-server/200.conf' does not exist";
		expect(await ask({ path: '/nodes/pve1/qemu/200/config' })).toMatchObject({
			status: 500,
			phrase: text,
		});
		expect(await ask({ method: 'DELETE', path: '/nodes/pve1/qemu/200' })).toMatchObject({
			status: 500,
			phrase: text,
		});
		// Its task is begun all the same.
		const started = await post('/nodes/pve1/qemu/200/status/start');
		expect(started.status).toBe(200);
		expect(await finish(started)).toBe(text);
		expect(await post('/nodes/pve1/vzdump', { vmid: '200', storage: 'local' })).toMatchObject({
			status: 200,
			data: 'OK',
		});
	});

	it('cannot be handed on to a node that does not answer', async () => {
		await start(
			{
				nodes: [
					{ name: 'a' },
					{ name: 'off', reach: 'no route' },
					{ name: 'deaf', reach: 'refused' },
				],
			},
			{ clock: manualClock() },
		);
		const clock = emulator.clock as ReturnType<typeof manualClock>;
		const off = ask({ path: '/nodes/off/status' });
		let answered = false;
		void off.then(() => (answered = true));
		while (!answered) await clock.advance(1_000);
		expect(await off).toMatchObject({ status: 595, phrase: 'No route to host', text: '' });
		expect(await ask({ path: '/nodes/deaf/status' })).toMatchObject({
			status: 595,
			phrase: 'Connection refused',
		});
		const nodes = rows(await ask({ path: '/nodes' }));
		expect(nodes.map(({ node, status }) => [node, status])).toEqual([
			['a', 'online'],
			['off', 'offline'],
			['deaf', 'online'],
		]);
		// A node that is only deaf comes back as it was.
		const deaf = emulator.state.nodes.get('deaf');
		if (deaf) deaf.reach = 'here';
		expect((await ask({ path: '/nodes/deaf/status' })).status).toBe(200);
	});

	it('is refused by its daemon for what needs root, and answered for what does not', async () => {
		await start();
		emulator.faults.setDaemon('pve2', 'down');
		expect(await ask({ path: '/nodes/pve2/qemu/200/config' })).toMatchObject({ status: 200 });
		expect(await post('/nodes/pve2/qemu/200/status/start')).toMatchObject({
			status: 595,
			phrase: 'Connection refused',
		});
		expect((await post('/nodes/pve1/qemu/100/status/start')).status).toBe(200);
	});
});

describe('IDs and volumes', () => {
	it('takes an ID for all nodes', async () => {
		await start();
		expect(await post('/nodes/pve1/qemu', { vmid: '200' })).toMatchObject({
			status: 500,
			phrase: "unable to create VM 200 - VM 200 already exists on node 'pve2'",
		});
		expect((await ask({ path: '/cluster/nextid?vmid=200' })).status).toBe(400);
	});

	it("keeps what lies on a storage of a node apart from the other's, and shows shared ones on both", async () => {
		await start();
		expect(
			await finish(
				await post('/nodes/pve1/qemu', { vmid: '300', scsi0: 'local:1', scsi1: 'shared:1' }),
			),
		).toBe('OK');
		const content = async (node: string, storage: string) =>
			rows(await ask({ path: `/nodes/${node}/storage/${storage}/content` })).length;
		expect([await content('pve1', 'local'), await content('pve2', 'local')]).toEqual([1, 0]);
		expect([await content('pve1', 'shared'), await content('pve2', 'shared')]).toEqual([1, 1]);
		expect(await ask({ path: '/nodes/pve1/storage/only2/content' })).toMatchObject({
			status: 500,
			phrase: "storage 'only2' is not available on node 'pve1'",
		});
		expect(await content('pve2', 'only2')).toBe(0);
	});

	it('clones to the other node from shared storage only', async () => {
		await start();
		const clone = { newid: '300', target: 'pve1', full: '1' };
		giveDisk();
		expect(await post('/nodes/pve2/qemu/200/clone', clone)).toMatchObject({
			status: 500,
			phrase: "can't clone VM to node 'pve1' (VM uses local storage)",
		});
		giveDisk('shared:200/vm-200-disk-0.qcow2');
		const reply = await post('/nodes/pve2/qemu/200/clone', clone);
		expect(await finish(reply)).toBe('OK');
		expect(String(reply.data)).toMatch(/^UPID:pve2:/);
		expect(emulator.state.vms.get(300)?.node).toBe('pve1');
	});
});

describe('migration', () => {
	it("takes the VM and its local disks to the other node, and its task is the source's", async () => {
		await start();
		giveDisk();
		const reply = await post('/nodes/pve2/qemu/200/migrate', { target: 'pve1' });
		expect(await finish(reply)).toBe('OK');
		expect(String(reply.data)).toMatch(/^UPID:pve2:[^:]+:[^:]+:[^:]+:qmigrate:200:/);
		expect(emulator.state.vms.get(200)).toMatchObject({ node: 'pve1', config: { name: 'second' } });
		expect([...(emulator.state.volumesByNode.get('pve2')?.keys() ?? [])]).toEqual([]);
		expect([...(emulator.state.volumesByNode.get('pve1')?.keys() ?? [])]).toEqual([DISK]);
		expect((await ask({ path: '/nodes/pve2/qemu/200/config' })).status).toBe(500);
	});

	it('of a running VM with local disks needs with-local-disks', async () => {
		await start();
		giveDisk();
		expect(await finish(await post('/nodes/pve2/qemu/200/status/start'))).toBe('OK');
		const online = { target: 'pve1', online: '1' };
		expect(await finish(await post('/nodes/pve2/qemu/200/migrate', online))).toBe(
			'migration aborted',
		);
		expect(emulator.state.vms.get(200)?.node).toBe('pve2');
		expect(
			await finish(
				await post('/nodes/pve2/qemu/200/migrate', { ...online, 'with-local-disks': '1' }),
			),
		).toBe('OK');
		expect(emulator.state.vms.get(200)).toMatchObject({ node: 'pve1', status: 'running' });
		expect(emulator.state.vms.get(200)?.config.lock).toBeUndefined();
	});

	it('locks the VM meanwhile, and leaves it where it was when it is stopped', async () => {
		await start(TWO, { taskSeconds: 1 });
		emulator.state.vms.get(200)!.status = 'running';
		const clock = emulator.clock;
		const reply = await post('/nodes/pve2/qemu/200/migrate', { target: 'pve1', online: '1' });
		while (emulator.state.vms.get(200)?.config.lock === undefined) await clock.sleep(50);
		expect(
			await ask({ method: 'PUT', path: '/nodes/pve2/qemu/200/config', form: { name: 'no' } }),
		).toMatchObject({
			status: 500,
			phrase: expect.stringMatching(/^VM is locked \(migrate\)$/) as string,
		});
		await ask({ method: 'DELETE', path: `/nodes/pve2/tasks/${String(reply.data)}` });
		expect(await finish(reply)).toBe('migration problems');
		expect(emulator.state.vms.get(200)).toMatchObject({ node: 'pve2', status: 'running' });
		expect(emulator.state.vms.get(200)?.config.lock).toBeUndefined();
	});

	it('reports in advance what prevents it', async () => {
		await start();
		giveDisk('only2:200/vm-200-disk-0.qcow2');
		expect(await ask({ path: '/nodes/pve2/qemu/200/migrate' })).toMatchObject({
			data: {
				running: 0,
				allowed_nodes: [],
				not_allowed_nodes: { pve1: { unavailable_storages: ['only2'] } },
			},
		});
		expect(await post('/nodes/pve2/qemu/200/migrate', { target: 'pve1' })).toMatchObject({
			status: 500,
			phrase: "storage 'only2' is not available on node 'pve1'",
		});
	});
});

describe('a cluster without quorum', () => {
	it('reads and does not write', async () => {
		await start();
		emulator.state.quorate = false;
		expect((await ask({ path: '/nodes/pve1/qemu/100/config' })).status).toBe(200);
		expect(await post('/nodes/pve1/qemu/100/status/start')).toMatchObject({
			status: 500,
			phrase: 'cluster not ready - no quorum?',
		});
		expect(rows(await ask({ path: '/cluster/status' }))).toMatchObject([
			{ type: 'cluster', quorate: 0 },
			{},
			{},
		]);
	});

	it('is the state of a node that is alone, and not of the others', async () => {
		await start({ ...TWO, nodes: [...TWO.nodes, { name: 'pve3' }] });
		const alone = emulator.state.nodes.get('pve2');
		if (alone) alone.clusterFiles = 'alone';
		expect(await post('/nodes/pve2/qemu/200/status/start', {}, 'pve2')).toMatchObject({
			status: 500,
			phrase: 'cluster not ready - no quorum?',
		});
		expect(rows(await ask({ path: '/nodes', via: 'pve2' })).map(({ node }) => node)).toEqual([
			'pve2',
		]);
		expect((await post('/nodes/pve1/qemu/100/status/start')).status).toBe(200);
		expect(rows(await ask({ path: '/nodes' })).map(({ node, status }) => [node, status])).toEqual([
			['pve1', 'online'],
			['pve2', 'offline'],
			['pve3', 'online'],
		]);
	});

	it('shows guests of a node that is gone as they last were', async () => {
		await start();
		emulator.state.vms.get(200)!.status = 'running';
		const gone = emulator.state.nodes.get('pve2');
		if (gone) gone.reach = 'no route';
		const resources = rows(await ask({ path: '/cluster/resources' }));
		expect(resources.find(({ id }) => id === 'node/pve2')).toMatchObject({ status: 'offline' });
		expect(resources.find(({ id }) => id === 'qemu/200')).toMatchObject({
			status: 'running',
			name: 'second',
		});
	});
});
