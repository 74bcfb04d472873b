import { isOfKind, newestFirst, type BackupVolume } from '../api/backups';
import type { GuestKind } from '../guests/kinds';
import { minuteOf, type Asking } from './list';
import { volumesOf } from './storageContent';

/** Proxmox hides backups without these. */
export const BACKUP_PRIVILEGES =
	'Datastore.AllocateSpace on /storage/NAME together with VM.Backup on /vms/ID';

/**
 * Backups on the chosen node, for the operations of Backup of all guests, else of those of one kind, the newest first: on all its storages, or on the one that is
 * chosen as Backup Storage. Source: `GET /nodes/{node}/storage/{storage}/content`.
 */
export async function backupsOf(asking: Asking): Promise<BackupVolume[]> {
	const storage = asking.chosen('backupStorage');
	const only = typeof storage === 'string' ? [storage] : undefined;
	const isAnyKind = asking.chosen('resource') === 'backup';
	return (await volumesOf<BackupVolume>(asking, 'backup', only))
		.filter((backup) => isAnyKind || isOfKind(asking.kind)(backup))
		.sort(newestFirst);
}

/** `VM 100`, or `CT 300`; undefined if the backup does not say of which guest it is. */
export const guestOf = (kind: GuestKind, backup: BackupVolume): string | undefined =>
	backup.vmid === undefined
		? undefined
		: `${(kind.kinds?.find((one) => isOfKind(one)(backup)) ?? kind).label} ${backup.vmid}`;

/** When a backup was made, to the minute: `2026-01-02 03:04` (UTC). */
export const madeAt = ({ ctime }: BackupVolume): string | undefined =>
	ctime === undefined ? undefined : minuteOf(ctime);
