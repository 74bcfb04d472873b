import { findParameter } from '../contract/families';
import { createEndpoint } from '../contract/facts';
import { splitList } from '../contract/perl';
import { failure, parameterError } from '../errors';
import type { ClusterState, Vm } from '../state/types';
import { free } from '../storage/allocate';
import { durations } from '../tasks/durations';
import { checkTags, pinMachine } from '../vm/build';
import {
	checkBootOrder,
	checkDriveChange,
	checkDriveRemoval,
	followBootOrder,
} from '../vm/changeDrives';
import { cloudInitData, isOwnCloudInitKey, storedPassword } from '../vm/cloudInit';
import { checkLock, checkWritable, digestOf, toStored, vmOf } from '../vm/config';
import {
	checkBridgeRights,
	checkCpuRights,
	checkDeviceRights,
	checkParameterRights,
} from '../vm/configRights';
import { resolveCdrom } from '../vm/create';
import { clampCpuWeight } from '../vm/cpuWeight';
import { createDisks } from '../vm/createDisks';
import { checkDriveOptions, checkDriveRights } from '../vm/driveRights';
import { drivesOf, isDriveName } from '../vm/drives';
import { withMac } from '../vm/network';
import { applyPending, detach } from '../vm/pending';
import { freezeReport } from '../vm/report';
import { dropState } from '../vm/savedState';
import { checkSshKeys } from '../vm/sshKeys';
import { withVmLock } from '../vm/start';
import { memoryOf } from '../vm/status';
import { exitWithin } from '../tasks/exitWithin';
import { silentWorker } from '../tasks/silentWorker';
import type { Worker } from '../tasks/types';
import { snapshotConfig, snapshotOf } from './snapshots';
import { flagOf, numberOf, textOf, vmidOf } from './types';
import type { Call, Endpoint, Parameters } from './types';

/** Seconds that a change waits for the VM's lock file. */
const LOCK_TIMEOUT = 10;
const MEGABYTE = 1024 ** 2;
const STEERING = new Set([
	'node',
	'vmid',
	'digest',
	'background_delay',
	'skiplock',
	'delete',
	'revert',
	'force',
	'import-working-storage',
]);

function shown(config: Vm['config']): Vm['config'] {
	return config.cipassword === undefined ? config : { ...config, cipassword: '**********' };
}

function read({ world, parameters }: Call): unknown {
	const vm = vmOf(world.state, vmidOf(parameters));
	const name = textOf(parameters, 'snapshot');
	if (name !== undefined) {
		return { ...shown(snapshotConfig(snapshotOf(vm, name))), digest: digestOf(vm) };
	}
	const config = { ...vm.config };
	// What waits for the next start is what is configured, unless what runs is asked for.
	if (!flagOf(parameters, 'current')) {
		Object.assign(config, vm.pending);
		for (const key of vm.pendingDelete) delete config[key];
	}
	return { ...shown(config), digest: digestOf(vm) };
}

function pending({ world, parameters }: Call): unknown {
	const vm = vmOf(world.state, vmidOf(parameters));
	const config = shown({ ...vm.config, digest: digestOf(vm) });
	const rows: Array<Record<string, unknown>> = Object.entries(config).map(([key, value]) => ({
		key,
		value,
		...(vm.pending[key] === undefined ? {} : { pending: vm.pending[key] }),
		...(vm.pendingDelete.has(key) ? { delete: 1 } : {}),
	}));
	for (const [key, value] of Object.entries(vm.pending)) {
		if (vm.config[key] === undefined) rows.push({ key, pending: value });
	}
	return rows;
}

interface Change {
	call: Call;
	vm: Vm;
	settings: Parameters;
	deleted: string[];
	reverted: string[];
}

/** Settings that a configuration may have and a create does not take. */
const STORED_ONLY = new Set(['vmstate', 'runningmachine', 'runningcpu', 'running-nets-host-mtu']);

