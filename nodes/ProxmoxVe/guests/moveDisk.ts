import { storageOf } from '../api/backups';
import type { GuestChoice, Waiting } from '../form/Form';
import type { Emitted, Item } from '../runtime/operation';
import { emitPreview } from '../runtime/previewRequest';
import { changeDisk, diskRequest, disksLike, volumeOf, type DiskChange } from './changeDisk';
import { readCurrentConfig } from './currentConfig';
import { emitGuest } from './emitGuest';
import { locateVm } from './locateGuest';

const DISK = /^(?:(?:ide|sata|scsi|virtio|mp)\d+|efidisk0|tpmstate0|rootfs)$/;

/** What the form of a move has. */
export interface Move {
	readonly guest: GuestChoice;
	readonly disk: string;
	/** Where it goes to: a storage, or another guest. */
	readonly storage?: string;
	readonly to?: { readonly vmid: number; readonly disk: string };
	/** Behind the path of the guest. */
	readonly path: string;
	readonly body: Readonly<Record<string, string>>;
	readonly waiting: Waiting;
	readonly isPreview: boolean;
}

/**
 * Moves a disk of a guest once, and reads back what became of it.
 * Source: `POST /nodes/{node}/{kind}/{vmid}/{move_disk,move_volume}`.
 * @throws as changeDisk does
 */
export async function moveDisk(
	item: Item,
	{ guest, disk, storage, to, path, body, waiting, isPreview }: Move,
): Promise<Emitted[]> {
	const place = await locateVm(item, guest);
	const { kind, vmid } = place;
	const change: DiskChange = (present) => ({
		path,
		body,
		...(volumeOf(present, disk) === undefined
			? {
					problem: `${kind.label} ${vmid} has no ${kind.disk} ${disk}. It has: ${disksLike(present, DISK)}`,
				}
			: {}),
		judge(earlier, now) {
			const [before, after] = [volumeOf(earlier, disk), volumeOf(now, disk)];
			if (before === after) return 'notReached';
			const isThere =
				to !== undefined
					? // Detached, it would still be an unused one.
						Object.keys(now.config).every((name) => volumeOf(now, name) !== before)
					: after !== undefined && storageOf(after) === storage;
			return isThere ? 'reached' : 'unknown';
		},
	});
	if (isPreview) return await emitPreview(item, [await diskRequest(item, place, change)]);
	const type = kind.taskTypes.moveDisk;
	const task = await changeDisk(item, place, change, { label: `move of ${disk}`, type, waiting });
	const at = { ...place, vmid: to?.vmid ?? vmid };
	const volume =
		task.taskStatus === 'running'
			? null
			: (volumeOf(await readCurrentConfig(item, at), to?.disk ?? disk) ?? null);
	return await emitGuest(item, place, {
		disk,
		storage: storage ?? (volume === null ? null : storageOf(volume)),
		volume,
		...(to === undefined ? {} : { movedTo: to.vmid }),
		...task,
	});
}
