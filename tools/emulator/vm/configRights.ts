import { demand, demandOnVm } from '../auth/permissions';
import { createEndpoint, subOptionsOf } from '../contract/facts';
import { findParameter } from '../contract/families';
import { parsePropertyString } from '../contract/propertyString';
import type { PropertyValues } from '../contract/propertyString';
import { textOf } from '../endpoints/types';
import type { Parameters } from '../endpoints/types';
import { failure, parameterError } from '../errors';
import { bridgePath } from '../state/bridges';
import type { ClusterState } from '../state/types';
import { isDriveName } from './drives';
import { parseNet } from './network';

/** Who wants to set what on which VM. */
export interface ConfigRequest {
	state: ClusterState;
	authId: string;
	vmid: number;
	/** The pool the VM is to join: rights there are as good. */
	pool?: string;
	parameters: Parameters;
}

const PRIVILEGES: ReadonlyArray<readonly [privilege: string, parameters: readonly string[]]> = [
	[
		'VM.Config.CPU',
		['cores', 'cpu', 'runningcpu', 'cpulimit', 'cpuunits', 'numa', 'smp', 'sockets', 'vcpus'],
	],
	['VM.Config.Memory', ['memory', 'balloon', 'shares', 'allow-ksm']],
	[
		'VM.Config.HWType',
		[
			'acpi',
			'hotplug',
			'kvm',
			'machine',
			'runningmachine',
			'scsihw',
			'smbios1',
			'tablet',
			'vga',
			'watchdog',
			'audio0',
			'rng0',
		],
	],
	[
		'VM.Config.Options',
		[
			'agent',
			'autostart',
			'bios',
			'description',
			'keyboard',
			'localtime',
			'migrate_downtime',
			'migrate_speed',
			'name',
			'onboot',
			'ostype',
			'protection',
			'reboot',
			'startdate',
			'startup',
			'tdf',
			'template',
		],
	],
	['VM.PowerMgmt', ['freeze']],
	['VM.Config.Disk', ['boot', 'bootdisk', 'vmstatestorage']],
];

const CLOUD_INIT = new Set([
	'cicustom',
	'cipassword',
	'citype',
	'ciuser',
	'ciupgrade',
	'nameserver',
	'searchdomain',
	'sshkeys',
]);

const privilegeByParameter = new Map(
	PRIVILEGES.flatMap(([privilege, parameters]) =>
		parameters.map((parameter) => [parameter, privilege] as const),
	),
);

function privilegeFor(name: string): string | undefined {
	if (/^numa\d+$/.test(name)) return 'VM.Config.CPU';
	if (/^net\d+$/.test(name) || name === 'running-nets-host-mtu') return 'VM.Config.Network';
	return privilegeByParameter.get(name);
}

/** Checked by their values, elsewhere. */
const BY_VALUE = /^(?:cdrom|tags|(?:unused|serial|usb|hostpci|virtiofs)\d+)$/;

const isRoot = (authId: string): boolean => authId === 'root@pam';

/** Parameters by name: the API goes through them in no fixed order, we by name. */
function namesOf(parameters: Parameters, pattern: RegExp): string[] {
	return Object.keys(parameters)
		.filter((name) => pattern.test(name))
		.sort();
}

/** Throws where a parameter needs a privilege that is not there, or may be set by root alone. */
export function checkParameterRights(
	request: ConfigRequest,
	names = Object.keys(request.parameters),
): void {
	const { state, authId, vmid, pool } = request;
	if (isRoot(authId)) return;
	const needed = (privileges: string[], any = false) =>
		demandOnVm(state, authId, vmid, pool, privileges, { any });
	// What only root may set stops everybody else, whatever else is lacking.
	const sorted = [...names].sort();
	for (const name of sorted) {
		if (isDriveName(name) || BY_VALUE.test(name)) continue;
		const privilege = privilegeFor(name);
		if (privilege !== undefined) needed([privilege]);
		else if (name === 'vmstate') needed(['VM.Config.Disk', 'VM.PowerMgmt']);
		else if (CLOUD_INIT.has(name) || /^ipconfig\d+$/.test(name))
			needed(['VM.Config.Cloudinit', 'VM.Config.Network'], true);
		else throw failure(`only root can set '${name}' config`);
		if (name === 'startup') demand(state, authId, '/', ['Sys.Modify']);
	}
}

function readProperties(name: string, value: string): PropertyValues {
	return (
		parsePropertyString(findParameter(createEndpoint, name)?.subOptions ?? {}, value).values ?? {}
	);
}

