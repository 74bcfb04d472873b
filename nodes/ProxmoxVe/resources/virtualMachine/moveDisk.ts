import { storageOf } from '../../api/backups';
import {
	changeDisk,
	disksLike,
	previewDisk,
	volumeOf,
	type DiskChange,
} from '../../guests/changeDisk';
import { readCurrentConfig } from '../../guests/currentConfig';
import { emitGuest } from '../../guests/emitGuest';
import { locateVm } from '../../guests/locateGuest';
import { emit, type Execute } from '../../runtime/operation';
import { encodeFields } from '../../wire/encodeFields';
import { moveFields } from './fields';

const { disk: diskField, storage: storageField, ...optionFields } = moveFields;
const DISK = /^(?:(?:ide|sata|scsi|virtio)\d+|efidisk0|tpmstate0)$/;

/** Source: `POST /nodes/{node}/qemu/{vmid}/move_disk`. */
export const execute: Execute = async (item) => {
	const { form, kind } = item;
	const guest = form.guest();
	const { disk = '', storage = '' } = form.fields({ disk: diskField, storage: storageField });
	const added = form.options(optionFields);
	const waiting = form.waiting();
	const isPreview = form.previewing();
	form.check();

	const place = await locateVm(item, guest);
	const type = kind.taskTypes.moveDisk;
	const change: DiskChange = (present) => ({
		path: 'move_disk',
		body: encodeFields({ disk, storage, ...added }),
		...(volumeOf(present, disk) === undefined
			? { problem: `VM ${place.vmid} has no disk ${disk}. It has: ${disksLike(present, DISK)}` }
			: {}),
		judge(earlier, now) {
			const [before, after] = [volumeOf(earlier, disk), volumeOf(now, disk)];
			if (before === after) return 'notReached';
			return after !== undefined && storageOf(after) === storage ? 'reached' : 'unknown';
		},
	});
	if (isPreview) return emit(await previewDisk(item, place, change));
	const task = await changeDisk(item, place, change, { label: `move of ${disk}`, type, waiting });
	const volume =
		task.taskStatus === 'running'
			? null
			: (volumeOf(await readCurrentConfig(item, place), disk) ?? null);
	return await emitGuest(item, place, { disk, storage, volume, ...task });
};
