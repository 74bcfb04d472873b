import { previewChange } from '../../guests/changeGuest';
import { emitGuest } from '../../guests/emitGuest';
import { locateVm } from '../../guests/locateGuest';
import { migrateVm, migrationOf, obstaclesTo } from '../../guests/migrateVm';
import { emit, type Execute } from '../../runtime/operation';
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
	const place = await locateVm(item, guest);
	const { node: sourceNode } = place;
	const obstacles =
		target === sourceNode
			? []
			: await obstaclesTo(item, place, {
					target,
					online,
					withLocalDisks,
					targetStorage: added.targetstorage,
				});
	const change = migrationOf(item, place, target, encodeFields({ ...always, ...added }));
	if (isPreview) return emit({ ...previewChange(place, change), obstacles });
	if (target === sourceNode)
		return await emitGuest(item, place, {
			sourceNode,
			alreadyThere: true,
			upid: null,
			taskStatus: 'ok',
			exitStatus: null,
			warnings: [],
			startedAt: null,
			durationMs: 0,
		});
	if (obstacles.length > 0)
		throw new Error(`VM ${place.vmid} cannot be migrated to ${target}. ${obstacles.join('. ')}`);

	const task = await migrateVm(item, place, target, change, { waiting });
	const node = task.taskStatus === 'running' ? sourceNode : target;
	return await emitGuest(item, { ...place, node }, { sourceNode, alreadyThere: false, ...task });
};
