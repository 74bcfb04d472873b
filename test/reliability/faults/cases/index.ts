import type { FaultCase } from '../faultCase';
import { beforeRequest } from './beforeRequest';
import { clones } from './clones';
import { endings } from './ended';
import { imagesAndGuests } from './images';
import { keyCases } from './keys';
import { lostRequests } from './lost';
import { refusedRequests } from './refused';
import { runAgain } from './again';
import { starts } from './starts';
import { faultsWhileWaiting } from './waiting';

/** All that is made to go wrong. */
export const faultCases: readonly FaultCase[] = [
	...beforeRequest,
	...refusedRequests,
	...lostRequests,
	...faultsWhileWaiting,
	...endings,
	...starts,
	...clones,
	...runAgain,
	...keyCases,
	...imagesAndGuests,
];
