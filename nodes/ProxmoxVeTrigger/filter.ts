import { splitAuthId } from '../ProxmoxVe/api/account';
import { flag, integer, text } from '../ProxmoxVe/form/readFields';
import { BadInputError } from '../ProxmoxVe/form/BadInputError';
import type { Form } from '../ProxmoxVe/form/Form';
import { factsOf } from '../ProxmoxVe/api/tasks/taskFacts';
import { splitList } from '../ProxmoxVe/wire/values';
import { DEFAULT_LOG_LINES } from './properties';
import { STATUSES, statusOf, type ListedTask, type Status } from './task';

/** Which finished tasks to emit. Plain data, because it is stored with the state. An empty list means all. */
export type Filter = {
	types: string[];
	statuses: Status[];
	vmid: number | null;
	/** `user@realm`, or `user@realm!token` for one token. */
	user: string;
	/** Ignore tasks of this `user@realm` or `user@realm!token`; '' ignores none. States of older versions do not have it. */
	ignored?: string;
};

/** Some realms ignore the case of names. */
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

const filterFields = {
	vm: text({ label: 'Virtual Machine' }),
	user: text({ label: 'User' }),
	otherTypes: text({ label: 'Other Types' }),
};
const ignoreField = { ignoreOwnTasks: flag({ label: 'Ignore Own Tasks', guards: true }) };
const logField = { logLines: integer({ label: 'Log Lines', min: 0, guards: true }) };

/** What the user entered. */
export interface Settings {
	/** The nodes to watch; empty means all. */
	readonly nodes: string[];
	/** How many lines from the end of the log to emit. */
	readonly logLines: number;
	/** Without `ignored`, which depends on the credential. */
	readonly filter: Filter;
	readonly ignoresOwn: boolean;
}

/** Reads the form. Call `form.check` before any request. */
export function readSettings(form: Form): Settings {
	const { vm, user = '', otherTypes = '' } = form.filters(filterFields);
	const statuses = form.choices('statuses', 'Status', STATUSES);
	return {
		nodes: form.list('nodes'),
		logLines: form.options(logField).logLines ?? DEFAULT_LOG_LINES,
		filter: {
			types: [...form.list('types'), ...splitList(otherTypes)],
			statuses,
			vmid:
				vm === undefined
					? null
					: form.readGuestId(vm, { parameter: 'vm', label: 'Filters → Virtual Machine' }),
			user: user.trim(),
		},
		ignoresOwn: form.fields(ignoreField, { ignoreOwnTasks: true }).ignoreOwnTasks === true,
	};
}

/**
 * Adds the user whose tasks to ignore.
 * @param identity user or token of the credential, as in UPIDs
 * @throws BadInputError if the filter cannot match anything
 */
export function filterFor({ filter, ignoresOwn }: Settings, identity: string): Filter {
	const ignored = ignoresOwn ? identity : '';
	if (isSameUser(filter.user, ignored) && splitAuthId(ignored).token !== null) {
		throw new BadInputError([
			{
				parameter: 'user',
				label: 'User',
				message:
					'is the token of this credential, whose tasks are left out. Turn Ignore Own Tasks off',
			},
		]);
	}
	return { ...filter, ignored };
}
