import { deleteFields } from '../../catalogue/actions';
import { optionValues } from '../../form/readOptions';
import { encodeFields } from '../../wire/encodeFields';
import { isNoVm, PveError, TaskError } from '../../pve/errors';
import { nodeOfVm } from '../../pve/nodeOfVm';
import { changedNothingOf, followTask } from '../followTask';
import { locateVm, vmPath, type Place } from '../locateVm';
import { settleByEffect } from '../lostChange';
import { emit, type Item, type Execute } from '../operation';
import { powerOf } from '../powerOf';
import { readAction } from '../readAction';
import { AdvisedError } from '../report';
import { turnOff } from '../turnOff';

/** Source: `DELETE /nodes/{node}/qemu/{vmid}`. */
export const execute: Execute = async (item) => {
	const options = optionValues(item.get);
	const values = readAction(item, deleteFields, options);
	const place = await locateVm(item);
	if (options.stopFirst === true) await stopIfRunning(item, place);
	const what = `deletion of VM ${place.vmid} on ${place.node}`;
	const task = await followTask(item, what, async () => await item.run.client.delete<string>(vmPath(place), encodeFields(values)), {
		types: ['qmdestroy'],
		changedNothing: changedNothingOf(place.vmid),
		settle: async (error, startedAt, waiting) =>
			await settleByEffect(item, place, error, { what, types: ['qmdestroy'], startedAt, id: String(place.vmid) }, async () => await isGone(item, place), waiting),
	}).catch(async (error: unknown) => {
		throw values['destroy-unreferenced-disks'] === true && error instanceof TaskError ? await withRest(item, place, error) : error;
	});
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

/** Whether there is no VM of this ID any more, on any node. */
async function isGone({ run }: Item, place: Place): Promise<boolean> {
	const { client } = run;
	const isThere = await client.get(`${vmPath(place)}/config`).then(
		() => true,
		(error: unknown) => {
			if (error instanceof PveError && isNoVm(error)) return false;
			throw error;
		},
	);
	return !isThere && (await nodeOfVm(client, place.vmid)) === undefined;
}

/**
 * A failed deletion that looked for unreferenced disks on all storages: Proxmox does that after it has removed the
 * disks of the VM, and before it removes the configuration.
 */
async function withRest({ run }: Item, place: Place, error: TaskError): Promise<unknown> {
	if (!/unable to activate storage|storage '[^']*' is not (?:online|available)/.test(error.exitStatus)) return error;
	const isThere = await run.client.get(`${vmPath(place)}/config`).then(
		() => true,
		() => false,
	);
	if (!isThere) return error;
	return new AdvisedError(
		error,
		`The disks of VM ${place.vmid} are deleted, but its configuration is still there, because not all storages could be searched. Delete the VM again without Destroy Unreferenced Disks, or make that storage available before.`,
	);
}
