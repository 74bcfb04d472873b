import type { VmConfig } from '../state/types';
import type { World } from '../world';

/** A create or restore of a container whose parameters are read and checked. */
export interface CtRequest {
	world: World;
	authId: string;
	vmid: number;
	/** The template, or the backup. */
	template: string;
	isRestore: boolean;
	/** A container of this ID is there, and is replaced. */
	isReplaced: boolean;
	/** Its work on volumes has begun: what is replaced is not kept any more. */
	hasBegun?: boolean;
	pool?: string;
	storage?: string;
	start: boolean;
	unique: boolean;
	haManaged: boolean;
	/** Goes on where the archive cannot be read. */
	ignoresErrors: boolean;
	/** Undefined where it was not sent. */
	unprivileged?: boolean;
	/** What the configuration is to have, as it is stored, without mount points. */
	settings: VmConfig;
	/** The mount points of the request. */
	mounts: VmConfig;
}
