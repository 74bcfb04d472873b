import { deleteFields } from '../../catalogue/actions';
import { optionValues } from '../../form/readOptions';
import { privilegesOn } from '../../pve/privileges';
import { encodeFields } from '../../wire/encodeFields';
import { followTask } from '../followTask';
import { locateVm, vmPath, type Place } from '../locateVm';
import { emit, type Item, type Execute } from '../operation';
import { powerOf } from '../powerOf';
import { readAction } from '../readAction';
import { inTurn, turnOff } from '../turnOff';

/** Source: `DELETE /nodes/{node}/qemu/{vmid}`. */
export const execute: Execute = async (item) => {
	const options = optionValues(item.get);
	const values = readAction(item, deleteFields, options);
	const place = await locateVm(item);
	const remove = async (one: Item) =>
		await followTask(
			one,
			`deletion of VM ${place.vmid} on ${place.node}`,
			async () => await item.run.client.delete<string>(vmPath(place), encodeFields(values)),
			['qmdestroy'],
		);
	if (options.stopFirst !== true) return emit({ ...place, ...(await remove(item)) });

	// In one turn: else the VM is off long before it is deleted, or for nothing.
	return await item.run.gate(place.node, async () => {
		const undo = await stopIfRunning(item, place, values.purge === true);
		const task = await remove(inTurn(item)).catch(async (error: unknown) => {
			await undo?.(error);
			throw error;
		});
		return emit({ ...place, ...task });
	});
};

/**
 * Turns a VM off, unless it cannot be deleted anyway.
 * @returns what starts it again, where an error says that the deletion was refused
 * @throws Error where it cannot be deleted
 */
async function stopIfRunning(item: Item, place: Place, isPurge: boolean): Promise<((error: unknown) => Promise<void>) | undefined> {
	const { client } = item.run;
	const { vmid } = place;
	if ((await powerOf(client, place)) !== 'running') return undefined;
	const { data } = await client.get<{ protection?: number; lock?: string }>(`${vmPath(place)}/config`);
	const refuse = (why: string, advice: string): never => {
		throw new Error(`${why}, so it was neither stopped nor deleted. ${advice}`);
	};
	if (data.protection === 1) refuse(`VM ${vmid} is protected`, 'Turn Protection off first, with Update');
	if (data.lock !== undefined) refuse(`VM ${vmid} is locked (${data.lock})`, 'A task works on it, or has left it so');
	const rights = await privilegesOn(client, `/vms/${vmid}`);
	if (rights && !rights.has('VM.Allocate')) refuse(`This user or token may not delete VM ${vmid}`, `It needs VM.Allocate on /vms/${vmid}`);
	const { data: current } = await client.get<{ ha?: { managed?: number } }>(`${vmPath(place)}/status/current`);
	if (current.ha?.managed === 1 && !isPurge) refuse(`VM ${vmid} is managed by high availability`, 'Choose Options → Purge From Job Configurations');
	return await turnOff(item, place, `DELETE ${vmPath(place)}`);
}
