import type { Clock } from './clock';
import type { FaultList } from './faults';
import { viewFrom } from './state/view';
import type { VmLocks } from './tasks/locks';
import type { TaskList } from './tasks/types';
import type { ClusterState } from './state/types';
import type { TicketBook } from './auth/tickets';

/** Everything that one emulator holds, as one of its nodes has it; what the endpoints work on. */
export interface World {
	clock: Clock;
	/** `localNode` is the node that does the work. */
	state: ClusterState;
	tasks: TaskList;
	locks: VmLocks;
	faults: FaultList;
	tickets: TicketBook;
	/** The same emulator, where another node does the work: its volumes, its tasks, its lock files. */
	on(node: string): World;
}

/** The whole of an emulator, as each of its nodes has it; the first asked for is the state's local node. */
export function createWorld(parts: Omit<World, 'on'>): World {
	const worlds = new Map<string, World>();
	const on = (node: string): World => {
		const known = worlds.get(node);
		if (known) return known;
		const state = node === parts.state.localNode ? parts.state : viewFrom(parts.state, node);
		const start: TaskList['start'] = (task) => parts.tasks.start({ node, ...task });
		const made: World = {
			...parts,
			state,
			tasks: { ...parts.tasks, start },
			locks: parts.locks.on(node),
			on,
		};
		worlds.set(node, made);
		return made;
	};
	return on(parts.state.localNode);
}

/** Seconds since 1970 by the emulator's clock. */
export function seconds(world: World): number {
	return Math.floor(world.clock.now() / 1000);
}
