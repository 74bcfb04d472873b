import type { NodeState, Vm } from '../state/types';
import type { World } from '../world';
import { ctReport } from '../ct/status';
import { vmReport } from './status';

/** What the node of a guest tells the cluster of it. */
function reportOf(world: World, vm: Vm): Record<string, unknown> {
	return (vm.type === 'lxc' ? ctReport : vmReport)(world.on(vm.node), vm);
}

/** Seconds between two messages of a node's statistics daemon, in which it tells the cluster how its guests are. */
export const REPORT_EVERY = 10;
/** Seconds after which a message is no longer believed. */
const BELIEVED_FOR = 300;

/** Keeps what the cluster has been told of a VM, for it is about to change. */
export function freezeReport(world: World, vm: Vm): void {
	if (vm.lastReport === undefined) vm.lastReport = reportOf(world, vm);
}

/** Whether the local node has news of another: what the other has sent is worth nothing after five minutes. */
export function hasNewsOf(
	{ clock, state }: Pick<World, 'clock' | 'state'>,
	node: NodeState,
): boolean {
	const { reach, neverSeen, statsStoppedAt } = node;
	if (reach !== 'here' && neverSeen) return false;
	if (state.nodes.get(state.localNode)?.clusterFiles === 'alone') return false;
	return statsStoppedAt === undefined || clock.now() / 1000 - statsStoppedAt < BELIEVED_FOR;
}

/** What the cluster's lists say of how a VM is; undefined where no news of it has come, or the last is too old. */
export function reportedStatus(world: World, vm: Vm): Record<string, unknown> | undefined {
	const node = world.state.nodes.get(vm.node);
	if (!node || !hasNewsOf(world, node) || vm.lastReport === null) return undefined;
	return vm.lastReport ?? reportOf(world, vm);
}

/** Each node tells the cluster how its guests are, until `signal` aborts. */
export async function runStatistics(world: World, signal: AbortSignal): Promise<void> {
	while (!signal.aborted) {
		await world.clock.sleep(REPORT_EVERY * 1000, signal).catch(() => undefined);
		for (const vm of world.state.vms.values()) {
			const node = world.state.nodes.get(vm.node);
			const isSending =
				node?.reach !== 'no route' && !node?.clusterFiles && node?.statsStoppedAt === undefined;
			if (isSending) delete vm.lastReport;
		}
	}
}
