/* eslint-disable @n8n/community-nodes/require-node-api-error -- the emulator is no node: its errors are the API's */
import { endpoints } from '../contract/facts';
import { GuestError, SilentError, failure, unsupported } from '../errors';
import { absolutePath, guestOf, isDirectory } from '../guest/guestSystem';
import type { GuestSystem } from '../guest/guestSystem';
import { runProgram } from '../guest/runProgram';
import type { Vm } from '../state/types';
import { vmOf } from '../vm/config';
import { parseNet } from '../vm/network';
import { halt } from '../vm/start';
import { cpusOf, hostCpus, memoryOf } from '../vm/status';
import type { World } from '../world';
import { flagOf, numberOf, textOf, vmidOf } from './types';
import type { Call, Endpoint } from './types';

/** How long a guest agent that does not answer is waited for, milliseconds. */
const PING_TIMEOUT = 3_000;
/** After what the daemon gives up a message that it cannot put into a header, milliseconds. */
const BROKEN_AFTER = 5_000;
const MEBIBYTE = 1024 ** 2;
/** The most that is read of a file, and kept of a program's output. */
const MOST = 16 * MEBIBYTE;
const MEMORY_BLOCK = 128 * MEBIBYTE;

/** The VM whose guest agent is asked; throws why it cannot answer. */
async function agentOf({ world, parameters }: Call): Promise<Vm> {
	const vm = vmOf(world.state, vmidOf(parameters));
	// One that is turned off in the configuration counts as well.
	if (vm.config.agent === undefined) throw failure('No QEMU guest agent configured');
	if (vm.status !== 'running') throw failure(`VM ${vm.vmid} is not running`);
	const isDeaf = (vm.guest?.deafUntil ?? 0) > world.clock.now();
	if (!vm.agentRuns || vm.paused || isDeaf) {
		await world.clock.sleep(PING_TIMEOUT);
		throw failure('QEMU guest agent is not running');
	}
	return vm;
}

/** What the agent still does while the guest's file systems are frozen. */
const WHILE_FROZEN = new Set(['ping', 'info', 'fsfreeze-status', 'fsfreeze-thaw']);

/** Whether the agent does a command: while file systems are frozen it does few. */
const isEnabled = ({ isFrozen, disabled }: GuestSystem, command: string): boolean =>
	!disabled.has(command) && (!isFrozen || WHILE_FROZEN.has(command));

/** Throws the agent's own refusal of a command that it does not do. */
function checkAllowed(guest: GuestSystem, command: string): void {
	if (isEnabled(guest, command)) return;
	throw new GuestError(
		'CommandNotFound',
		`Command guest-${command} has been disabled: the command is not allowed`,
	);
}

/** The guest of a VM, for a command whose refusal is an error of the API; throws it. */
async function guestFor(call: Call, command: string): Promise<GuestSystem> {
	const guest = guestOf(await agentOf(call));
	checkAllowed(guest, command);
	return guest;
}

const NO_TRAFFIC = Object.fromEntries(
	['rx', 'tx'].flatMap((way) =>
		['bytes', 'dropped', 'errs', 'packets'].map((what) => [`${way}-${what}`, 0]),
	),
);

function interfacesOf({ config, guestInterfaces, addresses = [] }: Vm): unknown {
	if (guestInterfaces) return guestInterfaces();
	const loopback = {
		name: 'lo',
		'hardware-address': '00:00:00:00:00:00',
		'ip-addresses': [
			{ 'ip-address': '127.0.0.1', 'ip-address-type': 'ipv4', prefix: 8 },
			{ 'ip-address': '::1', 'ip-address-type': 'ipv6', prefix: 128 },
		],
		statistics: NO_TRAFFIC,
	};
	const cards = Object.keys(config)
		.filter((key) => /^net\d+$/.test(key))
		.sort();
	return [
		loopback,
		...cards.map((key, index) => ({
			name: `eth${index}`,
			'hardware-address': String(parseNet(String(config[key]))?.macaddr ?? '').toLowerCase(),
			'ip-addresses': [
				{
					'ip-address': addresses[index] ?? `192.0.2.${100 + index}`,
					'ip-address-type': 'ipv4',
					prefix: 24,
				},
			],
			statistics: NO_TRAFFIC,
		})),
	];
}

/** Commands of the agent; those that answer nothing are marked. */
const COMMANDS =
	'network-get-route get-load get-cpustats get-diskstats ssh-remove-authorized-keys ssh-add-authorized-keys ' +
	'ssh-get-authorized-keys get-osinfo get-timezone get-users get-host-name exec exec-status get-memory-block-info ' +
	'set-memory-blocks get-memory-blocks set-user-password get-fsinfo get-disks set-vcpus get-vcpus ' +
	'network-get-interfaces suspend-hybrid! suspend-ram! suspend-disk! fstrim fsfreeze-thaw fsfreeze-freeze-list ' +
	'fsfreeze-freeze fsfreeze-status file-flush file-seek file-write file-read file-close file-open shutdown! info ' +
	'set-time get-time ping sync sync-delimited';

