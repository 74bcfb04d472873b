import type { Plan, Result } from './compare';
import { REFERENCE } from './contenders';
import type { Growth } from './growth';
import type { OwnCost } from './ownCost';
import type { PackageCost } from './packageCost';
import { MONTH, type Peak } from './simulateMonth';
import type { TypeDefinition } from './typeDefinition';

/** `npm test` as a whole. */
export interface Tests {
	readonly ms: number;
	/** Its last line: how many passed and failed. */
	readonly result: string;
}

export interface Measured {
	/** Processor, memory and Node.js; not whose it is. */
	readonly machine: string;
	/** ISO 8601, the day. */
	readonly date: string;
	/** How to measure it again. */
	readonly command: string;
	readonly plan: Plan;
	readonly results: readonly Result[];
	readonly own: OwnCost;
	readonly package: PackageCost;
	/** Undefined where npm could not install n8n's generator. */
	readonly types: TypeDefinition;
	/** `npm start`, from the command to its end, in milliseconds. */
	readonly startMs: number;
	readonly growth: Growth;
	/** Undefined if it was not run. */
	readonly tests: Tests | undefined;
}

/** What the last look itself takes, and the end of the execution after it, in milliseconds. */
const CALL_MS = 50;
const COLD = `${REFERENCE}, nothing remembered`;

