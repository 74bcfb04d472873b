import { cloneFields } from '../../catalogue/actions';
import { readFields } from '../../form/readFields';
import { readMode } from '../../form/readMode';
import { optionValues, readIdRange } from '../../form/readOptions';
import { isLockTimeout, saysIdTaken, TaskError } from '../../pve/errors';
import { pause } from '../../pve/pause';
import { encodeFields } from '../../wire/encodeFields';
import type { Problem } from '../../wire/problem';
import { followTask, type TaskOutput } from '../followTask';
import { locateVm, vmPath, type Place } from '../locateVm';
import { emit, type Item, type Execute } from '../operation';
import { readAction } from '../readAction';
import { BadInputError } from '../report';
import { submit, type Accepted, type Candidates } from '../submit';
import { vmUrl } from '../vmUrl';

/** Pauses before each further try where somebody else holds a lock, in milliseconds. */
const LOCK_PAUSES_MS = [1_000, 2_000, 5_000, 10_000];
/** IDs to try when others take them first. */
const MOST_IDS = 30;

const { newid, ...copyFields } = cloneFields;

/** Source: `POST /nodes/{node}/qemu/{vmid}/clone`. */
export const execute: Execute = async (item) => {
	const { run, get } = item;
	const values = readAction(item, copyFields, { ...optionValues(get), name: get('name', ''), full: get('full', true) });
	const ids = idsOf(item);
	const original = await locateVm(item);
	const node = values.target ?? original.node;
	const { vmid, ...task } = await carryOut(item, { ...ids, original, node, body: encodeFields(values) });
	return emit({ vmid, node, original: original.vmid, ...task, url: await vmUrl(run.client, vmid) });
};

/** The IDs that a clone may get. */
interface NewIds {
	readonly ids: Candidates;
	/** A fixed ID is never replaced by another. */
	readonly isFixed: boolean;
}

/** One clone to make. */
interface Copy extends NewIds {
	readonly original: Place;
	/** Where the clone comes to be. */
	readonly node: string;
	/** What is sent, but for the ID. */
	readonly body: Readonly<Record<string, string>>;
}

/** @throws BadInputError */
function idsOf({ run, get }: Item): NewIds {
	const problems: Problem[] = [];
	const range = readIdRange(get, problems);
	const fixed = readMode(get, 'newIdMode', problems) === 'fixed' ? readFields({ newid }, { newid: get('newid', '') }) : undefined;
	problems.push(...(fixed?.problems ?? []));
	if (problems.length > 0) throw new BadInputError(problems);
	if (!fixed) return { ids: run.vmIds(range), isFixed: false };
	let isTaken = false;
	return { ids: { next: async () => (isTaken ? undefined : fixed.values.newid), wasTaken: () => void (isTaken = true) }, isFixed: true };
}

/**
 * Clones a VM: again where nothing was made, because another took the ID or held a lock meanwhile. Proxmox
 * looks at the ID when it is asked, but takes it in the task only, which waits for locks for just a second.
 */
async function carryOut(item: Item, copy: Copy): Promise<TaskOutput & { vmid: number }> {
	const { original, ids, isFixed } = copy;
	const pauses = [...LOCK_PAUSES_MS];
	for (let tried = 1; ; tried++) {
		let vmid = 0;
		const post = async (): Promise<string> => {
			const accepted = await submitCopy(item, copy);
			({ vmid } = accepted);
			return accepted.upid ?? '';
		};
		const task = await followTask(item, `clone of VM ${original.vmid} on ${original.node}`, post).catch(async (error: unknown) => {
			const reason = error instanceof TaskError ? error.exitStatus : '';
			const isTaken = !isFixed && tried < MOST_IDS && saysIdTaken(reason, vmid);
			const wait = isTaken ? 0 : isLockTimeout(reason) ? pauses.shift() : undefined;
			if (wait === undefined) throw error;
			if (isTaken) ids.wasTaken(vmid);
			await pause(wait, item.run.context.getExecutionCancelSignal());
			return undefined;
		});
		if (task) return { vmid, ...task };
	}
}

const submitCopy = async ({ run: { client, context }, trace }: Item, { original, node, ids, body }: Copy): Promise<Accepted> =>
	await submit(client, {
		node,
		path: `${vmPath(original)}/clone`,
		ids,
		taskOf: (clone) => ({ ...original, taskType: 'qmclone', clone }),
		isOnce: true,
		body: (vmid) => ({ newid: String(vmid), ...body }),
		onTry: (vmid) => Object.assign(trace, { node, vmid }),
		onDoubt: (vmid, { message }) =>
			context.logger.warn(`The answer to the clone of VM ${original.vmid} to VM ${vmid} is no answer (${message}); its task is looked for`, { ...trace }),
		signal: context.getExecutionCancelSignal(),
	});
