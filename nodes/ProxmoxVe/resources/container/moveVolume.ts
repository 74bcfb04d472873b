import { moveDisk } from '../../guests/moveDisk';
import type { Execute } from '../../runtime/operation';
import { encodeFields } from '../../wire/encodeFields';
import { moveFields } from './fields';

const { volume: volumeField, storage: storageField, ...optionFields } = moveFields;

/** Source: `POST /nodes/{node}/lxc/{vmid}/move_volume`. */
export const execute: Execute = async (item) => {
	const { form } = item;
	const guest = form.guest();
	const { disk = '', storage } = form.fields({ disk: volumeField, storage: storageField });
	const added = form.options(optionFields);
	const { 'target-vmid': target, 'target-volume': targetVolume } = added;
	const to = target === undefined ? undefined : { vmid: target, disk: targetVolume ?? disk };
	const refuse = (parameter: keyof typeof moveFields, message: string): void =>
		void form.problems.push({ parameter, label: moveFields[parameter].label, message });
	if (to === undefined && storage === undefined)
		refuse('storage', 'is needed, or Options → Target Container');
	if (to === undefined && targetVolume !== undefined)
		refuse('target-volume', 'is only for Options → Target Container');
	if (to !== undefined && storage !== undefined)
		refuse('storage', 'must be empty, because Options → Target Container is set');
	if (to !== undefined && [disk, to.disk].includes('rootfs'))
		refuse('volume', 'must be a mount point, to move it to another container');
	const waiting = form.waiting();
	const isPreview = form.previewing();
	form.check();
	return await moveDisk(item, {
		guest,
		disk,
		storage,
		to,
		path: 'move_volume',
		body: encodeFields({ volume: disk, storage, ...added }),
		waiting,
		isPreview,
	});
};
