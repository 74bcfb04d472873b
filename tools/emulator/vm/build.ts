import { randomUUID } from 'node:crypto';
import { demandOnVm, may } from '../auth/permissions';
import { splitList } from '../contract/perl';
import { parsePropertyString, printPropertyString } from '../contract/propertyString';
import type { PropertyValues } from '../contract/propertyString';
import { subOptionsOf } from '../contract/facts';
import { failure, permissionError, taskErrorText } from '../errors';
import type { Parameters } from '../endpoints/types';
import { free } from '../storage/allocate';
import type { ClusterState, VmConfig } from '../state/types';
import { durations } from '../tasks/durations';
import { wasKilled } from '../tasks/taskList';
import type { Worker } from '../tasks/types';
import { seconds } from '../world';
import type { World } from '../world';
import type { CreateRequest } from './createRequest';
import { toStored } from './config';
import { createDisks } from './createDisks';
import { defaultBootOrder } from './drives';
import { NEWEST_MACHINE, QEMU_VERSION } from './machine';

const WINDOWS = /^(?:wxp|w2k|w2k3|w2k8|wvista|win\d+)$/;

/** Who made the VM, and when: the `meta` of its configuration. */
export function metaOf(world: World): string {
	return `creation-qemu=${QEMU_VERSION},ctime=${seconds(world)}`;
}

/** Makes the disks and writes the configuration; returns whether an import still has to run. */
export async function buildVm(
	request: CreateRequest,
	worker: Worker,
	failed: string,
): Promise<boolean> {
	const { world, authId, vmid, settings } = request;
	const vm = world.state.vms.get(vmid);
	if (!vm)
		throw failure(
			`unable to find configuration file for VM ${vmid} on node '${world.state.localNode}'`,
		);
	let volumes: string[] = [];
	try {
		await worker.work(durations.create);
		const disks = await createDisks({
			world,
			authId,
			vmid,
			config: withoutNulls(settings),
			defaultStorage: request.storage,
			workingStorage: request.workingStorage,
			isLive: request.liveRestore,
			worker,
		});
		({ volumes } = disks);
		const config: Parameters = { ...settings, ...disks.drives, meta: metaOf(world) };
		if (!textIsSet(config.boot)) config.boot = defaultBootOrder(withoutNulls(config));
		if (!textIsSet(config.smbios1)) config.smbios1 = `uuid=${randomUUID()}`;
		checkClipboard(config.vga);
		if ((config.vmgenid === undefined || config.vmgenid === '1') && config.arch !== 'aarch64') {
			config.vmgenid = randomUUID();
		}
		const machine = pinMachine(config.machine, config.ostype, worker);
		if (machine) config.machine = machine;
		if (disks.imports) config.lock = 'import';
		if (config.tags !== undefined)
			config.tags = checkTags(world.state, authId, vmid, String(config.tags ?? ''));
		vm.config = toStored(config);
	} catch (error) {
		if (!wasKilled(worker.signal)) for (const volid of volumes) free(world.state, volid);
		throw failure(`${failed} ${taskErrorText(error)}`);
	}
	if (request.pool !== undefined) {
		world.state.pools.get(request.pool)?.vms.add(vmid);
	}
	return vm.config.lock === 'import';
}

function textIsSet(value: unknown): boolean {
	return value !== undefined && value !== null && value !== '' && value !== '0';
}

function withoutNulls(values: Readonly<Record<string, unknown>>): VmConfig {
	const config: VmConfig = {};
	for (const [key, value] of Object.entries(values)) {
		if (typeof value === 'string' || typeof value === 'number') config[key] = value;
	}
	return config;
}

/** A shared clipboard needs SPICE or VNC's own, which not every display has. */
function checkClipboard(vga: unknown): void {
	if (typeof vga !== 'string') return;
	const { type, clipboard } = parsePropertyString(subOptionsOf('vga'), vga).values ?? {};
	if (
		clipboard !== 'vnc' ||
		type === undefined ||
		/^(?:std|cirrus|vmware|virtio|qxl)/.test(String(type))
	)
		return;
	throw failure(`vga type ${type} is not compatible with VNC clipboard`);
}

/** Not every machine has every IOMMU. */
function checkMachine({ type, viommu, 'aw-bits': bits }: PropertyValues): void {
	if (viommu === 'intel') {
		if (!/q35/.test(String(type ?? '')))
			throw failure('to use Intel vIOMMU please set the machine type to q35');
		if (bits !== undefined && Number(bits) !== 39 && Number(bits) !== 48) {
			throw failure('Intel vIOMMU supports only 39 or 48 bits as address width');
		}
	}
	if (bits !== undefined && viommu === undefined)
		throw failure('cannot set aw-bits if no vIOMMU is configured');
}

/** Windows does not like its machine to change with an update of the host. */
export function pinMachine(machine: unknown, ostype: unknown, worker: Worker): string | undefined {
	const schema = subOptionsOf('machine');
	const values =
		typeof machine === 'string' ? (parsePropertyString(schema, machine).values ?? {}) : {};
	const isFloating = values.type === undefined || /^(?:pc|q35|virt)$/.test(String(values.type));
	// A Windows guest keeps the machine that it was made with.
	if (isFloating && WINDOWS.test(String(ostype ?? ''))) {
		values.type = NEWEST_MACHINE[String(values.type ?? 'pc')] ?? '';
		worker.log(`pinning machine type to '${values.type}' for Windows guest OS`);
	}
	checkMachine(values);
	return Object.keys(values).length > 0 ? printPropertyString(schema, values) : undefined;
}

/** What the API takes for the tags that a new VM had before: the address of an empty hash, by an oversight. */
const OLD_TAGS_OF_A_NEW_VM = 'HASH(0x55bf0b5fdd18)';

/** Throws where a tag may not be set; returns the tags as they are stored: sorted, lower case, each once. */
export function checkTags(
	state: ClusterState,
	authId: string,
	vmid: number,
	tags: string,
	oldTags = OLD_TAGS_OF_A_NEW_VM,
): string {
	demandOnVm(state, authId, vmid, undefined, ['VM.Config.Options']);
	const before = splitList(oldTags);
	const after = splitList(tags);
	if (!may(state, authId, '/', ['Sys.Modify'])) {
		const { tagAccess, registeredTags } = state.options;
		const allowed = new Set(tagAccess.userAllow === 'none' ? [] : tagAccess.list);
		for (const tag of registeredTags) allowed.delete(tag);
		// The API goes through the tags in no fixed order; the oversight is met as often as not.
		const changed = [...new Set([...before, ...after])].filter(
			(tag) => before.includes(tag) !== after.includes(tag),
		);
		for (const tag of changed) {
			const isFree = tagAccess.userAllow === 'free' || allowed.has(tag);
			if (!isFree || registeredTags.includes(tag))
				throw permissionError(`/, Sys.Modify for modifying tag '${tag}'`);
		}
	}
	return [...new Set(after.map((tag) => tag.toLowerCase()))].sort().join(';');
}
