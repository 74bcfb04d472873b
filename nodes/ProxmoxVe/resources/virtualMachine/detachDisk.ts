import {
	changeDisk,
	diskRequest,
	disksLike,
	volumeOf,
	type DiskChange,
} from '../../guests/changeDisk';
import { pendingOf, readCurrentConfig } from '../../guests/currentConfig';
import { emitGuest } from '../../guests/emitGuest';
import { locateVm } from '../../guests/locateGuest';
import type { Execute } from '../../runtime/operation';
import { emitPreview } from '../../runtime/previewRequest';
import type { CurrentConfig } from '../../form/readChange';
import { isRecord } from '../../wire/values';
import { resizeFields } from './fields';

const { disk: diskField } = resizeFields;
const DISK = /^(?:(?:ide|sata|scsi|virtio)\d+|efidisk0|tpmstate0)$/;

/** Source: `POST /nodes/{node}/qemu/{vmid}/config`, which keeps the volume as an unused disk. */
export const execute: Execute = async (item) => {
	const { form, kind } = item;
	const guest = form.guest();
	const { disk = '' } = form.fields({ disk: diskField });
	const waiting = form.waiting();
	const isPreview = form.previewing();
	form.check();

	const place = await locateVm(item, guest);
	const change: DiskChange = (present) => {
		const problem = whyNot(present);
		return {
			path: 'config',
			body: { delete: disk },
			...(problem === undefined ? {} : { problem }),
			judge(earlier, now) {
				if (volumeOf(now, disk) === undefined) return 'reached';
				return volumeOf(now, disk) === volumeOf(earlier, disk) ? 'notReached' : 'unknown';
			},
		};
	};
	const whyNot = (present: CurrentConfig): string | undefined => {
		const drive = present.config[disk];
		if (volumeOf(present, disk) === undefined)
			return `VM ${place.vmid} has no disk ${disk}. It has: ${disksLike(present, DISK)}`;
		return isRecord(drive) && drive.media === 'cdrom'
			? `${disk} of VM ${place.vmid} is a CD drive. Remove it with Update → Settings to Remove`
			: undefined;
	};
	if (isPreview) return await emitPreview(item, [await diskRequest(item, place, change)]);
	const before = await readCurrentConfig(item, place);
	const task = await changeDisk(item, place, change, {
		label: `detachment of ${disk}`,
		type: kind.taskTypes.configure,
		waiting,
	});
	const volume = volumeOf(before, disk) ?? null;
	const facts = { disk, volume };
	if (task.taskStatus === 'running')
		return await emitGuest(item, place, { ...facts, unusedDisk: null, pending: null, ...task });
	const { config } = await readCurrentConfig(item, place);
	const unusedDisk = Object.keys(config).find(
		(name) => /^unused\d+$/.test(name) && config[name] === volume,
	);
	const pending = (await pendingOf(item, place, before, false)).includes(disk);
	return await emitGuest(item, place, {
		...facts,
		unusedDisk: unusedDisk ?? null,
		pending,
		...task,
	});
};
