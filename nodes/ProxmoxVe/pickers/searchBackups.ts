import type { BackupVolume } from '../api/backups';
import { BACKUP_PRIVILEGES, backupsOf, guestOf, madeAt } from './backups';
import { searchOf } from './list';
import { sizeOf } from './storageContent';

/** Backups, to be found by guest, date, size and notes, and as `protected` or `failed verification`. */
export const searchBackups = searchOf(
	async (asking) =>
		(await backupsOf(asking)).map((volume) => ({
			name: nameOf(volume),
			value: volume.volid,
		})),
	{ order: 'asRead', needs: BACKUP_PRIVILEGES },
);

function nameOf(volume: BackupVolume): string {
	const { volid, vmid, size, notes, protected: isProtected, verification } = volume;
	const facts = [
		vmid === undefined ? undefined : guestOf(volume),
		madeAt(volume),
		size === undefined ? undefined : sizeOf(size),
		isProtected ? 'protected' : undefined,
		verification?.state === 'failed' ? 'failed verification' : undefined,
		notes?.split('\n')[0],
	];
	return `${facts.filter((fact) => fact).join(', ')} (${volid})`;
}