/** Throws where a setting is not known, or a request wants two things of it. */
function checkNames(given: Parameters, deleted: string[], reverted: string[]): void {
	const isKnown = (name: string) =>
		findParameter(createEndpoint, name) !== undefined || STORED_ONLY.has(name);
	for (const name of reverted) {
		if (!isKnown(name)) throw parameterError({ revert: `unknown option '${name}'` });
		if (given[name] !== undefined)
			throw parameterError({
				delete: `you can't use '-${name}' and -revert ${name}' at the same time`,
			});
	}
	for (const name of deleted) {
		if (given[name] !== undefined)
			throw parameterError({
				delete: `you can't use '-${name}' and -delete ${name}' at the same time`,
			});
		if (reverted.includes(name))
			throw parameterError({
				revert: `you can't use '-delete ${name}' and -revert ${name}' at the same time`,
			});
		if (!isKnown(name)) throw parameterError({ delete: `unknown option '${name}'` });
	}
}

/** Throws where the VM is not as the request says, or is locked; a saved state may be deleted of a VM that is suspended. */
function checkUnchanged({ parameters }: Call, vm: Vm, deleted: string[]): void {
	const digest = textOf(parameters, 'digest');
	if (digest !== undefined && digest !== '' && digest !== digestOf(vm))
		throw failure('checksum mismatch (file change by other user?)');
	const isDiscarded = deleted.includes('vmstate') && vm.config.lock === 'suspended';
	if (!flagOf(parameters, 'skiplock') && !isDiscarded) checkLock(vm);
}

/** Everything that is checked before a change, in the API's order. */
function checkChange(call: Call): Change {
	const { world, authId, parameters } = call;
	const { state } = world;
	const vmid = vmidOf(parameters);
	const given = clampCpuWeight(
		Object.fromEntries(Object.entries(parameters).filter(([name]) => !STEERING.has(name))),
	);
	const deleted = splitList(textOf(parameters, 'delete') ?? '').map((name) =>
		name === 'cdrom' ? 'ide2' : name,
	);
	const reverted = splitList(textOf(parameters, 'revert') ?? '');
	if (flagOf(parameters, 'skiplock') && authId !== 'root@pam') {
		throw parameterError({ skiplock: 'Only root may use this option.' });
	}
	if (typeof given.sshkeys === 'string') checkSshKeys(given.sshkeys);
	if (Object.keys(given).length === 0 && deleted.length === 0 && reverted.length === 0) {
		throw failure('no options specified');
	}
	checkNames(given, deleted, reverted);
	const workingStorage = textOf(parameters, 'import-working-storage');
	const request = { state, authId, vmid, parameters: resolveCdrom(given), workingStorage };
	checkParameterRights(request, [...deleted, ...Object.keys(request.parameters)]);
	checkDriveRights(request);
	checkBridgeRights(state, authId, request.parameters);
	checkDeviceRights(request);
	checkCpuRights(request);
	const settings = checkDriveOptions(request);
	for (const name of Object.keys(settings)) {
		if (/^net\d+$/.test(name)) settings[name] = withMac(state, String(settings[name]));
	}
	const vm = vmOf(state, vmid);
	checkUnchanged(call, vm, deleted);
	checkBalloon(vm, settings);
	return { call, vm, settings, deleted, reverted };
}

/** Takes back changes that wait. */
function revert(state: ClusterState, vm: Vm, reverted: string[]): void {
	for (const name of reverted) {
		if (isDriveName(name)) detach(state, vm, name, vm.pending[name]);
		delete vm.pending[name];
		vm.pendingDelete.delete(name);
	}
}

