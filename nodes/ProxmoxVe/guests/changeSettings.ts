import type { Catalogue } from '../catalogue/catalogue';
import { BadInputError } from '../form/BadInputError';
import { splitNames, type Change, type CurrentConfig } from '../form/readChange';
import { guestPath } from '../api/paths';
import { decodeConfig } from '../wire/decodeConfig';
import { encodeBody } from '../wire/encodeBody';
import { encodeFields } from '../wire/encodeFields';
import type { Problem } from '../wire/problem';
import { isRecord } from '../wire/values';
import type { Follow, TaskOutput } from '../runtime/followTask';
import type { Item } from '../runtime/operation';
import type { PveRequest } from '../runtime/previewRequest';
import { changeConfig, NothingToChange, type ConfigChange } from './changeConfig';
import { stopwatch } from '../api/sleep';
import { checkCluster } from './checkVersion';
import { pendingOf, readCurrentConfig } from './currentConfig';
import type { GuestLocation } from './locateGuest';
import { keepMark } from './provision/idempotency';

/**
 * Fits the user's change into a VM as it is.
 * @returns undefined if nothing is to be changed
 * @throws BadInputError if it does not fit
 */
export type ReadChange = (present: CurrentConfig) => Change | undefined;

/** A change of a VM's settings that is done, or was started. */
export interface ChangedSettings {
	readonly task: TaskOutput;
	/** The settings that wait for the next start; null if the change was not waited for. */
	readonly pending: string[] | null;
}

/**
 * Changes settings of a VM once, for the VM as it is at that moment.
 * Source: `POST /nodes/{node}/qemu/{vmid}/config`.
 * @param read is called again if the VM was changed meanwhile
 * @throws as changeConfig does; BadInputError
 */
export async function changeSettings(
	item: Item,
	place: GuestLocation,
	read: ReadChange,
	how: Pick<Follow, 'waiting' | 'inGate' | 'onAccepted'>,
): Promise<ChangedSettings> {
	let before: CurrentConfig | undefined;
	let hasNewPassword = false;
	const elapsed = stopwatch();
	const task = await changeConfig(item, place, {
		...how,
		label: `update of ${place.kind.label} ${place.vmid} on ${place.node}`,
		types: [item.kind.taskTypes.configure],
		...(item.kind.changes === 'atOnce' ? { mayEndAtOnce: true as const } : {}),
		prepare: async () => {
			const prepared = await prepare(item, place, how.waiting.wait, (present) => {
				before ??= present;
				const change = read(present);
				if (change === undefined) throw new NothingToChange();
				hasNewPassword = 'cipassword' in change.parameters;
				return change;
			});
			return prepared;
		},
	}).catch((error: unknown): TaskOutput => {
		if (!(error instanceof NothingToChange)) throw error;
		return { ...NO_TASK, warnings: [], durationMs: elapsed() };
	});
	const pending =
		task.taskStatus === 'running' || before === undefined
			? null
			: await pendingOf(item, place, before, hasNewPassword);
	return { task, pending };
}

const NO_TASK = {
	upid: null,
	taskStatus: 'ok',
	exitStatus: null,
	warnings: [],
	startedAt: null,
} as const satisfies Partial<Record<keyof TaskOutput, unknown>>;

/** What a change sends, but for how to change it. */
export const bodyOfChange = (
	{ kind: { catalogue } }: Pick<Item, 'kind'>,
	{ parameters, additional }: Change,
): Record<string, string> => ({ ...encodeBody(catalogue, parameters), ...additional });

/** The change that may be sent. @throws BadInputError; Error if the cluster is too old for it */
async function fitted(item: Item, read: Change, before: CurrentConfig): Promise<Change> {
	const change = withMark(read, before);
	await checkCluster(item.run, item.kind.catalogue, change.parameters);
	return change;
}

/** The request of a change. Of a container it has no task. */
const configRequest = (item: Item, place: GuestLocation, change: Change) =>
	({
		method: item.kind.changes === 'atOnce' ? 'PUT' : 'POST',
		path: `${guestPath(place)}/config`,
		body: { ...bodyOfChange(item, change), ...encodeFields(change.steering) },
	}) satisfies PveRequest;

/**
 * The request that changeSettings would send for a VM as it is, but for the digest; none if nothing is to be changed.
 * @throws BadInputError
 */
