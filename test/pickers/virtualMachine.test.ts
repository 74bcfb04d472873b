import type { INodeParameters } from 'n8n-workflow';

import type { pickers } from '../../nodes/ProxmoxVe/pickers';
import { clusterState } from '../../tools/emulator';
import { openLab, type Lab } from '../support/lab';

let lab: Lab;
beforeAll(async () => {
	lab = await openLab();
});
afterAll(async () => await lab.close());

const vm = (value: unknown): INodeParameters => ({
	operation: 'resizeDisk',
	vm: { __rl: true, mode: 'list', value: String(value) },
});
const search = async (method: keyof typeof pickers, parameters: INodeParameters) =>
	(await lab.engine.listSearch(method, { parameters, credentials: lab.credentials })).results;

describe('the live lists of a chosen VM', () => {
	it('list its disks, without CD drives', async () => {
		expect(await search('searchDisks', vm(100))).toEqual([
			{ name: 'scsi0 (local:100/vm-100-disk-0.raw, 1G)', value: 'scsi0' },
		]);
	});

	it('list its snapshots, without its current state', async () => {
		lab.emulator.state.vms.get(100)?.snapshots.push({
			name: 'before',
			description: 'the update\nof May',
			snaptime: 1_700_000_000,
			vmstate: false,
			config: {},
		});
		expect(await search('searchSnapshots', { ...vm(100), operation: 'clone' })).toEqual([
			{ name: 'before (2023-11-14 22:13, the update)', value: 'before' },
		]);
	});

	it('are those of its node if they depend on a node', async () => {
		const { results } = await lab.engine.listSearch('searchBridges', {
			parameters: { ...vm(100), operation: 'update' },
			credentials: lab.credentials,
		});
		expect(results.map(({ value }) => value)).toEqual(['vmbr0', 'vmbr1']);
	});

	it('ask for the VM first', async () => {
		await expect(search('searchDisks', vm(''))).rejects.toThrow('first: this list depends on it');
		await expect(search('searchDisks', vm('={{ $json.vmid }}'))).rejects.toThrow(
			'Virtual Machine is an expression that has no value in the editor yet',
		);
		await expect(search('searchDisks', vm(4711))).rejects.toThrow(
			'There is no VM 4711, or no permission to see it',
		);
	});
});

describe('the list of 1,000 VMs', () => {
	it('comes in pages, sorted over all of them, each VM once', async () => {
		const guests = Array.from({ length: 1_000 }, (_, index) => ({
			vmid: 20_000 - index,
			node: 'pve1',
			config: {},
		}));
		const big = await openLab({
			state: clusterState({ nodes: [{ name: 'pve1', memory: 2 ** 40 }], guests }),
		});
		try {
			const page = async (paginationToken?: string, filter?: string) =>
				await big.engine.listSearch('searchVirtualMachines', {
					parameters: vm(''),
					credentials: big.credentials,
					paginationToken,
					filter,
				});
			const values: unknown[] = [];
			let pages = 0;
			for (let token: string | undefined = '0'; token !== undefined; pages++) {
				const { results, paginationToken } = await page(token === '0' ? undefined : token);
				values.push(...results.map(({ value }) => value));
				token = paginationToken as string | undefined;
			}
			expect(pages).toBe(5);
			expect(values).toEqual(Array.from({ length: 1_000 }, (_, index) => 19_001 + index));
			expect(big.emulator.requests).toHaveLength(pages);

			const { results, paginationToken } = await page(undefined, '1999');
			expect(results.length).toBeLessThan(200);
			expect(paginationToken).toBeUndefined();
		} finally {
			await big.close();
		}
	});
});
