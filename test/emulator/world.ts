import type { Clock } from './clock';
import type { FaultList } from './faults';
import type { VmLocks } from './tasks/locks';
import type { TaskList } from './tasks/types';
import type { ClusterState } from './state/types';
import type { TicketBook } from './auth/tickets';

/** Everything that one emulator holds; what the endpoints work on. */
export interface World {
	clock: Clock;
	state: ClusterState;
	tasks: TaskList;
	locks: VmLocks;
	faults: FaultList;
	tickets: TicketBook;
}

/** Seconds since 1970 by the emulator's clock. */
export function seconds(world: World): number {
	return Math.floor(world.clock.now() / 1000);
}
