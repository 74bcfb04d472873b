import { findParameter } from '../contract/families';
import { createEndpoint } from '../contract/facts';
import { splitList } from '../contract/perl';
import { failure, parameterError, taskErrorText } from '../errors';
import type { Vm } from '../state/types';
import { free } from '../storage/allocate';
import { durations } from '../tasks/durations';
import { checkTags } from '../vm/build';
import {
	checkBootOrder,
	checkDriveChange,
	checkDriveRemoval,
	followBootOrder,
} from '../vm/changeDrives';
import { cloudInitData, cloudInitValues, isOwnCloudInitKey } from '../vm/cloudInit';
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
import { isDriveName } from '../vm/drives';
import { withMac } from '../vm/network';
import { applyPending, detach, rememberImage } from '../vm/pending';
import { freezeReport } from '../vm/report';
import { checkSshKeys } from '../vm/sshKeys';
import { memoryOf } from '../vm/status';
import type { Worker } from '../tasks/types';
import { snapshotConfig, snapshotOf } from './snapshots';
import { flagOf, textOf, vmidOf } from './types';
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
	for (const name of deleted) {
		if (given[name] !== undefined) {
			throw parameterError({
				delete: `you can't use '-${name}' and -delete ${name}' at the same time`,
			});
		}
		if (findParameter(createEndpoint, name) === undefined)
			throw parameterError({ delete: `unknown option '${name}'` });
	}
	const request = { state, authId, vmid, parameters: resolveCdrom(given) };
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
	if (!flagOf(parameters, 'skiplock')) checkLock(vm);
	for (const name of reverted) {
		delete vm.pending[name];
		vm.pendingDelete.delete(name);
	}
	return { call, vm, settings, deleted };
}

async function apply({ call, vm, settings, deleted }: Change, worker: Worker): Promise<void> {
	const { world, authId, parameters } = call;
	const changing = { state: world.state, authId, vm };
	const digest = textOf(parameters, 'digest');
	if (digest !== undefined && digest !== digestOf(vm))
		throw failure('checksum mismatch (file change by other user?)');
	if (!flagOf(parameters, 'skiplock')) checkLock(vm);
	checkBalloon(vm, settings);
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
	const stored = toStored(changed);
	rememberImage(vm);
	for (const key of deleted) remove(call, vm, key);
	if (typeof settings.description === 'string' && settings.description === '')
		delete vm.config.description;
	for (const [key, value] of Object.entries(stored)) {
		if (isDriveName(key)) detach(world.state, vm, key, vm.pending[key]);
		vm.pending[key] = value;
		vm.pendingDelete.delete(key);
	}
	freezeReport(world, vm);
	applyPending(world.state, vm);
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

/** Marks a value as one that goes, at once or with the next start. An unused disk goes at once, with its volume. */
function remove({ world, parameters }: Call, vm: Vm, key: string): void {
	if (/^unused\d+$/.test(key)) {
		const volid = String(vm.config[key] ?? '');
		delete vm.config[key];
		if (world.state.volumes.get(volid)?.vmid === vm.vmid) free(world.state, volid);
		return;
	}
	if (isDriveName(key)) detach(world.state, vm, key, vm.pending[key]);
	delete vm.pending[key];
	if (vm.config[key] === undefined) return;
	vm.pendingDelete.add(key);
	if (flagOf(parameters, 'force')) vm.pendingForce = new Set([...(vm.pendingForce ?? []), key]);
}

/** Works without a task: nothing is logged, nothing takes time. */
const SILENT: Worker = {
	upid: '',
	pid: 0,
	signal: new AbortController().signal,
	log: () => undefined,
	warn: () => undefined,
	work: async () => await Promise.resolve(),
};

async function change(call: Call): Promise<null> {
	const checked = checkChange(call);
	await call.world.locks.hold(
		checked.vm.vmid,
		LOCK_TIMEOUT,
		async () => await apply(checked, SILENT),
	);
	return null;
}

function changeInTask(call: Call): string {
	const checked = checkChange(call);
	const { world, authId, parameters } = call;
	const { vmid } = checked.vm;
	const shownParameters = Object.entries(parameters)
		.filter(
			([name]) =>
				name !== 'node' && name !== 'vmid' && name !== 'digest' && name !== 'background_delay',
		)
		.sort(([a], [b]) => (a < b ? -1 : 1))
		.map(([name, value]) => `-${name} ${name === 'cipassword' ? '<hidden>' : String(value)}`);
	return world.tasks.start({
		type: 'qmconfig',
		id: String(vmid),
		authId,
		run: async (worker) => {
			worker.log(`update VM ${vmid}: ${shownParameters.join(' ')}`);
			await worker.work(durations.configure);
			await world.locks
				.hold(vmid, LOCK_TIMEOUT, async () => await apply(checked, worker), {
					signal: worker.signal,
				})
				.catch((error: unknown) => {
					throw failure(taskErrorText(error));
				});
		},
	});
}

function dumpCloudInit({ world, parameters }: Call): unknown {
	return cloudInitData(vmOf(world.state, vmidOf(parameters)), textOf(parameters, 'type') ?? 'user');
}

/** What cloud-init is given; where the VM runs, what its image has of it. */
function readCloudInit({ world, parameters }: Call): unknown {
	const vm = vmOf(world.state, vmidOf(parameters));
	const config = cloudInitValues(shown(vm.config));
	const image = vm.cloudInit ? shown(vm.cloudInit) : config;
	const isSet = (value: unknown): boolean =>
		value !== undefined && value !== '' && String(value) !== '0';
	const isChanged = (key: string): boolean =>
		vm.cloudInit !== undefined && String(vm.cloudInit[key]) !== String(vm.config[key]);
	const keys = Object.keys(config);
	return [
		...keys.filter((key) => image[key] === undefined).map((key) => ({ key, pending: config[key] })),
		// Names, network cards and IP configurations are listed only where they were added or removed.
		...keys
			.filter((key) => isOwnCloudInitKey(key) && image[key] !== undefined && isSet(config[key]))
			.map((key) =>
				isChanged(key) && isSet(image[key])
					? { key, value: image[key], pending: config[key] }
					: { key, value: config[key] },
			),
		...Object.keys(image)
			.filter((key) => isChanged(key) && !isSet(config[key]))
			.map((key) => ({ key, delete: 1 })),
	];
}

async function renewCloudInit({ world, parameters }: Call): Promise<null> {
	const vm = vmOf(world.state, vmidOf(parameters));
	await world.locks.hold(vm.vmid, LOCK_TIMEOUT, async () => {
		checkLock(vm);
		if (vm.cloudInit) vm.cloudInit = cloudInitValues(vm.config);
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
