import { readChange, splitNames } from '../../form/readChange';
import { changeSettings, settingsRequest, type ReadChange } from '../../guests/changeSettings';
import { emitGuest } from '../../guests/emitGuest';
import { locateVm, type Guest } from '../../guests/locateGuest';
import { movePool, moveRequest, poolMove } from '../../guests/movePool';
import { isDone } from '../../runtime/followTask';
import type { Execute } from '../../runtime/operation';
import { emitPreview } from '../../runtime/previewRequest';

/** Source: `POST /nodes/{node}/qemu/{vmid}/config`. */
export const execute: Execute = async (item) => {
	const {
		form,
		kind: { catalogue },
	} = item;
	const guest = form.guest();
	const waiting = form.waiting();
	const isPreview = form.previewing();
	// What is wrong with the change itself is said before the VM is read.
	const { parameters, steering, names, pool } = readChange(catalogue, form);
	const { digest, ...rest } = steering;
	const isOfPoolOnly = names.length === 0 && Object.values(rest).every((one) => one === undefined);
	if (isOfPoolOnly && digest !== undefined)
		form.problems.push({
			parameter: 'digest',
			message: 'does not protect the pool: remove one of the two',
		});
	form.check();
	const place = await locateVm(item, guest);
	const move = await poolMove(item, place, pool);
	const read: ReadChange = (present) => {
		const change = readChange(catalogue, form, present);
		form.check();
		return isOfPoolOnly ? undefined : change;
	};
	if (isPreview)
		return await emitPreview(item, [
			...(await settingsRequest(item, place, read)),
			...(move === undefined ? [] : [moveRequest(place, move)]),
		]);
	const { task, pending } = await changeSettings(item, place, read, { waiting });
	const warnings = move === undefined ? [] : await movePool(item, place, move, !isOfPoolOnly);
	const name = isDone(task)
		? nameAfter(place, catalogue.name, parameters, steering.delete)
		: place.name;
	return await emitGuest(
		item,
		{ ...place, name },
		{
			...task,
			...(warnings.length > 0
				? { taskStatus: 'warnings', warnings: [...task.warnings, ...warnings] }
				: {}),
			pending,
			...(pool === undefined ? {} : { pool }),
		},
	);
};

/** The name of a VM whose change is done; null if it was removed. */
const nameAfter = (
	{ name }: Guest,
	parameter: string,
	{ [parameter]: changed }: Readonly<Record<string, unknown>>,
	removed: string | undefined,
): string | null =>
	splitNames(removed).includes(parameter) ? null : typeof changed === 'string' ? changed : name;
