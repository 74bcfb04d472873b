import { migrateGuest } from '../../guests/migrateGuest';
import type { Execute } from '../../runtime/operation';
import { encodeFields } from '../../wire/encodeFields';
import { migrateFields } from './fields';

const {
	target: targetField,
	online: onlineField,
	'with-local-disks': localDisksField,
	...optionFields
} = migrateFields;
const alwaysShown = {
	target: targetField,
	online: onlineField,
	'with-local-disks': localDisksField,
};

/** Source: `POST /nodes/{node}/qemu/{vmid}/migrate`. */
export const execute: Execute = async (item) => {
	const { form } = item;
	const guest = form.guest();
	const always = form.fields(alwaysShown, { online: true, 'with-local-disks': false });
	const added = form.options(optionFields);
	const waiting = form.waiting();
	const isPreview = form.previewing();
	form.check();
	const { target = '', online = false, 'with-local-disks': withLocalDisks = false } = always;
	return await migrateGuest(item, {
		guest,
		choice: {
			target,
			live: { label: onlineField.label, isOn: online },
			withLocalDisks,
			targetStorage: added.targetstorage,
		},
		body: encodeFields({ ...always, ...added }),
		waiting,
		isPreview,
	});
};