async function apply(
	{ call, vm, settings, deleted, reverted }: Change,
	worker: Worker,
): Promise<void> {
	const { world, authId } = call;
	const changing = { state: world.state, authId, vm };
	checkUnchanged(call, vm, deleted);
	checkBalloon(vm, settings);
	worker.log(`update VM ${vm.vmid}: ${describeChange(call)}`);
	checkWritable(world.state, vm.vmid);
	const changed: Parameters = { ...settings };
	const drives = Object.fromEntries(Object.entries(settings).filter(([name]) => isDriveName(name)));
	for (const key of deleted) checkDriveRemoval(changing, key);
	for (const [key, text] of Object.entries(drives)) checkDriveChange(changing, key, String(text));
	const hasDevice = (name: string) =>
		!deleted.includes(name) && Boolean(settings[name] ?? vm.config[name] ?? vm.pending[name]);
	if (settings.boot !== undefined) checkBootOrder(settings.boot, hasDevice);
	const boot =
		settings.boot === undefined
			? followBootOrder(vm.config.boot, deleted, textsOf(drives))
			: undefined;
	if (boot !== undefined) changed.boot = boot;
	if (Object.keys(drives).length > 0) {
		const config = toStored(drives);
		const { drives: made } = await createDisks({
			world,
			authId,
			vmid: vm.vmid,
			config,
			workingStorage: textOf(call.parameters, 'import-working-storage'),
			isLive: false,
			worker,
		});
		Object.assign(changed, made);
	}
	if (changed.tags !== undefined) {
		changed.tags = checkTags(
			world.state,
			authId,
			vm.vmid,
			String(changed.tags ?? ''),
			String(vm.config.tags ?? ''),
		);
	}
	const isPinned =
		changed.machine !== undefined ||
		vm.pending.machine !== undefined ||
		deleted.includes('machine');
	if (changed.ostype !== undefined && !isPinned) {
		const machine = pinMachine(vm.config.machine, changed.ostype, worker);
		if (machine !== undefined) changed.machine = machine;
	}
	const stored = toStored(changed);
	if (stored.cipassword !== undefined) {
		// Proxmox puts it where it is read from, whatever else waits.
		vm.config.cipassword = storedPassword(String(stored.cipassword), vm.config.ostype);
		delete stored.cipassword;
	}
	revert(world.state, vm, reverted);
	for (const key of deleted) remove(call, vm, key, worker.log);
	if (typeof settings.description === 'string' && settings.description === '')
		delete vm.config.description;
	for (const [key, value] of Object.entries(stored)) {
		if (isDriveName(key)) detach(world.state, vm, key, vm.pending[key]);
		vm.pending[key] = value;
		vm.pendingDelete.delete(key);
	}
	freezeReport(world, vm);
	const errors = applyPending(world.state, vm, new Set([...deleted, ...Object.keys(changed)]));
	if (Object.keys(errors).length > 0) throw parameterError(errors);
}

const textsOf = (values: Parameters): Record<string, string> =>
	Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]));

/** Throws where the VM is to give back more memory than it has. */
function checkBalloon(vm: Vm, settings: Parameters): void {
	if (settings.memory === undefined && settings.balloon === undefined) return;
	const { memory = '', balloon = 0 } = { ...vm.config, ...vm.pending, ...settings };
	const assigned = memoryOf({ config: { memory: String(memory) } }) / MEGABYTE;
	if (Number(balloon) > assigned)
		throw failure('balloon value too large (must be smaller than assigned memory)');
}

/** Throws where a volume that is to be removed is still in a drive, or in a snapshot. */
function checkUnused(vm: Vm, volid: string): void {
	const inUse = [vm.config, ...vm.snapshots.map(({ config }) => config)].some((config) =>
		drivesOf(config).some(([, { file }]) => file === volid),
	);
	if (inUse) throw failure(`unable to delete '${volid}' - volume is still in use (snapshot?)`);
}

/** Marks a value as one that goes, at once or with the next start. An unused disk and a saved state go at once, with their volumes. */
function remove(
	{ world: { state }, parameters }: Call,
	vm: Vm,
	key: string,
	log: (line: string) => void,
): void {
	const value = vm.config[key] ?? vm.pending[key];
	if (value === undefined) return log(`cannot delete '${key}' - not set in current configuration!`);
	if (/^unused\d+$/.test(key)) {
		const volid = String(value);
		if (vm.config.protection)
			throw failure(`can't remove unused disk '${volid}' - protection mode enabled`);
		if (state.volumes.get(volid)?.vmid === vm.vmid) {
			checkUnused(vm, volid);
			free(state, volid);
		}
		delete vm.config[key];
		return;
	}
	if (key === 'vmstate') {
		if (vm.config.protection)
			throw failure(`can't remove vmstate '${value}' - protection mode enabled`);
		dropState(state, vm);
		if (vm.config.lock === 'suspended') delete vm.config.lock;
		return;
	}
	if (isDriveName(key)) detach(state, vm, key, vm.pending[key]);
	delete vm.pending[key];
	if (vm.config[key] === undefined) return;
	vm.pendingDelete.add(key);
	if (flagOf(parameters, 'force')) vm.pendingForce = new Set([...(vm.pendingForce ?? []), key]);
}

