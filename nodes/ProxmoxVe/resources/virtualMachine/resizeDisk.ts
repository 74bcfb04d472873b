import { resizeFields } from '../../catalogue/qemu/actions';
import { encodeFields } from '../../wire/encodeFields';
import { changeConfig, type ConfigChange } from '../../guests/changeConfig';
import { locateVm, vmPath, type Place } from '../../guests/locateGuest';
import { emit, type Execute } from '../../runtime/operation';
import { readAction } from '../../runtime/readAction';
import type { Run } from '../../runtime/run';

/** Source: `PUT /nodes/{node}/qemu/{vmid}/resize`. */
export const execute: Execute = async (item) => {
	const { run, get } = item;
	const { values, waiting } = readAction(item, resizeFields, {
		disk: get('disk', ''),
		size: get('size', ''),
	});
	const { disk = '', size = '' } = values;
	const place = await locateVm(item);
	const prepare = async (): Promise<ConfigChange<string | null>> => {
		const { size: before, digest } = await readDisk(run, place, disk);
		return {
			before,
			digest,
			send: async () =>
				await run.client.put<string | null>(
					`${vmPath(place)}/resize`,
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
	const now = task.status === 'running' ? null : (await readDisk(run, place, disk)).size;
	return emit({ ...place, disk, size: now, ...task });
};

/** The size of a disk, such as `42G`, and the digest of the configuration that says so. */
async function readDisk(
	{ client }: Run,
	place: Place,
	disk: string,
): Promise<{ size: string | null; digest: string }> {
	const { data } = await client.get<Record<string, unknown>>(`${vmPath(place)}/config`);
	return {
		size: /\bsize=([^,]+)/.exec(String(data[disk] ?? ''))?.[1] ?? null,
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
 * added by another request; a size that is there is what was asked for, whoever set it.
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
