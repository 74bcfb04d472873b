import { subOptionsOf } from '../contract/facts';
import { parsePropertyString } from '../contract/propertyString';
import { failure } from '../errors';
import { playBoot, seedSource } from '../guest/boot';
import type { Boot } from '../guest/guestSystem';
import { bridgesHere } from '../state/bridges';
import { mappingProblem } from '../state/mappings';
import type { ClusterState, Vm, Volume } from '../state/types';
import { activate } from '../storage/storages';
import { parseVolumeId } from '../storage/volumeId';
import { durations } from '../tasks/durations';
import { holdInTask } from '../tasks/locks';
import type { Worker } from '../tasks/types';
import { seconds } from '../world';
import type { World } from '../world';
import { checkLock, vmOf } from './config';
import { drivesOf, isCloudInit } from './drives';
import { memoryOf } from './status';
import { parseNet } from './network';
import { applyPending } from './pending';
import { freezeReport } from './report';
import { checkState, dropState, logHostMtu } from './savedState';
import { isQemuOption } from './qemuOptions';

/** Seconds that a task waits for the VM's lock file. */
export const TASK_LOCK_TIMEOUT = 10;

/** Runs a task's work with the VM's lock, saying so while it waits. */
export async function withVmLock<Result>(
	world: World,
	vmid: number,
	worker: Worker,
	work: (vm: Vm) => Promise<Result>,
	find: (state: ClusterState, vmid: number) => Vm = vmOf,
): Promise<Result> {
	const begin = async () => await work(find(world.state, vmid));
	return await holdInTask(world.locks, vmid, worker, begin, { timeout: TASK_LOCK_TIMEOUT });
}

/** POST …/status/start: a task of its own, or a request to the HA manager. Returns the UPID. */
export function requestStart(world: World, authId: string, vmid: number): string {
	if (!world.state.quorate) throw failure('cluster not ready - no quorum?');
	const vm = world.state.vms.get(vmid);
	if (vm?.haManaged !== undefined) {
		return world.tasks.start({
			type: 'hastart',
			id: String(vmid),
			authId,
			run: async (worker) => {
				worker.log(`Requesting HA start for VM ${vmid}`);
				await worker.work(durations.highAvailability);
				vm.haManaged = 'started';
				startByHa(world, vmid);
			},
		});
	}
	return startTask(world, authId, vmid);
}

function startTask(world: World, authId: string, vmid: number): string {
	return world.tasks.start({
		type: 'qmstart',
		id: String(vmid),
		authId,
		run: async (worker) =>
			await withVmLock(world, vmid, worker, async (vm) => await startVm(world, vm, worker)),
	});
}

/** The HA manager starts it a little later, as root. */
function startByHa(world: World, vmid: number): void {
	startTask(world, 'root@pam', vmid);
}

/** Starts a VM, or throws why it does not start. One that was suspended to disk goes on where it was. */
export async function startVm(world: World, vm: Vm, worker: Worker): Promise<void> {
	const { state } = world;
	if (vm.config.template) throw failure("you can't start a vm if it's a template");
	const isSuspended = vm.config.lock === 'suspended';
	// A VM that is backed up runs for that: a start lets its guest go on.
	if (vm.config.lock === 'backup' && vm.status === 'running') {
		vm.paused = false;
		return;
	}
	if (!isSuspended) checkLock(vm);
	if (vm.status === 'running') throw failure(`VM ${vm.vmid} already running`);
	if (isSuspended) {
		worker.log('Resuming suspended VM');
		checkState(state, String(vm.config.vmstate ?? ''));
		logHostMtu(vm.config, worker.log);
		worker.log(`activating and using '${vm.config.vmstate}' as vmstate`);
	} else {
		applyPending(state, vm);
	}
	checkVolumes(state, vm);
	if (vm.config.bios === 'ovmf' && vm.config.efidisk0 === undefined) {
		worker.warn('no efidisk configured! Using temporary efivars disk.');
	}
	const node = state.nodes.get(state.localNode);
	const cpus = Number(
		vm.config.vcpus ?? Number(vm.config.sockets ?? 1) * Number(vm.config.cores ?? 1),
	);
	if (node && cpus > node.cpus) throw failure(`MAX ${node.cpus} vcpus allowed per VM on this node`);
	checkMappings(state, vm);
	await worker.work(durations.start);
	checkBridges(state, vm);
	checkQemu(state, vm, worker);
	run(world, vm, worker.pid + 9);
	if (!isSuspended) return boot(world, vm);
	worker.log('Resumed VM, removing state');
	delete vm.config.lock;
	dropState(state, vm);
}

