const BACKUP = /vzdump-(?:qemu|lxc)-\d+-\d{4}_\d\d_\d\d-\d\d_\d\d_\d\d/g;

/** Knows which of our own backups a recorded one stands for: their names hold the time at which they were made. */
export interface BackupBook {
	/** Pairs the backups that a recorded log made with those that our own log made, in the same order. */
	learn(recorded: string[], actual: string[]): void;
	/** Puts the names of our own backups in place of the recorded ones. */
	translate(text: string): string;
}

const namesIn = (lines: string[]): string[] => [...new Set(lines.join('\n').match(BACKUP))];

/** A book that knows no backup yet. */
export function backupBook(): BackupBook {
	const known = new Map<string, string>();
	return {
		learn(recorded, actual) {
			const made = (lines: string[]) =>
				namesIn(lines.filter((line) => line.includes('creating vzdump archive')));
			const ours = made(actual);
			for (const [index, name] of made(recorded).entries()) {
				const own = ours[index];
				if (own !== undefined) known.set(name, own);
			}
		},
		translate: (text) => text.replace(BACKUP, (name) => known.get(name) ?? name),
	};
}
