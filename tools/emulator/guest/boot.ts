import type { Vm } from '../state/types';
import type { World } from '../world';
import { guestOf } from './guestSystem';
import type { Boot, CloudInit, GuestSystem, Program } from './guestSystem';

const RUN = '/run/cloud-init';
const NO_CLOUD = 'DataSourceNoCloud [seed=/dev/sr0]';
/** The tree of the statuses of its stages, as far as a client reads them. */
const STAGES = ['init-local', 'init', 'modules-config', 'modules-final'];

const json = (value: unknown): Buffer => Buffer.from(`${JSON.stringify(value, null, 1)}\n`);

/** Whether the last stage has ended. */
const isDone = ({ files }: GuestSystem): boolean => files.has(`${RUN}/result.json`);

/** `cloud-init status --format json`, which answers at once, and whose `--wait` is not done. */
function statusProgram({
	version = '25.1.4',
	datasource = NO_CLOUD,
	errors = [],
	recoverableErrors = {},
	isDisabled,
}: CloudInit): Program {
	const isOld = version === '22.4.2';
	return (args, _stdin, guest) => {
		if (args[0] !== 'status') return { exitcode: 2, stderr: 'usage: cloud-init\n' };
		const base = isDisabled ? 'disabled' : isDone(guest) ? 'done' : 'running';
		const isFailed = isDone(guest) && errors.length > 0;
		const isDegraded = !isOld && Object.keys(recoverableErrors).length > 0;
		const status = isFailed ? 'error' : base;
		const extended = `${isFailed ? 'error - ' : isDegraded ? 'degraded ' : ''}${base}`;
		const common = {
			boot_status_code: isDisabled ? 'disabled-by-generator' : 'enabled-by-generator',
			datasource: /NoCloudNet/.test(datasource) ? 'nocloudnet' : 'nocloud',
			detail: datasource,
			errors: isDone(guest) ? errors : [],
			status,
		};
		const answer = isOld
			? { _schema_version: '1', ...common, schemas: { '1': common } }
			: { ...common, extended_status: extended, recoverable_errors: recoverableErrors };
		return {
			stdout: json(answer),
			exitcode: isFailed ? 1 : isDegraded ? 2 : 0,
		};
	};
}

/** The file that says how far cloud-init is. Problems that it recovered from are in no other one. */
function writeStatus(guest: GuestSystem, cloudInit: CloudInit, isOver: boolean): void {
	const { datasource = NO_CLOUD, version, recoverableErrors = {} } = cloudInit;
	const stages = STAGES.map((name, index) => {
		const problems = isOver && name === 'modules-final' ? recoverableErrors : {};
		const stage = {
			errors: [],
			start: index,
			finished: isOver || index < 2 ? index : null,
			...(version === '22.4.2' ? {} : { recoverable_errors: problems }),
		};
		return [name, stage];
	});
	const stage = isOver ? null : 'modules-config';
	guest.files.set(
		`${RUN}/status.json`,
		json({ v1: { datasource, ...Object.fromEntries(stages), stage } }),
	);
}

/** What is in the guest when its agent answers first: the network stage is over by then. */
function beginCloudInit(guest: GuestSystem, cloudInit: CloudInit): void {
	guest.programs.set('cloud-init', statusProgram(cloudInit));
	if (cloudInit.isDisabled) guest.files.set(`${RUN}/disabled`, Buffer.alloc(0));
	else writeStatus(guest, cloudInit, false);
}

/** Its result is in a file that is gone with the next start, and in one that stays. */
function endCloudInit(guest: GuestSystem, cloudInit: CloudInit): void {
	const { datasource = NO_CLOUD, errors = [] } = cloudInit;
	const result = json({ v1: { datasource, errors } });
	writeStatus(guest, cloudInit, true);
	guest.files.set('/var/lib/cloud/data/result.json', result);
	guest.files.set(`${RUN}/result.json`, result);
}

/** Plays the start of a guest: until its VM is turned off. Nothing of an earlier start is left in /run. */
export async function playBoot({ clock }: World, vm: Vm, boot: Boot): Promise<void> {
	const { pid } = vm;
	const guest = guestOf(vm);
	const isOn = () => vm.status === 'running' && vm.pid === pid;
	vm.agentRuns = false;
	for (const path of guest.files.keys()) if (path.startsWith('/run/')) guest.files.delete(path);
	if (boot.agentSeconds === undefined) return;
	await clock.sleep(boot.agentSeconds * 1000);
	if (!isOn()) return;
	const { cloudInit } = boot;
	if (cloudInit) beginCloudInit(guest, cloudInit);
	vm.agentRuns = true;
	if (cloudInit?.seconds === undefined || cloudInit.isDisabled) return;
	await clock.sleep(cloudInit.seconds * 1000);
	if (isOn()) endCloudInit(guest, cloudInit);
}
