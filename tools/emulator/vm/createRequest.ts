import type { Parameters } from '../endpoints/types';
import type { World } from '../world';
import type { Archive } from './archive';

/** A create or restore whose parameters are read and checked. */
export interface CreateRequest {
	world: World;
	authId: string;
	vmid: number;
	/** What is to stand in the configuration. */
	settings: Parameters;
	archive?: Archive;
	bwlimit?: number;
	force: boolean;
	pool?: string;
	start: boolean;
	haManaged: boolean;
	storage?: string;
	workingStorage?: string;
	unique: boolean;
	liveRestore: boolean;
}
