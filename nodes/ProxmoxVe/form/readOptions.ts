import { choice, decimal, flag, integer } from '../catalogue/fields';
import type { IdRange } from '../api/vmIds';
import type { Problem } from '../wire/problem';
import { isRecord } from '../wire/values';
import {
	DEFAULT_MAX_PARALLEL,
	DEFAULT_MAX_POLL_SECONDS,
	DEFAULT_TIMEOUT_SECONDS,
	HIGHEST_ID,
	LOWEST_ID,
} from './limits';
import { readFields } from './readFields';
import type { GetParameter } from './unwrap';

/** Fail, give back the VM that carries the key, or take another ID. */
export type IfExists = 'fail' | 'return' | 'useAnotherId';

/** Which addresses are waited for. */
export type IpVersion = 'ipv4' | 'ipv6' | 'either';

/** How an item is carried out, beside what the VM is. */
export interface Options {
	/** Wait for the task, and for the start where one was asked for. */
	readonly wait: boolean;
	readonly timeoutSeconds: number;
	readonly maxPollSeconds: number;
	/** How long to wait for the guest's IP addresses; 0 means not at all. */
	readonly agentSeconds: number;
	/** Which addresses are waited for. */
	readonly ipVersion: IpVersion;
	/** Stop the task in Proxmox too when the execution is cancelled. */
	readonly stopOnCancel: boolean;
	/** Show the request instead of sending it. */
	readonly preview: boolean;
	/** What to do where the ID is taken. */
	readonly ifExists: IfExists;
	/** Names what the VM is made for, so that it is not made twice; empty means none. */
	readonly idempotencyKey: string;
	/** The IDs to take the next free one from. */
	readonly idRange?: IdRange;
	/** Turn off the VM that a restore is to overwrite. */
	readonly stopFirst: boolean;
	/** Delete what a failed restore leaves of a VM that was not there before. */
	readonly removeLeftovers: boolean;
}

/** How to wait for a task. */
export type Waiting = Pick<Options, 'wait' | 'timeoutSeconds' | 'maxPollSeconds' | 'stopOnCancel'>;

const waitFields = {
	waitForCompletion: flag({ label: 'Wait for Completion', guards: true }),
	timeout: decimal({ label: 'Timeout (Seconds)', min: 1 }),
	maxPollInterval: decimal({ label: 'Max Poll Interval (Seconds)', min: 0.1 }),
	stopOnCancel: flag({ label: 'Stop Task on Cancel' }),
	maxParallel: integer({ label: 'Max Parallel', min: 1, guards: true }),
};

const idRangeFields = {
	lowestVmId: integer({ label: 'Lowest VM ID', min: LOWEST_ID, max: HIGHEST_ID, guards: true }),
	highestVmId: integer({ label: 'Highest VM ID', min: LOWEST_ID, max: HIGHEST_ID, guards: true }),
};

const waitAtMostFields = {
	waitAtMost: decimal({ label: 'Wait at Most (Seconds)', min: 0, guards: true }),
};

const creationFields = {
	preview: flag({ label: 'Preview', guards: true }),
	waitForIp: decimal({ label: 'Wait for IP Addresses (Seconds)', min: 0 }),
	ipVersion: choice<IpVersion>({
		label: 'IP Version',
		options: { ipv4: 'IPv4', ipv6: 'IPv6', either: 'Either' },
	}),
	ifExists: choice<IfExists>({
		label: 'If VM Exists',
		options: { fail: 'Fail', return: 'Return Existing VM', useAnotherId: 'Use Another Free ID' },
	}),
	stopFirst: flag({ label: 'Stop First' }),
	removeLeftovers: flag({ label: 'Clean Up After Failed Restore' }),
};

/** What was added under Options, as it is. */
export const optionValues = (get: GetParameter): Readonly<Record<string, unknown>> => {
	const given = get('options', {});
	return isRecord(given) ? given : {};
};

/** Reads how many tasks a node of the cluster may be given at a time: the same for all items of a run. An item with a wrong value fails by itself. */
export function readMaxParallel(get: GetParameter): number {
	const { maxParallel } = waitFields;
	return readFields({ maxParallel }, optionValues(get)).values.maxParallel ?? DEFAULT_MAX_PARALLEL;
}

