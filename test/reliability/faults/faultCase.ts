import type { IDataObject, INode, INodeParameters } from 'n8n-workflow';

import type { Emulator } from '../../../tools/emulator';
import type { StoredCredentials } from '../../../tools/harness/createCredentialsHelper';
import type { LogEntry } from '../../../tools/harness/capturedLogs';
import type { ExecutionResult } from '../../../tools/harness/runWorkflow';

/** When something goes wrong, in the order of the document. */
export const PHASES = [
	'Before the request',
	'The request is rejected',
	'The request never arrives',
	'The response is lost',
	'While waiting',
	'At the end of the task',
	'At the start of the VM',
	'A clone with settings',
	'Run again',
] as const;
export type Phase = (typeof PHASES)[number];

/** What a case works on. */
export interface Stage {
	readonly emulator: Emulator;
	readonly credentials: StoredCredentials;
	/** Runs the node with the parameters of the case. */
	run(settings?: Partial<INode>): Promise<ExecutionResult>;
	/** Has n8n log in, so that it has a ticket already when the node runs. */
	logIn(): Promise<void>;
	/** Lets so many hours pass in Proxmox VE at once. */
	passHours(hours: number): void;
	/** Stops the execution as n8n's stop button does. */
	cancel(): void;
	/** Another worker with the very same user or token makes a VM of this ID, which takes so many milliseconds. */
	stranger(vmid: number, ms?: number): void;
	/** Resolves once the emulator has got so many requests that match. */
	requests(count: number, method: string, path: RegExp): Promise<void>;
}

/** One thing that goes wrong, and what must come of it. */
export interface FaultCase {
	/** For the document. */
	readonly fault: string;
	readonly phase: Phase;
	/** It holds for containers too, with the same outcome; `deep`: where they differ little, so only `test:deep` runs it. */
	readonly containers?: true | 'deep';
	/** Beside what all cases have in common. */
	readonly parameters?: INodeParameters;
	readonly items?: IDataObject[];
	/** Only with this credential: the fault is about it. Of the others, `npm test` takes every second with a password too. */
	readonly only?: 'apiToken' | 'password';
	/** How far the clock of Proxmox VE is ahead of that of n8n. */
	readonly clockOffsetSeconds?: number;
	/** Sets the stage. */
	arrange?(stage: Stage): void;
	/** Runs the node; once if left out. */
	act?(stage: Stage): Promise<ExecutionResult>;
	/** Told of each log line, as it is logged. */
	onLog?(stage: Stage, entry: LogEntry): void;
	/** On a slow machine the user sees another reason, since time runs fast: the document is not held to it. */
	readonly seesVary?: true;
	/** VMs that are there in the end and were not before. */
	readonly vms: number;
	/** Of those, the ones that were left in the making: they must be told, with how to remove them. */
	readonly leftBehind?: number;
	/** POSTs that reached the emulator, whatever became of them; `several` where chance decides how many. */
	readonly posts: number | 'several';
	readonly status: 'success' | 'error' | 'canceled';
	/**
	 * Where the UPID is: in the output or the error; only in the log; nowhere, since no answer of Proxmox
	 * ever told it; or there was none.
	 */
	readonly upid: 'kept' | 'in the log' | 'never told' | 'none';
}
