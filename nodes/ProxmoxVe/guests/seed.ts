import { randomUUID } from 'node:crypto';

import { guestPath } from '../api/paths';
import { findImage } from '../api/images';
import { unusedCdSlot, isCloudInitDrive } from '../form/drives';
import type { Waiting } from '../form/Form';
import { SEED_LABEL, seedFields, type SeedRequest } from '../form/readSeed';
import { UnfinishedError } from '../runtime/errors';
import type { Item } from '../runtime/operation';
import { buildSeedIso, isSeed, seedName } from '../wire/buildSeedIso';
import { changeConfig } from './changeConfig';
import { deleteVolume } from './deleteVolume';
import { firstStorage } from './images/firstStorage';
import { volidOf } from './images/imageTarget';
import { uploadImage } from './images/uploadImage';
import type { GuestLocation } from './locateGuest';

/** The cloud-init ISO image of a VM. */
export interface AttachedSeed {
	/** The volume ID. */
	readonly volid: string;
	/** The CD drive that has it: `ide2`. */
	readonly drive: string;
}

/** The configuration of a VM as the API gives it. */
type Config = Readonly<Record<string, unknown>>;

/** The SMBIOS uuid of a VM. A clone gets another one. */
const uuidOf = ({ smbios1 }: Config): string | undefined =>
	/(?:^|,)uuid=([0-9a-f-]{36})(?:,|$)/i.exec(String(smbios1 ?? ''))?.[1]?.toLowerCase();

/** The ID of a VM for cloud-init, which is in the name of its ISO image too. */
const idOf = (vmid: number, uuid: string): string => `${vmid}-${uuid}`;

/** The volume of a drive, without its options. */
const volumeOf = (drive: unknown): string =>
	String(drive)
		.replace(/^(?:file|volume)=/, '')
		.split(',', 1)[0] ?? '';

/**
 * The cloud-init ISO images that were made for this very VM: their names have its ID and its SMBIOS uuid, so the one that
 * a clone or a restored copy still has in its drive is not among them. A template's is used by its clones.
 */
function seedsOf(vmid: number, config: Config): AttachedSeed[] {
	const uuid = uuidOf(config);
	if (uuid === undefined || Number(config.template ?? 0) === 1) return [];
	const ending = `:iso/${seedName(idOf(vmid, uuid))}`;
	return Object.entries(config).flatMap(([drive, value]) => {
		const volid = volumeOf(value);
		return /^(?:ide|sata|scsi)\d+$/.test(drive) && volid.endsWith(ending) ? [{ volid, drive }] : [];
	});
}

const readConfig = async ({ run }: Item, guest: GuestLocation): Promise<Config> =>
	(await run.client.get<Config>(`${guestPath(guest)}/config`)).data;

/** The cloud-init ISO images of a VM. Source: `GET /nodes/{node}/qemu/{vmid}/config`. @throws PveError */
export const findSeeds = async (item: Item, guest: GuestLocation): Promise<AttachedSeed[]> =>
	seedsOf(guest.vmid, await readConfig(item, guest));

/**
 * Makes an ISO image of the cloud-init files of a VM that has not been started, stores it, and attaches it as a CD drive,
 * in place of a cloud-init drive of Proxmox. May be repeated. The item has its place in the gate already.
 * @param name of the VM, which becomes its host name
 * @throws UnfinishedError; what the signal throws if the execution is cancelled
 */
export async function attachSeed(
	item: Item,
	guest: GuestLocation,
	seed: SeedRequest,
	{ name, waiting }: { readonly name?: string; readonly waiting: Waiting },
): Promise<{ readonly seed: AttachedSeed; readonly warnings: string[] }> {
	const { run, trace } = item;
	const { vmid, node } = guest;
	let what = `its ${SEED_LABEL} were not stored`;
	const attach = async () => {
		const config = await readConfig(item, guest);
		const id = idOf(vmid, uuidOf(config) ?? randomUUID());
		const [present] = seedsOf(vmid, config);
		if (present) return { seed: present, warnings: [] };
		const storage =
			seed.storage ??
			(await firstStorage(run, node, 'iso', `${SEED_LABEL} → ${seedFields.storage.label}`));
		const iso = buildSeedIso(
			{
				...seed,
				metaData:
					seed.metaData ??
					`instance-id: ${id}\n${name === undefined ? '' : `local-hostname: ${name}\n`}`,
			},
			new Date(),
		);
		const target = { node, storage, content: 'iso', name: seedName(id) } as const;
		const onAccepted = (upid: string): void =>
			run.context.logger.info(`The cloud-init ISO of VM ${vmid} on ${node}: ${upid}`, { ...trace });
		const how = { waiting: { ...waiting, wait: true }, inGate: true, onAccepted };
		const file = { name: target.name, size: iso.length, open: async () => iso };
		const stored = await uploadImage(
			item,
			{ ...target, file, ifExists: 'replace' },
			how.waiting,
			how,
		);
		const volid = volidOf(target);
		what = `its cloud-init ISO ${volid} was not attached`;
		const drive = cloudInitDriveOf(config) ?? unusedCdSlot(config);
		const { warnings } = await setDrive(item, guest, drive, `${volid},media=cdrom`, how);
		return { seed: { volid, drive }, warnings: [...stored.task.warnings, ...warnings] };
	};
	return await attach().catch((error: unknown) => {
		if (run.context.getExecutionCancelSignal()?.aborted) throw error;
		throw new UnfinishedError(
			error,
			what,
			'create the ISO with Image → Create Cloud-Init ISO, attach it with Update, then use Start',
		);
	});
}

