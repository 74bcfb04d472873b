import { fillStorage, joinCluster, restrictTags, setNextIdRange } from '../index';
import type { Emulator } from '../index';
import type { Exchange } from './records';
import type { Session } from './session';
import { findUpids } from './upids';

/** Storages that a request's values name: `small` of `scsi0=small:1`. */
function namedStorages({ request }: Exchange, { state }: Emulator): string[] {
	const values = Object.values(request.form ?? {}).map((value) => String(value).split(':')[0] ?? '');
	return values.filter((name) => state.storages.has(name));
}

function stageCluster({ group }: Exchange, { state }: Emulator): void {
	const isCluster = group === 'cluster' || group === 'no-quorum';
	if (isCluster) joinCluster(state, 'labcluster', ['pve2']);
	state.quorate = group !== 'no-quorum';
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

async function stageDaemon({ name, request }: Exchange, session: Session): Promise<void> {
	const { faults, tasks } = session.emulator;
	const before = faults.daemon;
	faults.daemon = /while pvedaemon hangs/.test(name) ? 'hangs' : /while pvedaemon is down/.test(name) ? 'down' : 'up';
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
	const isFull = /full file system/.test(exchange.name);
	for (const storage of namedStorages(exchange, emulator)) fillStorage(emulator.state, storage, isFull);
	await stageDaemon(exchange, session);
}
