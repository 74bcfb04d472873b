import type { INodeParameters } from 'n8n-workflow';

import type { FaultCase, Stage } from '../faultCase';
import { all, forever, json, phrase, picked } from '../ingredients';

const ORIGINAL = 101;
const phase = 'A clone with settings';
const parameters: INodeParameters = {
	operation: 'clone',
	vm: picked(String(ORIGINAL)),
	newIdMode: 'fixed',
	newId: 5003,
	full: true,
	cores: 2,
	growDisks: { values: [{ disk: 'scsi0', size: 40 }] },
	start: true,
};
const keyed: INodeParameters = {
	...parameters,
	options: { maxPollInterval: 1, idempotencyKey: 'delivery-1', ifExists: 'return' },
};
const CLONE = /\/clone$/;
const CONFIG = /\/qemu\/\d+\/config$/;

const withCloudInit = ({ emulator: { state } }: Stage): void => {
	const volid = `local:${ORIGINAL}/vm-${ORIGINAL}-cloudinit.qcow2`;
	Object.assign(state.vms.get(ORIGINAL)?.config ?? {}, { ide2: `${volid},media=cdrom` });
	const size = 4 * 1024 ** 2;
	state.volumes.set(volid, {
		...{ volid, storage: 'local', content: 'images', format: 'qcow2', vmid: ORIGINAL },
		...{ size, used: size, ctime: 0 },
	});
};
const onPost =
	(path: RegExp, fault: Omit<Parameters<Stage['emulator']['faults']['onRequest']>[0], 'method'>) =>
	(stage: Stage): void => {
		withCloudInit(stage);
		stage.emulator.faults.onRequest({ method: 'POST', path, ...fault });
	};
const lostAnswer = { when: 'after', effect: 'reset' } as const;
const twice = async ({ run, emulator }: Stage) => {
	await run();
	emulator.faults.clear();
	return await run();
};

const made = { phase, parameters, vms: 1, posts: 1, upid: 'kept' } as const;

export const clones: readonly FaultCase[] = [
	{
		...made,
		fault: 'The response to the clone is lost',
		containers: 'deep',
		arrange: onPost(CLONE, lostAnswer),
		status: 'error',
	},
	{
		...made,
		fault: 'The response to the clone is lost, with an Idempotency Key',
		containers: true,
		parameters: keyed,
		arrange: onPost(CLONE, lostAnswer),
		status: 'success',
	},
	{
		...made,
		fault: 'The clone fails',
		containers: true,
		arrange: all(withCloudInit, ({ emulator }) =>
			emulator.faults.onTask({ type: 'qmclone', failsWithin: 'No space left on device' }),
		),
		vms: 0,
		status: 'error',
	},
	{
		...made,
		fault: 'The settings of the clone are rejected',
		arrange: onPost(CONFIG, { effect: json(500, 'cluster not ready - no quorum?') }),
		status: 'error',
	},
	{
		...made,
		fault: 'The node goes down between the clone and its settings',
		arrange: onPost(CONFIG, { effect: phrase(595, 'Connection refused'), times: forever }),
		status: 'error',
	},
	{
		...made,
		fault:
			'The node goes down between the clone and its settings, and the webhook is delivered again',
		parameters: keyed,
		arrange: onPost(CONFIG, { effect: phrase(595, 'Connection refused'), times: forever }),
		act: twice,
		status: 'success',
	},
	{
		...made,
		fault: 'The response to the settings of the clone is lost',
		arrange: onPost(CONFIG, lostAnswer),
		status: 'success',
	},
	{
		...made,
		fault: 'A disk of the clone cannot be grown',
		arrange: all(withCloudInit, ({ emulator }) =>
			emulator.faults.onTask({ type: 'resize', failsBefore: 'No space left on device' }),
		),
		status: 'error',
	},
	{
		...made,
		fault: 'The start of the clone fails',
		arrange: all(withCloudInit, ({ emulator }) =>
			emulator.faults.onTask({ type: 'qmstart', failsBefore: "bridge 'vmbr9' does not exist" }),
		),
		status: 'error',
	},
];