/** The drive of Proxmox's own cloud-init data, or that of the VM's original: a guest reads only one. */
const cloudInitDriveOf = (config: Config): string | undefined =>
	Object.entries(config).find(
		([drive, value]) =>
			/^(?:ide|sata|scsi)\d+$/.test(drive) &&
			(isCloudInitDrive({ file: volumeOf(value) }) || isSeed(volumeOf(value))),
	)?.[0];

/** Sets what is in a CD drive. Source: `POST /nodes/{node}/qemu/{vmid}/config`. */
async function setDrive(
	item: Item,
	guest: GuestLocation,
	drive: string,
	value: string,
	how: { readonly waiting: Waiting; readonly inGate: boolean; onAccepted(upid: string): void },
): Promise<{ warnings: string[] }> {
	const { client } = item.run;
	return await changeConfig(item, guest, {
		...how,
		label: `change of ${drive} of VM ${guest.vmid} on ${guest.node}`,
		types: [guest.kind.taskTypes.configure],
		prepare: async () => {
			const config = await readConfig(item, guest);
			const digest = String(config.digest ?? '');
			return {
				before: config,
				digest,
				send: async () =>
					await client.post<string>(`${guestPath(guest)}/config`, { [drive]: value, digest }),
				judge: () => (volumeOf(config[drive]) === volumeOf(value) ? 'reached' : 'notReached'),
			};
		},
	});
}

/**
 * Takes the cloud-init ISO image out of the drive of a VM, which may run, and deletes it. The VM is as it should be, so
 * a failure is only a warning. The item has its place in the gate already.
 * @returns warnings for the output, and whether it is gone
 */
export async function removeSeed(
	item: Item,
	guest: GuestLocation,
	{ volid, drive }: AttachedSeed,
	waiting: Waiting,
): Promise<{ readonly isGone: boolean; readonly warnings: string[] }> {
	const { run, trace } = item;
	const onAccepted = (upid: string): void =>
		run.context.logger.info(`The cloud-init ISO of VM ${guest.vmid} is being ejected: ${upid}`, {
			...trace,
		});
	return await setDrive(item, guest, drive, 'none,media=cdrom', {
		waiting,
		inGate: true,
		onAccepted,
	})
		.then(async () => await deleteSeed(item, guest.node, volid, { waiting, inGate: true }))
		.catch((error: unknown) => kept(item, volid, error));
}

/** Deletes the cloud-init ISO image of a VM that no longer uses it. @returns as removeSeed */
export async function deleteSeed(
	item: Item,
	node: string,
	volid: string,
	{ waiting, inGate }: { readonly waiting: Waiting; readonly inGate: boolean },
): Promise<{ readonly isGone: boolean; readonly warnings: string[] }> {
	const { run, trace } = item;
	return await deleteVolume(item, {
		node,
		volid,
		waiting: { ...waiting, wait: true },
		inGate,
		onAccepted: (upid) =>
			run.context.logger.info(`${volid} on ${node} is deleted: ${upid}`, { ...trace }),
		isGone: async () => (await findImage(run.client, node, volid)) === undefined,
	}).then(
		({ warnings }) => ({ isGone: true, warnings }),
		(error: unknown) => kept(item, volid, error),
	);
}

/** @throws what the signal throws if the execution is cancelled */
function kept({ run }: Item, volid: string, error: unknown): { isGone: false; warnings: string[] } {
	if (run.context.getExecutionCancelSignal()?.aborted) throw error;
	const reason = error instanceof Error ? error.message : String(error);
	return {
		isGone: false,
		warnings: [
			`The cloud-init ISO ${volid} was not deleted: ${reason}. Delete it with Image → Delete, which needs Datastore.Allocate`,
		],
	};
}
