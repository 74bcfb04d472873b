import { isoTime } from '../../api/isoTime';
import { storageOf, type BackupVolume } from '../../api/backups';

/** A backup as the operations emit it. */
export type BackupFacts = {
	/** The volume ID, which Restore and Delete take. */
	volid: string;
	/** The guest that it is of; it may be gone. */
	vmid: number | null;
	storage: string;
	/** ISO 8601. */
	createdAt: string | null;
	/** Bytes on the storage. */
	size: number | null;
	/** `vma.zst`, `pbs-vm` … */
	format: string | null;
	notes: string | null;
	protected: boolean;
	/** `ok` or `failed`, where a Proxmox Backup Server has verified it; else null. */
	verification: string | null;
};

export const backupFacts = ({
	volid,
	vmid,
	ctime,
	size,
	format,
	notes,
	protected: isProtected,
	verification,
}: BackupVolume): BackupFacts => ({
	volid,
	vmid: vmid ?? null,
	storage: storageOf(volid),
	createdAt: ctime === undefined ? null : isoTime(ctime),
	size: size ?? null,
	format: format ?? null,
	notes: notes ?? null,
	protected: isProtected === 1,
	verification: verification?.state ?? null,
});
