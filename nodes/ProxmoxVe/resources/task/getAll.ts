import { segment } from '../../api/client';
import { isoTime } from '../../api/isoTime';
import { factsOf, statusOf, type TaskFacts } from '../../api/tasks/taskFacts';
import { parseUpid } from '../../api/upid';
import { choice, text } from '../../catalogue/fields';
import type { Form } from '../../form/Form';
import type { Execute } from '../../runtime/operation';
import type { Run } from '../../runtime/run';
import { warnIncomplete } from '../../runtime/warnIncomplete';

/** A task in the list of a node. */
interface Row {
	readonly upid: string;
	/** How it ended; `RUNNING`, or nothing, while it runs. */
	readonly status?: string;
	/** Seconds since 1970. */
	readonly endtime?: number;
}

const filterFields = {
	node: text({ label: 'Node', format: 'pve-node' }),
	since: text({ label: 'Started After' }),
	status: choice({
		label: 'Status',
		options: { error: 'Error', ok: 'OK', running: 'Running', warnings: 'Warnings' },
	}),
	type: text({ label: 'Type', pattern: '[a-z_]+', placeholder: 'vzdump' }),
	vm: text({ label: 'Virtual Machine' }),
};

/** Tasks that are read at a time. */
const PAGE = 500;

/** Source: `GET /nodes/{node}/tasks`, of each node. */
export const execute: Execute = async ({ run, form }) => {
	const limit = form.limit();
	const { node, status, query } = readFilters(form);
	form.check();
	const nodes = node === undefined ? await onlineNodes(run) : [node];
	const found = await Promise.all(
		nodes.map(
			async (one) =>
				await readTasks(
					run,
					one,
					query,
					limit,
					(task) => status === undefined || task.status === status,
				),
		),
	);
	return found
		.flat()
		.sort((a, b) => (a.startedAt < b.startedAt ? 1 : -1))
		.slice(0, limit)
		.map((json) => ({ json }));
};

type Query = Record<string, string | number>;

function readFilters(form: Form): { node?: string; status?: string; query: Query } {
	const { node, since, status, type, vm } = form.filters(filterFields);
	const query: Query = { source: 'all' };
	if (type !== undefined) query.typefilter = type;
	if (vm !== undefined)
		query.vmid = form.readGuestId(vm, { parameter: 'vm', label: 'Filters → Virtual Machine' });
	if (since !== undefined) {
		const at = Date.parse(since);
		if (Number.isNaN(at))
			form.problems.push({
				parameter: 'since',
				label: 'Filters → Started After',
				message: `must be a date and time, got "${since}"`,
			});
		else query.since = Math.floor(at / 1000);
	}
	return { node, status, query };
}

/** The nodes that can be asked. */
async function onlineNodes(run: Run): Promise<string[]> {
	const { data } = await run.client.get<Array<{ node: string; status: string }>>('/nodes');
	const offline = data.filter(({ status }) => status !== 'online').map(({ node }) => node);
	if (offline.length > 0)
		warnIncomplete(run, `The tasks of these nodes are not in the list: ${offline.join(', ')}`);
	return data.filter(({ node }) => !offline.includes(node)).map(({ node }) => node);
}

/** The newest tasks of a node that pass. */
async function readTasks(
	{ client }: Run,
	node: string,
	query: Query,
	limit: number,
	passes: (task: TaskFacts) => boolean,
): Promise<TaskFacts[]> {
	// A task that starts meanwhile moves the others back, so some are read twice.
	const tasks = new Map<string, TaskFacts>();
	for (let start = 0; ; start += PAGE) {
		const { data } = await client.get<Row[]>(`/nodes/${segment(node)}/tasks`, {
			...query,
			start,
			limit: PAGE,
		});
		const found = data.filter(({ upid }) => parseUpid(upid) !== undefined).map(taskOf);
		for (const task of await client.onlyAllowed(found, ({ vmid }) => vmid ?? undefined))
			if (passes(task)) tasks.set(task.upid, task);
		if (data.length < PAGE || tasks.size >= limit) return [...tasks.values()];
	}
}

function taskOf({ upid, status, endtime }: Row): TaskFacts {
	const isRunning = endtime === undefined && (status === undefined || status === 'RUNNING');
	const exitStatus = isRunning ? undefined : (status ?? '');
	return {
		...factsOf(upid),
		status: statusOf(exitStatus),
		exitStatus: exitStatus ?? null,
		endedAt: endtime === undefined ? null : isoTime(endtime),
	};
}
