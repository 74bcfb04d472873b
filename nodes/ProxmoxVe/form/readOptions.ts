import type { IdRange } from '../pve/vmIds';
import type { Problem } from '../wire/problem';
import { isRecord } from '../wire/values';
import type { GetParameter } from './readForm';

/** Fail, give back the VM that carries the key, or take another ID. */
export type IfExists = 'fail' | 'return' | 'takeAnother';
const IF_EXISTS: readonly IfExists[] = ['fail', 'return', 'takeAnother'];

/** Which addresses are waited for. */
export type IpVersion = 'ipv4' | 'ipv6' | 'either';
const IP_VERSIONS: readonly IpVersion[] = ['ipv4', 'ipv6', 'either'];

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

export const DEFAULT_TIMEOUT_SECONDS = 1800;
export const DEFAULT_MAX_POLL_SECONDS = 5;
/** Creates are short and light; a node has its hands full with this many restores already. */
export const DEFAULT_MAX_PARALLEL = 25;
export const LOWEST_ID = 100;
export const HIGHEST_ID = 999_999_999;

/** How to wait for a task. */
export type Waiting = Pick<Options, 'wait' | 'timeoutSeconds' | 'maxPollSeconds' | 'stopOnCancel'>;

type ReadNumber = (name: string, label: string, fallback: number, lowest: number) => number;

/** A reader of numbers among the options; what is no number is added to the problems. */
const numberReader =
	(values: Readonly<Record<string, unknown>>, problems: Problem[]): ReadNumber =>
	(name, label, fallback, lowest) => {
		const value = values[name] ?? fallback;
		const read = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
		if (typeof read === 'number' && read >= lowest) return read;
		problems.push({ parameter: name, label, message: `must be a number of at least ${lowest}, got "${String(value)}"` });
		return fallback;
	};

/** What was added under Options, as it is. */
export const optionValues = (get: GetParameter): Readonly<Record<string, unknown>> => {
	const given = get('options', {});
	return isRecord(given) ? given : {};
};

const waitingOf = (get: GetParameter, values: Readonly<Record<string, unknown>>, number: ReadNumber): Waiting => ({
	wait: get('waitForCompletion', true) === true,
	timeoutSeconds: number('timeout', 'Timeout', DEFAULT_TIMEOUT_SECONDS, 1),
	maxPollSeconds: number('maxPollInterval', 'Max Poll Interval', DEFAULT_MAX_POLL_SECONDS, 0.1),
	stopOnCancel: values.stopOnCancel === true,
});

/** Reads how many tasks a node of the cluster may be given at a time: the same for all items of a run. */
export function readMaxParallel(get: GetParameter): number {
	const { maxParallel = DEFAULT_MAX_PARALLEL } = optionValues(get);
	return Math.max(1, Math.floor(Number(maxParallel)) || DEFAULT_MAX_PARALLEL);
}

/** Reads how an item wants to wait for a task. */
export function readWaiting(get: GetParameter): { waiting: Waiting } | { problems: Problem[] } {
	const problems: Problem[] = [];
	const values = optionValues(get);
	const waiting = waitingOf(get, values, numberReader(values, problems));
	return problems.length > 0 ? { problems } : { waiting };
}

/** Reads Lowest and Highest VM ID, where one of them is set. What is wrong is added to the problems. */
export function readIdRange(get: GetParameter, problems: Problem[]): IdRange | undefined {
	const values = optionValues(get);
	const number = numberReader(values, problems);
	const idRange = {
		lowest: number('lowestVmId', 'Lowest VM ID', LOWEST_ID, LOWEST_ID),
		highest: number('highestVmId', 'Highest VM ID', HIGHEST_ID, LOWEST_ID),
	};
	if (idRange.lowest > idRange.highest) {
		problems.push({ parameter: 'lowestVmId', label: 'Lowest VM ID', message: `must not be above Highest VM ID (${idRange.highest})` });
	}
	return 'lowestVmId' in values || 'highestVmId' in values ? idRange : undefined;
}

/** Reads Wait at Most, where it is set. */
export function readWaitAtMost(get: GetParameter): { seconds: number | undefined } | { problems: Problem[] } {
	const problems: Problem[] = [];
	const values = optionValues(get);
	const seconds = 'waitAtMost' in values ? numberReader(values, problems)('waitAtMost', 'Wait at Most', 0, 0) : undefined;
	return problems.length > 0 ? { problems } : { seconds };
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
	const isPlain = typeof given === 'string' || (typeof given === 'number' && Number.isFinite(given));
	const key = isPlain ? String(given).trim() : '';
	const message =
		!isPlain && given !== undefined && given !== null
			? `must be text or a number, got ${Array.isArray(given) ? 'an array' : typeof given === 'object' ? 'an object' : String(given)}`
			: key === ''
				? 'is empty: set it, or remove the option'
				: undefined;
	if (message !== undefined) problems.push({ parameter: 'idempotencyKey', label: KEY_LABEL, message });
	return key;
}

/** Reads Wait for Completion and Options of Create and Restore. What is wrong is added to the problems. */
export function readOptions(get: GetParameter, problems: Problem[]): Options {
	const values = optionValues(get);
	const number = numberReader(values, problems);
	const idRange = readIdRange(get, problems);
	const ifExists = IF_EXISTS.find((one) => one === values.ifExists) ?? 'fail';
	const ipVersion = IP_VERSIONS.find((one) => one === (values.ipVersion ?? 'ipv4'));
	if (ipVersion === undefined) problems.push({ parameter: 'ipVersion', label: 'IP Version', message: `must be one of ${IP_VERSIONS.join(', ')}` });
	const idempotencyKey = readKey(values, problems);
	if (ifExists === 'return' && !('idempotencyKey' in values)) {
		problems.push({ parameter: 'idempotencyKey', label: KEY_LABEL, message: 'is needed to find the VM that is to be returned' });
	}
	return {
		...waitingOf(get, values, number),
		ifExists,
		idempotencyKey,
		agentSeconds: number('waitForIp', 'Wait for IP Addresses', 0, 0),
		ipVersion: ipVersion ?? 'ipv4',
		preview: values.preview === true,
		stopFirst: values.stopFirst === true,
		removeLeftovers: values.removeLeftovers === true,
		...(idRange === undefined ? {} : { idRange }),
	};
}
