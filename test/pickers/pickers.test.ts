import { pickers } from '../../nodes/ProxmoxVe/pickers';
import { properties } from '../../nodes/ProxmoxVe/resources/describe';
import { clusterState } from '../../tools/emulator';
import { addEsxi, addOva } from '../support/addOva';
import { openLab, type Lab } from '../support/lab';

let lab: Lab;
beforeAll(async () => {
	lab = await openLab();
});
afterAll(async () => await lab.close());

const node = { __rl: true, mode: 'list', value: 'pve1' };
const search = async (
	method: keyof typeof pickers,
	filter?: string,
	parameters: object = { node },
) =>
	(
		await lab.engine.listSearch(method, {
			parameters: { ...parameters },
			credentials: lab.credentials,
			filter,
		})
	).results;
const values = async (method: keyof typeof pickers, filter?: string) =>
	(await search(method, filter)).map(({ value }) => value);

describe('the live lists', () => {
	it('are those that fields offer: each one exists, and each one is used', () => {
		const offered = JSON.stringify(properties).matchAll(/"searchListMethod":"(\w+)"/g);
		const names = new Set([...offered].map(([, name]) => name));
		expect([...names].sort()).toEqual(Object.keys(pickers).sort());
	});

	it('list every node', async () => expect(await values('searchNodes')).toContain('pve1'));

	it('list only the storages that hold disk images', async () => {
		const storages = await values('searchImageStorages');
		expect(storages).toEqual(expect.arrayContaining(['local', 'lab', 'small']));
		expect(storages).not.toContain('isoonly');
		expect(storages).not.toContain('disabled');
	});

	it('list only the storages for images to import', async () => {
		const { storages } = lab.emulator.state;
		const holding = [...storages.values()].filter(
			(one) => one.content.includes('import') && !one.disabled,
		);
		expect((await values('searchImportStorages')).sort()).toEqual(
			holding.map(({ storage }) => storage).sort(),
		);
	});

	it('list the templates on the storages, then those that the node can download', async () => {
		const { volumes, appliances } = lab.emulator.state;
		const [first, ...others] = appliances.map(({ template }) => template);
		const volid = `local:vztmpl/${first}`;
		const file = { volid, storage: 'local', content: 'vztmpl', format: 'tzst' };
		volumes.set(volid, { ...file, size: 1, used: 1, ctime: 1 });
		const templates = async (resource: string) =>
			(await search('searchTemplates', undefined, { node, resource })).map(({ value }) => value);
		expect(await templates('image')).toEqual([first, ...others]);
		const found = await templates('container');
		expect(found.slice(-others.length)).toEqual(others);
		expect(found).toContain(volid);
		expect(found).not.toContain(first);
		lab.emulator.faults.onRequest({
			method: 'GET',
			path: /aplinfo$/,
			effect: { status: 500, phrase: 'no luck', body: '{"data":null}' },
		});
		expect(await templates('container')).toContain(volid);
	});

	it('list the ISO images of all storages', async () =>
		expect(await values('searchIsoImages')).toEqual(
			expect.arrayContaining(['local:iso/tiny.iso', 'isoonly:iso/tiny.iso']),
		));

	it('list the backups of VMs, which can be searched by their notes', async () => {
		expect(await values('searchBackups', 'lab backup notes')).toContain(
			'local:backup/vzdump-qemu-100-2026_01_02-03_04_05.vma.zst',
		);
		expect((await values('searchBackups')).every((value) => String(value).includes('qemu'))).toBe(
			true,
		);
	});

	it('list the bridges', async () =>
		expect(await values('searchBridges')).toEqual(['vmbr0', 'vmbr1']));
	it('list the pools', async () => expect(await values('searchPools')).toEqual(['dev', 'prod']));
	it('list the images to import', async () =>
		expect((await values('searchImportImages')).length).toBeGreaterThan(0));
	it('list the VMs to import separately, and no ESXi host to store images on', async () => {
		addEsxi(lab.emulator);
		const files = ['local:import/web.ova', 'esxi:dc/ds1/web/web.vmx'];
		for (const file of files) addOva(lab.emulator, file);
		const found = await search('searchImports');
		expect(found.map(({ value }) => value)).toEqual(expect.arrayContaining(files));
		expect(found.map(({ name }) => name)).toContain(`my web (${files[1]})`);
		expect(found.every(({ value }) => /\.(?:ova|vmx)$/.test(String(value)))).toBe(true);
		expect(await values('searchImportImages')).not.toEqual(expect.arrayContaining([files[1]]));
		expect(await values('searchImportStorages')).not.toContain('esxi');
		lab.emulator.state.storages.delete('esxi');
	});
	it('list the VMs, and no containers', async () =>
		expect(await values('searchVirtualMachines')).toEqual(expect.arrayContaining([100, 101])));
	it('list the mappings', async () => {
		expect(await values('searchPciMappings')).toEqual(['gpu']);
		expect(await values('searchUsbMappings')).toEqual(['usbkey']);
		expect(await values('searchDirectoryMappings')).toEqual(['share1']);
	});

	it('are filtered by what is typed', async () =>
		expect(await values('searchBridges', 'BR1')).toEqual(['vmbr1']));

	it('ask for the node first', async () => {
		await expect(
			search('searchImageStorages', undefined, {
				operation: 'restore',
				node: { __rl: true, mode: 'list', value: '' },
			}),
		).rejects.toThrow('Select the Node or Virtual Machine first');
	});

	it('report what Proxmox says if they cannot be read', async () => {
		lab.emulator.faults.onRequest({
			path: '/pools',
			effect: { status: 500, phrase: 'cfs is not there' },
		});
		await expect(search('searchPools')).rejects.toThrow(
			'Proxmox VE answered 500: cfs is not there',
		);
	});

	it('show the free space of storages and the state of VMs, with links to their pages', async () => {
		const { vms } = lab.emulator.state;
		const { url } = lab.emulator;
		const running = vms.get(100);
		if (running) running.status = 'running';
		expect(await search('searchVirtualMachines', '10')).toEqual(
			expect.arrayContaining([
				{ name: '100 existing (pve1, running)', value: 100, url: `${url}/#v1:0:=qemu%2F100:4` },
				{ name: '101 tmpl (pve1, template)', value: 101, url: `${url}/#v1:0:=qemu%2F101:4` },
				{ name: '102 protected (pve1)', value: 102, url: `${url}/#v1:0:=qemu%2F102:4` },
			]),
		);
		const storages = await search('searchImageStorages');
		expect(storages).toContainEqual({
			name: 'small (dir, 64.0 MiB free)',
			value: 'small',
			url: `${url}/#v1:0:=storage%2Fpve1%2Fsmall:4`,
		});
		expect(storages.map(({ name }) => name)).toContain('offline (dir, not active)');
		expect(await search('searchNodes')).toContainEqual({
			name: 'pve1',
			value: 'pve1',
			url: `${url}/#v1:0:=node%2Fpve1:4`,
		});
	});

	it('skip a storage that does not respond', async () => {
		lab.emulator.faults.onRequest({
			path: '/nodes/pve1/storage/isoonly/content',
			effect: { status: 500, phrase: 'offline' },
		});
		expect(await values('searchIsoImages')).toContain('local:iso/tiny.iso');
	});
});

