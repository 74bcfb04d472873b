import type { BackupVolume } from '../api/backups';
import { BACKUP_PRIVILEGES, backupsOf, guestOf, madeAt } from './backups';
import { searchOf, type Asking } from './list';
import { sizeOf } from './storageContent';

/** Backups, to be found by guest, date, size and notes, and as `protected` or `failed verification`. */
export const searchBackups = searchOf(
	async (asking) =>
		(await backupsOf(asking)).map((volume) => ({
			name: nameOf(asking.kind, volume),
			value: volume.volid,
		})),
	{ order: 'asRead', needs: BACKUP_PRIVILEGES },
);

function nameOf(kind: Asking['kind'], volume: BackupVolume): string {
	const { volid, size, notes, protected: isProtected, verification } = volume;
	const facts = [
		guestOf(kind, volume),
		madeAt(volume),
		size === undefined ? undefined : sizeOf(size),
		isProtected ? 'protected' : undefined,
		verification?.state === 'failed' ? 'failed verification' : undefined,
		notes?.split('\n')[0],
	];
	return `${facts.filter((fact) => fact).join(', ')} (${volid})`;
}
