import { demand, demandOnVm } from '../auth/permissions';
import { createContainerEndpoint } from '../contract/facts';
import { parsePropertyString } from '../contract/propertyString';
import type { PropertyValues } from '../contract/propertyString';
import type { Parameters } from '../endpoints/types';
import { permissionError } from '../errors';
import type { ClusterState, VmConfig } from '../state/types';
import { checkVolumeAccess } from '../storage/volumeAccess';
import { checkTags } from '../vm/build';
import { checkBridgeRights } from '../vm/configRights';
import { isMountKey, kindOf, parseMount, parseNewVolume } from './mountPoints';
import { isNetKey, parseCtNet } from './network';

/** Who wants to set or delete what of which container. */
export interface CtChange {
	state: ClusterState;
	authId: string;
	vmid: number;
	/** The pool that the container is to join: rights there are as good. */
	pool?: string;
	settings: Parameters;
	deleted?: string[];
	/** The configuration so far; none where the container is new. */
	before?: VmConfig;
	unprivileged: boolean;
}

const onlyRoot = (what: string) => permissionError(`${what} is only allowed for root@pam`);

const featureSchema = createContainerEndpoint.parameters.features?.subOptions ?? {};

const featuresOf = (text: string | number | undefined): PropertyValues =>
	text === undefined ? {} : (parsePropertyString(featureSchema, String(text)).values ?? {});

/** Which features a change touches. */
function changedFeatures({ settings, before }: CtChange, isDeleted: boolean): string[] {
	const old = featuresOf(before?.features);
	const wanted = isDeleted ? {} : featuresOf(String(settings.features));
	return Object.keys({ ...old, ...wanted }).filter(
		(name) => String(old[name] ?? '') !== String(wanted[name] ?? ''),
	);
}

function checkFeatures(change: CtChange, isDeleted: boolean): void {
	if (!change.unprivileged) throw onlyRoot('changing feature flags for privileged container');
	const changed = changedFeatures(change, isDeleted);
	if (changed.some((name) => name !== 'nesting'))
		throw onlyRoot('changing feature flags (except nesting)');
	if (changed.length > 0)
		demandOnVm(change.state, change.authId, change.vmid, change.pool, ['VM.Allocate']);
}

function checkMount({ state, authId, vmid, settings }: CtChange, key: string): void {
	const mount = parseMount(key, String(settings[key]));
	if (!mount) return;
	const kind = kindOf(mount);
	if (kind !== 'volume') throw onlyRoot(`mount point type ${kind}`);
	const wanted = parseNewVolume(mount.volume);
	if (wanted) demand(state, authId, `/storage/${wanted.storage}`, ['Datastore.AllocateSpace']);
	else checkVolumeAccess({ state, authId, vmid, volume: mount.volume });
}

const PRIVILEGES: ReadonlyArray<readonly [keys: RegExp, privilege: string]> = [
	[/^(?:cores|cpulimit|cpuunits)$/, 'VM.Config.CPU'],
	[/^(?:rootfs|mp\d+)$/, 'VM.Config.Disk'],
	[/^(?:memory|swap)$/, 'VM.Config.Memory'],
	[/^(?:net\d+|nameserver|searchdomain|hostname)$/, 'VM.Config.Network'],
];

function checkSetting(change: CtChange, key: string, isDeleted: boolean): void {
	const { state, authId, vmid, pool, settings, before } = change;
	const needed = (privilege: string) => demandOnVm(state, authId, vmid, pool, [privilege]);
	if (/^dev\d+$/.test(key)) throw onlyRoot('configuring device passthrough');
	if (key === 'hookscript') throw onlyRoot('changing the hookscript');
	if (key === 'features') return checkFeatures(change, isDeleted);
	if (key === 'tags') {
		const tags = isDeleted ? '' : String(settings.tags ?? '');
		return void checkTags(state, authId, vmid, tags, String(before?.tags ?? ''));
	}
	needed(PRIVILEGES.find(([keys]) => keys.test(key))?.[1] ?? 'VM.Config.Options');
	if (isDeleted) return;
	if (isMountKey(key)) checkMount(change, key);
	if (isNetKey(key)) checkBridgeRights(state, authId, { [key]: settings[key] }, parseCtNet);
}

/** Throws where somebody may not change a setting; root, with a ticket, may change all. By name, where the API has no order. */
export function checkCtRights(change: CtChange): void {
	if (change.authId === 'root@pam') return;
	for (const key of Object.keys(change.settings).sort()) checkSetting(change, key, false);
	for (const key of change.deleted ?? []) checkSetting(change, key, true);
}