describe('a live list of Create without the option Node', () => {
	const GIB = 1024 ** 3;
	const empty = { operation: 'create', node: { __rl: true, mode: 'list', value: 'pve1' } };

	it('lists what is on any online node, and each entry once', async () => {
		const state = clusterState({
			nodes: [{ name: 'pve1' }, { name: 'pve2' }, { name: 'pve3', reach: 'no route' }],
			storages: [
				{ storage: 'local' },
				{ storage: 'shared', shared: true },
				{ storage: 'second', nodes: ['pve2'] },
				{ storage: 'third', nodes: ['pve3'] },
			],
			guests: [{ vmid: 100, node: 'pve1', config: { memory: '512' } }],
		});
		const cluster = await openLab({ state });
		const found = async (method: keyof typeof pickers) =>
			(
				await cluster.engine.listSearch(method, {
					parameters: empty,
					credentials: cluster.credentials,
				})
			).results;
		try {
			state.volumes.set('local:100/vm-100-disk-0.raw', {
				volid: 'local:100/vm-100-disk-0.raw',
				storage: 'local',
				content: 'images',
				vmid: 100,
				format: 'raw',
				size: GIB,
				used: GIB,
				ctime: 0,
			});
			const storages = await found('searchImageStorages');
			expect(storages.map(({ value }) => value)).toEqual(['local', 'second', 'shared']);
			expect(storages[0]).toEqual({ name: 'local', value: 'local' });
			expect(storages[1]?.name).toMatch(/^second \(dir, .* free\)$/);
			expect((await found('searchBridges')).filter(({ value }) => value === 'vmbr0')).toHaveLength(
				1,
			);
		} finally {
			await cluster.close();
		}
	});

	it('skips a node that does not respond', async () => {
		const cluster = await openLab({
			state: clusterState({
				nodes: [{ name: 'pve1' }, { name: 'pve2' }],
				storages: [{ storage: 'local' }, { storage: 'second', nodes: ['pve2'] }],
			}),
		});
		try {
			cluster.emulator.faults.onRequest({
				path: '/nodes/pve2/storage',
				effect: { status: 500, phrase: 'no answer' },
			});
			const { results } = await cluster.engine.listSearch('searchImageStorages', {
				parameters: empty,
				credentials: cluster.credentials,
			});
			expect(results.map(({ value }) => value)).toEqual(['local']);
		} finally {
			await cluster.close();
		}
	});

	it('requests other lists once', async () => {
		lab.emulator.requests.splice(0);
		await search('searchNodes', '', empty);
		expect(lab.emulator.requests.filter(({ path }) => path.endsWith('/nodes'))).toHaveLength(1);
	});
});
