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
	const cards = Object.keys(config).filter((key) => /^net\d+$/.test(key)).sort();
	return {
		result: [
			loopback,
			...cards.map((key, index) => ({
				name: `eth${index}`,
				'hardware-address': String(parseNet(String(config[key]))?.macaddr ?? '').toLowerCase(),
				'ip-addresses': [{ 'ip-address': `192.0.2.${100 + index}`, 'ip-address-type': 'ipv4', prefix: 24 }],
			})),
		],
	};
}

function ping(call: Call): unknown {
	agentOf(call);
	return { result: {} };
}

function exec(call: Call): never {
	agentOf(call);
	throw unsupported('commands within a guest');
}

export const guestEndpoints: Endpoint[] = [
	{ method: 'GET', path: '/nodes/{node}/qemu/{vmid}/agent/network-get-interfaces', handle: interfaces },
	{ method: 'POST', path: '/nodes/{node}/qemu/{vmid}/agent/ping', handle: ping },
	{ method: 'POST', path: '/nodes/{node}/qemu/{vmid}/agent/exec', handle: exec },
	{ method: 'GET', path: '/nodes/{node}/qemu/{vmid}/agent/exec-status', handle: exec },
];
