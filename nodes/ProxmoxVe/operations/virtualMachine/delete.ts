import { flag } from '../../catalogue/fields';
import { deleteFields } from '../../catalogue/actions';
import { optionValues } from '../../form/readOptions';
import { encodeFields } from '../../wire/encodeFields';
import { followTask } from '../followTask';
import { locateVm, vmPath, type Place } from '../locateVm';
import { emit, type Item, type Execute } from '../operation';
import { powerOf } from '../powerOf';
import { readAction } from '../readAction';
import { turnOff } from '../turnOff';

/** Source: `DELETE /nodes/{node}/qemu/{vmid}`. */
export const execute: Execute = async (item) => {
	const options = optionValues(item.get);
	const { stopFirst, ...values } = readAction(item, { ...deleteFields, stopFirst: flag({ label: 'Stop First' }) }, options);
	const place = await locateVm(item);
	if (stopFirst === true) await stopIfRunning(item, place);
	const task = await followTask(
		item,
		`deletion of VM ${place.vmid} on ${place.node}`,
		async () => await item.run.client.delete<string>(vmPath(place), encodeFields(values)),
		['qmdestroy'],
	);
	return emit({ ...place, ...task });
};

/** Turns a VM off, unless it cannot be deleted anyway. */
async function stopIfRunning(item: Item, place: Place): Promise<void> {
	const { client } = item.run;
	if ((await powerOf(client, place)) !== 'running') return;
	const { data } = await client.get<{ protection?: number }>(`${vmPath(place)}/config`);
	if (data.protection === 1) throw new Error(`VM ${place.vmid} is protected, so it was neither stopped nor deleted. Turn Protection off first, with Update`);
	await turnOff(item, place);
}
