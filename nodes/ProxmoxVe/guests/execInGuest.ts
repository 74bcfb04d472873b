import type { PveClient } from '../api/client';
import { isTransient, PveError } from '../api/errors';
import { sleep, stopwatch } from '../api/sleep';
import { pollInterval } from '../api/tasks/pollInterval';
import { AdvisedError, UnknownOutcomeError } from '../runtime/errors';
import { decodeBytes, encodeBytes } from '../wire/agentText';
import { tellAgent } from './guestAgent';
import type { GuestLocation } from './locateGuest';
import { readOfVm } from './powerOf';

/** A program to run in a guest. */
export interface GuestCommand {
	/** The program and its arguments, in ASCII. There is no shell. */
	readonly command: readonly string[];
	/** What the program reads from its standard input. */
	readonly input?: Buffer | undefined;
	/** How long to wait for its end. */
	readonly timeoutSeconds: number;
	/** Longest pause between two looks. */
	readonly maxPollSeconds: number;
}

/** How a program in a guest ended. */
export interface CommandEnd {
	/** Its process ID in the guest. */
	readonly pid: number;
	/** Null if a signal ended it. */
	readonly exitCode: number | null;
	/** The signal that ended it, or on Windows the exception; null if it ended by itself. */
	readonly signal: number | null;
	readonly stdout: Buffer;
	readonly stderr: Buffer;
	/** The agent keeps 16 MiB of each. */
	readonly stdoutTruncated: boolean;
	readonly stderrTruncated: boolean;
}

/** A look at the deadline still gets some time for its answer, in milliseconds. */
const SHORTEST_LOOK_MS = 1_000;

/** What `exec-status` answers. */
type Status = Readonly<Record<string, unknown>>;

/**
 * Runs a program in a guest, once, and waits for its end. The agent gives a result away once: where that response
 * was lost, so is the result.
 * Source: `POST /nodes/{node}/qemu/{vmid}/agent/exec`, `GET …/agent/exec-status`.
 * @throws PveError if it was not started; AdvisedError or UnknownOutcomeError if it was, or may have been, and
 * how it ended is unknown
 */
export async function execInGuest(
	client: PveClient,
	place: GuestLocation,
	{ command, input, timeoutSeconds, maxPollSeconds }: GuestCommand,
	signal?: AbortSignal,
): Promise<CommandEnd> {
	const pid = await start(client, place, command, input);
	const elapsed = stopwatch();
	/** Why the last look had no answer. */
	let lastError: PveError | undefined;
	for (;;) {
		const left = timeoutSeconds * 1000 - elapsed();
		const status = await readOfVm<Status | null>(
			client,
			place,
			'agent/exec-status',
			Math.max(SHORTEST_LOOK_MS, left),
			{ pid },
		).catch((error: unknown) => {
			if (!(error instanceof PveError)) throw error;
			return error;
		});
		signal?.throwIfAborted();
		if (!(status instanceof PveError)) {
			lastError = undefined;
			if (Number(status?.exited ?? 0) === 1) return endOf(pid, status ?? {});
		} else {
			checkLost(status, place, pid);
			lastError = status;
		}
		if (left <= 0) throw timedOut(pid, timeoutSeconds, lastError);
		await sleep(Math.min(pollInterval(elapsed(), [], maxPollSeconds * 1000), left), signal);
	}
}

/** What is sent to run a program. */
export const execForm = ({ command, input }: Pick<GuestCommand, 'command' | 'input'>) => ({
	command,
	...(input === undefined ? {} : { 'input-data': encodeBytes(input) }),
});

/** @returns the process ID */
async function start(
	client: PveClient,
	place: GuestLocation,
	command: readonly string[],
	input: Buffer | undefined,
): Promise<number> {
	const form = execForm({ command, input });
	const what = `command in VM ${place.vmid} on ${place.node}`;
	const answer = await tellAgent<{ pid?: unknown } | null>(client, place, 'exec', form, what).catch(
		(error: unknown) => {
			if (error instanceof UnknownOutcomeError && isUnsayable(error.reason))
				throw new AdvisedError(
					new Error(
						`The guest agent of VM ${place.vmid} could not run ${command[0] ?? ''}: ${error.reason.message}`,
					),
					'Proxmox VE responds like this if the program does not exist in the guest, or may not be executed. Check its name or full path.',
				);
			throw error;
		},
	);
	const pid = Number(answer?.pid);
	if (Number.isSafeInteger(pid)) return pid;
	const failure = { status: 200, message: 'The response has no process ID', request: what };
	throw new UnknownOutcomeError(new PveError(failure), what, []);
}

/** Proxmox cannot put the agent's quotation marks into a header when it says that a program is not there. */
const isUnsayable = ({ failure }: PveError): boolean =>
	failure.status === 596 && failure.message === 'Broken pipe';

function endOf(pid: number, status: Status): CommandEnd {
	const number = (name: string): number | null =>
		status[name] === undefined || status[name] === null ? null : Number(status[name]);
	return {
		pid,
		exitCode: number('exitcode'),
		signal: number('signal'),
		stdout: decodeBytes(status['out-data']),
		stderr: decodeBytes(status['err-data']),
		stdoutTruncated: number('out-truncated') === 1,
		stderrTruncated: number('err-truncated') === 1,
	};
}

const UNKNOWN = 'Whether the command finished its work is unknown: check the guest.';

/** @throws AdvisedError if further looks cannot give the result */
function checkLost(error: PveError, { vmid }: GuestLocation, pid: number): void {
	const { message } = error.failure;
	const lost = (text: string): AdvisedError => new AdvisedError(new Error(text), UNKNOWN);
	if (/^Agent error: PID \w+ does not exist/.test(message))
		throw lost(
			`The guest agent of VM ${vmid} no longer knows the command (PID ${pid}): it was restarted, or its response with the result was lost`,
		);
	if (message.startsWith(`VM ${vmid} is not running`))
		throw lost(`VM ${vmid} was turned off while the command (PID ${pid}) was running`);
	if (!isTransient(error))
		throw new AdvisedError(error, `The command was started (PID ${pid}). ${UNKNOWN}`);
}

const timedOut = (pid: number, seconds: number, lastError: PveError | undefined): AdvisedError =>
	lastError === undefined
		? new AdvisedError(
				new Error(`The command (PID ${pid}) was still running after ${seconds} s`),
				'It continues in the guest. To wait longer, raise Options → Timeout.',
			)
		: new AdvisedError(
				new Error(
					`Timed out after ${seconds} s, and the status of the command (PID ${pid}) could not be read: ${lastError.message}`,
				),
				`It may still be running. ${UNKNOWN}`,
			);
