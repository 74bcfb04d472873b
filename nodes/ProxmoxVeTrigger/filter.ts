import type { IPollFunctions } from 'n8n-workflow';

import { unwrap } from '../ProxmoxVe/form/readForm';
import { BadInputError } from '../ProxmoxVe/operations/report';
import { factsOf } from '../ProxmoxVe/operations/task/taskFacts';
import { isRecord } from '../ProxmoxVe/wire/values';
import { DEFAULT_LOG_LINES } from './properties';
import { STATUSES, statusOf, type ListedTask, type Status } from './task';

/** Which finished tasks to emit. Kept with the state, so it is plain data; an empty list stands for all. */
export type Filter = {
	types: string[];
	statuses: Status[];
	vmid: number | null;
	/** `user@realm`, or `user@realm!token` for one token alone. */
	user: string;
};

export function matches({ types, statuses, vmid, user }: Filter, task: ListedTask): boolean {
	const { type, vmid: about, user: owner, token } = factsOf(task.upid);
	return (
		(types.length === 0 || types.includes(type)) &&
		(statuses.length === 0 || statuses.includes(statusOf(task))) &&
		(vmid === null || about === vmid) &&
		['', owner, `${owner}!${token}`].includes(user)
	);
}

/** A list that the editor, or an expression as text with commas, gives. */
const listOf = (value: unknown): string[] =>
	(Array.isArray(value) ? value : String(value ?? '').split(',')).map((one) => String(one).trim()).filter((one) => one !== '');

/** The nodes to watch; none stands for all. */
export const readNodes = (context: IPollFunctions): string[] => listOf(context.getNodeParameter('nodes', []));

/** How many of the log's last lines to emit. @throws BadInputError */
export function readLogLines(context: IPollFunctions): number {
	const options: unknown = context.getNodeParameter('options', {});
	const value = isRecord(options) ? (options.logLines ?? DEFAULT_LOG_LINES) : DEFAULT_LOG_LINES;
	const lines = Number(value);
	if (Number.isInteger(lines) && lines >= 0) return lines;
	throw new BadInputError([{ parameter: 'logLines', label: 'Log Lines', message: `must be a whole number of at least 0, got "${String(value)}"` }]);
}

/** @throws BadInputError where a filter can match nothing */
export function readFilter(context: IPollFunctions): Filter {
	const given: unknown = context.getNodeParameter('filters', {});
	const filters = isRecord(given) ? given : {};
	const vm = String(unwrap(filters.vm) ?? '').trim();
	const vmid = vm === '' ? null : Number(vm);
	if (vmid !== null && !(Number.isInteger(vmid) && vmid >= 100)) {
		throw new BadInputError([{ parameter: 'vm', label: 'Virtual Machine', message: `must be a VM ID from 100 to 999999999, got "${vm}"` }]);
	}
	const statuses = listOf(context.getNodeParameter('statuses', []));
	const known = STATUSES.filter((status) => statuses.includes(status));
	if (known.length < statuses.length) {
		throw new BadInputError([{ parameter: 'statuses', label: 'Status', message: `takes ${STATUSES.join(', ')}, got "${statuses.join(', ')}"` }]);
	}
	return {
		types: [...listOf(context.getNodeParameter('types', [])), ...listOf(filters.otherTypes)],
		statuses: known,
		vmid,
		user: String(filters.user ?? '').trim(),
	};
}