const commandRows = (guest: GuestSystem): unknown =>
	COMMANDS.split(' ').map((word) => {
		const name = word.replace('!', '');
		const enabled = name.startsWith('sync') || isEnabled(guest, name);
		return { name: `guest-${name}`, enabled, 'success-response': name === word };
	});

const fileSystem = (mountpoint: string, index: number): unknown => ({
	name: `vd${String.fromCharCode(97 + index)}`,
	mountpoint,
	type: 'ext4',
	'used-bytes': 47_104,
	'total-bytes': 87_341_056,
	'total-bytes-privileged': 94_856_192,
	disk: [
		{
			'bus-type': 'virtio',
			bus: 0,
			target: 0,
			unit: 0,
			dev: `/dev/vd${String.fromCharCode(97 + index)}`,
			'pci-controller': { domain: 0, bus: 0, slot: 11, function: 0 },
		},
	],
});

/** What each command without parameters answers. */
const ANSWERS: Readonly<Record<string, (guest: GuestSystem, vm: Vm, world: World) => unknown>> = {
	ping: () => ({}),
	info: (guest) => ({ version: '10.0.13', supported_commands: commandRows(guest) }),
	'get-time': (_guest, _vm, { clock }) => clock.now() * 1_000_000,
	'get-timezone': () => ({ offset: 0, zone: 'UTC' }),
	'get-users': () => [],
	'get-host-name': ({ hostname }) => ({ 'host-name': hostname }),
	'get-osinfo': ({ os }) => os,
	'get-vcpus': (_guest, vm, { state }) =>
		Array.from({ length: cpusOf(vm, hostCpus(state)) }, (_, index) => ({
			'logical-id': index,
			online: true,
			'can-offline': index > 0,
		})),
	'get-memory-blocks': (_guest, vm) =>
		Array.from({ length: Math.ceil(memoryOf(vm) / MEMORY_BLOCK) }, (_, index) => ({
			'phys-index': index,
			online: true,
			'can-offline': true,
		})),
	'get-memory-block-info': () => ({ size: MEMORY_BLOCK }),
	'get-fsinfo': ({ mounts }) => mounts.map(fileSystem),
	'network-get-interfaces': (_guest, vm) => interfacesOf(vm),
	'fsfreeze-status': ({ isFrozen }) => (isFrozen ? 'frozen' : 'thawed'),
	'fsfreeze-freeze': (guest) => {
		guest.isFrozen = guest.mounts.length > 0;
		return guest.mounts.length;
	},
	'fsfreeze-thaw': (guest) => {
		const count = guest.isFrozen ? guest.mounts.length : 0;
		guest.isFrozen = false;
		return count;
	},
	fstrim: ({ mounts }) => ({
		paths: mounts.map((path) => ({ path, minimum: 0, trimmed: 94_809_088 })),
	}),
	shutdown: (_guest, vm, world) => {
		halt(world, vm, { isSaved: true });
		return null;
	},
};

/** Asks a command without parameters; a refusal of the agent is in a 200. */
async function ask(call: Call, command: string): Promise<unknown> {
	const vm = await agentOf(call);
	const answer = ANSWERS[command];
	if (!answer) throw unsupported(`the agent's command ${command}`);
	try {
		const guest = guestOf(vm);
		checkAllowed(guest, command);
		return { result: answer(guest, vm, call.world) };
	} catch (error) {
		if (error instanceof GuestError)
			return { result: { error: { class: error.kind, desc: error.description } } };
		throw error;
	}
}

/** Whether a text has a character that is no byte. */
const isWide = (text: string): boolean => [...text].some((character) => character > '\u00ff');

/** A character that is no byte ends the daemon's own encoding. */
function checkBytes(text: string, place: string): void {
	if (isWide(text))
		throw failure(`Wide character in subroutine entry at /usr/share/perl5/PVE/${place}.`);
}

async function exec(call: Call): Promise<unknown> {
	const { world, parameters } = call;
	const command = [parameters.command ?? []].flat().map(String);
	const input = textOf(parameters, 'input-data');
	const { vmid } = vmOf(world.state, vmidOf(parameters));
	if (input !== undefined) checkBytes(input, 'QemuServer/Agent.pm line 135');
	const guest = await guestFor(call, 'exec');
	if (command.some(isWide)) {
		// The agent waits for the rest of a message that it cannot read.
		guest.deafUntil = world.clock.now() + 2 * BROKEN_AFTER;
		await world.clock.sleep(PING_TIMEOUT);
		throw failure(`VM ${vmid} qga command 'guest-exec' failed - got timeout`);
	}
	const ran = runProgram(guest, command, Buffer.from(input ?? '', 'latin1'));
	if (!ran) {
		// What the agent says of it has quotation marks that the daemon cannot put into a header.
		await world.clock.sleep(BROKEN_AFTER);
		throw new SilentError(596, 'Broken pipe');
	}
	const pid = guest.nextPid;
	guest.nextPid += 2;
	guest.processes.set(pid, { ...ran, endsAt: world.clock.now() + ran.seconds * 1000 });
	return { pid };
}

