import { diskSize } from '../../api/diskSize';
import { resizeFields } from './fields';
import { encodeFields } from '../../wire/encodeFields';
import { changeConfig, type ConfigChange } from '../../guests/changeConfig';
import { guestPath } from '../../api/paths';
import { emitGuest } from '../../guests/emitGuest';
import { locateVm, type GuestLocation } from '../../guests/locateGuest';
import type { Execute } from '../../runtime/operation';
import type { Run } from '../../runtime/run';

/** Source: `PUT /nodes/{node}/qemu/{vmid}/resize`. */
export const execute: Execute = async (item) => {
	const { run, form } = item;
	const vmid = form.guestId('vm', 'Virtual Machine');
	const { disk = '', size = '' } = form.fields(resizeFields);
	const waiting = form.waiting();
	form.check();
	const place = await locateVm(item, vmid);
	const prepare = async (): Promise<ConfigChange<string | null>> => {
		const { size: before, digest } = await readDisk(run, place, disk);
		return {
			before,
			digest,
			send: async () =>
				await run.client.put<string | null>(
					`${guestPath(place)}/resize`,
					encodeFields({ disk, size, digest }),
				),
			judge: (earlier) => verdictOn(size, earlier, before),
		};
	};
	const task = await changeConfig(item, place, {
		label: `resize of ${disk} of VM ${place.vmid} on ${place.node}`,
		types: ['resize'],
		waiting,
		// Proxmox VE 7 answers without a task, when the disk has its size.
		mayEndAtOnce: true,
		prepare,
	});
	const now = task.taskStatus === 'running' ? null : (await readDisk(run, place, disk)).size;
	return await emitGuest(item, place, { disk, size: now, ...task });
};

/** The size of a disk, such as `42G`, and the digest of the configuration that says so. */
async function readDisk(
	{ client }: Run,
	place: GuestLocation,
	disk: string,
): Promise<{ size: string | null; digest: string }> {
	const { data } = await client.get<Record<string, unknown>>(`${guestPath(place)}/config`);
	return {
		size: diskSize(data[disk]) ?? null,
		digest: String(data.digest ?? ''),
	};
}

const UNITS: Readonly<Record<string, number>> = {
	K: 1024,
	M: 1024 ** 2,
	G: 1024 ** 3,
	T: 1024 ** 4,
};

/** `1.5G` in bytes; NaN for what is no size. */
const bytesOf = (size: string | null): number => {
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
