import { absolutePath, guestOf } from '../guest/guestSystem';
import type { GuestSystem } from '../guest/guestSystem';
import { isRecord } from './json';
import type { Exchange } from './records';
import type { Session } from './session';
import { RUNNING_KEYS } from '../vm/savedState';
import { putVm } from './unrecorded';

function dataOf({ responses }: Exchange): Record<string, unknown> {
	const body = responses[0]?.body;
	return isRecord(body) && isRecord(body.data) ? body.data : {};
}

/** A file that nothing recorded wrote, as what was read of it proves. */
function putFile(exchange: Exchange, guest: GuestSystem, written: ReadonlySet<string>): void {
	const { content, truncated } = dataOf(exchange);
	const query = new URLSearchParams(exchange.request.path.split('?')[1] ?? '');
	const path = absolutePath(query.get('file') ?? '');
	if (typeof content !== 'string' || written.has(path)) return;
	const [, count] = /^\((\d+) characters, all /.exec(content) ?? [];
	const encoding = query.get('decode') === '0' ? 'base64' : 'latin1';
	const part = count === undefined ? Buffer.from(content, encoding) : Buffer.alloc(Number(count));
	const before = Buffer.alloc(Number(query.get('offset') ?? 0));
	guest.files.set(path, Buffer.concat([before, part, Buffer.alloc(truncated ? 1 : 0)]));
}

/** What an answer proves of the programs that were started: which ID one got, and whether it still ran. */
function stageProcess(exchange: Exchange, guest: GuestSystem, now: number): void {
	const data = dataOf(exchange);
	if (typeof data.pid === 'number') guest.nextPid = data.pid;
	const asked = Number(/exec-status\?pid=(\d+)/.exec(exchange.request.path)?.[1]);
	const process = guest.processes.get(asked);
	if (process && 'exited' in data) process.endsAt = data.exited === 0 ? now + 3_600_000 : now;
}

/** What an answer of the agent proves of the system within the VM. */
function stageSystem(exchange: Exchange, guest: GuestSystem): void {
	const { result } = dataOf(exchange);
	const { path } = exchange.request;
	if (isRecord(result) && typeof result['host-name'] === 'string')
		guest.hostname = result['host-name'];
	if (isRecord(result) && typeof result['kernel-release'] === 'string')
		guest.os = result as Record<string, string>;
	const named =
		isRecord(result) && Array.isArray(result.paths)
			? result.paths
			: path.endsWith('/get-fsinfo')
				? result
				: [];
	const mounts = (Array.isArray(named) ? named : [])
		.filter(isRecord)
		.map((row) => String(row.path ?? row.mountpoint));
	if (/\/(?:fstrim|get-fsinfo)$/.test(path) && result !== undefined) guest.mounts = mounts;
	if (!path.endsWith('/fsfreeze-freeze') || typeof result !== 'number') return;
	guest.mounts = Array.from(
		{ length: result },
		(_, index) => guest.mounts[index] ?? `/mnt/disk${index}`,
	);
}

/**
 * Brings about what an answer of a guest agent proves: that the VM ran, or not; that its agent did; and of the system
 * within what no line of the recording made. Its files are those that were written, or else as they were read.
 */
export function stageGuest(exchange: Exchange, session: Session): void {
	const { group, request, responses } = exchange;
	const [, node = '', id, isAgent, command = ''] =
		/\/nodes\/([^/]+)\/qemu\/(\d+)(\/agent)?(?:\/([a-z-]+))?/.exec(request.path) ?? [];
	if (!/^(?:new-)?agent$/.test(group) || id === undefined) return;
	const status = responses[0]?.statusLine ?? '';
	const { vms } = session.emulator.state;
	const isThere = group === 'new-agent' && status.startsWith('HTTP/1.1 200');
	const vm =
		vms.get(Number(id)) ??
		(isThere ? putVm(session, Number(id), node, { agent: '1', name: 'guest' }) : undefined);
	if (!vm) return;
	// One that was suspended for good by another group was mended by other means.
	if (group === 'agent' && vm.config.lock === 'suspended')
		for (const key of ['lock', 'vmstate', ...RUNNING_KEYS]) delete vm.config[key];
	if (isAgent === undefined) {
		// Between two lines it was started, or stopped, by other means.
		const { status: power } = dataOf(exchange);
		if (request.path.endsWith('/status/current') && (power === 'running' || power === 'stopped'))
			vm.status = power;
		if (vm.status === 'running') vm.pid ??= 1;
		return;
	}
	const isDead = status.includes('QEMU guest agent is not running');
	const isOff = status.includes(`VM ${vm.vmid} is not running`);
	const isAnswered =
		status.startsWith('HTTP/1.1 200') || / 596 | 500 Agent error: | qga command /.test(status);
	if (isDead || isAnswered)
		Object.assign(vm, {
			status: 'running',
			pid: vm.pid ?? 1,
			agentRuns: isAnswered,
			paused: false,
		});
	if (isOff) vm.status = 'stopped';
	const guest = guestOf(vm);
	guest.deafUntil = 0;
	const now = session.emulator.clock.now();
	vm.startedAt ??= now / 1000;
	if (command === 'file-read') putFile(exchange, guest, session.writtenFiles);
	if (command === 'network-get-interfaces') vm.guestInterfaces = () => dataOf(exchange).result;
	stageProcess(exchange, guest, now);
	stageSystem(exchange, guest);
}

/** The files that a recording writes into a guest, by their paths. */
export function writtenFiles(exchanges: Exchange[]): Set<string> {
	const paths = exchanges.flatMap(({ request: { path, form } }) =>
		path.endsWith('/agent/file-write') && typeof form?.file === 'string'
			? [absolutePath(form.file)]
			: [],
	);
	return new Set(paths);
}
