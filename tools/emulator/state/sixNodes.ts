import type { ClusterSpec } from './build';

const GIB = 1024 ** 3;
const all = ['pve1', 'pve2', 'pve3', 'pve4', 'pve5', 'pve6'];

/**
 * Six nodes of different sizes, with storages and bridges of their own and shared ones: four answer, `pve5` is offline,
 * `pve6` in maintenance.
 */
export const SIX_NODES: ClusterSpec = {
	nodes: [
		{ name: 'pve1', memory: 16 * GIB, bridges: ['vmbr0'] },
		{ name: 'pve2', memory: 64 * GIB, bridges: ['vmbr0'] },
		{ name: 'pve3', memory: 32 * GIB, bridges: ['vmbr0', 'vmbr1'] },
		{ name: 'pve4', memory: 128 * GIB, bridges: ['vmbr0', 'vmbr1'] },
		{ name: 'pve5', memory: 256 * GIB, bridges: ['vmbr0', 'vmbr1'], reach: 'no route' },
		{ name: 'pve6', memory: 256 * GIB, bridges: ['vmbr0', 'vmbr1'], maintenance: true },
	],
	storages: [
		{ storage: 'local' },
		{ storage: 'shared', shared: true },
		{ storage: 'fast', nodes: ['pve1', 'pve3'] },
		{ storage: 'isoonly', content: ['iso'] },
	],
	vnets: [
		{ vnet: 'web', zone: 'dmz', nodes: ['pve1', 'pve2'] },
		{ vnet: 'office', zone: 'campus', nodes: all },
	],
	guests: [
		{ vmid: 100, node: 'pve4', config: { name: 'database', memory: String(120 * 1024) } },
		{ vmid: 101, node: 'pve2', config: { name: 'mail', memory: String(8 * 1024) } },
	],
};
