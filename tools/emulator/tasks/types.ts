/** One running task's way to speak and to be stopped. */
export interface Worker {
	readonly upid: string;
	readonly pid: number;
	/** Aborted when the task is stopped or its process killed. */
	readonly signal: AbortSignal;
	log(line: string): void;
	/** A log line that makes the task end with WARNINGS. */
	warn(line: string): void;
	/** Works for `ms` by the emulator's clock; throws when stopped. */
	work(ms: number): Promise<void>;
}

export interface Task {
	upid: string;
	node: string;
	pid: number;
	/** Clock ticks since the node's boot. */
	pstart: number;
	/** Seconds since 1970. */
	starttime: number;
	type: string;
	id: string;
	/** `user@realm`, or `user@realm!token`. */
	authId: string;
	log: string[];
	warnings: number;
	state: 'running' | 'stopped';
	endtime?: number;
	exitstatus?: string;
	/** Its process could not be started, and its UPID was never told. */
	notStarted?: boolean;
	/** Settles, never rejects, when the task has ended. */
	done: Promise<void>;
	controller: AbortController;
}

export interface StartTask {
	type: string;
	id: string;
	authId: string;
	/** The local node if left out. */
	node?: string;
	run: (worker: Worker) => Promise<void>;
}

export interface TaskList {
	/** Starts a task and returns its UPID at once. */
	start(task: StartTask): string;
	find(upid: string): Task | undefined;
	/** Newest first. */
	all(): Task[];
	/** Asks a running task to stop, as DELETE /nodes/{node}/tasks/{upid} does, and waits for its end. */
	stop(upid: string): Promise<void>;
	/** Kills the process of a running task: it cannot clean up, its log simply ends. */
	kill(upid: string): Promise<void>;
	/** Kills all that run, and waits for their end. Does not need the clock to move. */
	killAll(): Promise<void>;
	/** Seconds by which the clocks of nodes are ahead, by name; tasks bear the time of their node. */
	clocksAhead: Map<string, number>;
	/** Resolves when no task runs any more. */
	settled(): Promise<void>;
}
