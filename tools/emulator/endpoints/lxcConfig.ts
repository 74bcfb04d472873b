/* eslint-disable @n8n/community-nodes/require-node-api-error -- the emulator is no node: its errors are the API's */
import { findParameter } from '../contract/families';
import { createContainerEndpoint } from '../contract/facts';
import { splitList } from '../contract/perl';
import { failure, parameterError } from '../errors';
import { prepareSetting } from '../ct/applySettings';
import { checkCtLock, checkProtection, ctDigest, ctOf, shownCt, storeCt } from '../ct/config';
import { isMountKey, kindOf, parseMount } from '../ct/mountPoints';
import { applyCtPending } from '../ct/pending';
import { checkCtRights } from '../ct/rights';
import { checkLxcConfig, withCtLock } from '../ct/start';
import { interfacesOf } from '../ct/network';
import type { ClusterState, Vm } from '../state/types';
import { storageOf } from '../storage/storages';
import { parseVolumeId } from '../storage/volumeId';
import { silentWorker } from '../tasks/silentWorker';
import { checkWritable } from '../vm/config';
import { clampCpuWeight } from '../vm/cpuWeight';
import { freezeReport } from '../vm/report';
import { seconds } from '../world';
import { snapshotConfig, snapshotOf } from './snapshots';
import { flagOf, textOf, vmidOf } from './types';
import type { Call, Endpoint, Parameters } from './types';

const STEERING = new Set(['node', 'vmid', 'digest', 'delete', 'revert']);
const REQUIRED = new Set(['memory', 'ostype', 'rootfs']);

function read({ world, parameters }: Call): unknown {
	const ct = ctOf(world.state, vmidOf(parameters));
	const name = textOf(parameters, 'snapshot');
	if (name !== undefined)
		return { ...shownCt(snapshotConfig(snapshotOf(ct, name))), digest: ctDigest(ct) };
	const config = { ...ct.config };
	// What waits for the next start is what is configured, unless what runs is asked for.
	if (!flagOf(parameters, 'current')) {
		for (const key of ct.pendingDelete) delete config[key];
		Object.assign(config, ct.pending);
	}
	return { ...shownCt(config), digest: ctDigest(ct) };
}

function pending({ world, parameters }: Call): unknown {
	const ct = ctOf(world.state, vmidOf(parameters));
	const config: Record<string, unknown> = { ...shownCt(ct.config), digest: ctDigest(ct) };
	const rows: Array<Record<string, unknown>> = Object.entries(config).map(([key, value]) => ({
		key,
		value,
		...(ct.pending[key] === undefined ? {} : { pending: ct.pending[key] }),
		...(ct.pendingDelete.has(key) ? { delete: 1 } : {}),
	}));
	for (const [key, value] of Object.entries(ct.pending))
		if (ct.config[key] === undefined) rows.push({ key, pending: value });
	return rows;
}

/** Throws where a setting is not known, or a request wants two things of it. */
function checkNames(given: Parameters, deleted: string[], reverted: string[]): void {
	const refuse = (parameter: string, text: string) => {
		throw parameterError({ [parameter]: text });
	};
	const isKnown = (name: string) =>
		name !== 'vmid' && findParameter(createContainerEndpoint, name) !== undefined;
	for (const name of reverted) {
		if (!isKnown(name)) refuse('revert', `unknown option '${name}'`);
		if (given[name] !== undefined)
			refuse('delete', `you can't use '-${name}' and -revert ${name}' at the same time`);
	}
	for (const name of deleted) {
		if (given[name] !== undefined)
			refuse('delete', `you can't use '-${name}' and -delete ${name}' at the same time`);
		if (reverted.includes(name))
			refuse('revert', `you can't use '-delete ${name}' and -revert ${name}' at the same time`);
		if (!isKnown(name)) refuse('delete', `unknown option '${name}'`);
	}
}

