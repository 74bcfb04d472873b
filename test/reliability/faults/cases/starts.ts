import type { INodeParameters } from 'n8n-workflow';

import type { FaultCase, Stage } from '../faultCase';
import {
	all,
	CURRENT,
	fixed,
	forever,
	html,
	json,
	onRead,
	phrase,
	TASKS,
	VMID,
} from '../ingredients';

const phase = 'At the start of the VM';
const parameters: INodeParameters = {
	...fixed(),
	start: true,
	memory: { memory_current: 64 },
	netList: {
		values: [
			{ model: 'virtio', bridge: { __rl: true, mode: 'name', value: 'vmbr0' }, options: {} },
		],
	},
};
const agent: INodeParameters = { ...parameters, start: true, general: { agent_enabled: true } };
const failed = { phase, parameters, vms: 1, posts: 1, status: 'error', upid: 'kept' } as const;
const runs = { phase, parameters, vms: 1, posts: 1, status: 'success', upid: 'kept' } as const;
const brief: INodeParameters = { ...parameters, options: { timeout: 60, maxPollInterval: 1 } };

const accepted =
	(act: (stage: Stage) => void): FaultCase['onLog'] =>
	(stage, { message }) => {
		if (message.includes('accepted')) act(stage);
	};

export const starts: readonly FaultCase[] = [
	{
		...failed,
		fault: 'The start fails',
		containers: 'deep',
		arrange: ({ emulator }) =>
			emulator.faults.onTask({ type: 'qmstart', failsBefore: "bridge 'vmbr9' does not exist" }),
	},
	{
		...failed,
		fault: 'The start is killed',
		containers: true,
		arrange: ({ emulator }) => emulator.faults.onTask({ type: 'qmstart', dies: true }),
	},
	{
		...failed,
		fault: 'The VM is not started: the cluster has lost quorum',
		seesVary: true,
		parameters: brief,
		onLog: accepted(({ emulator }) => {
			emulator.state.quorate = false;
		}),
	},
	{
		...failed,
		fault: 'The start takes longer than the timeout',
		containers: 'deep',
		seesVary: true,
		parameters: brief,
		arrange: ({ emulator }) => emulator.faults.onTask({ type: 'qmstart', extraMs: forever }),
	},
	{
		...failed,
		fault: 'The VM starts, and stops again at once',
		containers: true,
		arrange: onRead(CURRENT, json(200, 'OK', { data: { status: 'stopped' } }), { times: forever }),
	},
	{
		...failed,
		fault: 'The status of the VM may not be read (403)',
		containers: 'deep',
		arrange: onRead(CURRENT, json(403, `Permission check failed (/vms/${VMID}, VM.Audit)`)),
	},
	{
		...runs,
		fault: 'The start ends with warnings',
		containers: 'deep',
		arrange: ({ emulator }) =>
			emulator.faults.onTask({ type: 'qmstart', warnings: ['no efidisk configured'] }),
	},
	{
		...runs,
		fault: 'The start cannot be read for a while',
		arrange: all(
			onRead(TASKS, html(502, 'Bad Gateway'), { times: 2 }),
			onRead(CURRENT, phrase(401, 'Authentication failed!'), { times: 2 }),
		),
	},
	{
		...failed,
		fault: 'The login is rejected during the start (401)',
		arrange: onRead(CURRENT, phrase(401, 'Authentication failed!'), { times: forever }),
	},
	{
		...runs,
		fault: 'The guest agent is off, with Wait Until → IP Address',
		parameters: {
			...parameters,
			start: true,
			options: { waitUntil: 'ip', readyTimeout: 100_000, maxPollInterval: 1 },
		},
	},
	{
		...runs,
		fault: 'The guest agent reports no address',
		seesVary: true,
		parameters: { ...agent, options: { waitUntil: 'ip', readyTimeout: 60, maxPollInterval: 1 } },
	},
	{
		...runs,
		fault: 'The guest agent may not be used (403)',
		parameters: { ...agent, options: { waitUntil: 'ip', readyTimeout: 60, maxPollInterval: 1 } },
		arrange: onRead(
			/network-get-interfaces$/,
			json(403, `Permission check failed (/vms/${VMID}, VM.GuestAgent.Audit)`),
		),
	},
];
