import type { Vm } from '../state/types';
import type { World } from '../world';
import { reportedStatus } from './report';

/** A VM as /cluster/resources lists it: that it is there, and locked, is of this moment; how it is, some seconds old. */
export function vmResource(world: World, vm: Vm): Record<string, unknown> {
	const { state } = world;
	const pool = [...state.pools.values()].find(({ vms }) => vms.has(vm.vmid))?.poolid;
	return {
		id: `${vm.type}/${vm.vmid}`,
		type: vm.type,
		vmid: vm.vmid,
		node: vm.node,
		...(pool ? { pool } : {}),
		...(vm.config.lock ? { lock: vm.config.lock } : {}),
		...(vm.config.tags === undefined ? {} : { tags: vm.config.tags }),
		...(vm.haManaged === undefined ? {} : { hastate: vm.haManaged }),
		...(reportedStatus(world, vm) ?? { status: 'unknown' }),
	};
}
