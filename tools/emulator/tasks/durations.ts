/** How long the parts of a task take, milliseconds, where a create takes one second in all. */
export const durations = {
	create: 700,
	disk: 300,
	restore: 2_000,
	start: 900,
	/** From the start of a VM with an installed system until its agent answers. */
	boot: 2_000,
	stop: 300,
	shutdown: 1_000,
	/** Asking a guest agent that does not answer. */
	agentTimeout: 3_000,
	pause: 50,
	reset: 200,
	destroy: 300,
	clone: 1_000,
	resize: 200,
	template: 200,
	snapshot: 300,
	rollback: 500,
	backup: 4_000,
	download: 500,
	upload: 200,
	/** Until a node that is not there is given up. */
	migrate: 3_000,
	/** The parts of a migration to one that is. */
	migration: { connect: 1_000, startThere: 4_000, tunnel: 1_500, transfer: 2_500, cleanUp: 4_000 },
	configure: 50,
	highAvailability: 200,
	/** Until a broken archive is given up. */
	brokenArchive: 60_000,
} as const;
