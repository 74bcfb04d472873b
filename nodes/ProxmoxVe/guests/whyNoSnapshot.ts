import { segment } from '../api/client';
import { storageOf } from '../api/backups';
import { guestPath } from '../api/paths';
import type { Item } from '../runtime/operation';
import type { GuestLocation } from './locateGuest';

/** Storages on which a disk is a file: only one of the format qcow2 can have snapshots. */
const FILES = ['dir', 'nfs', 'cifs', 'glusterfs'];
/** Storages that have snapshots only of disks of the format qcow2, if at all. */
const BLOCKS = ['lvm', 'iscsi', 'iscsidirect'];
const DRIVE = /^(?:(?:ide|sata|scsi|virtio|mp)\d+|efidisk0|tpmstate0|rootfs)$/;

/**
 * Why a guest cannot have snapshots: its disks, and what their storages cannot do.
 * Source: `GET …/feature`, `GET …/config`, `GET /nodes/{node}/storage`.
 * @returns undefined if it can
 * @throws PveError
 */
export async function whyNoSnapshot(
	{ run: { client } }: Item,
	place: GuestLocation,
): Promise<string | undefined> {
	const { data: answer } = await client.get<{ hasFeature?: 0 | 1 | boolean }>(
		`${guestPath(place)}/feature`,
		{ feature: 'snapshot' },
	);
	if (answer.hasFeature !== 0 && answer.hasFeature !== false) return undefined;
	const { data: config } = await client.get<Record<string, unknown>>(`${guestPath(place)}/config`);
	const { data: storages } = await client.get<Array<{ storage: string; type?: string }>>(
		`/nodes/${segment(place.node)}/storage`,
	);
	const { label, disk: noun, hasFormats } = place.kind;
	const disks = Object.entries(config)
		.filter(([name, drive]) => DRIVE.test(name) && !/(?:^|,)media=cdrom/.test(String(drive)))
		.map(([name, drive]) => {
			const volume =
				String(drive)
					.replace(/^(?:file|volume)=/, '')
					.split(',')[0] ?? '';
			const storage = storageOf(volume);
			const type = storages.find((one) => one.storage === storage)?.type;
			return { name, volume, storage, type };
		});
	const culprits = disks.filter(
		({ volume, type = '' }) =>
			volume.startsWith('/') ||
			([...FILES, ...BLOCKS].includes(type) && !volume.endsWith('.qcow2')),
	);
	const named = (culprits.length > 0 ? culprits : disks).map(({ name, volume, storage, type }) =>
		volume.startsWith('/')
			? `${name} is a ${volume.startsWith('/dev/') ? 'device' : 'directory'} of the host`
			: `${name} is on ${storage}${type === undefined ? '' : ` (${type}${hasFormats && FILES.includes(type) ? ', only QCOW2 disks can' : ''})`}`,
	);
	const move = `Move these ${noun}s with Move ${noun === 'disk' ? 'Disk' : 'Volume'}, ${hasFormats ? 'to the format QCOW2 or ' : ''}to a storage`;
	return `${label} ${place.vmid} cannot have snapshots, because not all of its ${noun}s can: ${named.join('; ')}. ${move} with snapshots such as ZFS, LVM-thin or Ceph`;
}
