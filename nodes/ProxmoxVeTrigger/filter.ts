import { splitAuthId } from '../ProxmoxVe/api/account';
import { flag, integer, text } from '../ProxmoxVe/form/readFields';
import { BadInputError } from '../ProxmoxVe/form/BadInputError';
import type { Form } from '../ProxmoxVe/form/Form';
import { factsOf } from '../ProxmoxVe/api/tasks/taskFacts';
import { splitList } from '../ProxmoxVe/wire/splitList';
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

const filterFields = {
	vm: text({ label: 'Virtual Machine' }),
	user: text({ label: 'User' }),
	otherTypes: text({ label: 'Other Types' }),
};
const ignoreField = { ignoreOwnTasks: flag({ label: 'Ignore Own Tasks', guards: true }) };
const logField = { logLines: integer({ label: 'Log Lines', min: 0, guards: true }) };

/** What the user entered. */
export interface Settings {
	/** The nodes to watch; none stands for all. */
	readonly nodes: string[];
	/** How many of a log's last lines to emit. */
	readonly logLines: number;
	/** But for whose tasks to leave out, which depends on the credential. */
	readonly filter: Filter;
	readonly ignoresOwn: boolean;
}

/** Reads what the user entered. Nothing may be asked before `form.check`. */
export function readSettings(form: Form): Settings {
	const { vm, user = '', otherTypes = '' } = form.filters(filterFields);
	const statuses = form.list('statuses');
	const known = STATUSES.filter((status) => statuses.includes(status));
	if (known.length < statuses.length) {
		form.problems.push({
			parameter: 'statuses',
			label: 'Status',
			message: `takes ${STATUSES.join(', ')}, got "${statuses.join(', ')}"`,
		});
	}
	return {
		nodes: form.list('nodes'),
		logLines: form.options(logField).logLines ?? DEFAULT_LOG_LINES,
		filter: {
			types: [...form.list('types'), ...splitList(otherTypes)],
			statuses: known,
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
 * The filter with whose tasks to leave out.
 * @param identity of the credential, as UPIDs have it
 * @throws BadInputError if it can match nothing
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
