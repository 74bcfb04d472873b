import { isoTime } from '../../api/isoTime';
import { isOfKind, storageOf, type BackupVolume } from '../../api/backups';
import { guestKinds } from '../../guests/kinds';

/** A backup as the operations emit it. */
export type BackupFacts = {
	/** The volume ID, which Restore and Delete take. */
	volid: string;
	/** The guest that it is of; it may be gone. */
	vmid: number | null;
	/** Its kind. */
	type: string | null;
	storage: string;
	/** ISO 8601. */
	createdAt: string | null;
	/** Bytes on the storage. */
	size: number | null;
	/** `vma.zst`, `pbs-vm` … */
	format: string | null;
	notes: string | null;
	protected: boolean;
	/** `ok` or `failed`, if a Proxmox Backup Server has verified it; else null. */
	verification: string | null;
	/** Whether it is encrypted; null if it is not on a Proxmox Backup Server. */
	encrypted: boolean | null;
};

export const backupFacts = (backup: BackupVolume): BackupFacts => {
	const { volid, ctime, format, verification } = backup;
	return {
		volid,
		vmid: backup.vmid ?? null,
		type: Object.values(guestKinds).find((kind) => isOfKind(kind)(backup))?.type ?? null,
		storage: storageOf(volid),
		createdAt: ctime === undefined ? null : isoTime(ctime),
		size: backup.size ?? null,
		format: format ?? null,
		notes: backup.notes ?? null,
		protected: backup.protected === 1,
		verification: verification?.state ?? null,
		encrypted: format?.startsWith('pbs-') ? backup.encrypted !== undefined : null,
	};
};
