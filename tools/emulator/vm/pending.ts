import { subOptionsOf } from '../contract/facts';
import { parsePropertyString } from '../contract/propertyString';
import { failure } from '../errors';
import type { ClusterState, Vm, VmConfig } from '../state/types';
import { free } from '../storage/allocate';
import { isCloudInitKey, recordChange } from './cloudInit';
import { addUnused } from './config';
import { drivesOf, isCdrom, isCloudInit, isDriveName, parseDrive } from './drives';
import type { Drive } from './drives';
import { parseNet } from './network';

/** What may be changed in a running VM where `hotplug` does not say it. */
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

/** A change of one setting of a running VM; a value that is not set is undefined. */
interface Change {
	key: string;
	before?: string;
	after?: string;
	/** What its hotplug allows. */
	features: Set<string>;
	config: VmConfig;
}

/** Whether QEMU takes a change while it runs; throws where it should and cannot. */
type Rule = (change: Change) => boolean;

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

const takesDisk: Rule = ({ key, before, after, features }) => {
	if (after === undefined)
		return features.has('disk') && !/^(?:efidisk|ide|sata|tpmstate)/.test(key);
	if (key === 'efidisk0' || key === 'tpmstate0') return false;
	const drive = parseDrive(key, after);
	const old = before === undefined ? undefined : parseDrive(key, before);
	if (!drive) return false;
	if (old && isCdrom(old) !== isCdrom(drive)) throw failure('unable to change media type');
	if (old && isCdrom(old)) return true;
	if (old && drive.file === old.file) return !differs(drive, old, PLUGGED_OPTIONS);
	return features.has('disk') && (old !== undefined || !/^(?:ide|sata)/.test(key));
};

const takesCard: Rule = ({ before, after, features }) => {
	const [old, card] = [before, after].map((text) =>
		text === undefined ? undefined : parseNet(text),
	);
	const isKept = old && card && old.bridge && card.bridge && !differs(old, card, CARD_OPTIONS);
	return Boolean(isKept) || features.has('network');
};

const takesCpus: Rule = ({ after, features, config }) => {
	if (!features.has('cpu')) return false;
	if (Number(after ?? 0) > Number(config.sockets ?? 1) * Number(config.cores ?? 1))
		throw failure("you can't add more vcpus than maxcpus");
	return true;
};

const takesUsb: Rule = ({ features, config: { ostype } }) =>
	features.has('usb') && /^(?:l26|win(?:8|1\d))$/.test(String(ostype ?? ''));

const takesAgent: Rule = ({ before, after }) => {
	if (before === undefined || after === undefined) return false;
	const [old, agent] = [before, after].map(
		(text) => parsePropertyString(subOptionsOf('agent'), text).values ?? {},
	);
	const names = Object.keys({ ...old, ...agent }).filter((name) => name !== 'fstrim_cloned_disks');
	return !differs(old ?? {}, agent ?? {}, names);
};

/** A balloon is changed while a VM runs, and not put in or taken out. */
const takesBalloon: Rule = ({ before, after }) => (before === '0') === (after === '0');

const mentionsMemoryOrCpu = ({ before, after }: Change): boolean =>
	/memory|cpu/.test(`${before ?? ''} ${after ?? ''}`);

/** Settings of which QEMU itself knows nothing. */
const OUTSIDE_QEMU =
	/^(?:description|hookscript|lock|migrate_downtime|migrate_speed|name|onboot|protection|shares|startup|tags|vmstatestorage)$/;

/** What a running VM takes at once; whatever is not here waits for the next start. */
const RULES: ReadonlyArray<readonly [keys: RegExp, rule: Rule]> = [
	[OUTSIDE_QEMU, () => true],
	[/^(?:cpuunits|cpulimit)$/, () => true],
	[/^hotplug$/, (change) => !mentionsMemoryOrCpu(change)],
	[/^tablet$/, ({ features }) => features.has('usb')],
	[/^usb\d+$/, takesUsb],
	[/^vcpus$/, takesCpus],
	[/^memory$/, ({ features }) => features.has('memory')],
	[/^balloon$/, takesBalloon],
	[/^agent$/, takesAgent],
	[/^net\d+$/, takesCard],
];

/** Whether a running VM takes a change at once; throws where it should and cannot. */
function isTaken(change: Change): boolean {
	const { key } = change;
	if (isCloudInitKey(key)) return true;
	if (isDriveName(key)) return takesDisk(change);
	return RULES.some(([keys, rule]) => keys.test(key) && rule(change));
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

/** Settings that are tried at once whatever a request is about. */
const isAlwaysTried = (key: string): boolean => OUTSIDE_QEMU.test(key) || isCloudInitKey(key);

const textOf = (value: string | number | undefined): string | undefined =>
	value === undefined ? undefined : String(value);

/**
 * Puts the changes that wait into the configuration: all of a stopped VM, of a running one those that it takes.
 * @param changed the settings that a request is about; what waited before is tried anew only with the next start
 * @returns by setting, why a running VM could not take it
 */
export function applyPending(
	state: ClusterState,
	vm: Vm,
	changed?: ReadonlySet<string>,
): Record<string, string> {
	const isRunning = vm.status === 'running';
	const errors: Record<string, string> = {};
	// A change of hotplug counts for later requests.
	const features = featuresOf(vm.config);
	dropIdle(vm);
	const isDue = (key: string, after?: string): boolean => {
		if (!isRunning) return true;
		if (changed && !changed.has(key) && !(after !== undefined && isAlwaysTried(key))) return false;
		try {
			return isTaken({ key, before: textOf(vm.config[key]), after, features, config: vm.config });
		} catch (error) {
			errors[key] = `hotplug problem - ${error instanceof Error ? error.message : ''}\n`;
			return false;
		}
	};
	for (const key of [...vm.pendingDelete]) {
		if (!isDue(key)) continue;
		if (isRunning) recordChange(vm, key, vm.config[key], undefined);
		if (isDriveName(key)) detach(state, vm, key, vm.config[key], vm.pendingForce?.has(key));
		delete vm.config[key];
		vm.pendingDelete.delete(key);
		vm.pendingForce?.delete(key);
	}
	for (const [key, value] of Object.entries(vm.pending)) {
		if (!isDue(key, String(value))) continue;
		const replaced = vm.config[key];
		const old = ownDrive(state, vm, key, replaced);
		if (isRunning) recordChange(vm, key, replaced, value);
		vm.config[key] = value;
		delete vm.pending[key];
		const drive = isDriveName(key) ? parseDrive(key, String(value)) : undefined;
		if (drive && old && drive.file !== old.file) detach(state, vm, key, replaced);
	}
	dropUsed(vm);
	// An image that is new, or made anew, has all of it.
	if (!hasCloudInit(vm) || (isRunning && features.has('cloudinit'))) delete vm.imageDrift;
	return errors;
}
