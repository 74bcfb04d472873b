import { readChange } from '../../form/readChange';
import { changeSettings, splitNames } from '../../guests/changeSettings';
import { emitGuest } from '../../guests/emitGuest';
import { locateVm, type Guest } from '../../guests/locateGuest';
import { isDone } from '../../runtime/followTask';
import type { Execute } from '../../runtime/operation';

/** Source: `POST /nodes/{node}/qemu/{vmid}/config`. */
export const execute: Execute = async (item) => {
	const {
		form,
		kind: { catalogue },
	} = item;
	const guest = form.guest();
	const waiting = form.waiting();
	// What is wrong with the change itself is said before the VM is read.
	const { parameters, steering } = readChange(catalogue, form);
	form.check();
	const place = await locateVm(item, guest);
	const { task, pending } = await changeSettings(
		item,
		place,
		(present) => {
			const change = readChange(catalogue, form, present);
			form.check();
			return change;
		},
		{ waiting },
	);
	const name = isDone(task)
		? nameAfter(place, catalogue.name, parameters, steering.delete)
		: place.name;
	return await emitGuest(item, { ...place, name }, { ...task, pending });
};

/** The name of a VM whose change is done; null if it was removed. */
const nameAfter = (
	{ name }: Guest,
	parameter: string,
	{ [parameter]: changed }: Readonly<Record<string, unknown>>,
	removed: string | undefined,
): string | null =>
	splitNames(removed).includes(parameter) ? null : typeof changed === 'string' ? changed : name;
