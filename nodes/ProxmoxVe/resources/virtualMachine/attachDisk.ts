import { fieldOf } from '../../catalogue/catalogue';
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
import { attachFields, slotField } from './ownFields';

const UNUSED = /^unused\d+$/;

/** Source: `POST /nodes/{node}/qemu/{vmid}/config`. */
export const execute: Execute = async (item) => {
	const { form, kind } = item;
	const guest = form.guest();
	const { unusedDisk = '', bus = 'scsi' } = form.fields(attachFields, { bus: 'scsi' });
	const { slot } = form.options(slotField);
	if (slot !== undefined && fieldOf(kind.catalogue, `${bus}${slot}`) === undefined)
		form.problems.push({
			parameter: 'slot',
			label: 'Slot',
			message: `is too high for this bus, got "${slot}"`,
		});
	const waiting = form.waiting();
	const isPreview = form.previewing();
	form.check();

	const place = await locateVm(item, guest);
	let disk = '';
	let volume: string | null = null;
	const change: DiskChange = (present) => {
		const found = volumeOf(present, unusedDisk);
		const chosen = `${bus}${slot ?? lowestFree(bus, present.names)}`;
		const problem = whyNot(present, chosen);
		if (problem === undefined) [disk, volume] = [chosen, found ?? null];
		return {
			path: 'config',
			body: { [chosen]: found ?? '' },
			...(problem === undefined ? {} : { problem }),
			judge(earlier, now) {
				const wanted = volumeOf(earlier, unusedDisk);
				const at = Object.keys(now.config).find(
					(name) => !UNUSED.test(name) && volumeOf(now, name) === wanted,
				);
				if (at !== undefined) disk = at;
				if (at !== undefined) return 'reached';
				return found === wanted ? 'notReached' : 'unknown';
			},
		};
	};
	const whyNot = (present: CurrentConfig, chosen: string): string | undefined => {
		if (volumeOf(present, unusedDisk) === undefined)
			return `VM ${place.vmid} has no ${unusedDisk}. Its unused disks are: ${disksLike(present, UNUSED)}`;
		if (present.names.has(chosen))
			return `${chosen} of VM ${place.vmid} is in use. Choose another slot or bus`;
		return fieldOf(kind.catalogue, chosen) === undefined
			? `VM ${place.vmid} has no free slot on the bus ${bus}. Choose another bus`
			: undefined;
	};
	if (isPreview) return await emitPreview(item, [await diskRequest(item, place, change)]);
	const before = await readCurrentConfig(item, place);
	const task = await changeDisk(item, place, change, {
		label: `attachment of ${unusedDisk}`,
		type: kind.taskTypes.configure,
		waiting,
	});
	const pending =
		task.taskStatus === 'running'
			? null
			: (await pendingOf(item, place, before, false)).includes(disk);
	return await emitGuest(item, place, { disk, volume, pending, ...task });
};

/** The lowest number of a bus that no drive has. */
function lowestFree(bus: string, names: ReadonlySet<string>): number {
	let slot = 0;
	while (names.has(`${bus}${slot}`)) slot++;
	return slot;
}
