import { flag } from '../../catalogue/fields';
import { deleteFields } from './fields';
import type { Waiting } from '../../form/Form';
import { privilegesOn } from '../../api/privilegesOn';
import { encodeFields } from '../../wire/encodeFields';
import { isNoVm, PveError, TaskError } from '../../api/errors';
import { findGuest } from '../../api/findGuest';
import { changedNothingOf, followTask, isDone, type TaskOutput } from '../../runtime/followTask';
import { emitGuest } from '../../guests/emitGuest';
import { guestPath } from '../../api/paths';
import { locateVm, type Guest, type GuestLocation } from '../../guests/locateGuest';
import { settleByEffect } from '../../guests/lostChange';
import type { Emitted, Execute, Item } from '../../runtime/operation';
import { emitPreview } from '../../runtime/previewRequest';
import { powerRequest } from '../../guests/changePower';
import { deletionRequest } from '../../guests/deleteVolume';
import { powerOf } from '../../guests/powerOf';
import { AdvisedError } from '../../runtime/errors';
import { deleteSeed, findSeeds, type AttachedSeed } from '../../guests/seed';
import { turnOff } from '../../guests/turnOff';

/** Source: `DELETE /nodes/{node}/qemu/{vmid}`. */
export const execute: Execute = async (item) => {
	const { form } = item;
	const guest = form.guest();
	const values = form.options(deleteFields);
	const { stopFirst } = form.options({ stopFirst: flag({ label: 'Stop First' }) });
	const waiting = form.waiting();
	const isPreview = form.previewing();
	form.check();
	const place = await locateVm(item, guest);
	// Read before its configuration is gone. What cannot be read is left.
	const seeds = await findSeeds(item, place).catch((error: unknown) => {
		if (error instanceof PveError) return [];
		throw error;
	});
	const body = encodeFields(values);
	const mustStop = async () =>
		stopFirst === true && (await isToBeStopped(item, place, values.purge === true));
	if (isPreview)
		return await emitPreview(item, [
			...((await mustStop()) ? [powerRequest(place, 'stop')] : []),
			{ method: 'DELETE', path: guestPath(place), body },
			...(waiting.wait ? seeds.map(({ volid }) => deletionRequest(place.node, volid)) : []),
		]);
	const what = `deletion of ${place.kind.label} ${place.vmid} on ${place.node}`;
	const remove = async (inGate: boolean) =>
		await followTask(item, {
			...place,
			label: what,
			types: [item.kind.taskTypes.destroy],
			waiting,
			inGate,
			start: async () => await item.run.client.delete<string>(guestPath(place), body),
			changedNothing: changedNothingOf(place.vmid),
			settle: async (error, startedAt, left) =>
				await settleByEffect(
					item,
					place,
					error,
					{ what, types: [item.kind.taskTypes.destroy], startedAt, id: String(place.vmid) },
					async () => await isGone(item, place),
					left,
				),
		}).catch(async (error: unknown) => {
			throw values['destroy-unreferenced-disks'] === true && error instanceof TaskError
				? await withRest(item, place, error)
				: error;
		});
	const finish = async (task: TaskOutput, inGate: boolean): Promise<Emitted[]> =>
		await emitDeleted(
			item,
			place,
			await withoutSeeds(item, place, task, { seeds, waiting, inGate }),
		);
	if (stopFirst !== true) return await finish(await remove(false), false);

	// While it has its place in the gate: else the VM is off long before it is deleted, or for nothing.
	return await item.run.gate(place.node, async () => {
		const undo = (await mustStop())
			? await turnOff(item, place, waiting, `DELETE ${guestPath(place)}`)
			: undefined;
		const task = await remove(true).catch(async (error: unknown) => {
			await undo?.(error);
			throw error;
		});
		return await finish(task, true);
	});
};

/** Deletes the cloud-init ISO images of a VM that is gone. */
async function withoutSeeds(
	item: Item,
	{ node }: GuestLocation,
	task: TaskOutput,
	{
		seeds,
		waiting,
		inGate,
	}: {
		readonly seeds: readonly AttachedSeed[];
		readonly waiting: Waiting;
		readonly inGate: boolean;
	},
): Promise<TaskOutput> {
	const warnings: string[] = [];
	for (const { volid } of seeds)
		warnings.push(
			...(isDone(task)
				? (await deleteSeed(item, node, volid, { waiting, inGate })).warnings
				: [`The cloud-init ISO ${volid} was not deleted, because Wait for Completion is off`]),
		);
	if (warnings.length === 0) return task;
	return {
		...task,
		taskStatus: task.taskStatus === 'ok' ? 'warnings' : task.taskStatus,
		warnings: [...task.warnings, ...warnings],
	};
}

/** The item of a deletion. */
const emitDeleted = async (item: Item, guest: Guest, task: TaskOutput): Promise<Emitted[]> =>
	await emitGuest(item, guest, { deleted: isDone(task), ...task });

/** Whether a VM runs, so that it is stopped first. @throws Error if it runs and cannot be deleted anyway */
async function isToBeStopped(
	{ run: { client } }: Item,
	place: GuestLocation,
	isPurge: boolean,
): Promise<boolean> {
	const { vmid } = place;
	if ((await powerOf(client, place)) !== 'running') return false;
	const { data } = await client.get<{ protection?: number; lock?: string }>(
		`${guestPath(place)}/config`,
	);
	const refuse = (why: string, advice: string): never => {
		throw new Error(`${why}, so it was neither stopped nor deleted. ${advice}`);
	};
	if (data.protection === 1)
		refuse(`VM ${vmid} is protected`, 'Turn Protection off first, with Update');
	if (data.lock !== undefined)
		refuse(
			`VM ${vmid} is locked (${data.lock})`,
			'A task is working on it, or left the lock behind',
		);
	const rights = await privilegesOn(client, `/vms/${vmid}`);
	if (rights && !rights.has('VM.Allocate'))
		refuse(`This user or token may not delete VM ${vmid}`, `It needs VM.Allocate on /vms/${vmid}`);
	const { data: current } = await client.get<{ ha?: { managed?: number } }>(
		`${guestPath(place)}/status/current`,
	);
	if (current.ha?.managed === 1 && !isPurge)
		refuse(
			`VM ${vmid} is managed by high availability`,
			'Choose Options → Purge From Job Configurations',
		);
	return true;
}

/** Whether there is no VM of this ID any more, on any node. */
async function isGone({ run }: Item, place: GuestLocation): Promise<boolean> {
	const { client } = run;
	const isThere = await client.get(`${guestPath(place)}/config`).then(
		() => true,
		(error: unknown) => {
			if (error instanceof PveError && isNoVm(error)) return false;
			throw error;
		},
	);
	return !isThere && (await findGuest(client, place.kind, place.vmid, true)) === undefined;
}

/**
 * A failed deletion that looked for unreferenced disks on all storages: Proxmox does that after it has removed the
 * disks of the VM, and before it removes the configuration.
 */
async function withRest({ run }: Item, place: GuestLocation, error: TaskError): Promise<unknown> {
	if (
		!/unable to activate storage|storage '[^']*' is not (?:online|available)/.test(error.exitStatus)
	)
		return error;
	const isThere = await run.client.get(`${guestPath(place)}/config`).then(
		() => true,
		() => false,
	);
	if (!isThere) return error;
	return new AdvisedError(
		error,
		`The disks of VM ${place.vmid} are deleted, but its configuration is still there, because not all storages could be searched. Delete the VM again without Destroy Unreferenced Disks, or make that storage available first.`,
	);
}
