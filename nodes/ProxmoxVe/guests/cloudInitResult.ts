import type { PveClient } from '../api/client';
import { isRecord } from '../wire/values';
import { textOfBytes } from '../wire/agentText';
import { readGuestFile } from './guestAgent';
import type { GuestLocation } from './locateGuest';

/** How the first boot of a guest ended, as cloud-init reports it. */
export type CloudInitResult = {
	/** `error`: a step failed, or no data was found; `degraded`: done, with problems; `disabled`: it did not run. */
	status: 'done' | 'degraded' | 'error' | 'disabled';
	/** Where its data came from, in its own words; null if it did not run. */
	datasource: string | null;
	/** What failed, and what was only a problem, in its own words. */
	messages: string[];
};

/** In /run, because the files below /var/lib show the result of an earlier boot until this one has ended. */
const RUN = '/run/cloud-init';
/** Sources of data that Proxmox or this node give to a guest: others mean that it was not found. */
const OURS = /^DataSource(?:NoCloud|ConfigDrive|OpenNebula)/;
const MOST_MESSAGES = 20;
const LONGEST_MESSAGE = 500;

/** What there is of cloud-init so far. */
export interface CloudInitProgress {
	/** How it ended; undefined while it runs. */
	readonly result?: CloudInitResult;
	/** Whether it has started. */
	readonly hasBegun: boolean;
}

/**
 * Reads how far cloud-init is. `result.json` appears at the end of its last stage, in all versions; problems that it
 * recovered from are in `status.json` only, and only since 23.4.
 * Source: `GET /nodes/{node}/qemu/{vmid}/agent/file-read`.
 * @param hasBegun as an earlier look has found
 * @throws PveError
 */
export async function cloudInitProgress(
	client: PveClient,
	place: GuestLocation,
	hasBegun: boolean,
	timeoutMs?: number,
): Promise<CloudInitProgress> {
	const read = async (name: string): Promise<string | undefined> => {
		const file = await readGuestFile(client, place, `${RUN}/${name}`, {}, timeoutMs);
		return file && textOfBytes(file.bytes, file.isCut);
	};
	const result = partOf(await read('result.json'));
	if (result === undefined && hasBegun) return { hasBegun };
	const status = partOf(await read('status.json'));
	if (result !== undefined) return { result: resultOf(result, status ?? {}), hasBegun: true };
	if (status !== undefined) return { hasBegun: true };
	const isDisabled = (await read('disabled')) !== undefined;
	return isDisabled
		? { result: { status: 'disabled', datasource: null, messages: [] }, hasBegun: false }
		: { hasBegun: false };
}

type Part = Readonly<Record<string, unknown>>;

/** What both files have under `v1`; undefined if there is no file, or it is not complete yet. */
function partOf(text: string | undefined): Part | undefined {
	if (text === undefined) return undefined;
	try {
		const file: unknown = JSON.parse(text);
		return isRecord(file) && isRecord(file.v1) ? file.v1 : undefined;
	} catch {
		return undefined;
	}
}

function resultOf(result: Part, status: Part): CloudInitResult {
	const datasource = typeof result.datasource === 'string' ? result.datasource : '';
	const errors = textsOf(result.errors);
	if (!OURS.test(datasource)) {
		const used = datasource === '' ? 'none' : datasource.slice(0, LONGEST_MESSAGE);
		errors.unshift(`No data for this VM was found: the data source was ${used}`);
	}
	const problems = Object.values(status)
		.filter(isRecord)
		.flatMap(({ recoverable_errors: levels }) => (isRecord(levels) ? Object.values(levels) : []))
		.flatMap(textsOf);
	return {
		status: errors.length > 0 ? 'error' : problems.length > 0 ? 'degraded' : 'done',
		datasource: datasource === '' ? null : datasource.slice(0, LONGEST_MESSAGE),
		messages: [...errors, ...problems].slice(0, MOST_MESSAGES),
	};
}

const textsOf = (value: unknown): string[] =>
	(Array.isArray(value) ? value : [])
		.filter((one): one is string => typeof one === 'string')
		.map((one) => one.slice(0, LONGEST_MESSAGE));
