import { decimal, text } from '../catalogue/fields';
import type { Problem } from '../wire/problem';
import { readFields } from './readFields';
import type { GetParameter } from './unwrap';
import { readMode } from './readMode';
import { readVmId } from './readVmId';

/** Which backup to restore, where it is not named: the newest one of a VM. */
export interface NewestBackup {
	readonly vmid: number;
	/** Only on this storage; without it on all of the node that hold backups. */
	readonly storage?: string;
	/** An older one is refused. */
	readonly maxAgeDays?: number;
}

const newestFields = {
	backupStorage: text({ label: 'Backup Storage', format: 'pve-storage-id' }),
	maxAgeDays: decimal({ label: 'Not Older Than (Days)', min: 0, guards: true }),
};

/** Reads whether to restore the newest backup of a VM, and of which. What is wrong is added to the problems. */
export function readNewestBackup(get: GetParameter, problems: Problem[]): NewestBackup | undefined {
	if (readMode(get, 'backupSource', problems) !== 'newest') return undefined;
	const vmid = readVmId(
		get('backupVm', ''),
		{ parameter: 'backupVm', label: 'Backup Of' },
		problems,
	);
	const read = readFields(newestFields, {
		backupStorage: get('backupStorage', ''),
		maxAgeDays: get('maxAgeDays', 0),
	});
	problems.push(...read.problems);
	const { backupStorage, maxAgeDays: days = 0 } = read.values;
	return {
		vmid,
		...(backupStorage === undefined ? {} : { storage: backupStorage }),
		...(days > 0 ? { maxAgeDays: days } : {}),
	};
}

/** Stands for an archive that only the run itself would find. */
export const newestPlaceholder = ({ vmid }: NewestBackup): string => `NEWEST_BACKUP_OF_VM_${vmid}`;
