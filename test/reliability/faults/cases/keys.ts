import type { INodeParameters } from 'n8n-workflow';

import { newVm } from '../../../../tools/emulator/state/load';
import type { FaultCase, Stage } from '../faultCase';
import { all, onRead, phrase, restore } from '../ingredients';

const phase = 'Run again';
const again = { phase, vms: 1, status: 'success', upid: 'kept' } as const;
const keyed = (more: INodeParameters = {}): INodeParameters => ({
	options: {
		maxPollInterval: 1,
		idempotencyKey: 'delivery-1',
		ifExists: 'return',
		timeout: 60,
		...more,
	},
});
/** The first ID of this key. */
const FIRST = 730_129;
const CONFIG = /\/qemu\/\d+\/config$/;

const others = ({ emulator }: Stage, vmid: number): void =>
	void emulator.state.vms.set(vmid, newVm(vmid, 'pve1', { name: 'others' }));

/** One execution after the other, and something in between; the last one counts. */
const twice =
	(between: (stage: Stage) => void) =>
	async (stage: Stage): Promise<Awaited<ReturnType<Stage['run']>>> => {
		await stage.run();
		between(stage);
		return await stage.run();
	};

const over = (options: INodeParameters): INodeParameters => ({ ...restore(104, true), ...options });
const runs = ({ emulator }: Stage): void => {
	const vm = emulator.state.vms.get(104);
	if (vm) Object.assign(vm, { status: 'running', pid: 4242, startedAt: 1 });
};
const stopFirst: INodeParameters = { options: { maxPollInterval: 1, stopFirst: true } };

export const keyCases: readonly FaultCase[] = [
	{
		...again,
		fault: 'A webhook is delivered twice, and an earlier ID of the key has become free',
		containers: 'deep',
		parameters: keyed(),
		arrange: (stage) => others(stage, FIRST),
		act: twice(({ emulator }) => void emulator.state.vms.delete(FIRST)),
		posts: 1,
	},
	{
		...again,
		fault: 'A webhook is delivered twice: the VM may not be read (403)',
		containers: 'deep',
		parameters: keyed(),
		act: twice(
			onRead(CONFIG, phrase(403, `Permission check failed (/vms/${FIRST}, VM.Audit)`), {
				times: 99,
			}),
		),
		posts: 1,
		status: 'error',
		upid: 'in the log',
	},
	{
		...again,
		fault: 'A webhook is delivered twice: the VM’s node cannot be reached for a while (595)',
		parameters: keyed(),
		act: twice(onRead(CONFIG, phrase(595, 'No route to host'), { times: 2 })),
		posts: 1,
	},
	{
		...again,
		fault: 'A webhook is delivered twice: the VM’s node cannot be reached (595)',
		parameters: keyed(),
		act: twice(onRead(CONFIG, phrase(595, 'No route to host'), { times: 9_999 })),
		posts: 1,
		status: 'error',
		upid: 'in the log',
	},
	{
		...again,
		fault: 'A restore that overwrites a VM is delivered twice',
		parameters: over(keyed({ stopFirst: true })),
		arrange: runs,
		act: twice(runs),
		vms: 0,
		posts: 1,
	},
	{
		...again,
		fault: 'Stop First, and the restore is rejected',
		phase: 'The request is rejected',
		parameters: over(stopFirst),
		arrange: all(runs, ({ emulator }) =>
			emulator.faults.onRequest({
				method: 'POST',
				path: /\/qemu$/,
				effect: phrase(500, 'cluster not ready - no quorum?'),
			}),
		),
		vms: 0,
		posts: 1,
		status: 'error',
	},
	{
		...again,
		fault:
			'A restore fails after all its work: Clean Up After Failed Restore keeps a complete VM, which may belong to someone else',
		phase: 'At the end of the task',
		parameters: { ...restore(5003, false), options: { maxPollInterval: 1, cleanUp: true } },
		arrange: ({ emulator }) =>
			emulator.faults.onTask({ type: 'qmrestore', failsAfter: 'vma extract failed' }),
		posts: 1,
		status: 'error',
	},
];
