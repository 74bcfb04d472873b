/** A difference between the emulator and the recordings that is known, and why it does not matter. */
export interface KnownDifference {
	group: string;
	name: string;
	/** What the difference's text begins with. */
	differs: string;
	/** Why a client of this node need not care. */
	reason: string;
}

/** Each entry must be met by a difference; one that no longer is must go. */
export const knownDifferences: KnownDifference[] = [];