/** Serial ports, USB and PCI devices, random numbers and shared directories: the right depends on the value. */
export function checkDeviceRights(request: ConfigRequest): void {
	const { state, authId, vmid, pool, parameters } = request;
	if (isRoot(authId)) return;
	const hardware = () => demandOnVm(state, authId, vmid, pool, ['VM.Config.HWType']);
	for (const name of namesOf(parameters, /^serial\d+$/)) {
		if (textOf(parameters, name) !== 'socket')
			throw failure(`only root can set '${name}' config for real devices`);
		hardware();
	}
	for (const name of namesOf(parameters, /^usb\d+$/)) {
		hardware();
		checkMapped(request, name, 'usb', 'real devices');
	}
	for (const name of namesOf(parameters, /^hostpci\d+$/)) {
		checkMapped(request, name, 'pci', 'non-mapped devices');
		hardware();
		const device = readProperties(name, textOf(parameters, name) ?? '');
		if (device.romfile !== undefined)
			throw parameterError({ [name]: "only root@pam can set 'romfile' option" });
	}
	const rng = textOf(parameters, 'rng0');
	if (rng) {
		hardware();
		if (readProperties('rng0', rng).source === '/dev/hwrng')
			demand(state, authId, '/mapping/hwrng', ['Mapping.Use']);
	}
	for (const name of namesOf(parameters, /^virtiofs\d+$/)) {
		demandOnVm(state, authId, vmid, pool, ['VM.Config.Disk']);
		const { dirid } = readProperties(name, textOf(parameters, name) ?? '');
		demand(state, authId, `/mapping/dir/${dirid}`, ['Mapping.Use']);
	}
}

/** A device of the host is root's; one that the administrator has mapped needs the right to use the mapping. */
function checkMapped(
	{ state, authId, parameters }: ConfigRequest,
	name: string,
	kind: string,
	real: string,
): void {
	const { host, mapping } = readProperties(name, textOf(parameters, name) ?? '');
	if (host !== undefined) {
		if (kind === 'usb' && /^spice$/i.test(String(host))) return;
		throw failure(`only root can set '${name}' config for ${real}`);
	}
	if (mapping === undefined) throw failure("either 'host' or 'mapping' must be set.");
	demand(state, authId, `/mapping/${kind}/${mapping}`, ['Mapping.Use']);
}

/** All VLANs of a list such as `2;3;5-7`. */
function tagsOf(trunks: string): number[] {
	return trunks.split(';').flatMap((part) => {
		const [first, last = first] = part.split('-').map(Number);
		if (first === undefined || last === undefined) return [];
		return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index);
	});
}

/** The right to use each network card's bridge, or its VLANs. `read` reads a card; a VM's unless given. */
export function checkBridgeRights(
	state: ClusterState,
	authId: string,
	values: Readonly<Record<string, unknown>>,
	read: (text: string) => PropertyValues | undefined = parseNet,
): void {
	if (isRoot(authId)) return;
	for (const name of Object.keys(values).sort()) {
		if (!/^net\d+$/.test(name)) continue;
		const { bridge, tag, trunks } = read(String(values[name])) ?? {};
		if (bridge === undefined) continue;
		const path = bridgePath(state, String(bridge));
		if (tag) demand(state, authId, `${path}/${tag}`, ['SDN.Use']);
		const vlans = trunks ? tagsOf(String(trunks)).sort() : [];
		for (const vlan of vlans) demand(state, authId, `${path}/${vlan}`, ['SDN.Use']);
		if (!tag && !trunks) demand(state, authId, path, ['SDN.Use']);
	}
}

/** A CPU model of the administrator's own needs the right to use it. */
export function checkCpuRights({ state, authId, parameters }: ConfigRequest): void {
	const text = textOf(parameters, 'cpu');
	if (text === undefined) return;
	const { cputype } = parsePropertyString(subOptionsOf('cpu'), text).values ?? {};
	const custom = /^custom-(.+)$/.exec(String(cputype ?? ''))?.[1];
	if (custom !== undefined) demand(state, authId, `/mapping/cpu/${custom}`, ['Mapping.Use']);
}

/** The rights that a restored configuration needs, whoever wrote it. */
export function checkRestoreRights(
	state: ClusterState,
	authId: string,
	parameters: Parameters,
): void {
	checkBridgeRights(state, authId, parameters);
	if (isRoot(authId)) return;
	for (const name of namesOf(parameters, /^usb\d+$/))
		checkMapped({ state, authId, vmid: 0, parameters }, name, 'usb', 'real devices');
	for (const name of namesOf(parameters, /^hostpci\d+$/)) {
		checkMapped({ state, authId, vmid: 0, parameters }, name, 'pci', 'non-mapped devices');
	}
}
