import { storageOf } from '../../api/backups';
import { segment } from '../../api/client';
import { fieldOf } from '../../catalogue/catalogue';
import type { ImportSource } from '../../form/readImport';
import { labelOf } from '../../form/labels';
import { readRequest, type VmRequest } from '../../form/readRequest';
import { AdvisedError } from '../../runtime/errors';
import type { Item } from '../../runtime/operation';
import { readParameters } from '../../wire/readParameters';
import { shown } from '../../wire/shown';
import { isPlain, isRecord } from '../../wire/values';
import type { Needs } from './placement';

type Values = Readonly<Record<string, unknown>>;

/** What `import-metadata` returns, as far as it is used. */
interface Metadata {
	readonly 'create-args'?: Values;
	/** Of each slot the volume to copy; of the EFI disk 1. */
	readonly disks?: Values;
	readonly net?: Values;
	readonly warnings?: ReadonlyArray<Readonly<Record<string, string | undefined>>>;
}

/** A VM of another system by the API's names, and what was lost of it. */
interface Foreign {
	readonly guest: Record<string, unknown>;
	readonly warnings: string[];
}

/** Proxmox's own choice for a network card that it does not know. */
const KNOWN_MODEL = 'e1000';

/**
 * Reads the VM that a request imports. Changes nothing.
 * Source: `GET /nodes/{node}/storage/{storage}/import-metadata`.
 * @returns the request with all that the file says and the user did not set
 * @throws PveError; Error if the file cannot be imported; BadInputError if it does not fit what the user set
 */
export async function prepareImport(
	item: Item,
	request: VmRequest,
	node: string,
): Promise<VmRequest> {
	const { source, parameters: asked } = request;
	if (source === undefined) return request;
	const { run, form, kind } = item;
	const { volume } = source;
	const storage = storageOf(volume);
	const { data } = await run.client.get<Metadata | null>(
		`/nodes/${segment(node)}/storage/${segment(storage)}/import-metadata`,
		{ volume: volume.slice(storage.length + 1) },
	);
	if (!isRecord(data?.['create-args']))
		throw new Error(
			`Proxmox VE returned no description of the VM in ${volume}. Nothing was created`,
		);
	const { guest, warnings } = foreignGuest(item, data, source);
	const isPacked = Object.values(data.disks ?? {}).some(
		(disk) => isRecord(disk) && /\.ova\//i.test(String(disk.volid)),
	);
	if (isPacked && asked['import-working-storage' as keyof typeof asked] === undefined) {
		const working = await workingStorage(item, node, source);
		if (working !== undefined) guest['import-working-storage'] = working;
	}
	const read = readRequest(kind.catalogue, 'create', form, { guest });
	form.check();
	return { ...read, warnings: [...warnings, ...read.warnings] };
}

/** What a guest to import needs of its node: the file, in place of the disks in it. */
export const needsOfImport = (needs: Needs, { volume, storage }: ImportSource): Needs => ({
	...needs,
	storages: [...new Set([...needs.storages, storage])],
	volumes: [volume, ...needs.volumes.filter((one) => storageOf(one) !== storageOf(volume))],
});

function foreignGuest(
	{ kind: { catalogue } }: Item,
	{ 'create-args': settings = {}, disks = {}, net = {}, warnings: known = [] }: Metadata,
	{ volume, storage, bridge }: ImportSource,
): Foreign {
	const guest: Record<string, unknown> = {};
	const warnings = known.map(warningOf).filter((text) => text !== undefined);
	for (const [name, value] of Object.entries(settings)) {
		if (value === '' || value === 'order=' || !isPlain(value)) continue;
		const { problems } = readParameters(catalogue, { [name]: value });
		if (problems.length === 0) guest[name] = value;
		else
			warnings.push(
				`${labelOf(catalogue, name)} was left out: "${shown(value)}", as the file has it, is not valid here`,
			);
	}
	for (const [slot, disk] of Object.entries(disks)) {
		if (fieldOf(catalogue, slot) === undefined)
			throw new Error(
				`A disk of ${volume} is on ${shown(slot)}, which is no slot of a VM on Proxmox VE. Nothing was created. Use Create with a disk that has the source Imported Image`,
			);
		guest[slot] = isRecord(disk)
			? { file: `${storage}:0`, 'import-from': disk.volid }
			: { file: `${storage}:1`, efitype: '4m' };
	}
	if (Object.keys(disks).length === 0)
		warnings.push(`Proxmox VE found no disk in ${volume}: the VM has none`);
	for (const [name, card] of Object.entries(bridge === undefined ? {} : net)) {
		const given = { ...(isRecord(card) ? card : {}), bridge };
		const isKnown = readParameters(catalogue, { [name]: given }).problems.length === 0;
		guest[name] = isKnown ? given : { model: KNOWN_MODEL, bridge };
		if (!isKnown)
			warnings.push(
				`${labelOf(catalogue, name)} is ${KNOWN_MODEL}: Proxmox VE has no such card as the file`,
			);
	}
	return { guest, warnings };
}

/** A warning of Proxmox as a sentence; none that an OVA needs room to be unpacked: it was. */
function warningOf({
	type = '',
	key = '',
	value = '',
}: Readonly<Record<string, string | undefined>>): string | undefined {
	switch (type) {
		case 'ova-needs-extracting':
			return undefined;
		case 'cdrom-image-ignored':
			return `The CD drive ${key} is empty: its image ${value} was not imported`;
		case 'efi-state-lost':
			return 'The EFI settings were not imported: if the VM does not boot, add a boot entry in its firmware menu';
		case 'guest-is-running':
			return 'The VM seems to run on its ESXi host, so its disks may be inconsistent. Turn it off there and import it again';
		case 'nvme-unsupported':
			return `The NVMe disk ${key} is a SCSI disk now`;
		case 'ovmf-with-lsi-unsupported':
			return `The SCSI controller is ${value}: OVMF has no driver for that of the file`;
		case 'serial-port-socket-only':
			return `The serial port ${key} is a socket now`;
		default:
			return `Proxmox VE reports ${[type, key, value].filter(Boolean).join(' ')}`;
	}
}

/** Storage types that hold files. */
const FILE_TYPES = ['btrfs', 'cephfs', 'cifs', 'dir', 'glusterfs', 'nfs'];

/**
 * Where the disks of an OVA are unpacked, if its own storage cannot hold them. Source: `GET /nodes/{node}/storage`.
 * @returns undefined for its own storage @throws AdvisedError if there is none
 */
async function workingStorage(
	{ run: { client } }: Item,
	node: string,
	{ volume, storage: target }: ImportSource,
): Promise<string | undefined> {
	const { data } = await client.get<Array<{ storage: string; type: string; active?: 0 | 1 }>>(
		`/nodes/${segment(node)}/storage`,
		{ content: 'images', enabled: 1 },
	);
	const able = data
		.filter(({ type, active }) => FILE_TYPES.includes(type) && active !== 0)
		.map(({ storage }) => storage)
		.sort();
	if (able.includes(storageOf(volume))) return undefined;
	const found = able.includes(target) ? target : able[0];
	if (found !== undefined) return found;
	throw new AdvisedError(
		new Error(`${node} has no storage on which the OVA can be unpacked. Nothing was created`),
		`Allow the content Disk image on a storage of ${node} that holds files, such as a directory: Datacenter → Storage → Edit. The user or token needs Datastore.AllocateSpace on it.`,
	);
}
