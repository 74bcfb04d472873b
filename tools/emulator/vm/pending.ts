import type { ClusterState, Vm, VmConfig } from '../state/types';
import { free } from '../storage/allocate';
import { cloudInitValues, isCloudInitKey } from './cloudInit';
import { addUnused } from './config';
import { drivesOf, isCdrom, isCloudInit, isDriveName, parseDrive } from './drives';
import type { Drive } from './drives';
import { parseNet } from './network';

/** What a running VM takes without being touched: nothing in the guest depends on it, or only the next start. */
const FAST = new Set([
	'description',
	'hookscript',
	'lock',
	'migrate_downtime',
	'migrate_speed',
	'name',
	'onboot',
	'protection',
	'shares',
	'startup',
	'tags',
	'vmstatestorage',
]);

const DEFAULT_FEATURES = ['network', 'disk', 'usb'];

/** What may be changed in a running VM: `hotplug`, or what counts without it. */
function featuresOf({ hotplug }: VmConfig): Set<string> {
	if (hotplug === undefined || String(hotplug) === '1') return new Set(DEFAULT_FEATURES);
	return new Set(String(hotplug).split(/[,;\s]+/));
}

const differs = (
	one: Record<string, unknown>,
	other: Record<string, unknown>,
	names: readonly string[],
): boolean => names.some((name) => String(one[name] ?? '') !== String(other[name] ?? ''));

/** Options of a disk that QEMU takes only when the disk is plugged in. */
const PLUGGED_OPTIONS = [
	'aio',
	'discard',
	'iothread',
	'queues',
	'product',
	'cache',
	'ssd',
	'vendor',
	'ro',
];
/** The same of a network card. */
const CARD_OPTIONS = ['model', 'macaddr', 'queues', 'mtu'];

function mayChangeDisk(
	features: Set<string>,
	key: string,
	before: string | undefined,
	after: string,
): boolean {
	if (key === 'efidisk0' || key === 'tpmstate0') return false;
	const drive = parseDrive(key, after);
	const old = before === undefined ? undefined : parseDrive(key, before);
	if (!drive) return false;
	if (old && isCdrom(old)) return isCdrom(drive);
	if (old && drive.file === old.file) return !differs(drive, old, PLUGGED_OPTIONS);
	return features.has('disk') && (old !== undefined || !/^(?:ide|sata)/.test(key));
}

function mayChangeCard(features: Set<string>, before: string | undefined, after: string): boolean {
	const [old, card] = [before === undefined ? undefined : parseNet(before), parseNet(after)];
	if (old && card && !differs(card, old, CARD_OPTIONS)) return true;
	return features.has('network');
}

/** Whether a running VM takes a value at once; else it waits for the next start. */
function takesValue(
	features: Set<string>,
	config: VmConfig,
	key: string,
	value: string | number,
): boolean {
	const before = config[key] === undefined ? undefined : String(config[key]);
	if (FAST.has(key) || isCloudInitKey(key)) return true;
	if (isDriveName(key)) return mayChangeDisk(features, key, before, String(value));
	if (/^net\d+$/.test(key)) return mayChangeCard(features, before, String(value));
	switch (key) {
		case 'hotplug':
			return !/memory|cpu/.test(`${String(value)} ${before ?? ''}`);
		case 'tablet':
			return features.has('usb');
		case 'vcpus':
			return features.has('cpu');
		case 'memory':
			return features.has('memory');
		case 'balloon':
			return (before === undefined || before !== '0') === (String(value) !== '0');
		case 'cpuunits':
		case 'cpulimit':
			return true;
		default:
			return false;
	}
}

/** Whether a running VM can do without a value at once. */
function takesRemoval(features: Set<string>, config: VmConfig, key: string): boolean {
	if (FAST.has(key) || isCloudInitKey(key)) return true;
	if (isDriveName(key)) return features.has('disk') && !/^(?:efidisk|ide|sata|tpmstate)/.test(key);
	if (/^net\d+$/.test(key)) return features.has('network');
	switch (key) {
		case 'hotplug':
			return !/memory|cpu/.test(String(config.hotplug ?? ''));
		case 'tablet':
			return features.has('usb');
		case 'vcpus':
			return features.has('cpu');
		case 'memory':
			return features.has('memory');
		case 'balloon':
			return String(config.balloon) !== '0';
		case 'cpuunits':
		case 'cpulimit':
			return true;
		default:
			return false;
	}
}

