import { guestPath } from '../api/paths';
import type { Follow, TaskOutput } from '../runtime/followTask';
import type { Item } from '../runtime/operation';
import type { PveRequest } from '../runtime/previewRequest';
import { isRecord } from '../wire/values';
import type { CurrentConfig } from '../form/readChange';
import { changeConfig } from './changeConfig';
import { readCurrentConfig } from './currentConfig';
import type { GuestLocation } from './locateGuest';

/** The volume that a disk of a guest is, such as `local:100/vm-100-disk-0.qcow2`. */
export function volumeOf({ config }: CurrentConfig, disk: string): string | undefined {
	const drive = config[disk];
	const file = isRecord(drive) ? (drive.file ?? drive.volume) : drive;
	return typeof file === 'string' ? file : undefined;
}

/** The disks of a guest whose names match, with their volumes. */
export const disksLike = (present: CurrentConfig, names: RegExp): string =>
	Object.keys(present.config)
		.filter((name) => names.test(name))
		.sort()
		.map((name) => `${name} (${volumeOf(present, name) ?? '?'})`)
		.join(', ') || 'none';

/** What is requested for the disks of a guest as they are. */
export interface DiskRequest {
	/** Behind the path of the guest. */
	readonly path: string;
	readonly body: Readonly<Record<string, string>>;
	/** Why it does not fit the VM: then it is not sent. */
	readonly problem?: string;
	/** What became of it, if its response was lost and the VM was changed since. */
	judge(earlier: CurrentConfig, now: CurrentConfig): 'reached' | 'notReached' | 'unknown';
}

/** Makes the request for a VM as it is. */
export type DiskChange = (present: CurrentConfig) => DiskRequest;

/**
 * Changes the disks of a guest once: the digest of the configuration goes with each request.
 * Source: `POST /nodes/{node}/{kind}/{vmid}/{config,move_disk,move_volume}`.
 * @throws as changeConfig does; Error if it does not fit the VM
 */
export async function changeDisk(
	item: Item,
	place: GuestLocation,
	change: DiskChange,
	{ label, type, waiting }: Pick<Follow, 'label' | 'waiting'> & { readonly type: string },
): Promise<TaskOutput> {
	return await changeConfig(item, place, {
		label: `${label} of ${place.kind.label} ${place.vmid} on ${place.node}`,
		types: [type],
		waiting,
		prepare: async () => {
			const { digest, ...before } = await readCurrentConfig(item, place);
			const { path, body, judge, problem } = change(before);
			return {
				before,
				digest,
				// After a lost response it may not fit because it was carried out: `judge` comes first.
				async send() {
					if (problem !== undefined) throw new Error(problem);
					return await item.run.client.post<string>(`${guestPath(place)}/${path}`, {
						...body,
						digest,
					});
				},
				judge: (earlier) => judge(earlier, before),
			};
		},
	});
}

/** The request of a change, but for the digest. @throws Error if it does not fit the VM */
export async function diskRequest(
	item: Item,
	place: GuestLocation,
	change: DiskChange,
): Promise<PveRequest> {
	const { path, body, problem } = change(await readCurrentConfig(item, place));
	if (problem !== undefined) throw new Error(problem);
	return { method: 'POST', path: `${guestPath(place)}/${path}`, body };
}
