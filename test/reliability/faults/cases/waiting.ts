import type { INodeParameters } from 'n8n-workflow';

import type { FaultCase } from '../faultCase';
import { all, forever, html, json, longTask, onRead, phrase, STATUS } from '../ingredients';

const phase = 'While waiting';
const outlived = { phase, vms: 1, posts: 1, status: 'success', upid: 'kept' } as const;
const given = { phase, vms: 1, posts: 1, status: 'error', upid: 'kept' } as const;
const cancelled = { phase, vms: 1, posts: 1, status: 'canceled', upid: 'in the log' } as const;

const options = (more: INodeParameters): INodeParameters => ({
	options: { maxPollInterval: 1, ...more },
});
/** For a while, and the task takes a while longer than that. */
const forAWhile = (effect: Parameters<typeof onRead>[1]) =>
	all(longTask(20), onRead(STATUS, effect, { times: 5 }));
/** The execution is cancelled in the midst of the wait. */
const cancelling: FaultCase['act'] = async ({ run, requests, cancel }) => {
	const running = run();
	await requests(2, 'GET', /\/status$/);
	cancel();
	return await running;
};

export const faultsWhileWaiting: readonly FaultCase[] = [
	{ ...outlived, fault: 'The connection breaks several times', arrange: forAWhile('reset') },
	{ ...outlived, fault: 'Responses are cut off', arrange: forAWhile('truncate') },
	{
		...outlived,
		fault: 'A status request gets no response',
		arrange: all(longTask(20), onRead(STATUS, 'hang')),
	},
	{
		...outlived,
		fault: 'Proxmox VE responds with 500',
		arrange: forAWhile(json(500, 'got no worker')),
	},
	{
		...outlived,
		fault: 'A proxy responds with 502 (HTML)',
		arrange: forAWhile(html(502, 'Bad Gateway')),
	},
	{
		...outlived,
		fault: 'A proxy responds with 503',
		arrange: forAWhile(phrase(503, 'Service Unavailable')),
	},
	{
		...outlived,
		fault: 'A proxy responds with 504',
		arrange: forAWhile(phrase(504, 'Gateway Timeout')),
	},
	{
		...outlived,
		fault: 'The daemon is down (595)',
		arrange: forAWhile(phrase(595, 'Connection refused')),
	},
	{
		...outlived,
		fault: 'The daemon hangs (596)',
		arrange: forAWhile(phrase(596, 'Connection timed out')),
	},
	{
		...outlived,
		fault: 'Proxmox’s own proxy responds with 599',
		arrange: forAWhile(phrase(599, 'Too many redirections')),
	},
	{ ...outlived, fault: 'A web page responds with 200', arrange: forAWhile(html(200, 'OK')) },
	{
		...outlived,
		fault: 'The login is rejected for a while (401)',
		arrange: all(longTask(20), onRead(STATUS, phrase(401, 'Authentication failed!'), { times: 2 })),
	},
	{
		...outlived,
		fault: 'The ticket expires',
		only: 'password',
		arrange: longTask(20),
		onLog: ({ passHours }, { message }) => {
			if (message.includes('accepted')) passHours(3);
		},
	},
	{
		...outlived,
		fault: 'Host 1 of the credential goes down, host 2 is up',
		arrange: all(longTask(20), ({ emulator, credentials }) => {
			for (const data of Object.values(credentials))
				data.url = `${emulator.url}, ${emulator.url.replace('127.0.0.1', 'localhost')}`;
			emulator.faults.onRequest({ method: 'GET', path: STATUS, effect: 'reset' });
		}),
	},
	{
		...outlived,
		fault: 'The task takes minutes',
		arrange: longTask(300),
		parameters: options({ maxPollInterval: 60 }),
	},
	{
		...given,
		fault: 'The task takes longer than the timeout',
		seesVary: true,
		arrange: longTask(forever),
		parameters: options({ timeout: 30 }),
	},
	{
		...given,
		fault: 'The login is rejected until the timeout (401)',
		seesVary: true,
		arrange: all(
			longTask(forever),
			onRead(STATUS, phrase(401, 'Authentication failed!'), { times: forever }),
		),
		parameters: options({ timeout: 30 }),
	},
	{
		...given,
		fault: 'The login stays rejected (401)',
		arrange: all(
			longTask(forever),
			onRead(STATUS, phrase(401, 'Authentication failed!'), { times: forever }),
		),
	},
	{
		...given,
		fault: 'The login stays rejected while three items wait (401)',
		items: [{}, {}, {}],
		arrange: all(
			({ emulator }) => emulator.faults.onTask({ type: 'qmcreate', slowness: Infinity, times: 3 }),
			onRead(/^\/nodes\/pve1\/tasks(?:\/.*\/status)?$/, phrase(401, 'Authentication failed!'), {
				times: forever,
			}),
		),
		vms: 3,
		posts: 3,
	},
	{
		...given,
		fault: 'The status arrives at one byte per second until the timeout',
		seesVary: true,
		arrange: all(longTask(forever), onRead(STATUS, 'trickle', { times: forever })),
		parameters: options({ timeout: 30 }),
	},
	{
		...given,
		fault: 'Status requests get no response until the timeout',
		seesVary: true,
		arrange: all(longTask(forever), onRead(STATUS, 'hang', { times: forever })),
		parameters: options({ timeout: 30 }),
	},
	{
		...given,
		fault: 'Proxmox VE is down until the timeout',
		seesVary: true,
		arrange: all(longTask(forever), onRead(/./, 'reset', { nth: 2, times: forever })),
		parameters: options({ timeout: 30 }),
	},
	{
		...given,
		fault: 'The task may no longer be read (403)',
		arrange: all(
			longTask(20),
			onRead(STATUS, json(403, 'Permission check failed (/nodes/pve1, Sys.Audit)')),
		),
	},
	{
		...given,
		fault: 'The task of one item of three fails',
		parameters: { name: '={{ $json.name }}' },
		items: [{ name: 'a' }, { name: 'b' }, { name: 'c' }],
		arrange: ({ emulator }) =>
			emulator.faults.onTask({
				type: 'qmcreate',
				vmid: 106,
				failsWithin: 'no space left on device',
			}),
		vms: 2,
		posts: 3,
	},
	{
		...given,
		fault: 'The tasks of two items take longer than the timeout',
		seesVary: true,
		items: [{}, {}],
		arrange: ({ emulator }) =>
			emulator.faults.onTask({ type: 'qmcreate', slowness: Infinity, times: 2 }),
		parameters: options({ timeout: 30 }),
		vms: 2,
		posts: 2,
	},
	{
		...cancelled,
		fault: 'The execution is cancelled',
		arrange: longTask(forever),
		act: cancelling,
	},
	{
		...cancelled,
		fault: 'The execution is cancelled, and Stop Task on Cancel is on',
		arrange: longTask(forever),
		parameters: options({ stopOnCancel: true }),
		act: cancelling,
		vms: 0,
	},
];
