import { failure } from '../errors';
import type { ClusterState, Vm } from '../state/types';
import { durations } from '../tasks/durations';
import { seconds } from '../world';
import { checkLock, digestOf, vmOf } from '../vm/config';
import { drivesOf, isCdrom } from '../vm/drives';
import { requestStart, withVmLock } from '../vm/start';
import { flagOf, textOf, vmidOf } from './types';
import type { Call, Endpoint } from './types';

function list({ world, parameters }: Call): unknown {
	const vm = vmOf(world.state, vmidOf(parameters));
	const rows = vm.snapshots.map(({ name, description, snaptime, vmstate, parent }) => ({
		name,
		description: description ?? '',
		snaptime,
		vmstate: vmstate ? 1 : 0,
		...(parent === undefined ? {} : { parent }),
	}));
	const current = {
		name: 'current',
		description: 'You are here!',
		digest: digestOf(vm),
		running: vm.status === 'running' ? 1 : 0,
		...(vm.config.parent === undefined ? {} : { parent: vm.config.parent }),
	};
	return [...rows, current];
}

function snapshotOf(vm: Vm, name: string): Vm['snapshots'][number] {
	const found = vm.snapshots.find((snapshot) => snapshot.name === name);
	if (!found) throw failure(`snapshot '${name}' does not exist`);
	return found;
}

/** Images of some formats only can be frozen. */
function checkSnapshot(state: ClusterState, vm: Vm): void {
	if (vm.config.template) throw failure("you can't take a snapshot if it's a template");
	checkLock(vm);
	const volumes = drivesOf(vm.config).flatMap(([, drive]) => (isCdrom(drive) ? [] : (state.volumes.get(drive.file) ?? [])));
	if (volumes.some(({ format }) => format !== 'qcow2')) throw failure('snapshot feature is not available');
}

function runTask(call: Call, type: string, ms: number, work: (vm: Vm) => void): string {
	const { world, authId, parameters } = call;
	const vmid = vmidOf(parameters);
	vmOf(world.state, vmid);
	return world.tasks.start({
		type,
		id: String(vmid),
		authId,
		run: async (worker) =>
			await withVmLock(world, vmid, worker, async (vm) => {
				if (type === 'qmsnapshot') checkSnapshot(world.state, vm);
				else checkLock(vm);
				await worker.work(ms);
				work(vm);
			}),
	});
}

function create(call: Call): string {
	const { world, parameters } = call;
	const name = textOf(parameters, 'snapname') ?? '';
	if (name === 'current') throw failure("unable to use snapshot name 'current' (reserved name)");
	if (name.toLowerCase() === 'pending') throw failure("unable to use snapshot name 'pending' (reserved name)");
	return runTask(call, 'qmsnapshot', durations.snapshot, (vm) => {
		if (vm.snapshots.some((snapshot) => snapshot.name === name)) throw failure(`snapshot name '${name}' already used`);
		const { parent, ...config } = vm.config;
		vm.snapshots.push({
			name,
			description: textOf(parameters, 'description'),
			snaptime: seconds(world),
			vmstate: flagOf(parameters, 'vmstate') && vm.status === 'running',
			parent: parent === undefined ? undefined : String(parent),
			config: { ...config },
		});
		vm.config.parent = name;
	});
}

function remove(call: Call): string {
	const name = textOf(call.parameters, 'snapname') ?? '';
	return runTask(call, 'qmdelsnapshot', durations.snapshot, (vm) => {
		const { parent } = snapshotOf(vm, name);
		vm.snapshots = vm.snapshots.filter((snapshot) => snapshot.name !== name);
		for (const child of vm.snapshots) if (child.parent === name) child.parent = parent;
		if (vm.config.parent !== name) return;
		if (parent === undefined) delete vm.config.parent;
		else vm.config.parent = parent;
	});
}

function rollback(call: Call): string {
	const { world, authId, parameters } = call;
	const name = textOf(parameters, 'snapname') ?? '';
	return runTask(call, 'qmrollback', durations.rollback, (vm) => {
		const { config, vmstate } = snapshotOf(vm, name);
		vm.config = { ...config, parent: name };
		vm.status = 'stopped';
		if (vmstate || flagOf(parameters, 'start')) requestStart(world, authId, vm.vmid);
	});
}

const SNAPSHOTS = '/nodes/{node}/qemu/{vmid}/snapshot';

export const snapshotEndpoints: Endpoint[] = [
	{ method: 'GET', path: SNAPSHOTS, handle: list },
	{ method: 'POST', path: SNAPSHOTS, handle: create },
	{ method: 'DELETE', path: `${SNAPSHOTS}/{snapname}`, handle: remove },
	{ method: 'POST', path: `${SNAPSHOTS}/{snapname}/rollback`, handle: rollback },
];
