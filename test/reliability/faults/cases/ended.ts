import type { TaskFault } from '../../../../tools/emulator';
import type { FaultCase, Stage } from '../faultCase';
import {
	all,
	forever,
	html,
	json,
	LOG,
	longTask,
	onRead,
	phrase,
	picked,
	restore,
	STATUS,
	TASKS,
	VMID,
	fixed,
} from '../ingredients';

const phase = 'At the end of the task';
const failed = { phase, vms: 0, posts: 1, status: 'error', upid: 'kept' } as const;
const made = { phase, vms: 1, posts: 1, status: 'success', upid: 'kept' } as const;

const task =
	(fault: TaskFault, type = 'qmcreate') =>
	({ emulator }: Stage): void =>
		emulator.faults.onTask({ type, ...fault });
const storageLock = "cfs-lock 'storage-local' error: got lock request timeout";

export const endings: readonly FaultCase[] = [
	{
		...failed,
		fault: 'The task fails at once',
		containers: 'deep',
		arrange: task({ failsWithin: "storage 'local' is not online" }),
	},
	{
		...failed,
		fault: 'The disk does not fit',
		parameters: {
			diskList: {
				values: [
					{ source: 'new', storage: picked('small'), size: 9000, options: { bus: 'virtio' } },
				],
			},
		},
	},
	{
		...failed,
		fault: 'A privilege is missing that only the task checks',
		arrange: task({ failsWithin: 'Permission check failed (/vms/5003, VM.Config.Options)' }),
	},
	{
		...made,
		fault: 'The task ends with warnings',
		containers: 'deep',
		arrange: task({ warnings: ['the moon is full'] }),
	},
	{
		...made,
		fault: 'The task ends with warnings, and its log cannot be read',
		arrange: all(
			task({ warnings: ['the moon is full'] }),
			onRead(LOG, html(502, 'Bad Gateway'), { times: forever }),
		),
	},
	{
		...failed,
		fault: 'The task fails, and its log cannot be read',
		arrange: all(
			task({ failsWithin: 'no space left on device' }),
			onRead(LOG, phrase(596, 'Connection timed out'), { times: forever }),
		),
	},
	{
		...failed,
		fault: 'The task’s process is killed (`unexpected status`)',
		containers: true,
		arrange: task({ dies: true }),
		vms: 1,
		leftBehind: 1,
	},
	{
		...failed,
		fault: 'The task’s process is killed, and what is left cannot be read',
		arrange: all(
			task({ dies: true }),
			onRead(/\/config$/, json(403, 'Permission check failed (/vms/105, VM.Audit)')),
		),
		vms: 1,
		leftBehind: 1,
	},
	{
		...failed,
		fault: 'Proxmox VE has forgotten the task (400 `no such task`)',
		seesVary: true,
		arrange: all(
			onRead(
				STATUS,
				json(400, 'Parameter verification failed.', {
					data: null,
					errors: { upid: 'no such task' },
				}),
				{ times: forever },
			),
			onRead(TASKS, json(200, 'OK', { data: [] }), { times: forever }),
		),
		vms: 1,
	},
	{
		...failed,
		fault: 'The task’s log is lost (`unable to open file`)',
		arrange: all(
			onRead(
				STATUS,
				json(200, 'OK', {
					data: {
						status: 'stopped',
						exitstatus: 'unable to open file - No such file or directory',
					},
				}),
			),
			onRead(TASKS, json(200, 'OK', { data: [] }), { times: forever }),
		),
		vms: 1,
	},
	{
		...made,
		fault: 'The task does not get a storage lock, and leaves nothing',
		containers: 'deep',
		parameters: fixed(),
		arrange: task({ failsWithin: storageLock }),
		posts: 2,
	},
	{
		...failed,
		fault: 'The storage lock is never free',
		containers: 'deep',
		parameters: fixed(),
		arrange: task({ failsWithin: storageLock, times: 100 }),
		posts: 4,
	},
	{
		...failed,
		fault: 'A restore fails, and leaves a VM',
		containers: true,
		parameters: restore(VMID, false),
		arrange: task({ failsAfter: 'vma extract failed' }, 'qmrestore'),
		vms: 1,
	},
	{
		...failed,
		fault: 'Someone else stops the task',
		containers: 'deep',
		arrange: longTask(forever),
		act: async ({ emulator, run, requests }) => {
			const running = run();
			await requests(2, 'GET', /\/status$/);
			for (const { upid } of emulator.tasks.all()) await emulator.tasks.stop(upid);
			return await running;
		},
	},
];
