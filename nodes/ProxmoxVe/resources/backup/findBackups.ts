import { listBackups, vmidOfBackup, type BackupVolume } from '../../api/backups';
import type { PveClient } from '../../api/client';
import { readTaskLog } from '../../api/tasks/log';
import { readBackupLog, type LoggedBackup } from './readBackupLog';

/** A backup that a task has made: the log has its name, the storage's list the rest. */
export interface FoundBackup extends LoggedBackup {
	/** What the storage lists of it. */
	readonly volume?: BackupVolume;
	/** Why a backup that was made is not known from its storage. */
	readonly notFound?: string;
}

/**
 * What a backup task has made, by guest.
 * @param vmid of its only guest
 * @throws PveError if its log may not be read
 */
export async function findBackups(
	client: PveClient,
	node: string,
	storage: string,
	upid: string,
	vmid?: number,
): Promise<ReadonlyMap<number, FoundBackup>> {
	const logged = readBackupLog((await readTaskLog(client, upid)).lines);
	const isMade = [...logged.values()].some(({ status }) => status === 'ok');
	const listed = isMade
		? await listBackups(client, undefined, node, { storages: [storage], vmid }).catch(
				(error: unknown) => (error instanceof Error ? error : new Error(String(error))),
			)
		: { backups: [] };
	return new Map(
		[...logged].map(([id, backup]): [number, FoundBackup] => {
			if (backup.status !== 'ok') return [id, backup];
			if (listed instanceof Error) return [id, { ...backup, notFound: listed.message }];
			const { archive } = backup;
			if (archive === undefined)
				return [id, { ...backup, notFound: 'the log of its task does not name it' }];
			const volume = listed.backups.find(
				(one) => one.volid.endsWith(`/${archive}`) && (one.vmid ?? vmidOfBackup(one.volid)) === id,
			);
			return [
				id,
				volume === undefined
					? { ...backup, notFound: `${archive} is not in it` }
					: { ...backup, volume },
			];
		}),
	);
}

/** What is said of a backup that was made and is not in the list of its storage. */
export const notFoundWarning = (storage: string, why: string): string =>
	`The new backup could not be found in the list of ${storage}: ${why}`;
