import { diskSize } from '../api/diskSize';
import { guestPath } from '../api/paths';
import type { Follow, TaskOutput } from '../runtime/followTask';
import type { Item } from '../runtime/operation';
import type { PveRequest } from '../runtime/previewRequest';
import type { Run } from '../runtime/run';
import { changeConfig, type ConfigChange } from './changeConfig';
import type { GuestLocation } from './locateGuest';

/** A disk and its new size: `20G`, or `+5G` to add to it. */
export interface Resize {
	readonly disk: string;
	readonly size: string;
}

/** The size of a disk, such as `42G`, and the configuration that has it. */
export interface KnownDisk {
	readonly size: string | null;
	readonly digest: string;
	readonly config: Readonly<Record<string, unknown>>;
}

/** The request of a resize, but for the digest. */
export const resizeRequest = (place: GuestLocation, { disk, size }: Resize) =>
	({
		method: 'PUT',
		path: `${guestPath(place)}/resize`,
		body: { disk, size },
	}) satisfies PveRequest;

/**
 * Grows a disk of a VM once, also if a response is lost.
 * Source: `PUT /nodes/{node}/qemu/{vmid}/resize`.
 * @param known what was just read of it: it is read again only for a second try
 * @throws as changeConfig does
 */
export async function resizeDisk(
	item: Item,
	place: GuestLocation,
	resize: Resize,
	{ known, ...how }: Pick<Follow, 'waiting' | 'inGate' | 'onAccepted'> & { known?: KnownDisk },
): Promise<TaskOutput> {
	const { run } = item;
	const { disk, size } = resize;
	const { path, body } = resizeRequest(place, resize);
	let first = known;
	const prepare = async (): Promise<ConfigChange<string | null>> => {
		const { size: before, digest } = first ?? (await readDisk(run, place, disk));
		first = undefined;
		return {
			before,
			digest,
			send: async () => await run.client.put<string | null>(path, { ...body, digest }),
			judge: (earlier) => verdictOn(size, earlier, before),
		};
	};
	return await changeConfig(item, place, {
		...how,
		label: `resize of ${disk} of ${place.kind.label} ${place.vmid} on ${place.node}`,
		types: ['resize'],
		// Proxmox VE 7 answers without a task, when the disk has its size.
		mayEndAtOnce: true,
		prepare,
	});
}

/** Reads a disk. Source: `GET /nodes/{node}/qemu/{vmid}/config`. @throws PveError */
export async function readDisk(
	{ client }: Run,
	place: GuestLocation,
	disk: string,
): Promise<KnownDisk> {
	const { data } = await client.get<Record<string, unknown>>(`${guestPath(place)}/config`);
	return {
		size: diskSize(data[disk]) ?? null,
		digest: String(data.digest ?? ''),
		config: data,
	};
}

const UNITS: Readonly<Record<string, number>> = {
	K: 1024,
	M: 1024 ** 2,
	G: 1024 ** 3,
	T: 1024 ** 4,
};

/** `1.5G` in bytes; NaN for what is no size. */
export const bytesOf = (size: string | null): number => {
	const [, number, unit = ''] = /^\+?(\d+(?:\.\d+)?)([KMGT])?$/.exec(size ?? '') ?? [];
	return number === undefined ? NaN : Math.floor(Number(number) * (UNITS[unit] ?? 1));
};

/**
 * What became of a resize with a lost response, by the size before and now. An amount that was added may have been
 * added by another request; a size that is there is what was asked for, no matter who set it.
 */
function verdictOn(
	asked: string,
	before: string | null,
	now: string | null,
): 'reached' | 'notReached' | 'unknown' {
	const [wanted, had, has] = [asked, before, now].map(bytesOf);
	if (wanted === undefined || had === undefined || has === undefined || Number.isNaN(had + has))
		return 'unknown';
	if (!asked.startsWith('+'))
		return has === wanted ? 'reached' : has < wanted ? 'notReached' : 'unknown';
	return has >= had + wanted ? 'unknown' : 'notReached';
}
