import { may } from '../auth/permissions';
import { createVm } from '../vm/create';
import { vmOf } from '../vm/config';
import { vmStatus } from '../vm/status';
import { parsePropertyString } from '../contract/propertyString';
import { subOptionsOf } from '../contract/facts';
import { flagOf, vmidOf } from './types';
import type { Call, Endpoint } from './types';

function list({ world, authId, parameters }: Call): unknown {
	const { state } = world;
	return [...state.vms.values()]
		.filter(({ type, node }) => type === 'qemu' && node === state.localNode)
		.filter(({ vmid }) => may(state, authId, `/vms/${vmid}`, ['VM.Audit']))
		.map((vm) => vmStatus(world, vm, flagOf(parameters, 'full')));
}

function current({ world, parameters }: Call): unknown {
	const vm = vmOf(world.state, vmidOf(parameters));
	const agent = parsePropertyString(subOptionsOf('agent'), String(vm.config.agent ?? '')).values
		?.enabled;
	const vga =
		vm.config.vga === undefined
			? undefined
			: parsePropertyString(subOptionsOf('vga'), String(vm.config.vga)).values;
	const hasSpice = /^qxl/.test(String(vga?.type ?? ''));
	return {
		...vmStatus(world, vm, true),
		ha: vm.haManaged === undefined ? { managed: 0 } : { managed: 1, state: vm.haManaged },
		...(agent === 1 ? { agent: 1 } : {}),
		...(vga === undefined ? {} : { clipboard: vga.clipboard ?? null }),
		...(hasSpice ? { spice: 1 } : {}),
	};
}

export const qemuEndpoints: Endpoint[] = [
	{ method: 'POST', path: '/nodes/{node}/qemu', handle: createVm },
	{ method: 'GET', path: '/nodes/{node}/qemu', handle: list },
	{ method: 'GET', path: '/nodes/{node}/qemu/{vmid}/status/current', handle: current },
];