/** The drive of a configuration or of its changes, where the VM owns what is in it. */
function ownDrive(
	state: ClusterState,
	vm: Vm,
	key: string,
	text: string | number | undefined,
): Drive | undefined {
	const drive = text === undefined ? undefined : parseDrive(key, String(text));
	return drive && state.volumes.get(drive.file)?.vmid === vm.vmid ? drive : undefined;
}

/** A disk that is taken out of a drive is kept as unused; with `force`, and for cloud-init's data, it is removed. */
export function detach(
	state: ClusterState,
	vm: Vm,
	key: string,
	text: string | number | undefined,
	force = false,
): void {
	const drive = ownDrive(state, vm, key, text);
	if (!drive) return;
	if (isCloudInit(drive) || force) free(state, drive.file);
	else if (!isCdrom(drive)) addUnused(vm, drive.file);
}

/** A volume that is in a drive again is no longer listed as unused. */
function dropUsed(vm: Vm): void {
	const used = new Set(
		[vm.config, vm.pending].flatMap((config) => drivesOf(config).map(([, drive]) => drive.file)),
	);
	for (const [key, value] of Object.entries(vm.config))
		if (/^unused\d+$/.test(key) && used.has(String(value))) delete vm.config[key];
}

/** Changes that come to nothing do not wait. */
function dropIdle(vm: Vm): void {
	for (const [key, value] of Object.entries(vm.pending)) {
		if (vm.config[key] !== undefined && String(vm.config[key]) === String(value))
			delete vm.pending[key];
	}
	for (const key of vm.pendingDelete)
		if (vm.config[key] === undefined) vm.pendingDelete.delete(key);
}

const hasCloudInit = (vm: Vm): boolean =>
	drivesOf(vm.config).some(([, drive]) => isCloudInit(drive));

/** Keeps what the cloud-init image of a running VM was made of, before its configuration changes. */
export function rememberImage(vm: Vm): void {
	if (vm.status === 'running' && hasCloudInit(vm)) vm.cloudInit ??= cloudInitValues(vm.config);
}

/** Makes the cloud-init image anew: with each change of a VM that is off, of a running one where it takes that or has just got the drive. */
function renewImage(vm: Vm, features: Set<string>, isChanged: boolean): void {
	const isRunning = vm.status === 'running';
	if (!hasCloudInit(vm) || (!isRunning && isChanged)) delete vm.cloudInit;
	else if (!isRunning) return;
	else if (!vm.cloudInit || features.has('cloudinit')) vm.cloudInit = cloudInitValues(vm.config);
}

/** Puts the changes that wait into the configuration: all of a stopped VM, of a running one those that it takes. */
export function applyPending(state: ClusterState, vm: Vm): void {
	const isRunning = vm.status === 'running';
	// A change of hotplug counts for later requests.
	const features = featuresOf(vm.config);
	const before = cloudInitValues(vm.config);
	dropIdle(vm);
	for (const key of [...vm.pendingDelete]) {
		if (isRunning && !takesRemoval(features, vm.config, key)) continue;
		if (isDriveName(key)) detach(state, vm, key, vm.config[key], vm.pendingForce?.has(key));
		delete vm.config[key];
		vm.pendingDelete.delete(key);
		vm.pendingForce?.delete(key);
	}
	for (const [key, value] of Object.entries(vm.pending)) {
		if (isRunning && !takesValue(features, vm.config, key, value)) continue;
		const replaced = vm.config[key];
		const old = ownDrive(state, vm, key, replaced);
		vm.config[key] = value;
		delete vm.pending[key];
		if (isDriveName(key) && old && parseDrive(key, String(value))?.file !== old.file)
			detach(state, vm, key, replaced);
	}
	dropUsed(vm);
	const after = cloudInitValues(vm.config);
	renewImage(vm, features, differs(before, after, Object.keys({ ...before, ...after })));
}
