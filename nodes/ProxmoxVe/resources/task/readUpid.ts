import { textOf } from '../../form/readFields';
import { parseUpid } from '../../api/upid';
import { formatChecks } from '../../wire/formats';
import { shown } from '../../wire/shown';
import type { Item } from '../../runtime/operation';
import { factsOf } from '../../api/tasks/taskFacts';

/** Reads which task an item is about, and keeps it for errors. @returns '' if it is no UPID */
export function readUpid({ form, trace }: Pick<Item, 'form' | 'trace'>): string {
	const value = form.raw('upid');
	const given = textOf(value);
	const task = parseUpid(given);
	// The node becomes a part of a path, where .. would be another one.
	if (!task || formatChecks['pve-node'](task.node) !== undefined) {
		form.problems.push({
			parameter: 'upid',
			label: 'UPID',
			message: `must be the ID of a task, such as UPID:pve1:000019FA:000E976D:6B042C6E:qmstart:100:root@pam:, got "${shown(value)}"`,
		});
		return '';
	}
	const { node, vmid } = factsOf(given);
	Object.assign(trace, { upid: given, node, ...(vmid === null ? {} : { vmid }) });
	return given;
}
