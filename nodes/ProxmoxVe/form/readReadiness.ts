import { choice, decimal } from '../catalogue/fields';
import type { Problem } from '../wire/problem';
import type { Form } from './Form';
import { DEFAULT_READY_SECONDS } from './limits';

/** What is waited for: the task (and the start, if there is one), that the VM runs, or something in its guest. */
export type WaitUntil = 'nothing' | 'task' | 'running' | 'agent' | 'ip' | 'cloudInit';

/** Which addresses are waited for. */
export type IpVersion = 'ipv4' | 'ipv6' | 'either';

/** What becomes of an item whose guest is not as was waited for. */
export type IfNotReady = 'warn' | 'fail' | 'failDegraded';

/** How a guest that was started is waited for. */
export interface Readiness {
	readonly waitUntil: WaitUntil;
	/** How long after the start. */
	readonly readySeconds: number;
	readonly ipVersion: IpVersion;
	readonly ifNotReady: IfNotReady;
}

const WAIT_UNTIL = { parameter: 'waitUntil', label: 'Options → Wait Until' };

/** Containers have no guest agent; their host knows their addresses. */
export const NO_AGENT: Problem = {
	...WAIT_UNTIL,
	message: 'must be Task Finished, Running or IP Address for a container',
};

const readinessFields = {
	waitUntil: choice<WaitUntil>({
		label: WAIT_UNTIL.label,
		options: {
			nothing: 'Nothing',
			task: 'Task Finished',
			running: 'Running',
			agent: 'Guest Agent Answers',
			ip: 'IP Address',
			cloudInit: 'Cloud-Init Finished',
		},
	}),
	readyTimeout: decimal({ label: 'Ready Timeout (Seconds)', min: 0 }),
	ipVersion: choice<IpVersion>({
		label: 'IP Version',
		options: { ipv4: 'IPv4', ipv6: 'IPv6', either: 'Either' },
	}),
	ifNotReady: choice<IfNotReady>({
		label: 'If Not Ready',
		options: { warn: 'Warn', fail: 'Fail', failDegraded: 'Fail, Also if Degraded' },
	}),
};

/** Reads Wait Until and what belongs to it from Options. */
export function readReadiness(form: Form): Readiness {
	const {
		waitUntil = 'task',
		readyTimeout = DEFAULT_READY_SECONDS,
		ipVersion = 'ipv4',
		ifNotReady = 'warn',
	} = form.options(readinessFields);
	return { waitUntil, readySeconds: readyTimeout, ipVersion, ifNotReady };
}

/** Whether something in the guest is waited for, which its agent is asked about. */
export const asksAgent = ({ waitUntil }: Readiness): boolean =>
	!['nothing', 'task', 'running'].includes(waitUntil);

/**
 * Why the guest cannot be waited for.
 * @param isOff what is missing for it, if that is known
 */
export function readinessProblems(
	readiness: Readiness,
	{ start, agent }: { readonly start?: string; readonly agent?: string } = {},
): Problem[] {
	if (['nothing', 'task'].includes(readiness.waitUntil)) return [];
	const problem =
		start !== undefined
			? `needs ${start}`
			: agent !== undefined && asksAgent(readiness)
				? `needs ${agent}, which is off`
				: undefined;
	return problem === undefined ? [] : [{ ...WAIT_UNTIL, message: problem }];
}
