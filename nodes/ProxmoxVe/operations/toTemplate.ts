import type { Waiting } from '../form/readOptions';
import type { TaskEnd } from '../pve/tasks';
import { upidOf, waitOrStop } from './followTask';
import { vmPath, type Place } from './locateVm';
import { lostTask } from './lostTask';
import type { Item } from './operation';
import { rememberTask } from './ownTask';

/** The VM was made, and is no template, or nobody can tell whether it is one. */
export class TemplateError extends Error {
	constructor(readonly reason: unknown) {
		super(reason instanceof Error ? reason.message : String(reason));
		this.name = 'TemplateError';
	}
}

/**
 * Makes a template of a VM that was just made: the flag alone would leave its disks as they are, and no
 * linked clone could be made of it.
 * Source: `POST /nodes/{node}/qemu/{vmid}/template`.
 * @throws TemplateError; what the signal throws where the execution is cancelled
 */
export async function toTemplate(item: Item, place: Place, waiting: Waiting): Promise<TaskEnd> {
	const { run, trace, index } = item;
	const begun = Date.now();
	const convert = async (): Promise<TaskEnd> => {
		const path = `${vmPath(place)}/template`;
		const posted = run.client.post(path).then((answer) => upidOf(answer, `POST ${path}`, { ...place, types: ['qmtemplate'] }));
		const upid = await posted.catch(async (error: unknown) => await lostTask(item, error, ['qmtemplate'], begun));
		rememberTask(upid, await run.client.url());
		Object.assign(trace, { upid });
		run.context.logger.info(`VM ${place.vmid} on ${place.node} is being made a template: ${upid}`, { ...trace, itemIndex: index });
		return await waitOrStop(item, upid, waiting);
	};
	return await convert().catch((error: unknown) => {
		throw run.context.getExecutionCancelSignal()?.aborted ? error : new TemplateError(error);
	});
}

/** Whether a VM is one already. Source: `GET /nodes/{node}/qemu/{vmid}/config`. */
export const isTemplate = async ({ run }: Item, place: Place): Promise<boolean> =>
	(await run.client.get<{ template?: number }>(`${vmPath(place)}/config`)).data.template === 1;
