import type { PveClient } from '../api/client';
import { isOutcomeUnknown, PveError } from '../api/errors';
import { guestPath } from '../api/paths';
import { UnknownOutcomeError } from '../runtime/errors';
import type { PveRequest } from '../runtime/previewRequest';
import { decodeBytes } from '../wire/agentText';
import { isRecord } from '../wire/values';
import type { GuestLocation } from './locateGuest';
import { readOfVm } from './powerOf';

/** The most that Proxmox reads of a file in one request, in bytes. */
export const MOST_READ_BYTES = 16 * 1024 ** 2;

/**
 * Asks the guest agent for something that takes no parameters, such as `get-osinfo`.
 * Source: `GET /nodes/{node}/qemu/{vmid}/agent/{command}`.
 * @param timeoutMs longest that an answer may take, in milliseconds
 * @throws PveError if it cannot be asked, or refuses in an answer that looks like a success
 */
export async function askAgent(
	client: PveClient,
	place: GuestLocation,
	command: string,
	timeoutMs?: number,
): Promise<unknown> {
	const path = `agent/${command}`;
	const { result } =
		(await readOfVm<{ result?: unknown } | null>(client, place, path, timeoutMs)) ?? {};
	const refusal = isRecord(result) && isRecord(result.error) ? result.error.desc : undefined;
	if (refusal === undefined) return result;
	const request = `GET ${agentPath(place, command)}`;
	throw new PveError({ status: 500, message: `Agent error: ${String(refusal)}`, request });
}

/**
 * Reads a file of the guest.
 * Source: `GET /nodes/{node}/qemu/{vmid}/agent/file-read`.
 * @param query which part, by the names of the API
 * @returns its bytes, and whether there are more; of a file that does not exist undefined
 * @throws PveError
 */
export async function readGuestFile(
	client: PveClient,
	place: GuestLocation,
	file: string,
	query: Readonly<Record<string, string | number>> = {},
	timeoutMs?: number,
): Promise<{ bytes: Buffer; isCut: boolean } | undefined> {
	const answer = await readOfVm<Record<string, unknown> | null>(
		client,
		place,
		'agent/file-read',
		timeoutMs,
		{ file, ...query },
	).catch((error: unknown) => {
		if (error instanceof PveError && isNoFile(error)) return undefined;
		throw error;
	});
	if (answer === undefined) return undefined;
	return { bytes: decodeBytes(answer?.content), isCut: Number(answer?.truncated ?? 0) === 1 };
}

/** Whether the guest has no such file. */
const isNoFile = ({ failure }: PveError): boolean =>
	/^Agent error: failed to open file .*\(mode: 'r'\): No such file or directory/s.test(
		failure.message,
	);

/** The agent got a command, and has not answered in time: it may have done it. */
const isWithoutAnswer = ({ failure }: PveError): boolean =>
	/qga command '[^']*' failed - got timeout/.test(failure.message);

type AgentForm = Readonly<Record<string, string | readonly string[]>>;

const agentPath = (place: GuestLocation, command: string): string =>
	`${guestPath(place)}/agent/${command}`;

/** The most that Preview shows of a file, or of the input of a command, in characters. */
const MOST_SHOWN = 1_000;

/** What Preview shows of a request to the guest agent. */
export const agentRequest = (
	place: GuestLocation,
	command: string,
	form: AgentForm,
): PveRequest => ({
	method: 'POST',
	path: agentPath(place, command),
	body: Object.fromEntries(
		Object.entries(form).map(([name, value]) => [
			name,
			typeof value === 'string' && value.length > MOST_SHOWN
				? `${value.slice(0, MOST_SHOWN)}… (${value.length} characters)`
				: value,
		]),
	),
});

/**
 * Has the guest agent do something that must not be repeated: it is sent once.
 * Source: `POST /nodes/{node}/qemu/{vmid}/agent/{command}`.
 * @param what is requested, for errors: `command in VM 100`
 * @throws UnknownOutcomeError if it may have been done; PveError if it was not
 */
export async function tellAgent<Data>(
	client: PveClient,
	place: GuestLocation,
	command: string,
	form: AgentForm,
	what: string,
): Promise<Data> {
	return await client.post<Data>(agentPath(place, command), form).catch((error: unknown) => {
		if (error instanceof PveError && (isOutcomeUnknown(error) || isWithoutAnswer(error)))
			throw new UnknownOutcomeError(error, what, []);
		throw error;
	});
}
