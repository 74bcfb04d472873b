import type { Catalogue } from '../../catalogue/catalogue';
import { readChange, type Change, type CurrentConfig } from '../../form/readChange';
import type { Problem } from '../../wire/problem';
import { decodeConfig } from '../../wire/decodeConfig';
import { encodeBody } from '../../wire/encodeBody';
import { encodeFields } from '../../wire/encodeFields';
import { isRecord } from '../../wire/values';
import { changeConfig, type ConfigChange } from '../../guests/changeConfig';
import { checkCluster } from '../../guests/checkVersion';
import { keepMark } from '../../guests/provision/idempotency';
import { guestPath } from '../../api/paths';
import { emitGuest } from '../../guests/emitGuest';
import { locateVm, type Guest, type GuestLocation } from '../../guests/locateGuest';
import { isDone } from '../../runtime/followTask';
import type { Execute, Item } from '../../runtime/operation';
import { pendingOf, readCurrentConfig } from '../../guests/currentConfig';
import { BadInputError } from '../../form/BadInputError';

/** Source: `POST /nodes/{node}/qemu/{vmid}/config`. */
export const execute: Execute = async (item) => {
	const { form } = item;
	const guest = form.guest();
	const waiting = form.waiting();
	// What is wrong with the change itself is said before the VM is read.
	const { parameters, steering } = readChange(item.kind.catalogue, form);
	form.check();
	const place = await locateVm(item, guest);
	let before: CurrentConfig | undefined;
	const task = await changeConfig(item, place, {
		label: `update of VM ${place.vmid} on ${place.node}`,
		types: [item.kind.taskTypes.configure],
		waiting,
		prepare: async () => {
			const prepared = await prepare(item, place, waiting.wait);
			before ??= prepared.before;
			return prepared;
		},
	});
	const pending =
		task.taskStatus === 'running' || before === undefined
			? null
			: await pendingOf(item, place, before, 'cipassword' in parameters);
	const name = isDone(task) ? nameAfter(place, parameters.name, steering.delete) : place.name;
	return await emitGuest(item, { ...place, name }, { ...task, pending });
};

/** The name of a VM whose change is done; null if it was removed. */
const nameAfter = (
	{ name }: Guest,
	changed: unknown,
	removed: string | undefined,
): string | null =>
	splitNames(removed).includes('name') ? null : typeof changed === 'string' ? changed : name;

/** The change, fitted into the VM as it is now. */
async function prepare(
	item: Item,
	place: GuestLocation,
	waits: boolean,
): Promise<ConfigChange<CurrentConfig>> {
	const { client } = item.run;
	const { digest, ...before } = await readCurrentConfig(item, place);
	const fitted = readChange(item.kind.catalogue, item.form, before);
	item.form.check();
	const change = withMark(fitted, before);
	const { parameters, additional, steering } = change;
	await checkCluster(item.run, item.kind.catalogue, parameters);
	const body = { ...encodeBody(item.kind.catalogue, parameters), ...additional };
	const removed = splitNames(steering.delete);
	// A second one like it, or a disk in the place of the one that was removed, would be another one.
	const mayRepeat =
		!change.addsDevices && !removed.some((name) => DRIVE.test(name) && name in before.config);
	// Without a wait a task that finds another digest fails unseen, so it goes only where it is needed.
	const guard: Record<string, string> = mayRepeat && !waits ? {} : { digest };
	return {
		before,
		digest,
		...(steering.digest === undefined ? {} : { fixedDigest: steering.digest }),
		send: async () =>
			await client.post<string>(`${guestPath(place)}/config`, {
				...body,
				...guard,
				...encodeFields(steering),
			}),
		judge(earlier) {
			const removesDrive = removed.some((name) => DRIVE.test(name) && name in earlier.config);
			const canBeSeen =
				!change.addsDevices && !('cipassword' in body) && steering.revert === undefined;
			if (canBeSeen && isSo(item.kind.catalogue, body, removed, before)) return 'reached';
			return mayRepeat && !removesDrive ? 'notReached' : 'unknown';
		},
	};
}

const DRIVE = /^(?:ide|sata|scsi|virtio|efidisk|tpmstate|unused)\d+$/;

/** Proxmox takes white space, commas and semicolons between names. */
const splitNames = (names = ''): string[] => names.split(/[\s,;]+/).filter((name) => name !== '');

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
 * @throws BadInputError where notes and mark are too long
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
