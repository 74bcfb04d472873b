import { moveDisk } from '../../guests/moveDisk';
import type { Execute } from '../../runtime/operation';
import { encodeFields } from '../../wire/encodeFields';
import { moveFields } from './fields';

const { disk: diskField, storage: storageField, ...optionFields } = moveFields;

/** Source: `POST /nodes/{node}/qemu/{vmid}/move_disk`. */
export const execute: Execute = async (item) => {
	const { form } = item;
	const guest = form.guest();
	const { disk = '', storage = '' } = form.fields({ disk: diskField, storage: storageField });
	const added = form.options(optionFields);
	const waiting = form.waiting();
	const isPreview = form.previewing();
	form.check();
	const body = encodeFields({ disk, storage, ...added });
	return await moveDisk(item, {
		guest,
		disk,
		storage,
		path: 'move_disk',
		body,
		waiting,
		isPreview,
	});
};
