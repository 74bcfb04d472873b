const upidInText = /UPID(?::|%3A)(?:[^/?\s"%]|%[0-9A-F]{2})*(?::|%3A)/gi;
const upidInJson = /UPID:[^"\s/]+:/g;

/** Knows which of our own tasks a recorded UPID stands for. */
export interface UpidBook {
	/** Pairs the UPIDs of a recorded answer with those of our own one: same type, VM and user, in the same order. */
	learn(recorded: unknown, actual: unknown): void;
	/** Puts our own UPIDs in place of the recorded ones, encoded as they were. */
	translate(text: string): string;
}

function groupUpids(value: unknown): Map<string, string[]> {
	const groups = new Map<string, string[]>();
	for (const upid of new Set(JSON.stringify(value ?? null).match(upidInJson))) {
		const [, node, , , , type, id, user] = upid.split(':');
		const key = [node, type, id, user].join(':');
		groups.set(key, [...(groups.get(key) ?? []), upid]);
	}
	return groups;
}

/** The UPIDs that a text names, encoded or not. */
export function findUpids(text: string): string[] {
	return (text.match(upidInText) ?? []).map(decodeURIComponent);
}

/** A book that knows no UPID yet. */
export function upidBook(): UpidBook {
	const known = new Map<string, string>();
	const pairs = new Set<string>();

	return {
		learn(recorded, actual) {
			const groups = groupUpids(recorded);
			// An answer may be long.
			if (groups.size === 0) return;
			const ours = groupUpids(actual);
			for (const [key, upids] of groups) {
				const unpaired = (ours.get(key) ?? []).filter((upid) => !pairs.has(upid));
				for (const upid of upids.filter((candidate) => !known.has(candidate))) {
					const own = unpaired.shift();
					if (own === undefined) break;
					known.set(upid, own);
					pairs.add(own);
				}
			}
		},
		translate: (text) =>
			text.replace(upidInText, (found) => {
				const own = known.get(decodeURIComponent(found));
				if (own === undefined) return found;
				return found.includes('%') ? encodeURIComponent(own) : own;
			}),
	};
}
