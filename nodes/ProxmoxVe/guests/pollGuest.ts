import type { PveClient } from '../api/client';
import { isTransient, PveError } from '../api/errors';
import { sleep, stopwatch } from '../api/sleep';
import type { GuestLocation } from './locateGuest';
import { readOfVm } from './powerOf';

/** Pauses between two questions, in milliseconds. One to an agent that does not run costs Proxmox 3 s. */
const LEAST_PAUSE_MS = 1_000;
const MOST_PAUSE_MS = 10_000;
/** The same as a part of the time since the first one. */
const PAUSE_PART = 0.1;
/** While file systems are frozen, for a backup say, the agent refuses most commands, in the same words as for ever. */
const LONGEST_FREEZE_MS = 10_000;
/** A question at the deadline still gets some time for its answer, in milliseconds. */
const SHORTEST_LOOK_MS = 1_000;

/** The configuration of a VM as it runs. */
export type GuestConfig = Readonly<Record<string, unknown>>;

/** What came of asking a guest. */
export interface Polled<Answer> {
	/** The last answer, if there was one. */
	readonly answer?: Answer;
	/** Whether it is the one that was waited for. */
	readonly isDone: boolean;
	/** Why there was no answer at all. */
	readonly reason?: PveError;
	/** Whether asking again could not help. */
	readonly isFinal: boolean;
	readonly config: GuestConfig;
}

/** What is known of a VM that was just started. */
export interface Started {
	/** Its configuration, if it was read since it was made. */
	readonly known?: GuestConfig;
	/** Called once, if the agent does not answer at first: makes sure that the VM runs. @throws if it does not */
	readonly onSilent?: () => Promise<void>;
}

/**
 * Asks the guest agent of a VM again and again, until it gives the answer that is waited for, the time is up, or asking
 * again cannot help. The configuration is read first: with the agent off, Proxmox would say forever that it does not run.
 * Source: `GET /nodes/{node}/qemu/{vmid}/config`, and what `ask` reads.
 * @param seconds how long; 0 asks once
 * @param ask gets the longest time for its answers in milliseconds
 */
export async function pollGuest<Answer>(
	client: PveClient,
	place: GuestLocation,
	seconds: number,
	signal: AbortSignal | undefined,
	ask: (config: GuestConfig, timeoutMs?: number) => Promise<{ answer: Answer; isDone: boolean }>,
	{ known, onSilent }: Started = {},
): Promise<Polled<Answer>> {
	const elapsed = stopwatch();
	const left = (): number => seconds * 1000 - elapsed();
	const timeoutMs = (): number | undefined =>
		seconds === 0 ? undefined : Math.max(SHORTEST_LOOK_MS, left());
	let config = known;
	let isFirst = true;
	let last: { answer: Answer; isDone: boolean } | undefined;
	let reason: PveError | undefined;
	/** Since when the agent has refused the command, in milliseconds. */
	let refusedAt: number | undefined;
	for (;;) {
		const failure = await look().catch((error: unknown) => {
			if (error instanceof PveError) return error;
			throw error;
		});
		signal?.throwIfAborted();
		if (failure !== undefined && isFirst) await onSilent?.();
		isFirst = false;
		// A request that the deadline cut off says less than the answer before it.
		if (reason === undefined || failure?.failure.status !== undefined) reason = failure;
		refusedAt = failure && isDisabled(failure) ? (refusedAt ?? elapsed()) : undefined;
		const isRefused = refusedAt !== undefined && elapsed() - refusedAt >= LONGEST_FREEZE_MS;
		const isFinal = failure !== undefined && (seconds === 0 || isRefused || isLast(failure));
		if (isFinal || last?.isDone === true || left() <= 0) {
			return {
				...(last === undefined ? { reason } : { answer: last.answer }),
				isDone: last?.isDone === true,
				isFinal,
				config: config ?? {},
			};
		}
		await sleep(
			Math.min(Math.max(LEAST_PAUSE_MS, Math.min(elapsed() * PAUSE_PART, MOST_PAUSE_MS)), left()),
			signal,
		);
	}

	/** @throws PveError if there is no answer */
	async function look(): Promise<undefined> {
		config ??= await readOfVm<GuestConfig>(client, place, 'config', timeoutMs(), { current: 1 });
		if (place.kind.reporter === 'agent' && isAgentOff(config))
			throw new PveError({ message: NO_AGENT, request: 'config' });
		last = await ask(config, timeoutMs());
	}
}

const NO_AGENT = 'No QEMU guest agent configured';

const isAgentOff = ({ agent }: GuestConfig): boolean =>
	agent === undefined || /^(?:enabled=)?(?:0|off|no|false)(?:,|$)/i.test(String(agent));

/** The agent's own refusal of a command that is turned off in the guest. */
const IS_DISABLED = /^Agent error: Command (guest-[\w-]+) has been disabled/;

/** Whether asking again cannot help. A VM that does not run may be on its way through a reboot. */
const isLast = (error: PveError): boolean =>
	!isTransient(error) || error.failure.message.startsWith(NO_AGENT);

const isDisabled = ({ failure }: PveError): boolean => IS_DISABLED.test(failure.message);

/**
 * Why a guest gave no answer, and what is missing for it.
 * @param what was asked for: `The IP addresses of VM 100`
 * @param privilege that it takes on the VM
 * @param seconds how long it was asked; 0 if that plays no part
 */
export function describeNoAnswer(
	{ vmid }: GuestLocation,
	error: PveError,
	what: string,
	privilege: string,
	seconds: number,
): string {
	const { status, message } = error.failure;
	const unread = `${what} could not be read`;
	if (message.startsWith(NO_AGENT))
		return `${unread}: QEMU Guest Agent (agent) is off. Turn it on, and restart the VM`;
	if (status === 403) {
		const missing = message.includes('Agent')
			? `${privilege} (before Proxmox VE 9: VM.Monitor)`
			: message.includes('VM.Monitor')
				? 'VM.Monitor'
				: 'VM.Audit';
		return `${unread}: missing privilege ${missing} on /vms/${vmid}`;
	}
	const [, disabled] = IS_DISABLED.exec(message) ?? [];
	if (disabled !== undefined)
		return `${unread}: the guest agent refuses ${disabled}. Allow it in the guest, such as in /etc/sysconfig/qemu-ga`;
	if (status === undefined) return `${unread}: ${error.message}`;
	const after = seconds === 0 ? '' : ` after ${seconds} s`;
	if (status !== 500) return `${unread}${after}: Proxmox VE answered ${status}: ${message}`;
	const isSilent = message.startsWith('QEMU guest agent is not running');
	const step =
		isSilent && seconds > 0 ? '. It needs the package qemu-guest-agent in the guest' : '';
	return `The guest agent of VM ${vmid} has not answered${after}: ${message}${step}`;
}
