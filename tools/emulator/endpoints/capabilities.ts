import { zonesOn } from '../state/bridges';
import { CPU_MODELS } from './cpuModels';
import type { Endpoint } from './types';

/** Each machine type comes for both chipsets, newest first. */
const VERSIONS = [
	'10.0+pve1',
	'10.0',
	'9.2+pve1',
	'9.2',
	'9.1',
	'9.0',
	'8.2',
	'8.1',
	'8.0',
	'7.2',
	'7.1',
	'7.0',
	'6.2',
	'6.1',
	'6.0',
	'5.2',
	'5.1',
	'5.0',
	'4.2',
	'4.1+pve2',
	'4.1+pve1',
	'4.1',
	'4.0.1',
	'4.0',
	'3.1',
	'3.0',
	'2.12',
	'2.11',
	'2.10',
	'2.9',
	'2.8',
	'2.7',
	'2.6',
	'2.5',
	'2.4',
];

const CHANGES: Readonly<Record<string, string>> = {
	'10.0+pve1': 'Set host_mtu vNIC option even with default value for migration compat.',
	'9.2+pve1': 'Disables S3/S4 power states by default.',
	'4.1+pve2': 'Increases the number of SCSI drives supported.',
	'4.1+pve1': 'Introduction of pveX versioning, no changes.',
};

/** 4.0.1 was made for one chipset only. */
function chipsetsOf(version: string): string[] {
	return version === '4.0.1' ? ['q35'] : ['i440fx', 'q35'];
}

function machines(): unknown {
	return VERSIONS.flatMap((version) =>
		chipsetsOf(version).map((type) => ({
			id: `pc-${type}-${version}`,
			type,
			version,
			...(CHANGES[version] === undefined ? {} : { changes: CHANGES[version] }),
		})),
	);
}

function cpuModels(): unknown {
	return Object.entries(CPU_MODELS).flatMap(([vendor, names]) =>
		names.split(' ').map((name) => ({
			name,
			vendor,
			custom: 0,
			// A level that many real models reach, not one of them.
			...(name.startsWith('x86-64-v') ? { abstract: 1 } : {}),
		})),
	);
}

export const capabilityEndpoints: Endpoint[] = [
	{
		method: 'GET',
		path: '/nodes/{node}/capabilities/qemu',
		handle: () => ['cpu', 'cpu-flags', 'machines', 'migration'].map((name) => ({ name })),
	},
	{ method: 'GET', path: '/nodes/{node}/capabilities/qemu/cpu', handle: cpuModels },
	{ method: 'GET', path: '/nodes/{node}/capabilities/qemu/machines', handle: machines },
	{
		method: 'GET',
		path: '/nodes/{node}/capabilities/qemu/migration',
		handle: () => ({ 'has-dbus-vmstate': 1 }),
	},
	{ method: 'GET', path: '/nodes/{node}/hardware/usb', handle: () => [] },
	{ method: 'GET', path: '/nodes/{node}/hardware/pci', handle: () => [] },
	{
		method: 'GET',
		path: '/nodes/{node}/sdn/zones',
		handle: ({ world: { state } }) =>
			zonesOn(state, state.localNode).map((zone) => ({ zone, status: 'available' })),
	},
];
