import { readChange, type Change } from '../../form/readChange';
import { PveError, TaskError } from '../../pve/errors';
import { encodeBody } from '../../wire/encodeBody';
import { encodeFields } from '../../wire/encodeFields';
import { checkCluster } from '../checkCluster';
import { followTask, type TaskOutput } from '../followTask';
import { locateVm, vmPath, type Place } from '../locateVm';
import { emit, type Item, type Execute } from '../operation';
import { readAction } from '../readAction';
import { pendingOf, readPresent } from '../readPresent';
import { BadInputError } from '../report';

/** How often a change is fitted in anew where others change the VM meanwhile. */
const MOST_TRIES = 5;

/** Source: `POST /nodes/{node}/qemu/{vmid}/config`. */
export const execute: Execute = async (item) => {
	readAction(item, {}, {});
	checked(readChange(item.get));
	const place = await locateVm(item);
	const task = await change(item, place);
	const pending = task.status === 'running' ? null : await pendingOf(item.run.client, place);
	return emit({ ...place, ...task, pending });
};

/** @throws BadInputError */
function checked(read: ReturnType<typeof readChange>): Change {
	if ('problems' in read) throw new BadInputError(read.problems);
	return read.change;
}

/** Changes a VM. A change that was fitted into it is fitted in anew where the VM is no longer as it was. */
async function change(item: Item, place: Place): Promise<TaskOutput> {
	let isFitted = false;
	const post = async (): Promise<string> => {
		const { client } = item.run;
		const { digest, ...present } = await readPresent(client, place);
		const { parameters, additional, steering, ...read } = checked(readChange(item.get, present));
		await checkCluster(item.run, parameters);
		isFitted = read.isFitted && steering.digest === undefined;
		const body = { ...encodeBody(parameters), ...additional, ...encodeFields(steering) };
		return await client.post<string>(`${vmPath(place)}/config`, { ...body, ...(isFitted ? { digest } : {}) });
	};
	for (let left = MOST_TRIES - 1; ; left--) {
		const task = await followTask(item, `update of VM ${place.vmid} on ${place.node}`, post, ['qmconfig']).catch((error: unknown) => {
			if (isFitted && left > 0 && isOutdated(error)) return undefined;
			throw error;
		});
		if (task) return task;
	}
}

/** Whether a change was refused because the VM is no longer as it was. */
const isOutdated = (error: unknown): boolean =>
	(error instanceof PveError || error instanceof TaskError) && /checksum mis+match/.test(error.message);
