import { endpoints } from '../contract/facts';
import { failure, unsupported } from '../errors';
import type { Vm } from '../state/types';
import { vmOf } from '../vm/config';
import { parseNet } from '../vm/network';
import { vmidOf } from './types';
import type { Call, Endpoint } from './types';

/** The VM whose guest agent is asked; throws why it cannot answer. */
function agentOf({ world, parameters }: Call): Vm {
	const vm = vmOf(world.state, vmidOf(parameters));
	if (vm.config.agent === undefined) throw failure('No QEMU guest agent configured');
	if (vm.status !== 'running') throw failure(`VM ${vm.vmid} is not running`);
	if (!vm.agentRuns) throw failure('QEMU guest agent is not running');
	return vm;
}

function interfaces(call: Call): unknown {
	const { config, guestInterfaces } = agentOf(call);
	if (guestInterfaces) return { result: guestInterfaces() };
	const loopback = {
		name: 'lo',
		'hardware-address': '00:00:00:00:00:00',
		'ip-addresses': [{ 'ip-address': '127.0.0.1', 'ip-address-type': 'ipv4', prefix: 8 }],
	};
	const cards = Object.keys(config)
		.filter((key) => /^net\d+$/.test(key))
		.sort();
	return {
		result: [
			loopback,
			...cards.map((key, index) => ({
				name: `eth${index}`,
				'hardware-address': String(parseNet(String(config[key]))?.macaddr ?? '').toLowerCase(),
				'ip-addresses': [
					{ 'ip-address': `192.0.2.${100 + index}`, 'ip-address-type': 'ipv4', prefix: 24 },
				],
			})),
		],
	};
}

function ping(call: Call): unknown {
	agentOf(call);
	return { result: {} };
}

/** Whatever else a guest can be asked: that it cannot be is answered rightly, what it would say is not known here. */
function ask(call: Call): never {
	agentOf(call);
	throw unsupported('what an agent says of its guest, but for its addresses');
}

const AGENT = '/nodes/{node}/qemu/{vmid}/agent/';
const ANSWERED = new Set([`GET ${AGENT}network-get-interfaces`, `POST ${AGENT}ping`]);

const refused: Endpoint[] = endpoints
	.filter(({ method, path }) => path.startsWith(AGENT) && !ANSWERED.has(`${method} ${path}`))
	.map(({ method, path }) => ({ method, path, handle: ask }));

export const guestEndpoints: Endpoint[] = [
	{ method: 'GET', path: `${AGENT}network-get-interfaces`, handle: interfaces },
	{ method: 'POST', path: `${AGENT}ping`, handle: ping },
	...refused,
];
