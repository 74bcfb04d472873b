import { failure } from '../errors';
import type { ClusterState, Vm } from '../state/types';
import { durations } from '../tasks/durations';
import { holdInTask } from '../tasks/locks';
import type { Worker } from '../tasks/types';
import { freezeReport } from '../vm/report';
import { seconds } from '../world';
import type { World } from '../world';
import { checkCtLock, ctOf } from './config';
import { mountsOf } from './mountPoints';
import { checkBridges } from './network';
import { applyCtPending } from './pending';
import { checkMounted } from './volumes';

/** Seconds that anything waits for a container's lock file. */
const LOCK_TIMEOUT = 10;

const lockFile = (vmid: number): string => `/run/lock/lxc/pve-config-${vmid}.lock`;

/** Works with a container's lock file; a task says so while it waits for it. */
export async function withCtLock<Result>(
	{ locks }: World,
	vmid: number,
	worker: Worker | undefined,
	work: () => Promise<Result>,
): Promise<Result> {
	const options = { timeout: LOCK_TIMEOUT, file: lockFile(vmid) };
	return worker
		? await holdInTask(locks, vmid, worker, work, options)
		: await locks.hold(vmid, LOCK_TIMEOUT, work, { file: options.file });
}

/** Whether a container of an ID runs on the node; one that is not there does not. */
export function isCtRunning(state: ClusterState, vmid: number): boolean {
	const ct = state.vms.get(vmid);
	return ct?.type === 'lxc' && ct.node === state.localNode && ct.status === 'running';
}

/** POST …/status/start: a task, or a request to the HA manager. Returns the UPID. */
export function requestCtStart(
	world: World,
	authId: string,
	vmid: number,
	skipsLock = false,
): string {
	const { state, tasks } = world;
	if (isCtRunning(state, vmid)) throw failure(`CT ${vmid} already running`);
	if (!state.quorate) throw failure('cluster not ready - no quorum?');
	const ct = state.vms.get(vmid);
	const start = (authority: string) =>
		tasks.start({
			type: 'vzstart',
			id: String(vmid),
			authId: authority,
			run: async (worker) =>
				await withCtLock(world, vmid, worker, async () => {
					await startCt(world, ctOf(state, vmid), worker, skipsLock);
				}),
		});
	if (ct?.haManaged === undefined) return start(authId);
	return tasks.start({
		type: 'hastart',
		id: String(vmid),
		authId,
		run: async (worker) => {
			worker.log(`Requesting HA start for CT ${vmid}`);
			await worker.work(durations.highAvailability);
			ct.haManaged = 'started';
			start('root@pam');
		},
	});
}

/** What LXC's own configuration is made from has to be there: throws what is missing. */
export function checkLxcConfig(state: ClusterState, ct: Vm): void {
	if (ct.config.arch === undefined)
		throw failure("missing 'arch' - internal error at /usr/share/perl5/PVE/LXC.pm line 729.");
	checkBridges(state, ct);
}

/** Programs that are in every container; what an image starts is in it. */
const PROGRAMS = /^\/(?:usr\/)?s?bin\/\w+$/;

/** Starts a container, or throws why it does not start. */
export async function startCt(
	world: World,
	ct: Vm,
	worker: Worker,
	skipsLock = false,
): Promise<void> {
	const { state } = world;
	if (ct.config.template) throw failure("you can't start a CT if it's a template");
	// `pct mount` leaves one that is no obstacle.
	if (!skipsLock && ct.config.lock !== 'mounted') checkCtLock(ct);
	if (ct.config.unprivileged && mountsOf(ct.config).some(([, { quota }]) => quota === 1))
		throw failure('Quotas are not supported by unprivileged containers.');
	if (ct.status === 'running') throw failure(`CT ${ct.vmid} already running`);
	await applyCtPending(world, ct, worker);
	for (const [, mount] of mountsOf(ct.config)) checkMounted(state, mount);
	checkLxcConfig(state, ct);
	await worker.work(durations.start);
	const program = String(ct.config.entrypoint ?? '/sbin/init').split(' ', 1)[0] ?? '';
	if (!PROGRAMS.test(program) && ct.config.cmode !== 'console') {
		worker.log(`lxc-start: ${ct.vmid}: Failed to exec "${program}"`);
		throw failure(`startup for container '${ct.vmid}' failed`);
	}
	freezeReport(world, ct);
	ct.status = 'running';
	ct.startedAt = seconds(world);
	ct.pid = worker.pid + 25;
}

/** From now on a container does not run, and what it did not take while it did counts. */
export async function haltCt(world: World, ct: Vm, worker: Worker): Promise<void> {
	freezeReport(world, ct);
	ct.status = 'stopped';
	delete ct.pid;
	delete ct.startedAt;
	await applyCtPending(world, ct, worker);
}