function waitingOf(get: GetParameter, problems: Problem[]): Waiting {
	const read = readFields(waitFields, {
		...optionValues(get),
		waitForCompletion: get('waitForCompletion', true),
	});
	problems.push(...read.problems);
	const { waitForCompletion = false, timeout, maxPollInterval, stopOnCancel = false } = read.values;
	return {
		wait: waitForCompletion,
		timeoutSeconds: timeout ?? DEFAULT_TIMEOUT_SECONDS,
		maxPollSeconds: maxPollInterval ?? DEFAULT_MAX_POLL_SECONDS,
		stopOnCancel,
	};
}

/** Reads how an item wants to wait for a task. */
export function readWaiting(get: GetParameter): { waiting: Waiting } | { problems: Problem[] } {
	const problems: Problem[] = [];
	const waiting = waitingOf(get, problems);
	return problems.length > 0 ? { problems } : { waiting };
}

/** Reads Lowest and Highest VM ID, where one of them is set. What is wrong is added to the problems. */
export function readIdRange(get: GetParameter, problems: Problem[]): IdRange | undefined {
	const { values, problems: wrong } = readFields(idRangeFields, optionValues(get));
	problems.push(...wrong);
	const { lowestVmId: lowest = LOWEST_ID, highestVmId: highest = HIGHEST_ID } = values;
	if (lowest > highest) {
		problems.push({
			parameter: 'lowestVmId',
			label: 'Lowest VM ID',
			message: `must not be above Highest VM ID (${highest})`,
		});
	}
	return Object.keys(values).length > 0 ? { lowest, highest } : undefined;
}

/** Reads Wait at Most, where it is set. */
export function readWaitAtMost(
	get: GetParameter,
): { seconds: number | undefined } | { problems: Problem[] } {
	const { values, problems } = readFields(waitAtMostFields, optionValues(get));
	return problems.length > 0 ? { problems } : { seconds: values.waitAtMost };
}

const KEY_LABEL = 'Options → Idempotency Key';

/**
 * Reads the idempotency key. What an expression made of something else is the same text for many VMs, and an empty
 * one would guard nothing. What is wrong is added to the problems.
 * @returns '' where the option is not set
 */
function readKey(values: Readonly<Record<string, unknown>>, problems: Problem[]): string {
	if (!('idempotencyKey' in values)) return '';
	const { idempotencyKey: given } = values;
	const isPlain =
		typeof given === 'string' || (typeof given === 'number' && Number.isFinite(given));
	const key = isPlain ? String(given).trim() : '';
	const message =
		!isPlain && given !== undefined && given !== null
			? `must be text or a number, got ${Array.isArray(given) ? 'an array' : typeof given === 'object' ? 'an object' : String(given)}`
			: key === ''
				? 'is empty: set it, or remove the option'
				: undefined;
	if (message !== undefined)
		problems.push({ parameter: 'idempotencyKey', label: KEY_LABEL, message });
	return key;
}

/** Reads Wait for Completion and Options of Create and Restore. What is wrong is added to the problems. */
export function readOptions(get: GetParameter, problems: Problem[]): Options {
	const values = optionValues(get);
	const idRange = readIdRange(get, problems);
	const waiting = waitingOf(get, problems);
	const read = readFields(creationFields, values);
	problems.push(...read.problems);
	const {
		ifExists = 'fail',
		waitForIp = 0,
		ipVersion = 'ipv4',
		preview = false,
		stopFirst = false,
		removeLeftovers = false,
	} = read.values;
	const idempotencyKey = readKey(values, problems);
	if (ifExists === 'return' && !('idempotencyKey' in values)) {
		problems.push({
			parameter: 'idempotencyKey',
			label: KEY_LABEL,
			message: 'is needed to find the VM that is to be returned',
		});
	}
	return {
		...waiting,
		ifExists,
		idempotencyKey,
		agentSeconds: waitForIp,
		ipVersion,
		preview,
		stopFirst,
		removeLeftovers,
		...(idRange === undefined ? {} : { idRange }),
	};
}
