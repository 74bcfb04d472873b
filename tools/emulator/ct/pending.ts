import { taskErrorText } from '../errors';
import type { Vm } from '../state/types';
import { free } from '../storage/allocate';
import type { Worker } from '../tasks/types';
import type { World } from '../world';
import { addUnusedVolume } from './config';
import { kindOf, parseMount, parseNewVolume, printMount } from './mountPoints';
import { isNetKey, storeNet } from './network';
import { isInUse, makeVolume } from './volumes';

/** Settings that nothing of a running container knows of: they apply at once. */
const OUTSIDE =
	/^(?:cores|cpulimit|cpuunits|description|hookscript|hostname|lock|onboot|protection|startup|tags)$/;

/** What a running container takes at once; the rest waits until it stops. */
const takesSetting = (key: string, { config }: Vm): boolean =>
	OUTSIDE.test(key) ||
	isNetKey(key) ||
	/^(?:memory|swap)$/.test(key) ||
	(/^(?:mp|dev)\d+$/.test(key) && config[key] === undefined);

const takesDeletion = (key: string): boolean =>
	OUTSIDE.test(key) || isNetKey(key) || key === 'swap' || /^unused\d+$/.test(key);

/** Changes that come to nothing do not wait. */
function dropIdle({ config, pending, pendingDelete }: Vm): void {
	for (const [key, value] of Object.entries(pending))
		if (config[key] !== undefined && String(config[key]) === String(value)) delete pending[key];
	for (const key of pendingDelete) if (config[key] === undefined) pendingDelete.delete(key);
}

/** Takes a setting away; a volume that was mounted is kept as unused, an unused one is removed. */
function remove({ state }: World, ct: Vm, key: string): void {
	const text = String(ct.config[key]);
	const mount = /^mp\d+$/.test(key) ? parseMount(key, text) : undefined;
	if (mount && kindOf(mount) === 'volume' && !isInUse(ct, mount.volume, key))
		addUnusedVolume(ct, mount.volume);
	if (/^unused\d+$/.test(key) && state.volumes.get(text)?.vmid === ct.vmid && !isInUse(ct, text))
		free(state, text);
	delete ct.config[key];
}

/** A mount point as it is stored: one that asks for a volume gets it, one that is replaced leaves its volume unused. */
async function mount(world: World, ct: Vm, key: string, worker: Worker): Promise<string> {
	const text = String(ct.pending[key]);
	const wanted = parseMount(key, text);
	const request = parseNewVolume(wanted?.volume ?? '');
	let stored = text;
	if (wanted && request) {
		const { volid, size } = await makeVolume(world, ct.vmid, request, worker);
		stored = printMount(key, { ...wanted, volume: volid, size });
	}
	const old = ct.config[key] === undefined ? undefined : parseMount(key, String(ct.config[key]));
	const isReplaced = old && kindOf(old) === 'volume' && old.volume !== wanted?.volume;
	if (isReplaced && !isInUse(ct, old.volume, key)) addUnusedVolume(ct, old.volume);
	for (const [slot, value] of Object.entries(ct.config))
		if (/^unused\d+$/.test(slot) && value === wanted?.volume) delete ct.config[slot];
	return stored;
}

/**
 * Puts the changes that wait into the configuration: all of a stopped container, of a running one those that it takes.
 * Returns by setting why one could not be applied.
 */
export async function applyCtPending(
	world: World,
	ct: Vm,
	worker: Worker,
): Promise<Record<string, string>> {
	const isRunning = ct.status === 'running';
	const errors: Record<string, string> = {};
	dropIdle(ct);
	for (const key of [...ct.pendingDelete].sort()) {
		if (isRunning && !takesDeletion(key)) continue;
		remove(world, ct, key);
		ct.pendingDelete.delete(key);
	}
	for (const key of Object.keys(ct.pending).sort()) {
		if (isRunning && !takesSetting(key, ct)) continue;
		try {
			const value = ct.pending[key] ?? '';
			const isMount = /^mp\d+$/.test(key);
			const stored = isMount
				? await mount(world, ct, key, worker)
				: isNetKey(key)
					? storeNet(world.state, String(value))
					: value;
			ct.config[key] = stored;
			delete ct.pending[key];
		} catch (error) {
			errors[key] =
				(isRunning ? `unable to hotplug ${key}: ` : `unable to apply pending change ${key} : `) +
				`${taskErrorText(error)}\n`;
		}
	}
	return errors;
}
