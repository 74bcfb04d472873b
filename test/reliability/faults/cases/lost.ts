/* eslint-disable @n8n/community-nodes/no-restricted-globals -- a test tool, neither shipped nor scanned */
import type { INodeParameters } from 'n8n-workflow';

import { newVm } from '../../../../tools/emulator/state/load';
import type { FaultCase, Stage } from '../faultCase';
import {
	all,
	CREATE,
	BOTH,
	fixed,
	forever,
	html,
	json,
	longTask,
	nextIdIs,
	onCreate,
	onRead,
	OTHERS_VM,
	phrase,
	restore,
	TASKS,
	VMID,
} from '../ingredients';

const neverArrives = {
	phase: 'The request never arrives',
	vms: 1,
	posts: 2,
	status: 'success',
	upid: 'kept',
} as const;
const lost = {
	phase: 'The response is lost',
	vms: 1,
	posts: 1,
	status: 'success',
	upid: 'kept',
} as const;

const effects = [
	['The connection breaks', 'reset'],
	['No response', 'hang'],
	['The response arrives at one byte per second', 'trickle'],
	['A proxy responds with 502', phrase(502, 'Bad Gateway')],
	['A proxy responds with 503 (HTML)', html(503, 'Service Unavailable')],
	['A proxy responds with 504 (HTML)', html(504, 'Gateway Time-out')],
	['A proxy on the internet responds with 524', html(524, 'A Timeout Occurred')],
	['A web page responds with 200', html(200, 'OK')],
	['Proxmox’s own proxy responds with 596', phrase(596, 'Connection timed out')],
	['Proxmox’s own proxy responds with 599', phrase(599, 'Too many redirections')],
	['A proxy responds with 408 (HTML)', html(408, 'Request Timeout')],
	['A proxy responds with 499 (HTML)', html(499, 'Client Closed Request')],
	['A proxy responds with 500 (HTML)', html(500, 'Internal Server Error')],
	['A proxy responds with 501 (HTML)', html(501, 'Not Implemented')],
	['A proxy responds with 500 (only the standard phrase)', phrase(500, 'Internal Server Error')],
	['A proxy responds with 403 (HTML)', html(403, 'Forbidden')],
] as const;

/** Once the response is lost, another worker with the same token or user makes a VM of that ID. */
const strangerComes =
	(ms?: number): FaultCase['onLog'] =>
	(stage, { level, metadata }) => {
		if (level === 'warn' && typeof metadata.vmid === 'number') stage.stranger(metadata.vmid, ms);
	};

/** The node's clock is so many seconds behind that of the host which answers. */
const nodeBehind =
	(seconds: number) =>
	({ emulator }: Stage): void =>
		void emulator.tasks.clocksAhead.set('pve1', -seconds);

const noWorker = ({ emulator }: Stage): void => emulator.faults.onTask({ noWorker: true });

const OWN_UUID = '11111111-2222-3333-4444-555555555555';
/** A VM with a network card, and with what is set of its firmware. */
const withCard = (firmware: INodeParameters = {}): INodeParameters => ({
	firmware,
	bridge: { __rl: true, mode: 'name', value: 'vmbr0' },
});

/** As the node has it whose user or token may not set the hardware type. */
const withoutMark = ({ credentials: { proxmoxVeApi: token }, emulator }: Stage): void => {
	const tokenId = 'novmconfighwtype@pve!tk';
	if (token) Object.assign(token, { tokenId, tokenSecret: emulator.tokens[tokenId] });
};
/** The execution is cancelled while the POST is under way. */
const cancelledInPost = async ({ run, requests, cancel, emulator }: Stage) => {
	emulator.faults.onTask({ type: 'qmcreate', slowness: Infinity });
	emulator.faults.onRequest({
		method: 'POST',
		path: CREATE,
		when: 'after',
		effect: { delayMs: 40_000 },
	});
	const running = run();
	while (emulator.tasks.all().every(({ state }) => state !== 'running'))
		await new Promise<void>((later) => setTimeout(later, 250));
	cancel();
	const result = await running;
	await requests(1, 'POST', CREATE);
	return result;
};