/** Marks what is to be taken away. */
function markDeleted(ct: Vm, key: string): void {
	if (ct.config[key] === undefined && ct.pending[key] === undefined) return;
	if (REQUIRED.has(key)) throw failure(`unable to delete required option '${key}'`);
	if (key === 'unprivileged') throw failure(`unable to delete read-only option: '${key}'`);
	if (isMountKey(key) || /^unused\d+$/.test(key))
		checkProtection(ct, `can't remove CT ${ct.vmid} drive '${key}'`);
	ct.pendingDelete.add(key);
}

/** Throws where a mount point cannot be stored as it is. */
function checkMount(state: ClusterState, ct: Vm, key: string, text: string): void {
	checkProtection(ct, `can't update CT ${ct.vmid} drive '${key}'`);
	const mount = parseMount(key, text);
	if (!mount || kindOf(mount) !== 'volume') return;
	const id = parseVolumeId(mount.volume);
	if (!id) throw failure(`unable to parse volume ID '${mount.volume}'`);
	if (!storageOf(state, id.storage).content.includes('rootdir'))
		throw failure(`storage '${id.storage}' does not allow content type 'rootdir' (Container)`);
}

async function change(call: Call): Promise<null> {
	const { world, authId, parameters } = call;
	const { state } = world;
	const vmid = vmidOf(parameters);
	const given = clampCpuWeight(
		Object.fromEntries(Object.entries(parameters).filter(([name]) => !STEERING.has(name))),
	);
	const deleted = splitList(textOf(parameters, 'delete') ?? '');
	const reverted = splitList(textOf(parameters, 'revert') ?? '');
	if (Object.keys(given).length === 0 && deleted.length === 0 && reverted.length === 0)
		throw failure('no options specified');
	checkNames(given, deleted, reverted);
	const { config: before } = ctOf(state, vmid);
	const unprivileged = Boolean(before.unprivileged);
	checkCtRights({ state, authId, vmid, settings: given, deleted, before, unprivileged });
	await withCtLock(world, vmid, undefined, async () => {
		const ct = ctOf(state, vmid);
		checkCtLock(ct);
		const digest = textOf(parameters, 'digest');
		if (digest !== undefined && digest !== '' && digest !== ctDigest(ct))
			throw failure('detected modified configuration - file changed by other user? Try again.');
		checkWritable(state, vmid);
		await apply(call, ct, given, deleted, reverted);
	});
	return null;
}

async function apply(
	{ world }: Call,
	ct: Vm,
	given: Parameters,
	deleted: string[],
	reverted: string[],
): Promise<void> {
	const { state } = world;
	// Nothing is written where one of them is refused.
	const kept = { pending: { ...ct.pending }, pendingDelete: new Set(ct.pendingDelete) };
	try {
		for (const key of reverted) {
			delete ct.pending[key];
			ct.pendingDelete.delete(key);
		}
		for (const key of deleted) markDeleted(ct, key);
		for (const key of Object.keys(given).sort()) {
			const value = given[key] ?? null;
			if (key === 'unprivileged') throw failure(`unable to modify read-only option: '${key}'`);
			if (isMountKey(key)) checkMount(state, ct, key, String(value));
			const prepared = storeCt({ [key]: prepareSetting(state, key, value) })[key];
			ct.pendingDelete.delete(key);
			if (prepared === undefined) ct.pendingDelete.add(key);
			else ct.pending[key] = prepared;
		}
	} catch (error) {
		Object.assign(ct, kept);
		throw error;
	}
	freezeReport(world, ct);
	const errors = await applyCtPending(world, ct, silentWorker);
	// What is wrong with it is only seen once it is stored.
	checkLxcConfig(state, ct);
	if (Object.keys(errors).length > 0) throw parameterError(errors);
}

function interfaces({ world, parameters }: Call): unknown {
	const ct = ctOf(world.state, vmidOf(parameters));
	if (ct.status !== 'running') return null;
	return interfacesOf(ct, seconds(world));
}

const CT = '/nodes/{node}/lxc/{vmid}';

export const lxcConfigEndpoints: Endpoint[] = [
	{ method: 'GET', path: `${CT}/config`, handle: read },
	{ method: 'PUT', path: `${CT}/config`, handle: change },
	{ method: 'GET', path: `${CT}/pending`, handle: pending },
	{ method: 'GET', path: `${CT}/interfaces`, handle: interfaces },
];