/** From now on a VM runs. */
export function run(world: World, vm: Vm, pid: number): void {
	freezeReport(world, vm);
	vm.status = 'running';
	vm.paused = false;
	delete vm.wasReset;
	vm.startedAt = seconds(world);
	vm.pid = pid;
	// The cloud-init image is made anew with each start.
	delete vm.imageDrift;
}

/** Boots a guest as the state says, or else the installed system of a VM's disks, if one has one. */
function boot(world: World, vm: Vm): void {
	const { state } = world;
	const order = /order=([^,]*)/.exec(String(vm.config.boot ?? ''))?.[1]?.split(';');
	const hasSystem = drivesOf(vm.config).some(
		([key, { file }]) => (order?.includes(key) ?? true) && state.volumes.get(file)?.boots === true,
	);
	if (hasSystem) {
		vm.ignoresShutdown = false;
		vm.addresses = bootAddresses(vm);
	}
	const plan = state.boot?.(vm) ?? (hasSystem ? installedBoot(state, vm) : undefined);
	if (plan) void playBoot(world, vm, plan);
}

/** Whether a volume is an ISO image with the label by which cloud-init knows its data. */
const isSeed = (volume: Volume | undefined): boolean =>
	/^cidata *$/i.test(
		Buffer.from(volume?.bytes ?? []).toString('latin1', 16 * 2048 + 40, 16 * 2048 + 72),
	);

/** An image for clouds: cloud-init does its work where it finds a drive with data, or a serial number that names it. */
function installedBoot({ volumes }: ClusterState, vm: Vm): Boot {
	const isGiven =
		seedSource(vm) !== undefined ||
		drivesOf(vm.config).some(([, drive]) => isCloudInit(drive) || isSeed(volumes.get(drive.file)));
	return {
		agentSeconds: durations.boot / 1000,
		cloudInit: isGiven ? { seconds: durations.boot / 1000 } : { isDisabled: true },
	};
}

/** The address of each network card: what cloud-init sets, else one by DHCP. */
function bootAddresses({ vmid, config }: Vm): string[] {
	const hasCloudInit = drivesOf(config).some(([, drive]) => isCloudInit(drive));
	const cards = Object.keys(config).filter((key) => /^net\d+$/.test(key));
	return cards.sort().map((key, index) => {
		const settings = hasCloudInit ? String(config[key.replace('net', 'ipconfig')] ?? '') : '';
		const fixed = /(?:^|,)ip=([\d.]+)\//.exec(settings)?.[1];
		return fixed ?? `198.51.100.${((vmid + index * 50) % 250) + 1}`;
	});
}

/** From now on a VM does not run, and what it did not take while it did counts; a VM that is saved keeps it waiting. */
export function halt(world: World, vm: Vm, { isSaved = false } = {}): void {
	freezeReport(world, vm);
	vm.status = 'stopped';
	vm.paused = false;
	delete vm.wasReset;
	delete vm.pid;
	delete vm.startedAt;
	vm.guest?.processes.clear();
	if (vm.guest) vm.guest.isFrozen = false;
	if (!isSaved) applyPending(world.state, vm);
}

