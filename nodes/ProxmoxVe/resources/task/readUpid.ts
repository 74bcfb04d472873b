import { parseUpid } from '../../api/upid';
import { formatChecks } from '../../wire/formats';
import type { Item } from '../../runtime/operation';
import { factsOf } from '../../api/tasks/taskFacts';

/** Reads which task an item is about, and keeps it for errors. @returns '' if it is no UPID */
export function readUpid({ form, trace }: Pick<Item, 'form' | 'trace'>): string {
	const upid = form.text(
		'upid',
		'UPID',
		isUpid,
		'the ID of a task, such as UPID:pve1:000019FA:000E976D:6B042C6E:qmstart:100:root@pam:',
	);
	if (upid === '') return upid;
	const { node, vmid } = factsOf(upid);
	Object.assign(trace, { upid, node, ...(vmid === null ? {} : { vmid }) });
	return upid;
}

/** Whether a text is a UPID whose node may be a part of a path, where .. would be another one. */
function isUpid(text: string): boolean {
	const task = parseUpid(text);
	return task !== undefined && formatChecks['pve-node'](task.node) === undefined;
}
