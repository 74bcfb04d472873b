import { asksAgent, type Readiness } from '../form/readReadiness';
import type { PveClient } from '../api/client';
import { AdvisedError } from '../runtime/errors';
import { cloudInitProgress, type CloudInitResult } from './cloudInitResult';
import { askAgent } from './guestAgent';
import { guestAddresses, type GuestNetwork } from './guestAddresses';
import type { GuestLocation } from './locateGuest';
import { describeNoAnswer, pollGuest, type Started } from './pollGuest';

/** What an operation emits of a guest that it waited for. */
export type GuestReport = Partial<GuestNetwork> & {
	cloudInit?: CloudInitResult;
};

/** A guest that was waited for. */
export interface WaitedGuest {
	readonly report: GuestReport;
	/** Why it is not as was waited for. */
	readonly warnings: string[];
}

/** How a wait ended. `degraded`: what was waited for is so, and there were problems on the way. */
interface Ended extends WaitedGuest {
	readonly end: 'ready' | 'degraded' | 'notReady';
}

/**
 * Waits until the guest of a VM that runs is ready.
 * @param started what is known of it, if it was just started
 * @returns what it reports, with warnings if it is not ready: the VM itself is as it should be
 * @throws AdvisedError if it is not ready, and the item is to fail then
 */
export async function waitForGuest(
	client: PveClient,
	place: GuestLocation,
	readiness: Readiness,
	signal?: AbortSignal,
	started: Started = {},
): Promise<WaitedGuest> {
	if (!asksAgent(readiness)) return { report: {}, warnings: [] };
	const { end, report, warnings } = await waitUntil(client, place, readiness, { signal, started });
	const { ifNotReady } = readiness;
	const isFailure =
		ifNotReady === 'warn'
			? false
			: end === 'notReady' || (end === 'degraded' && ifNotReady === 'failDegraded');
	if (!isFailure) return { report, warnings };
	const [first = '', ...others] = warnings;
	const { vmid, node } = place;
	throw new AdvisedError(
		new Error(`VM ${vmid} is running, but is not ready: ${first}`),
		[...others, `Check its guest on ${node} before you run this again.`].join('\n'),
	);
}

/** What is reported of a guest that does not run: no addresses, if they were asked for. */
export const reportOfNone = ({ waitUntil: what }: Readiness): GuestReport =>
	what === 'ip' || what === 'cloudInit' ? { ipAddresses: [], networkInterfaces: [] } : {};

async function waitUntil(
	client: PveClient,
	place: GuestLocation,
	{ waitUntil: what, readySeconds: seconds, ipVersion }: Readiness,
	how: How,
): Promise<Ended> {
	switch (what) {
		case 'agent':
			return await waitForAgent(client, place, seconds, how);
		case 'cloudInit':
			return await waitForCloudInit(client, place, seconds, how);
		default: {
			const { network, warnings, isComplete } = await guestAddresses(
				client,
				place,
				{ seconds, ipVersion, started: how.started },
				how.signal,
			);
			return { end: isComplete ? 'ready' : 'notReady', report: network, warnings };
		}
	}
}

interface How {
	readonly signal: AbortSignal | undefined;
	readonly started: Started;
}

/** Source: `GET /nodes/{node}/qemu/{vmid}/agent/info`, which unlike a ping may be sent to another host. */
async function waitForAgent(
	client: PveClient,
	place: GuestLocation,
	seconds: number,
	{ signal, started }: How,
): Promise<Ended> {
	const { isDone, isFinal, reason } = await pollGuest(
		client,
		place,
		seconds,
		signal,
		async (_config, timeoutMs) => {
			return { answer: await askAgent(client, place, 'info', timeoutMs), isDone: true };
		},
		started,
	);
	if (isDone) return { end: 'ready', report: {}, warnings: [] };
	return notReady(place, reason, {
		what: `The guest agent of VM ${place.vmid}`,
		privilege: 'VM.GuestAgent.Audit',
		seconds: isFinal ? 0 : seconds,
	});
}

/** Waits for the end of cloud-init, then asks for the addresses, which a guest has before that. */
async function waitForCloudInit(
	client: PveClient,
	place: GuestLocation,
	seconds: number,
	{ signal, started }: How,
): Promise<Ended> {
	const { vmid } = place;
	let hasBegun = false;
	const { answer, isFinal, reason } = await pollGuest(
		client,
		place,
		seconds,
		signal,
		async (_config, timeoutMs) => {
			const progress = await cloudInitProgress(client, place, hasBegun, timeoutMs);
			({ hasBegun } = progress);
			return { answer: progress, isDone: progress.result !== undefined };
		},
		started,
	);
	if (answer === undefined)
		return notReady(place, reason, {
			what: `The result of cloud-init of VM ${vmid}`,
			privilege: 'VM.GuestAgent.FileRead',
			seconds: isFinal ? 0 : seconds,
		});
	const { result } = answer;
	if (result === undefined) {
		const text = hasBegun
			? `cloud-init of VM ${vmid} was still running after ${seconds} s`
			: `cloud-init of VM ${vmid} had not started after ${seconds} s: it needs the package cloud-init in the guest`;
		return { end: 'notReady', report: {}, warnings: [text] };
	}
	const { network, warnings } = await guestAddresses(
		client,
		place,
		{ seconds: 0, ipVersion: 'ipv4', started: { known: started.known } },
		signal,
	);
	const end = {
		done: 'ready',
		degraded: 'degraded',
		error: 'notReady',
		disabled: 'notReady',
	} as const;
	return {
		end: end[result.status],
		report: { ...network, cloudInit: result },
		warnings: [...warningsOf(vmid, result), ...warnings],
	};
}

function warningsOf(vmid: number, { status, messages }: CloudInitResult): string[] {
	switch (status) {
		case 'done':
			return [];
		case 'disabled':
			return [
				`cloud-init of VM ${vmid} did not run: it found no cloud-init drive and no other data for this VM`,
			];
		case 'error':
			return messages.map((message) => `cloud-init of VM ${vmid} failed: ${message}`);
		case 'degraded':
			return messages.map((message) => `cloud-init of VM ${vmid} had a problem: ${message}`);
	}
}

function notReady(
	place: GuestLocation,
	reason: Parameters<typeof describeNoAnswer>[1] | undefined,
	{ what, privilege, seconds }: { what: string; privilege: string; seconds: number },
): Ended {
	const warning =
		reason === undefined
			? `${what} could not be read within ${seconds} s`
			: describeNoAnswer(place, reason, what, privilege, seconds);
	return { end: 'notReady', report: {}, warnings: [warning] };
}
