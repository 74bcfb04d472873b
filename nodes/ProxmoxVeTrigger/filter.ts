import type { IPollFunctions } from 'n8n-workflow';

import { splitAuthId } from '../../credentials/account';
import { flag, integer, type PlainField } from '../ProxmoxVe/catalogue/fields';
import { unwrap } from '../ProxmoxVe/form/readForm';
import { BadInputError } from '../ProxmoxVe/runtime/toNodeError';
import { factsOf } from '../ProxmoxVe/api/tasks/taskFacts';
import { readPlain, type PlainValue } from '../ProxmoxVe/wire/readPlain';
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
	/** Whose tasks to leave out: `user@realm` or `user@realm!token`; '' for nobody's. Missing in what was kept before there was this. */
	ignored?: string;
};

/** Realms may take names in any case. */
const isSameUser = (one: string, other: string): boolean =>
	one.toLowerCase() === other.toLowerCase();

export function matches(
	{ types, statuses, vmid, user, ignored = '' }: Filter,
	task: ListedTask,
): boolean {
	const { type, vmid: about, user: owner, token } = factsOf(task.upid);
	const starter = token === null ? owner : `${owner}!${token}`;
	return (
		!isSameUser(starter, ignored) &&
		(types.length === 0 || types.includes(type)) &&
		(statuses.length === 0 || statuses.includes(statusOf(task))) &&
		(vmid === null || about === vmid) &&
		['', owner, starter].includes(user)
	);
}

/** A list that the editor, or an expression as text with commas, gives. */
const listOf = (value: unknown): string[] =>
	(Array.isArray(value) ? value : String(value ?? '').split(','))
		.map((one) => String(one).trim())
		.filter((one) => one !== '');

/** The nodes to watch; none stands for all. */
export const readNodes = (context: IPollFunctions): string[] =>
	listOf(context.getNodeParameter('nodes', []));

/** A whole number or a flag, as the editor or an expression gives it. @throws BadInputError */
function readOne(field: PlainField, name: string, raw: unknown): PlainValue {
	const isPlain = typeof raw === 'string' || typeof raw === 'number' || typeof raw === 'boolean';
	const read = isPlain
		? readPlain(field, typeof raw === 'string' ? raw.trim() : raw, 'topLevel')
		: { problem: 'must be a plain value' };
	if ('value' in read) return read.value;
	throw new BadInputError([{ parameter: name, label: field.label, message: read.problem }]);
}

const IGNORE_OWN_TASKS = flag({ label: 'Ignore Own Tasks', help: '' });
const LOG_LINES = integer({ label: 'Log Lines', help: '', min: 0 });
const VM = integer({ label: 'Virtual Machine', help: '', min: 100, max: 999_999_999 });

/** How many of the log's last lines to emit. @throws BadInputError */
export function readLogLines(context: IPollFunctions): number {
	const options: unknown = context.getNodeParameter('options', {});
	const lines = isRecord(options) ? options.logLines : undefined;
	return lines === undefined ? DEFAULT_LOG_LINES : Number(readOne(LOG_LINES, 'logLines', lines));
}

/**
 * @param identity of the credential, as UPIDs have it
 * @throws BadInputError where a filter can match nothing
 */
export function readFilter(context: IPollFunctions, identity: string): Filter {
	const given: unknown = context.getNodeParameter('filters', {});
	const filters = isRecord(given) ? given : {};
	const vm = unwrap(filters.vm) ?? '';
	const vmid = vm === '' ? null : Number(readOne(VM, 'vm', vm));
	const statuses = listOf(context.getNodeParameter('statuses', []));
	const known = STATUSES.filter((status) => statuses.includes(status));
	if (known.length < statuses.length) {
		throw new BadInputError([
			{
				parameter: 'statuses',
				label: 'Status',
				message: `takes ${STATUSES.join(', ')}, got "${statuses.join(', ')}"`,
			},
		]);
	}
	const user = String(filters.user ?? '').trim();
	const ignored =
		readOne(
			IGNORE_OWN_TASKS,
			'ignoreOwnTasks',
			context.getNodeParameter('ignoreOwnTasks', true),
		) === true
			? identity
			: '';
	if (isSameUser(user, ignored) && splitAuthId(ignored).token !== null) {
		throw new BadInputError([
			{
				parameter: 'user',
				label: 'User',
				message:
					'is the token of this credential, whose tasks are left out. Turn Ignore Own Tasks off',
			},
		]);
	}
	return {
		types: [...listOf(context.getNodeParameter('types', [])), ...listOf(filters.otherTypes)],
		statuses: known,
		vmid,
		user,
		ignored,
	};
}