async function change(call: Call): Promise<null> {
	const checked = checkChange(call);
	await call.world.locks.hold(
		checked.vm.vmid,
		LOCK_TIMEOUT,
		async () => await apply(checked, silentWorker),
	);
	return null;
}

/** What a change is to do, as its log has it. */
function describeChange({ parameters }: Call): string {
	return Object.entries(parameters)
		.filter(([name]) => !['node', 'vmid', 'digest', 'background_delay'].includes(name))
		.sort(([a], [b]) => (a < b ? -1 : 1))
		.map(([name, value]) => `-${name} ${name === 'cipassword' ? '<hidden>' : String(value)}`)
		.join(' ');
}

async function changeInTask(call: Call): Promise<string | null> {
	const checked = checkChange(call);
	const { world, authId, parameters } = call;
	const { vmid } = checked.vm;
	const upid = world.tasks.start({
		type: 'qmconfig',
		id: String(vmid),
		authId,
		run: async (worker) => {
			await worker.work(durations.configure);
			await withVmLock(world, vmid, worker, async () => await apply(checked, worker));
		},
	});
	const exitStatus = await exitWithin(world, upid, numberOf(parameters, 'background_delay') ?? 0);
	if (exitStatus === undefined) return upid;
	if (exitStatus === 'OK' || exitStatus.startsWith('WARNINGS')) return null;
	throw failure(`failed to update VM ${vmid}: ${exitStatus}`);
}

function dumpCloudInit({ world, parameters }: Call): unknown {
	return cloudInitData(vmOf(world.state, vmidOf(parameters)), textOf(parameters, 'type') ?? 'user');
}

/** What cloud-init is given, and what of it is not in the image which the guest has. */
function readCloudInit({ world, parameters }: Call): unknown {
	const vm = vmOf(world.state, vmidOf(parameters));
	const config = shown(vm.config);
	const image = shown(vm.imageDrift?.values ?? {});
	const added = [...(vm.imageDrift?.added ?? [])];
	// Perl takes '' and 0 for nothing.
	const isSet = (value: unknown): boolean =>
		value !== undefined && value !== '' && String(value) !== '0';
	return [
		...added.map((key) => ({ key, pending: config[key] ?? null })),
		// A name, a network card or an IP configuration that was changed is not listed.
		...Object.keys(config)
			.filter((key) => isOwnCloudInitKey(key) && isSet(config[key]) && !added.includes(key))
			.map((key) =>
				isSet(image[key])
					? { key, value: image[key], pending: config[key] }
					: { key, value: config[key] },
			),
		...Object.keys(image)
			.filter((key) => !isSet(config[key]))
			.map((key) => ({ key, delete: 1 })),
	];
}

async function renewCloudInit({ world, parameters }: Call): Promise<null> {
	const vm = vmOf(world.state, vmidOf(parameters));
	await world.locks.hold(vm.vmid, LOCK_TIMEOUT, async () => {
		checkLock(vm);
		delete vm.imageDrift;
		await Promise.resolve();
	});
	return null;
}

export const qemuConfigEndpoints: Endpoint[] = [
	{ method: 'GET', path: '/nodes/{node}/qemu/{vmid}/config', handle: read },
	{ method: 'GET', path: '/nodes/{node}/qemu/{vmid}/pending', handle: pending },
	{ method: 'PUT', path: '/nodes/{node}/qemu/{vmid}/config', handle: change },
	{ method: 'POST', path: '/nodes/{node}/qemu/{vmid}/config', handle: changeInTask },
	{ method: 'GET', path: '/nodes/{node}/qemu/{vmid}/cloudinit', handle: readCloudInit },
	{ method: 'PUT', path: '/nodes/{node}/qemu/{vmid}/cloudinit', handle: renewCloudInit },
	{ method: 'GET', path: '/nodes/{node}/qemu/{vmid}/cloudinit/dump', handle: dumpCloudInit },
];
