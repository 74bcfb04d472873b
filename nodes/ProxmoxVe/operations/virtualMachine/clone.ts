import { cloneFields } from '../../catalogue/actions';
import { cloneProperties } from '../../form/cloneProperties';
import { readFields } from '../../form/readFields';
import { optionValues, readIdRange } from '../../form/readOptions';
import type { Problem } from '../../wire/problem';
import { encodeFields } from '../../wire/encodeFields';
import { followTask } from '../followTask';
import { locateVm, vmPath } from '../locateVm';
import { emit, type Item, type Operation } from '../operation';
import { readAction } from '../readAction';
import { BadInputError } from '../report';
import { submit, type Candidates } from '../submit';
import { vmUrl } from '../vmUrl';

const { newid, ...copyFields } = cloneFields;

/** Source: `POST /nodes/{node}/qemu/{vmid}/clone`. */
export const clone: Operation = {
	value: 'clone',
	name: 'Clone',
	action: 'Clone a virtual machine',
	description:
		'Make a copy of a virtual machine or template under a new ID, full or linked, and optionally wait until its disks are copied. Gives the ID and node of the copy.',
	properties: cloneProperties,
	async execute(item) {
		const { run, get, trace } = item;
		const values = readAction(item, copyFields, { ...optionValues(get), name: get('name', ''), full: get('full', true) });
		const ids = idsOf(item);

		const original = await locateVm(item);
		const node = values.target ?? original.node;
		let vmid = 0;
		const task = await followTask(item, `clone of VM ${original.vmid} on ${original.node}`, async () => {
			const accepted = await submit(run.client, {
				node,
				path: `${vmPath(original)}/clone`,
				ids,
				taskOf: (made) => ({ ...original, taskType: 'qmclone', clone: made }),
				overwrites: false,
				body: (made) => ({ newid: String(made), ...encodeFields(values) }),
				onTry: (made) => Object.assign(trace, { node, vmid: made }),
				onDoubt: (made, { message }) =>
					run.context.logger.warn(`The answer to the clone of VM ${original.vmid} to VM ${made} is no answer (${message}); its task is looked for`, { ...trace }),
				signal: run.context.getExecutionCancelSignal(),
			});
			({ vmid } = accepted);
			return accepted.upid ?? '';
		});
		return emit({ vmid, node, original: original.vmid, ...task, url: await vmUrl(run.client, vmid) });
	},
};

/** The IDs that the clone may get: a fixed one is never replaced by another. @throws BadInputError */
function idsOf({ run, get }: Item): Candidates {
	const problems: Problem[] = [];
	const range = readIdRange(get, problems);
	const fixed = get('newIdMode', 'next') === 'fixed' ? readFields({ newid }, { newid: get('newid', '') }) : undefined;
	problems.push(...(fixed?.problems ?? []));
	if (problems.length > 0) throw new BadInputError(problems);
	if (!fixed) return run.vmIds(range);
	const ids = [fixed.values.newid];
	return { next: async () => ids.shift(), wasTaken: () => {} };
}
