import { isRecord } from './json';
import type { Exchange } from './records';
import type { Session } from './session';

/** What changes whether a guest runs. */
const CHANGES_POWER = /\/(?:status\/(?!current)|rollback$)/;

/** The guest that a request is about: of its path, or the only one that is backed up. */
function guestOf({ request }: Exchange): number | undefined {
	const inPath = /\/nodes\/[^/]+\/(?:qemu|lxc)\/(\d+)/.exec(request.path)?.[1];
	const id = inPath ?? (/\/(?:vzdump|lxc)$/.test(request.path) ? request.form?.vmid : undefined);
	return /^\d+$/.test(String(id)) ? Number(id) : undefined;
}

/** Whether an answer, or the log of its task, proves that the guest ran before; undefined where it proves nothing. */
function ranBefore({ responses, request, task }: Exchange): boolean | undefined {
	const [response] = responses;
	const status = response?.statusLine ?? '';
	const body = isRecord(response?.body) ? response.body : {};
	const data = isRecord(body.data) ? body.data : {};
	if (/can't overwrite running container/.test(status)) return true;
	if (request.form?.restore && request.form.force) return false;
	if (/can't migrate running|already running|is running\b/.test(status)) return true;
	if (/not running|without --online/.test(status)) return false;
	if (/\/status\/current$/.test(request.path) && data.status !== undefined)
		return data.status === 'running';
	if (/\/migrate(?:\?|$)/.test(request.path) && data.running !== undefined)
		return data.running === 1;
	const logged = task?.log.map((line) => /^INFO: status = (\w+)$/.exec(line)?.[1]).find(Boolean);
	return logged === undefined ? undefined : logged === 'running';
}

/**
 * Between groups of recordings guests were started and stopped by other means. As long as no line of a group changes
 * whether a guest runs, it ran, or not, as the answers prove.
 */
export function stagePower(exchange: Exchange, session: Session): void {
	const { group, request } = exchange;
	const vmid = guestOf(exchange);
	if (session.powerGroup !== group) {
		session.powerGroup = group;
		session.poweredHere.clear();
	}
	if (vmid === undefined || session.poweredHere.has(vmid)) return;
	const { state } = session.emulator;
	const guest = state.vms.get(vmid);
	const ran = ranBefore(exchange);
	const isRead = request.method === 'GET';
	if (!isRead && CHANGES_POWER.test(request.path)) session.poweredHere.add(vmid);
	if (!guest || ran === undefined || (guest.status === 'running') === ran) return;
	guest.status = ran ? 'running' : 'stopped';
	if (ran) Object.assign(guest, { pid: 1, startedAt: session.emulator.clock.now() / 1000 });
	else delete guest.pid;
}