export async function settingsRequest(
	item: Item,
	place: GuestLocation,
	read: ReadChange,
): Promise<PveRequest[]> {
	const before = await readCurrentConfig(item, place);
	const change = read(before);
	return change === undefined
		? []
		: [configRequest(item, place, await fitted(item, change, before))];
}

/** The change, fitted into the VM as it is now. */
async function prepare(
	item: Item,
	place: GuestLocation,
	waits: boolean,
	read: (present: CurrentConfig) => Change,
): Promise<ConfigChange<CurrentConfig>> {
	const { client } = item.run;
	const { digest, ...before } = await readCurrentConfig(item, place);
	const change = await fitted(item, read(before), before);
	const { steering } = change;
	const body = bodyOfChange(item, change);
	const removed = splitNames(steering.delete);
	// A second one like it, or a disk in the place of the one that was removed, would be another one.
	const mayRepeat =
		!change.addsDevices && !removed.some((name) => DRIVE.test(name) && name in before.config);
	// Without a wait a task that finds another digest fails unseen, so it goes only if it is needed.
	const guard: Record<string, string> = mayRepeat && !waits ? {} : { digest };
	return {
		before,
		digest,
		...(steering.digest === undefined ? {} : { fixedDigest: steering.digest }),
		send: async () => {
			const { method, path, body: asked } = configRequest(item, place, change);
			// A digest that the user named is the one that counts.
			const sent = { ...guard, ...asked };
			return method === 'PUT'
				? await client.put<string | null>(path, sent)
				: await client.post<string>(path, sent);
		},
		judge(earlier) {
			const removesDrive = removed.some((name) => DRIVE.test(name) && name in earlier.config);
			const canBeSeen =
				!change.addsDevices && !('cipassword' in body) && steering.revert === undefined;
			if (canBeSeen && isSo(item.kind.catalogue, body, removed, before)) return 'reached';
			return mayRepeat && !removesDrive ? 'notReached' : 'unknown';
		},
	};
}

const DRIVE = /^(?:ide|sata|scsi|virtio|efidisk|tpmstate|unused|mp)\d+$/;

/** Whether a VM has all that was sent, and nothing of what was removed. */
function isSo(
	catalogue: Catalogue,
	body: Readonly<Record<string, string>>,
	removed: readonly string[],
	{ config }: CurrentConfig,
): boolean {
	return (
		Object.entries(decodeConfig(catalogue, body)).every(([name, value]) =>
			isAs(config[name], value),
		) && removed.every((name) => !(name in config))
	);
}

/** Whether a setting is as it was sent: Proxmox adds sub-options such as a MAC address, and sorts lists. */
function isAs(found: unknown, sent: unknown): boolean {
	if (isRecord(sent))
		return (
			isRecord(found) &&
			Object.entries(sent).every(([sub, value]) => sub === 'size' || isAs(found[sub], value))
		);
	return textOf(found) === textOf(sent);
}

const textOf = (value: unknown): string =>
	Array.isArray(value)
		? value
				.map((one) => String(one).toLowerCase())
				.sort()
				.join(',')
		: String(value ?? '').trim();

/** Proxmox takes notes up to this length. */
const LONGEST_NOTES = 8192;

/**
 * The change without the loss of the mark that an idempotency key has left in the notes: without it, the same key
 * would make a second VM.
 * @throws BadInputError if notes and mark are too long
 */
function withMark(change: Change, { config }: CurrentConfig): Change {
	const before = typeof config.description === 'string' ? config.description : undefined;
	const { parameters, additional, steering } = change;
	const removed = splitNames(steering.delete);
	const isRemoved = removed.includes('description');
	const given = isRemoved ? '' : (parameters.description ?? additional.description);
	const kept = given === undefined ? undefined : keepMark(before, given);
	if (kept === undefined || kept === given) return change;
	if (kept.length > LONGEST_NOTES) {
		const message = `may have at most ${LONGEST_NOTES - (kept.length - (given ?? '').length)} characters: the mark of the Idempotency Key under it is kept`;
		throw new BadInputError([{ parameter: 'description', message } satisfies Problem]);
	}
	const rest = removed.filter((name) => name !== 'description').join(',');
	return {
		...change,
		parameters: { ...parameters, description: kept },
		additional: Object.fromEntries(
			Object.entries(additional).filter(([name]) => name !== 'description'),
		),
		steering: isRemoved ? { ...steering, delete: rest === '' ? undefined : rest } : steering,
	};
}
