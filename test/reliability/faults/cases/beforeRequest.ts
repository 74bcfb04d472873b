import { setNextIdRange } from '../../../../tools/emulator';
import type { FaultCase } from '../faultCase';
import { html, json, NEXT_ID, onRead, phrase } from '../ingredients';

const phase = 'Before the request';
const nothing = { phase, vms: 0, posts: 0, status: 'error', upid: 'none' } as const;
const CLOSED = 'https://127.0.0.1:9';

/** Every credential gets another cluster URL. */
const atUrl =
	(url: (own: string) => string): FaultCase['arrange'] =>
	({ credentials, emulator }) => {
		for (const data of Object.values(credentials)) data.url = url(emulator.url);
	};

export const beforeRequest: readonly FaultCase[] = [
	{ ...nothing, fault: 'A parameter is not valid', parameters: { name: 'bad_name' } },
	{ ...nothing, fault: 'The host refuses the connection', arrange: atUrl(() => CLOSED) },
	{
		...nothing,
		fault: 'All hosts of the credential refuse the connection',
		arrange: atUrl(() => `${CLOSED} https://127.0.0.1:10`),
	},
	{
		fault: 'Host 1 of the credential is down, host 2 is up',
		phase,
		arrange: atUrl((own) => `${CLOSED}, ${own}`),
		vms: 1,
		posts: 1,
		status: 'success',
		upid: 'kept',
	},
	{
		...nothing,
		fault: 'The certificate is not trusted',
		// The cases with a password do without TLS.
		only: 'apiToken',
		arrange: ({ credentials }) => {
			for (const data of Object.values(credentials)) data.ca = '';
		},
	},
	{
		...nothing,
		fault: 'The token is wrong or disabled',
		only: 'apiToken',
		arrange: ({ credentials }) => {
			if (credentials.proxmoxVeApi)
				credentials.proxmoxVeApi.tokenSecret = '99999999-9999-4999-8999-999999999999';
		},
	},
	{
		...nothing,
		fault: 'The password is wrong',
		only: 'password',
		arrange: ({ credentials }) => {
			if (credentials.proxmoxVePasswordApi)
				credentials.proxmoxVePasswordApi.password = 'an0ther-than the right "one"';
		},
	},
	{
		...nothing,
		fault: 'The connection breaks during the request for the next free ID',
		arrange: onRead(NEXT_ID, 'reset'),
	},
	{
		...nothing,
		fault: 'A proxy responds with 502 (HTML) for the next free ID',
		arrange: onRead(NEXT_ID, html(502, 'Bad Gateway')),
	},
	{
		...nothing,
		fault: 'A web page responds instead of Proxmox VE',
		arrange: onRead(NEXT_ID, html(200, 'OK')),
	},
	{
		...nothing,
		fault: 'Proxmox’s own proxy gets no response for the next free ID (596)',
		arrange: onRead(NEXT_ID, phrase(596, 'Connection timed out')),
	},
	{
		...nothing,
		fault: 'A JSON body without a reason phrase',
		arrange: onRead(NEXT_ID, { ...Object(json(500, 'got no lock')), phrase: '' }),
	},
	{
		...nothing,
		fault: 'The datacenter’s ID range is full',
		arrange: ({ emulator }) => setNextIdRange(emulator.state, 100, 100),
	},
];