/** Output as the API hands it on: a character for each byte, and nothing where there is none. */
function outputOf(name: string, data: Buffer): Record<string, unknown> {
	if (data.length === 0) return {};
	return {
		[`${name}-data`]: data.subarray(0, MOST).toString('latin1'),
		[`${name}-truncated`]: data.length > MOST ? 1 : 0,
	};
}

async function execStatus(call: Call): Promise<unknown> {
	const guest = await guestFor(call, 'exec-status');
	const pid = numberOf(call.parameters, 'pid') ?? 0;
	const found = guest.processes.get(pid);
	// The agent's own format has an error.
	if (!found) throw new GuestError('GenericError', 'PID ld does not exist');
	if (found.endsAt > call.world.clock.now()) return { exited: 0 };
	// A result can be read once.
	guest.processes.delete(pid);
	const { exitcode, signal, stdout, stderr } = found;
	const end = signal === undefined ? { exitcode } : { signal };
	return { exited: 1, ...end, ...outputOf('out', stdout), ...outputOf('err', stderr) };
}

const openError = (path: string, mode: string): GuestError =>
	new GuestError(
		'GenericError',
		`failed to open file '${path}' (mode: '${mode}'): No such file or directory`,
	);

async function readFile(call: Call): Promise<unknown> {
	const { parameters } = call;
	const guest = await guestFor(call, 'file-open');
	const asked = textOf(parameters, 'file') ?? '';
	const path = absolutePath(asked);
	const file = guest.files.get(path);
	if (!file) {
		if (isDirectory(guest, path))
			throw new GuestError('GenericError', 'failed to read file: Is a directory');
		throw openError(asked, 'r');
	}
	const count = numberOf(parameters, 'count') ?? MOST;
	const offset = numberOf(parameters, 'offset') ?? 0;
	const data = file.subarray(offset, offset + count);
	const isPlain = parameters.decode === undefined || flagOf(parameters, 'decode');
	// Without decoding, the parts that were read one after another are put together as they came.
	const parts = Array.from({ length: Math.ceil(data.length / MEBIBYTE) }, (_, index) =>
		data.subarray(index * MEBIBYTE, (index + 1) * MEBIBYTE).toString(isPlain ? 'latin1' : 'base64'),
	);
	// The end is seen only by reading beyond it.
	return {
		content: parts.join(''),
		'bytes-read': data.length,
		...(data.length === count ? { truncated: 1 } : {}),
	};
}

async function writeFile(call: Call): Promise<null> {
	const { parameters } = call;
	const content = textOf(parameters, 'content') ?? '';
	const isPlain = parameters.encode === undefined || flagOf(parameters, 'encode');
	vmOf(call.world.state, vmidOf(parameters));
	if (isPlain) checkBytes(content, 'API2/Qemu/Agent.pm line 624');
	const guest = await guestFor(call, 'file-open');
	const asked = textOf(parameters, 'file') ?? '';
	const path = absolutePath(asked);
	const folder = path.slice(0, path.lastIndexOf('/')) || '/';
	if (!isDirectory(guest, folder)) throw openError(asked, 'wb');
	// It is empty as soon as it is open.
	guest.files.set(path, Buffer.alloc(0));
	if (!isPlain && !/^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(content)) {
		throw new GuestError('GenericError', 'Base64 data contains invalid characters');
	}
	guest.files.set(path, Buffer.from(content, isPlain ? 'latin1' : 'base64'));
	return null;
}

async function setPassword(call: Call): Promise<unknown> {
	const { parameters } = call;
	const password = textOf(parameters, 'password') ?? '';
	const user = textOf(parameters, 'username') ?? '';
	vmOf(call.world.state, vmidOf(parameters));
	checkBytes(password, 'API2/Qemu/Agent.pm line 302');
	const guest = await guestFor(call, 'set-user-password');
	if (!guest.users.has(user)) {
		throw new GuestError(
			'GenericError',
			`child process has failed to set user password: chpasswd: (user ${user}) pam_chauthtok() failed, error:\n` +
				`User not known to the underlying authentication module\nchpasswd: (line 1, user ${user}) password not changed\n`,
		);
	}
	guest.users.set(user, password);
	return { result: {} };
}

const AGENT = '/nodes/{node}/qemu/{vmid}/agent';
const WITH_PARAMETERS: Readonly<Record<string, Endpoint['handle']>> = {
	exec,
	'exec-status': execStatus,
	'file-read': readFile,
	'file-write': writeFile,
	'set-user-password': setPassword,
};

const described = endpoints.filter(({ path }) => path.startsWith(`${AGENT}/`));
const commandOf = (path: string): string => path.slice(AGENT.length + 1);

export const guestEndpoints: Endpoint[] = [
	{
		method: 'GET',
		path: AGENT,
		handle: () =>
			[...new Set(described.map(({ path }) => commandOf(path)))].sort().map((name) => ({ name })),
	},
	// The form of before each command had a path.
	{
		method: 'POST',
		path: AGENT,
		handle: async (call) => await ask(call, textOf(call.parameters, 'command') ?? ''),
	},
	...described.map(({ method, path }) => ({
		method,
		path,
		handle:
			WITH_PARAMETERS[commandOf(path)] ?? (async (call: Call) => await ask(call, commandOf(path))),
	})),
];
