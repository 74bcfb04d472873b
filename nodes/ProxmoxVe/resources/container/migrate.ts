import { migrateGuest } from '../../guests/migrateGuest';
import type { Execute } from '../../runtime/operation';
import { encodeFields } from '../../wire/encodeFields';
import { SHUTDOWN_TIMEOUT } from '../virtualMachine/properties';
import { migrateFields } from './fields';

const {
	target: targetField,
	restart: restartField,
	timeout: timeoutField,
	...optionFields
} = migrateFields;

/** Source: `POST /nodes/{node}/lxc/{vmid}/migrate`. */
export const execute: Execute = async (item) => {
	const { form } = item;
	const guest = form.guest();
	const always = form.fields({ target: targetField, restart: restartField }, { restart: false });
	const { [SHUTDOWN_TIMEOUT]: timeout, ...added } = form.options({
		...optionFields,
		[SHUTDOWN_TIMEOUT]: timeoutField,
	});
	const waiting = form.waiting();
	const isPreview = form.previewing();
	form.check();
	const { target = '', restart = false } = always;
	return await migrateGuest(item, {
		guest,
		choice: {
			target,
			live: { label: restartField.label, isOn: restart },
			withLocalDisks: true,
			targetStorage: added['target-storage'],
		},
		body: encodeFields({ ...always, timeout, ...added }),
		waiting,
		isPreview,
	});
};
