import { demand, may, splitAuthId } from '../auth/permissions';
import { splitList } from '../contract/perl';
import { failure, parameterError } from '../errors';
import type { Task } from '../tasks/types';
import { parseUpid } from '../tasks/upid';
import type { UpidParts } from '../tasks/upid';
import { flagOf, numberOf, textOf } from './types';
import type { Call, Endpoint } from './types';

/** A token sees its own tasks; a user sees those of the user's tokens too. */
function isOwner(taskAuthId: string, authId: string): boolean {
	return taskAuthId === authId || splitAuthId(taskAuthId).user === authId;
}

function upidOf({ parameters }: Call): { upid: string; parts: UpidParts } {
	const upid = textOf(parameters, 'upid') ?? '';
	const parts = parseUpid(upid);
	if (!parts) throw parameterError({ upid: 'unable to parse worker upid' });
	return { upid, parts };
}

function taskOf(call: Call): { task: Task; parts: UpidParts } {
	const { upid, parts } = upidOf(call);
	const task = call.world.tasks.find(upid);
	// A node knows its own tasks only.
	if (!task || task.node !== nodeOf(call)) throw parameterError({ upid: 'no such task' });
	return { task, parts };
}

/** The node in the path by its name. */
function nodeOf({ world: { state }, parameters }: Call): string {
	const node = textOf(parameters, 'node');
	return node === undefined || node === 'localhost' ? state.localNode : node;
}

function checkOwner(call: Call, owner: string, privilege: string): void {
	if (!isOwner(owner, call.authId))
		demand(call.world.state, call.authId, `/nodes/${nodeOf(call)}`, [privilege]);
}

function userFields(authId: string): Record<string, string> {
	const { user, token } = splitAuthId(authId);
	return token === undefined ? { user } : { user, tokenid: token };
}

function status(call: Call): unknown {
	const { task } = taskOf(call);
	checkOwner(call, task.authId, 'Sys.Audit');
	const { upid, node, pid, pstart, starttime, type, id, exitstatus } = task;
	return {
		upid,
		node,
		pid,
		pstart,
		starttime,
		type,
		id,
		...userFields(task.authId),
		status: task.state,
		...(task.state === 'stopped' ? { exitstatus } : {}),
	};
}

/** The date in the name that a downloaded log gets. */
function printDate(time: number): string {
	return new Date(time * 1000).toISOString().replace(/\.\d+Z$/, 'Z');
}

function log(call: Call): unknown {
	const { parameters, world, setTotal, download } = call;
	const { upid, parts } = upidOf(call);
	checkOwner(call, parts.user, 'Sys.Audit');
	const task = world.tasks.find(upid);
	const own = task?.node === nodeOf(call) ? task.log : undefined;
	// A log in which nothing is yet has this one line.
	const lines = (own?.length === 0 ? ['no content'] : own) ?? [
		'unable to open file - No such file or directory',
	];
	const asked = { start: numberOf(parameters, 'start'), limit: numberOf(parameters, 'limit') };
	if (flagOf(parameters, 'download')) {
		if (asked.start !== undefined || asked.limit !== undefined) {
			throw failure("'download' cannot be used together with 'start' or 'limit' parameters");
		}
		const name = `task-${parts.node}-${parts.type}-${printDate(parts.starttime)}.log`;
		download(lines.map((line) => `${line}\n`).join(''), name);
		return null;
	}
	const { start = 0, limit = 50 } = asked;
	setTotal(lines.length);
	return lines
		.map((t, index) => ({ n: index + 1, t }))
		.slice(start, limit === 0 ? undefined : start + limit);
}

async function stop(call: Call): Promise<null> {
	const { task } = taskOf(call);
	checkOwner(call, task.authId, 'Sys.Modify');
	await call.world.tasks.stop(task.upid);
	return null;
}

type StatusType = 'ok' | 'error' | 'warning' | 'unknown';

function statusTypeOf({ exitstatus }: Task): StatusType {
	if (exitstatus === undefined || exitstatus === 'unexpected status') return 'unknown';
	if (exitstatus === 'OK') return 'ok';
	return /^WARNINGS: \d+$/.test(exitstatus) ? 'warning' : 'error';
}

function listEntry(task: Task): Record<string, unknown> {
	const { upid, node, pid, pstart, starttime, type, id, authId, endtime, exitstatus } = task;
	const common = { upid, node, pid, pstart, starttime, type, id };
	// A running task stands in another file, in which nothing is taken apart.
	if (task.state === 'running') return { ...common, user: authId, saved: '0', status: 'RUNNING' };
	return { ...common, ...userFields(authId), endtime, status: exitstatus };
}

function list(call: Call): unknown {
	const { world, authId, parameters, setTotal } = call;
	const { state, tasks } = world;
	const source = textOf(parameters, 'source') ?? 'archive';
	const node = nodeOf(call);
	const start = numberOf(parameters, 'start') ?? 0;
	const limit = numberOf(parameters, 'limit') ?? 50;
	const isAuditor = may(state, authId, `/nodes/${node}`, ['Sys.Audit']);
	const user = textOf(parameters, 'userfilter')?.toLowerCase();
	const type = textOf(parameters, 'typefilter');
	const vmid = textOf(parameters, 'vmid');
	const since = numberOf(parameters, 'since') ?? Number.NEGATIVE_INFINITY;
	const until = numberOf(parameters, 'until') ?? Number.POSITIVE_INFINITY;
	const statuses = statusesOf(textOf(parameters, 'statusfilter'), flagOf(parameters, 'errors'));
	const found = tasks
		.all()
		.filter((task) => task.node === node)
		.filter((task) => (task.state === 'running' ? source !== 'archive' : source !== 'active'))
		.filter((task) => isAuditor || isOwner(task.authId, authId))
		.filter((task) => !user || splitAuthId(task.authId).user.toLowerCase().includes(user))
		.filter((task) => !type || task.type === type)
		.filter((task) => vmid === undefined || task.id === vmid)
		.filter((task) => task.starttime >= since && task.starttime <= until)
		.filter((task) => statuses.has(statusTypeOf(task)))
		.sort((a, b) => Number(b.state === 'running') - Number(a.state === 'running'));
	setTotal(found.length);
	return found.slice(start, start + limit).map(listEntry);
}

function statusesOf(filter: string | undefined, errorsOnly: boolean): Set<string> {
	if (errorsOnly) return new Set<StatusType>(['error', 'warning', 'unknown']);
	if (filter === undefined) return new Set<StatusType>(['ok', 'error', 'warning', 'unknown']);
	return new Set(splitList(filter.toLowerCase()));
}

export const taskEndpoints: Endpoint[] = [
	{ method: 'GET', path: '/nodes/{node}/tasks', handle: list },
	{
		method: 'GET',
		path: '/nodes/{node}/tasks/{upid}',
		handle: () => [{ name: 'log' }, { name: 'status' }],
	},
	{ method: 'GET', path: '/nodes/{node}/tasks/{upid}/status', handle: status },
	{ method: 'GET', path: '/nodes/{node}/tasks/{upid}/log', handle: log },
	{ method: 'DELETE', path: '/nodes/{node}/tasks/{upid}', handle: stop },
];