/** The daemon hangs, and goes on once so many requests are waiting for it. */
const hangsUntil =
	(requestCount: number) =>
	async ({ emulator, run, requests, logIn }: Stage) => {
		await logIn();
		emulator.faults.daemon = 'hangs';
		const running = run();
		await requests(requestCount, 'POST', CREATE);
		emulator.faults.daemon = 'up';
		return await running;
	};

/** A task of this very user made the VM of this ID, in another POST, so many seconds ago; then the VM went away. */
const madeBefore =
	(secondsAgo: number) =>
	({ emulator }: Stage): void => {
		for (const authId of ['root@pam', emulator.token.tokenId]) {
			const upid = emulator.tasks.start({
				type: 'qmcreate',
				id: String(VMID),
				authId,
				run: async () => {},
			});
			const task = emulator.tasks.find(upid);
			if (task)
				task.upid = upid.replace(/^(UPID:\w+:\w+:\w+:)(\w+)/, (_all, head: string, at: string) => {
					const earlier = parseInt(at, 16) - secondsAgo;
					task.starttime = earlier;
					return head + earlier.toString(16).toUpperCase().padStart(8, '0');
				});
		}
	};

export const lostRequests: readonly FaultCase[] = [
	...effects.map(([fault, effect], index) => ({
		...neverArrives,
		fault,
		...(index === 0 ? BOTH : {}),
		arrange: onCreate({ effect }),
	})),
	{
		...neverArrives,
		fault: 'The connection breaks three times',
		containers: 'deep',
		arrange: onCreate({ effect: 'reset', times: 3 }),
		posts: 4,
	},
	{
		...neverArrives,
		fault: 'The connection breaks, and another VM has the fixed ID',
		containers: 'deep',
		parameters: fixed(OTHERS_VM),
		arrange: onCreate({ effect: 'reset' }),
		status: 'error',
		vms: 0,
		upid: 'none',
	},
	{
		...neverArrives,
		fault: 'The connection breaks, and another VM has taken the next free ID',
		containers: 'deep',
		arrange: all(nextIdIs(OTHERS_VM), onCreate({ effect: 'reset' })),
		posts: 3,
	},
	{
		...neverArrives,
		fault: 'The connection breaks, and a task of the same user made a VM of that ID 5 s before',
		containers: 'deep',
		parameters: fixed(),
		arrange: all(madeBefore(5), onCreate({ effect: 'reset' })),
	},
	{
		...neverArrives,
		fault: 'The connection breaks: a restore that overwrites',
		containers: true,
		parameters: restore(OTHERS_VM, true),
		arrange: onCreate({ effect: 'reset' }),
		vms: 0,
		posts: 1,
		status: 'error',
		upid: 'none',
	},
	{
		...neverArrives,
		fault: 'The connection breaks: a restore with a new ID',
		containers: true,
		parameters: restore(VMID, false),
		arrange: onCreate({ effect: 'reset' }),
	},

	...effects.map(([fault, effect], index) => ({
		...lost,
		fault,
		...(index === 0 ? BOTH : {}),
		arrange: onCreate({ effect, when: 'after' }),
	})),
	{
		...neverArrives,
		fault: 'The connection breaks, and another worker with the same token takes the next free ID',
		containers: true,
		arrange: onCreate({ effect: 'reset' }),
		onLog: strangerComes(),
		vms: 2,
		posts: 3,
	},
	{
		...neverArrives,
		fault:
			'The connection breaks, and another worker with the same token is still making a VM of that ID',
		containers: 'deep',
		arrange: onCreate({ effect: 'reset' }),
		onLog: strangerComes(60_000),
		vms: 2,
		posts: 3,
	},
	{
		...neverArrives,
		fault: 'The connection breaks, and another worker with the same token takes the fixed ID',
		containers: true,
		parameters: fixed(),
		arrange: onCreate({ effect: 'reset' }),
		onLog: strangerComes(),
		status: 'error',
		upid: 'none',
	},
	{
		...neverArrives,
		fault:
			'The same, and the token may not set the hardware type (VM.Config.HWType), so the VM has no random UUID, nor a network card',
		only: 'apiToken',
		arrange: all(withoutMark, onCreate({ effect: 'reset', nth: 2 })),
		parameters: fixed(),
		onLog: (stage, { level }) => {
			if (level === 'warn') stage.stranger(VMID);
		},
		posts: 3,
		status: 'error',
		upid: 'none',
	},

	...[2, 60].map((seconds) => ({
		...lost,
		fault: `The connection breaks; the node’s clock is ${seconds} s behind the clock of the host that responds`,
		arrange: all(nodeBehind(seconds), onCreate({ effect: 'reset', when: 'after' })),
	})),
	{
		...lost,
		fault: 'The connection breaks; creating the VM takes minutes',
		containers: 'deep',
		arrange: all(longTask(300), onCreate({ effect: 'reset', when: 'after' })),
	},
	{
		...lost,
		fault: 'The connection breaks; the VM may not be read (403)',
		containers: 'deep',
		parameters: fixed(),
		arrange: all(
			onCreate({ effect: 'reset', when: 'after' }),
			onRead(/\/config$/, json(403, `Permission check failed (/vms/${VMID}, VM.Audit)`), {
				times: forever,
			}),
		),
		posts: 2,
		status: 'error',
	},
	{
		...lost,
		fault:
			'The connection breaks; the token may not set the hardware type (VM.Config.HWType), so the VM has no random UUID, nor a network card',
		only: 'apiToken',
		arrange: all(withoutMark, onCreate({ effect: 'reset', when: 'after', nth: 2 })),
		posts: 3,
		status: 'error',
	},
	{
		...lost,
		fault: 'The same, with a network card: the VM is recognized by its MAC address',
		only: 'apiToken',
		parameters: withCard(),
		arrange: all(withoutMark, onCreate({ effect: 'reset', when: 'after', nth: 2 })),
		posts: 2,
	},
	{
		...lost,
		fault:
			'The connection breaks; the System UUID is your own, and the network card shows whose the VM is',
		parameters: withCard({ smbios1_uuid: OWN_UUID }),
		arrange: onCreate({ effect: 'reset', when: 'after' }),
	},
	{
		...neverArrives,
		fault: 'The connection breaks; the System UUID is your own, and another worker takes the ID',
		parameters: withCard({ smbios1_uuid: OWN_UUID }),
		arrange: onCreate({ effect: 'reset' }),
		onLog: strangerComes(),
		vms: 2,
		posts: 3,
	},
	{
		...lost,
		fault: 'The connection breaks: a restore with a new ID',
		containers: true,
		parameters: restore(VMID, false),
		arrange: onCreate({ effect: 'reset', when: 'after' }),
		posts: 2,
		status: 'error',
	},
	{
		...lost,
		fault: 'The connection breaks: a restore with a new ID with an Idempotency Key',
		containers: true,
		parameters: {
			...restore(VMID, false),
			options: { maxPollInterval: 1, idempotencyKey: 'delivery-9', ifExists: 'return' },
		},
		arrange: onCreate({ effect: 'reset', when: 'after' }),
		posts: 2,
	},
	{
		...lost,
		fault: 'The task cannot be started (`got no worker upid`): the next free ID',
		containers: true,
		arrange: noWorker,
		vms: 2,
		leftBehind: 1,
		posts: 2,
	},
	{
		...lost,
		fault: 'The task cannot be started (`got no worker upid`): a fixed ID',
		containers: 'deep',
		parameters: fixed(),
		arrange: noWorker,
		leftBehind: 1,
		status: 'error',
		upid: 'none',
	},
	{
		...lost,
		fault: 'The task cannot be started (`got no worker upid`): a restore that overwrites',
		containers: true,
		parameters: restore(OTHERS_VM, true),
		arrange: noWorker,
		vms: 0,
		leftBehind: 1,
		status: 'error',
		upid: 'none',
	},
	{
		...lost,
		fault: 'The task is started, but the task list is locked',
		containers: 'deep',
		arrange: onCreate({
			effect: json(500, "can't lock file '/var/log/pve/tasks/.active.lock' - got timeout"),
			when: 'after',
		}),
	},
	{
		...lost,
		fault: 'A proxy responds with the task of another request',
		containers: true,
		arrange: onCreate({
			effect: json(200, 'OK', {
				data: 'UPID:pve1:0000ABCD:000000AA:67000000:qmcreate:999:root@pam!full:',
			}),
			when: 'after',
		}),
	},
	{
		...lost,
		fault: 'The execution is cancelled during the POST',
		containers: 'deep',
		act: cancelledInPost,
		status: 'canceled',
		upid: 'in the log',
	},
	{
		...lost,
		fault: 'The execution is cancelled during the POST, and Stop Task on Cancel is on',
		containers: true,
		parameters: { options: { maxPollInterval: 1, stopOnCancel: true } },
		act: cancelledInPost,
		vms: 0,
		status: 'canceled',
		upid: 'in the log',
	},
	{
		...lost,
		fault: 'The response is cut off',
		containers: 'deep',
		arrange: onCreate({ effect: 'truncate', when: 'after' }),
	},
	{
		...lost,
		fault: 'The response has no UPID',
		containers: 'deep',
		arrange: onCreate({ effect: json(200, 'OK', { data: null }), when: 'after' }),
	},
	{
		...lost,
		fault: 'The daemon hangs for longer than Proxmox’s proxy waits (30 s), then does its work',
		containers: 'deep',
		act: hangsUntil(2),
		posts: 'several',
	},
	{
		...lost,
		fault: 'The same, with a fixed ID and for minutes',
		parameters: fixed(),
		act: hangsUntil(4),
		posts: 'several',
	},
	{
		...lost,
		fault: 'The connection breaks; the task list cannot be read at first',
		containers: 'deep',
		arrange: all(
			onCreate({ effect: 'reset', when: 'after' }),
			onRead(TASKS, phrase(596, 'Connection timed out'), { times: 2 }),
		),
	},
	{
		...lost,
		fault: 'The connection breaks; the task list is empty at first',
		containers: 'deep',
		arrange: all(
			onCreate({ effect: 'reset', when: 'after' }),
			onRead(TASKS, json(200, 'OK', { data: [] }), { times: 2 }),
		),
	},
	{
		...lost,
		fault: 'The connection breaks; the task list can never be read',
		containers: 'deep',
		parameters: fixed(),
		arrange: all(
			onCreate({ effect: 'reset', when: 'after' }),
			onRead(TASKS, phrase(596, 'Connection timed out'), { times: forever }),
		),
		upid: 'never told',
	},
	{
		...lost,
		fault: 'Proxmox VE does not respond any more',
		containers: 'deep',
		arrange: all(onCreate({ effect: 'reset', when: 'after' }), ({ emulator }) =>
			emulator.faults.onRequest({ effect: 'reset', nth: 3, times: forever }),
		),
		posts: 7,
		status: 'error',
		upid: 'never told',
	},
	{
		...lost,
		fault: 'An empty VM with the lock `create` is left, and no task',
		containers: true,
		arrange: all(nextIdIs(VMID), onCreate({ effect: 'reset' }), ({ emulator }) => {
			emulator.state.vms.set(VMID, newVm(VMID, 'pve1', { lock: 'create' }));
		}),
		vms: 0,
		leftBehind: 1,
		status: 'error',
		upid: 'none',
	},
	{
		...lost,
		fault: 'The connection breaks: a restore that overwrites',
		containers: true,
		parameters: restore(OTHERS_VM, true),
		arrange: onCreate({ effect: 'reset', when: 'after' }),
		vms: 0,
		status: 'error',
	},
	{
		...lost,
		fault: 'The connection breaks; the clock of Proxmox VE is ten minutes behind that of n8n',
		clockOffsetSeconds: -600,
		arrange: onCreate({ effect: 'reset', when: 'after' }),
	},
	{
		...lost,
		fault: 'The execution is cancelled during the search for the task',
		containers: 'deep',
		parameters: fixed(),
		arrange: onCreate({ effect: 'reset', when: 'after' }),
		onLog: ({ cancel }, { level }) => {
			if (level === 'warn') cancel();
		},
		status: 'canceled',
		upid: 'never told',
	},
];