const table = (head: readonly string[], rows: ReadonlyArray<readonly string[]>): string =>
	[head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');

const seconds = (ms: number): string => {
	const value = ms / 1000;
	return value >= 120
		? `${Math.round(value / 60)} min`
		: value >= 10
			? `${value.toFixed(0)} s`
			: `${value.toFixed(1)} s`;
};
const milliseconds = (ms: number): string => `${ms < 10 ? ms.toFixed(2) : ms.toFixed(0)} ms`;
const size = (bytes: number): string =>
	bytes < 1e6 ? kilobytes(bytes) : `${(bytes / 1e6).toFixed(1)} MB`;
const kilobytes = (bytes: number): string => `${Math.round(bytes / 1000)} kB`;
const percent = (part: number): string => `${(part * 100).toFixed(part < 0.1 ? 1 : 0)} %`;
const few = (value: number): string => String(Number(value.toFixed(value < 10 ? 2 : 0)));

/** A value, and how many times that of the reference it is. */
function compared(text: string, value: number, reference: number | undefined): string {
	if (reference === undefined || reference === 0) return text;
	const ratio = value / reference;
	return `${text} (${ratio.toFixed(ratio < 0.1 ? 2 : ratio < 10 ? 1 : 0)}×)`;
}

type Find = (name: string, taskSeconds: number, count: number) => Result | undefined;

const finder =
	(results: readonly Result[]): Find =>
	(name, taskSeconds, count) =>
		results.find(
			(result) =>
				result.name === name && result.taskSeconds === taskSeconds && result.count === count,
		);

function ratios({ results, plan }: Measured): string {
	const find = finder(results);
	const names = [...new Set(results.map(({ name }) => name))];
	const many = plan.counts.includes(100) ? 100 : Math.max(...plan.counts);
	const rows = plan.lengths.flatMap((length) =>
		names.map((name) => {
			const one = find(name, length, 1)?.measured;
			const oneReference = find(REFERENCE, length, 1)?.measured;
			const all = find(name, length, many)?.measured;
			// Only this node's items share calls: the others make as many for each VM as for one.
			const calls = all?.callsPerVm ?? (name.startsWith(REFERENCE) ? undefined : one?.callsPerVm);
			return [
				`${length} s`,
				name,
				one ? compared(few(one.callsPerVm), one.callsPerVm, oneReference?.callsPerVm) : '',
				one
					? compared(`${(one.lateMs / 1000).toFixed(2)} s`, one.lateMs, oneReference?.lateMs)
					: '',
				calls === undefined
					? '–'
					: compared(
							`${all ? '' : '≈ '}${few(calls)}`,
							calls,
							find(REFERENCE, length, many)?.measured?.callsPerVm,
						),
				...plan.counts.map((count) => {
					const result = find(name, length, count);
					if (!result) return '';
					const text = `${result.measured ? '' : '≈ '}${seconds(result.wallMs)}`;
					return compared(text, result.wallMs, find(REFERENCE, length, count)?.wallMs);
				}),
			];
		}),
	);
	const head = [
		'Task',
		'By',
		'Calls, 1 VM',
		'Late, 1 VM',
		`Calls a VM, ${many} VMs`,
		...plan.counts.map((count) => `${count} VM${count === 1 ? '' : 's'}`),
	];
	return table(head, rows);
}

interface Goal {
	readonly goal: string;
	readonly found: string;
	readonly isMet: boolean;
}

function goals({ results, own, package: cost, plan, growth, tests }: Measured): Goal[] {
	const find = finder(results);
	const goal = (
		text: string,
		value: number | undefined,
		limit: number,
		show: (value: number) => string,
	): Goal[] =>
		value === undefined ? [] : [{ goal: text, found: show(value), isMet: value <= limit }];

	const [one, all] = [find(REFERENCE, 3, 1), find(REFERENCE, 3, 100)];
	const [coldOne, coldAll] = [find(COLD, 3, 1), find(COLD, 3, 100)];
	const beyond = (result: Result | undefined): number | undefined =>
		result?.measured ? result.measured.callsPerVm - 1 : undefined;
	const faster = one && all ? (one.wallMs * all.count) / all.wallMs : undefined;
	/** The latest of this node's items, as a part of what is allowed for tasks of some lengths. */
	const latest = (
		isMeant: (length: number) => boolean,
		part: (ms: number, length: number) => number,
	): number | undefined => {
		const parts = plan.lengths
			.filter(isMeant)
			.flatMap((length) =>
				[REFERENCE, COLD]
					.flatMap((name) => find(name, length, 1)?.measured?.lateMs ?? [])
					.map((ms) => part(ms, length)),
			);
		return parts.length > 0 ? Math.max(...parts) : undefined;
	};
	return [
		...goal('1 VM, 3 s task, Next Free ID: at most 5 calls', one?.measured?.callsPerVm, 5, few),
		...goal(
			'The same, the first task of its kind since n8n was started',
			coldOne?.measured?.callsPerVm,
			5,
			few,
		),
		...goal('100 VMs, 3 s tasks: at most 1.5 calls a VM beyond the POST', beyond(all), 1.5, few),
		...goal('The same, the first tasks of their kind', beyond(coldAll), 1.5, few),
		...(faster === undefined
			? []
			: [
					{
						goal: '100 VMs, 3 s tasks: at least 20 times faster than one by one',
						found: `${faster.toFixed(0)} times`,
						isMet: faster >= 20,
					},
				]),
		...goal(
			'Tasks up to 10 s: late by at most 0.3 s, and the time of a call',
			latest(
				(length) => length <= 10,
				(ms) => ms,
			),
			300 + CALL_MS,
			(ms) => `${(ms / 1000).toFixed(2)} s`,
		),
		...goal(
			'Longer tasks: late by at most 5 % of their length',
			latest(
				(length) => length > 10,
				(ms, length) => ms / (length * 1000),
			),
			0.05,
			(part) => `${(part * 100).toFixed(1)} %`,
		),
		...goal(
			'Own CPU to read and encode an item of 40 parameters: at most 1 ms',
			own.readAndEncodeMs,
			1,
			milliseconds,
		),
		...growthGoals(growth).flatMap(({ text, value, limit, show }) =>
			goal(text, value, limit, show),
		),
		...goal(
			'`npm test`, once installed: at most 150 s',
			tests?.ms,
			150_000,
			(ms) => `${Math.round(ms / 1000)} s (${tests?.result})`,
		),
		...goal('Unpacked package: at most 1 MiB', cost.unpackedBytes, 2 ** 20, kilobytes),
		...goal(
			'Loading the package, beyond n8n-workflow: at most 30 ms',
			cost.loadMs,
			30,
			milliseconds,
		),
		...goal(
			'… as a part of what loading n8n-workflow takes: at most a quarter',
			cost.loadPart,
			0.25,
			(part) => `${(part * 100).toFixed(0)} %`,
		),
	];
}

interface Limit {
	readonly text: string;
	readonly value: number | undefined;
	readonly limit: number;
	readonly show: (value: number) => string;
}

function growthGoals({ lookUps, waits, stalls, workers, pages, polls }: Growth): Limit[] {
	const lists = (items: number) =>
		lookUps.find((row) => row.guests === 10_000 && row.items === items)?.lists;
	const waiting = (length: number) => waits.find(({ taskSeconds }) => taskSeconds === length);
	const busiest = polls.find(({ tasksPerHour }) => tasksPerHour === 20_000);
	const eight = workers.find(({ by, processes }) => by === REFERENCE && processes === 8);
	return [
		{
			text: '1 item, 10,000 guests on 32 nodes: at most 1 list of the cluster',
			value: lists(1),
			limit: 1,
			show: few,
		},
		{ text: '… 1,000 items: at most 3', value: lists(1000), limit: 3, show: few },
		{
			text: 'A task of 30 s like one before: at most 10 checks',
			value: waiting(30)?.known,
			limit: 10,
			show: few,
		},
		{ text: '… of an hour: at most 15', value: waiting(3600)?.known, limit: 15, show: few },
		{
			text: '… of 30 s, of which nothing is known: at most 20',
			value: waiting(30)?.unknown,
			limit: 20,
			show: few,
		},
		{
			text: '10,000 items: no stretch of more than 50 ms in which n8n can do nothing else',
			value: stalls.find(({ items }) => items === 10_000)?.longestMs,
			limit: 50,
			show: milliseconds,
		},
		{
			text: '2,000 creates by 8 processes, half of them with keys: at most 25 % of the requests are refused',
			value: eight && eight.refused / eight.creates,
			limit: 0.25,
			show: percent,
		},
		{
			text: '32 nodes, 20,000 tasks an hour: at most 33 calls a poll of the trigger',
			value: busiest && busiest.lists + busiest.logs,
			limit: 33,
			show: few,
		},
		{
			text: '… tasks lost',
			value: busiest && busiest.finished - busiest.emitted,
			limit: 0,
			show: few,
		},
		{
			text: 'First page of the list of 10,000 VMs: within a second',
			value: pages.find(({ guests }) => guests === 10_000)?.ms,
			limit: 1000,
			show: milliseconds,
		},
	];
}

/** Each goal with what was found. */
const goalTable = (found: readonly Goal[]): string =>
	table(
		['Goal', 'Measured', ''],
		found.map(({ goal, found: value, isMet }) => [goal, value, isMet ? 'met' : '**missed**']),
	);

function ownCosts({ results, own, package: cost, plan, types, startMs }: Measured): string {
	const find = finder(results);
	const length = Math.min(...plan.lengths);
	const [one, many] = [
		find(COLD, length, 1)?.measured,
		find(REFERENCE, length, Math.max(...plan.counts)),
	];
	const workflow = results.find(
		({ name, count, taskSeconds }) =>
			name.startsWith('HTTP') && count === 1 && taskSeconds === length,
	)?.measured;
	const rows: Array<readonly [string, string]> = [
		['Reading and encoding one item of 40 parameters, CPU', milliseconds(own.readAndEncodeMs)],
		[
			`${own.large.items} items of 40 parameters through n8n's engine and the node (Preview, so nothing is sent), CPU an item`,
			milliseconds(own.large.cpuMsPerItem),
		],
		['… of it in the files of this package', milliseconds(own.large.ownMsPerItem)],
		['… heap still in use afterwards', `${Math.max(0, own.large.keptMb).toFixed(1)} MB`],
		[
			'Creating a VM, CPU in the files of this package: 100 VMs in a process that has created none before',
			milliseconds(own.createMs),
		],
	];
	if (one?.cpuMsPerVm !== undefined)
		rows.push([
			`CPU of n8n's whole process for 1 VM (${length} s task, first run)`,
			milliseconds(one.cpuMsPerVm),
		]);
	if (workflow?.cpuMsPerVm !== undefined)
		rows.push(['… by HTTP Request + Wait + If', milliseconds(workflow.cpuMsPerVm)]);
	if (many?.measured?.cpuMsPerVm !== undefined) {
		rows.push([
			`CPU of n8n's whole process a VM, ${many.count} VMs (a TLS connection for each call)`,
			milliseconds(many.measured.cpuMsPerVm),
		]);
		rows.push([
			`Memory of n8n's whole process after ${many.count} VMs`,
			`${(many.measured.residentMb ?? 0).toFixed(0)} MB`,
		]);
	}
	if (one?.residentMb !== undefined) rows.push(['… after 1 VM', `${one.residentMb.toFixed(0)} MB`]);
	rows.push(
		[
			`Loading the package (${cost.loadedFiles} files), beyond n8n-workflow`,
			milliseconds(cost.loadMs),
		],
		['Unpacked package', kilobytes(cost.unpackedBytes)],
		[
			'Descriptions of its nodes, which the editor downloads',
			`${kilobytes(cost.descriptionBytes)}, ${kilobytes(cost.gzippedBytes)} gzipped`,
		],
	);
	rows.push(
		[
			`Type definition that n8n generates for models that build workflows: the longest operation (${types.longestFile})`,
			`${Math.round(types.longest / 1000)},000 characters`,
		],
		['… the whole node', `${Math.round(types.whole / 1000)},000 characters`],
	);
	rows.push(['`npm start`, from the command to its end', seconds(startMs)]);
	return table(['What', 'Cost'], rows);
}

const count = (value: number): string => value.toLocaleString('en-US');

function growthTables({ lookUps, waits, stalls, workers, pages, polls, month }: Growth): string {
	const peak = ({ median, p99, most }: Peak, show: (value: number) => string): string[] =>
		[median, p99, most].map(show);
	return `### Guests, nodes and items

Each item gets one VM by its ID (Virtual Machine → Get).

${table(
	[
		'Nodes',
		'Guests',
		'Items',
		'Calls',
		'Of them lists of the cluster',
		'Read',
		'Time',
		'Calls, a list for each VM',
		'Read',
		'Calls, the limit',
	],
	lookUps.map((row) => {
		const one = lookUps.find(({ guests, items }) => guests === row.guests && items === 1) ?? row;
		return [
			...[row.nodes, row.guests, row.items, row.calls, row.lists].map(count),
			size(row.bytes),
			seconds(row.wallMs),
			count(one.calls * row.items),
			size(one.bytes * row.items),
			count(1 + 2 * row.items),
		];
	}),
)}

Calls grow linearly with items, and not with guests or nodes: a larger cluster makes only the one list longer. An item whose turn comes more than a second after the list was read asks for one thing more: whether the guest is still there. *A list for each VM* is what Ansible's module (proxmox_kvm) does, and a workflow of HTTP Request nodes that looks up each VM: computed. *The limit* is one list, and the status and the configuration of each VM.

### Long tasks

Checks until the end of a task is noticed.

${table(
	[
		'Task',
		'Like one before',
		'Late',
		'Nothing known',
		'Late',
		'Once a second (proxmoxer, Ansible, Terraform)',
		'The limit',
	],
	waits.map((row) => [
		seconds(row.taskSeconds * 1000),
		String(row.known),
		seconds(row.knownLateMs),
		String(row.unknown),
		seconds(row.unknownLateMs),
		count(row.taskSeconds),
		'1',
	]),
)}

Checks grow with the logarithm of the length if a task is like one before. Computed with the node's own plan, not run.

### Large runs

Items of 40 parameters, Preview, so nothing is sent. The longest stretch in which n8n's process did nothing else, webhooks and other executions included. An idle process shows the limit; no other tool creates VMs within n8n.

${table(
	['Items', 'Longest stretch', 'Idle process', 'Heap in use afterwards'],
	stalls.map((row) => [
		count(row.items),
		milliseconds(row.longestMs),
		milliseconds(row.idleMs),
		`${Math.round(row.heapMb)} MB`,
	]),
)}

### Workers

Processes that create VMs at the same time, with the next free ID, on a cluster of 500 guests. This node's are on four nodes, and half of them have an idempotency key.

${table(
	['By', 'Processes', 'VMs', 'Requests refused', 'VMs that failed', 'Time'],
	workers.map((row) => [
		row.by,
		String(row.processes),
		count(row.creates),
		`${row.refused} (${percent(row.refused / row.creates)})`,
		`${row.failed} (${percent(row.failed / row.creates)})`,
		seconds(row.wallMs),
	]),
)}

The other tools ask Proxmox for the next free ID and try no other if it has been taken meanwhile; so does a workflow of HTTP Request nodes. Terraform's processes stand for hosts: on one host they share a lock. The limit is no request refused.

### Lists in the editor

${table(
	['VMs', 'Shown on the first page', 'Time', 'The limit'],
	pages.map((row) => [
		count(row.guests),
		String(row.shown),
		milliseconds(row.ms),
		milliseconds(row.limitMs),
	]),
)}

Time grows with the cluster's list, which Proxmox gives only as a whole: *the limit* is one request for it over an open connection, without n8n. No other tool has such lists.

### The trigger

A poll each minute, once nothing grows any more.

${table(
	[
		'Nodes',
		'Of them offline',
		'Tasks an hour',
		'Calls a poll',
		'The limit',
		'Read by a poll',
		'Stored between polls',
		'Tasks finished',
		'Emitted',
	],
	polls.map((row) => [
		...[
			row.nodes,
			row.offline,
			row.tasksPerHour,
			row.lists + row.logs,
			1 + row.nodes - row.offline,
		].map(count),
		kilobytes(row.bytes),
		`${(row.stored / 1000).toFixed(1)} kB`,
		...[row.finished, row.emitted].map(count),
	]),
)}

Calls grow with nodes; what is read and stored grows with the tasks of some six minutes. *The limit* is a list of the nodes, and one of the tasks of each node that is online: \`/cluster/tasks\` has only the last 25 tasks of a node. No other tool emits finished tasks; a schedule with HTTP Request nodes needs the same lists, and a memory for what it has emitted.

### A million VMs a month

Simulated: ${count(MONTH.vms)} VMs in ${MONTH.days} days on ${MONTH.clusters} clusters, the busiest with ${MONTH.busiest} times as many as the average. Half of the VMs are created in batches of ${MONTH.batch}, 80 % of the executions start between ${MONTH.hours[0]} and ${MONTH.hours[1]} o'clock, half of the tasks take at most ${MONTH.taskSeconds} s, and 19 of 20 at most three times as long. An execution costs n8n ${MONTH.executionMs} ms of CPU, and ${MONTH.vmMs} ms for each VM. The checks are those of the node's own plan, without what waits of one execution share, so calls are an upper bound: ${few(month.calls / MONTH.vms)} a VM. No other tool has been simulated: its calls a VM are in the table above.

${table(
	['In a minute', 'Median', '99 of 100', 'Most'],
	[
		['Executions at the same time', ...peak(month.executions, count)],
		["Cores that all of n8n's workers need", ...peak(month.cores, (value) => value.toFixed(2))],
		['Tasks at the same time, busiest cluster', ...peak(month.tasks, count)],
		['Calls, busiest cluster', ...peak(month.callsPerMinute, count)],
		['Late, as a part of the task', ...peak(month.late, percent)],
	],
)}`;
}

/** docs/performance.md */
export function report(measured: Measured): string {
	const { machine, date, command, plan } = measured;
	return `# Performance

<!-- Written by \`npm run bench\`: change tools/bench/report.ts, not this file. -->

Measured by \`${command}\` on ${date}: ${machine}.

Each tool creates the same VM (one disk, one network card) on the same emulated Proxmox VE, which runs in its own
process, takes ${plan.latencyMs} ms longer for each response, and counts the calls. Each run has its own cluster, on which one such VM was created before. A call costs a real Proxmox host some 30 ms of CPU.

## Goals

${goalTable(goals(measured))}

What may be missed: loading the package is a time of this machine, on which n8n-workflow itself took ${milliseconds(measured.package.loadMs / measured.package.loadPart)}, so the part of it is what to compare. \`npm test\` needs some 300 s of CPU for all that it runs, most of it for recordings, faults and privileges.

## Compared with other tools

In brackets: relative to this node.

${ratios(measured)}

- *Late*: from the end of the task, as the emulator knows it, to the output of the item.
- *1 VM … ${Math.max(...plan.counts)} VMs*: from the start to the output of all items. ≈ is computed from the time of one VM, and from how many
  are created at a time: the run would have taken more than ${plan.longestSeconds} s.
- *This node* runs on n8n's own engine, with Next Free ID and its default of 25 items at a time, in a process that has waited
  for one such task before. *Nothing remembered*: in a new one. n8n's HTTP helper opens a connection for each call.
- *HTTP Request + Wait + If* runs on the same engine, with stand-ins for these three nodes that make the same calls and
  waits. Wait has its default of 5 s. One VM after the other, since items that ask for the next free ID at the same time get the same one.
- *proxmoxer*, *Ansible* and *Terraform* are the calls and pauses of their published sources, replayed as plain loops
  (tools/bench/schedules.ts says which) over kept connections. The time of Python, Ansible and Terraform themselves is not counted.
  Terraform creates 10 VMs at a time, and asks each of the emulated cluster's two pools for the VM.
  Tasks of whole seconds favor tools that check once a second: on average they are late by half a second, and here by less.
- *The limit*: one POST, and one check at the right moment, 25 at a time.

## Growth

${growthTables(measured.growth)}

## Own cost

${ownCosts(measured)}
`;
}
