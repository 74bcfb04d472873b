import { fillStorage, joinCluster, restrictTags, setNextIdRange } from '../index';
import type { DaemonState, Emulator, Reachability } from '../index';
import type { Exchange } from './records';
import type { Session } from './session';
import { stageGuest } from './stageGuest';
import { stagePower } from './stagePower';
import { stageUpload, stageWeb } from './stageWeb';
import {
	stageAccount,
	stageClones,
	stageFailedStart,
	stageProven,
	stageStarted,
	stageUnrecorded,
} from './unrecorded';
import { findUpids } from './upids';

/** Storages that a request's values name: `small` of `scsi0=small:1`. */
function namedStorages({ request }: Exchange, { state }: Emulator): string[] {
	const values = Object.values(request.form ?? {}).map(
		(value) => String(value).split(':')[0] ?? '',
	);
	return values.filter((name) => state.storages.has(name));
}

function stageCluster({ group }: Exchange, { state }: Emulator): void {
	const isCluster = group === 'cluster' || group === 'no-quorum';
	if (isCluster) joinCluster(state, 'labcluster', ['pve2']);
	state.quorate = group !== 'no-quorum';
	// The host of that group had been restarted, and sent no statistics without quorum.
	const host = state.nodes.get(state.localNode);
	if (host && group === 'no-quorum') host.statsStoppedAt = 0;
}

/** What is down of the second node, as the name of an exchange says. */
interface Outage {
	reach: Reachability;
	clusterFiles?: 'down' | 'alone';
	daemon: DaemonState;
	hasNoStatistics: boolean;
	isQuorate: boolean;
}

function outageOf(name: string): Outage {
	const isCut =
		/unreachable|cut off in a task: (?!shutdown|task status before|.*when back|.*later|.*at the end|stop of)/.test(
			name,
		);
	// Right after a link is back the API answers, and the cluster's own messages do not come yet.
	const isApart = /without corosync|cluster status when back/.test(name);
	const clusterFiles = /: no quorum: /.test(name) ? 'down' : isApart ? 'alone' : undefined;
	return {
		reach: isCut ? 'no route' : /pveproxy of \S+ down/.test(name) ? 'refused' : 'here',
		clusterFiles,
		daemon: /pvedaemon of \S+ hangs/.test(name)
			? 'hangs'
			: /pvedaemon of \S+ down/.test(name)
				? 'down'
				: 'up',
		hasNoStatistics: /pvestatd of \S+ stopped/.test(name),
		isQuorate: !isCut && clusterFiles === undefined,
	};
}

/** `cluster-down`: what of pve2 does not work, and whether the cluster has quorum. */
function stageOutage({ group, name }: Exchange, { emulator }: Session): void {
	const { state, faults, clock } = emulator;
	const node = state.nodes.get('pve2');
	if (!group.startsWith('cluster-') || !node) return;
	const outage = outageOf(group === 'cluster-down' ? name : '');
	node.reach = outage.reach;
	node.clusterFiles = outage.clusterFiles;
	node.statsStoppedAt = outage.hasNoStatistics
		? (node.statsStoppedAt ?? clock.now() / 1000)
		: undefined;
	state.quorate = outage.isQuorate;
	faults.setDaemon(node.name, outage.daemon);
}

const UNITS: Readonly<Record<string, number>> = { s: 1_000, minutes: 60_000 };
const WORDS: Readonly<Record<string, string>> = { twelve: '12' };

/** Lets the time pass that an exchange came later: `after 12 s`, `11 s after it`, `twelve seconds later`. */
async function passTime({ name }: Exchange, session: Session): Promise<void> {
	const [, after, unit = 's'] = /after (\d+) (s|minutes)\b/.exec(name) ?? [];
	const [, later] = /(\w+) s(?:econds)? (?:later|after)/.exec(name) ?? [];
	const count = Number(after ?? WORDS[later ?? ''] ?? later);
	if (count > 0) await session.pass(count * (UNITS[unit] ?? 0));
	if (/at the end$/.test(name)) await session.waitForTasks();
}

/** `dc: …`: with a range for next IDs, and with tags restricted as the name says. */
function stageDatacenter({ name }: Exchange, { state }: Emulator): void {
	if (!name.startsWith('dc:')) return;
	setNextIdRange(state, 5000, 5002);
	const [, allowed, registered] = /user-allow=list ([\w;]+), registered ([\w;]+)/.exec(name) ?? [];
	if (allowed !== undefined && registered !== undefined) {
		restrictTags(state, allowed.split(';'), registered.split(';'));
	}
}

/** `cluster-migrate`: a killed process, here or there; `migrate`: a VM that was started by other means. */
async function stageMigration(
	{ group, name, request, responses }: Exchange,
	{ emulator }: Session,
): Promise<void> {
	const { state, tasks, faults } = emulator;
	const vm = state.vms.get(Number(/\/qemu\/(\d+)/.exec(request.path)?.[1]));
	if (group === 'migrate' && vm && /can't migrate running VM/.test(responses[0]?.statusLine ?? ''))
		Object.assign(vm, { status: 'running', pid: 1 });
	if (/target's QEMU is killed/.test(name))
		faults.onTask({ type: 'qmstart', vmid: vm?.vmid, failsWithin: 'got signal 9' });
	if (!/source's worker killed: task status/.test(name)) return;
	for (const task of tasks.all())
		if (task.type === 'qmigrate' && task.state === 'running') await tasks.kill(task.upid);
}

async function stageDaemon({ name, request }: Exchange, session: Session): Promise<void> {
	const { faults, tasks } = session.emulator;
	if (/pvedaemon of \S+ goes on/.test(name)) await session.waitForTasks();
	const before = faults.daemon;
	faults.daemon = /while pvedaemon hangs/.test(name)
		? 'hangs'
		: /while pvedaemon is down/.test(name)
			? 'down'
			: 'up';
	// What was kept while it hung is done now.
	if (before === 'hangs' && faults.daemon === 'up') await session.waitForTasks();
	if (!/worker was killed/.test(name)) return;
	for (const upid of findUpids(session.upids.translate(request.path))) await tasks.kill(upid);
}

/**
 * Brings about what a recording needs from outside, as its group and name say: a cluster, a lost quorum, the
 * datacenter's options, a full storage, a daemon that hangs or is down, a killed worker. To be called before each
 * exchange, for it also takes back what the one before needed.
 */
export async function stage(exchange: Exchange, session: Session): Promise<void> {
	const { emulator } = session;
	stageCluster(exchange, emulator);
	stageDatacenter(exchange, emulator);
	stageOutage(exchange, session);
	await passTime(exchange, session);
	const isFull = /full file system/.test(exchange.name);
	for (const storage of namedStorages(exchange, emulator))
		fillStorage(emulator.state, storage, isFull);
	stageUnrecorded(exchange, session);
	stageClones(exchange, session);
	await stageStarted(exchange, session);
	stagePower(exchange, session);
	stageAccount(exchange, session);
	stageFailedStart(exchange, session);
	stageGuest(exchange, session);
	stageWeb(exchange, session);
	stageUpload(exchange, session);
	await stageProven(exchange, session);
	await stageMigration(exchange, session);
	await stageDaemon(exchange, session);
}