function checkVolumes(state: ClusterState, vm: Vm): void {
	const drives = drivesOf(vm.config);
	const files = drives.map(([, drive]) => drive.file);
	if (drives.some(([, drive]) => isCloudInit(drive)) && vm.config.cicustom !== undefined) {
		const snippets =
			parsePropertyString(subOptionsOf('cicustom'), String(vm.config.cicustom)).values ?? {};
		files.unshift(...Object.values(snippets).map(String));
	}
	for (const file of files) {
		const id = parseVolumeId(file);
		if (!id) continue;
		activate(state, id.storage);
		if (!state.volumes.has(file)) throw failure(`volume '${file}' does not exist`);
	}
}

const MAPPINGS = {
	hostpci: {
		type: 'pci',
		missing: (id: string) => `PCI device mapping not found for '${id}'`,
		invalid: 'PCI device mapping',
	},
	usb: {
		type: 'usb',
		missing: (id: string) => `USB device mapping not found for '${id}'`,
		invalid: 'USB Mapping',
	},
	virtiofs: {
		type: 'dir',
		missing: (id: string) => `Directory ID ${id} does not exist.`,
		invalid: 'directory mapping',
	},
} as const;

const isMappedFamily = (name: string): name is keyof typeof MAPPINGS => name in MAPPINGS;

/** Devices of the host have to be there, mapped ones have to be what they were mapped as. */
function checkMappings(state: ClusterState, vm: Vm): void {
	for (const key of Object.keys(vm.config).sort()) {
		const family = /^([a-z]+)\d+$/.exec(key)?.[1] ?? '';
		if (!isMappedFamily(family)) continue;
		const text = String(vm.config[key]);
		const { mapping, dirid, host } =
			parsePropertyString(subOptionsOf(`${family}[n]`), text).values ?? {};
		const id = mapping ?? dirid;
		if (id === undefined) {
			if (family === 'hostpci') throw failure(`no PCI device found for '${host}'`);
			continue;
		}
		const { type, missing, invalid } = MAPPINGS[family];
		const known = state.mappings.find((entry) => entry.type === type && entry.id === id);
		if (!known) throw failure(missing(String(id)));
		const problem = mappingProblem(known);
		if (problem !== undefined)
			throw failure(`${invalid} invalid (hardware probably changed): ${problem}`);
	}
}

function checkBridges(state: ClusterState, vm: Vm): void {
	const bridges = bridgesHere(state);
	for (const key of Object.keys(vm.config)
		.filter((name) => /^net\d+$/.test(name))
		.sort()) {
		const bridge = parseNet(String(vm.config[key]))?.bridge;
		if (bridge !== undefined && !bridges.has(String(bridge)))
			throw failure(`bridge '${bridge}' does not exist`);
	}
}

function checkQemu(state: ClusterState, vm: Vm, worker: Worker): void {
	const refuse = (why: string) => {
		worker.log(`qemu-system-x86_64: ${why}`);
		throw failure('start failed: QEMU exited with code 1');
	};
	const option = String(vm.config.args ?? '')
		.split(/\s+/)
		.find((word) => /^--?[a-zA-Z]/.test(word) && !isQemuOption(word));
	if (option !== undefined) refuse(`${option}: invalid option`);
	const memory = state.nodes.get(state.localNode)?.memory ?? Number.POSITIVE_INFINITY;
	if (memoryOf(vm) > memory) refuse("cannot set up guest memory 'pc.ram': Cannot allocate memory");
}

/** A VM whose configuration file has to be there; where it is only looked for, the API says it in other words. */
export function existingVm(state: ClusterState, vmid: number): Vm {
	const vm = state.vms.get(vmid);
	if (vm?.type === 'qemu' && vm.node === state.localNode) return vm;
	throw failure(`unable to find configuration file for VM ${vmid} on node '${state.localNode}'`);
}

/** The VM that an action is about, which has to run. */
export function runningVm(state: ClusterState, vmid: number): Vm {
	const vm = existingVm(state, vmid);
	if (vm.status !== 'running') throw failure(`VM ${vmid} not running`);
	return vm;
}
