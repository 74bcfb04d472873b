import type { INodeProperties } from 'n8n-workflow';

import { parameters } from '../catalogue';
import type { Problem } from '../wire/problem';
import { isUnset } from '../wire/values';
import { helpOf, locator } from './describeField';
import { unwrap, type GetParameter } from './readForm';
import { readVmId } from './readVmId';

/** Which backup to restore, where it is not named: the newest one of a VM. */
export interface NewestBackup {
	readonly vmid: number;
	/** Only on this storage; without it on all of the node that hold backups. */
	readonly storage?: string;
	/** An older one is refused. */
	readonly maxAgeDays?: number;
}

const FIELDS = { specifyVm: ['fields'] };
const NEWEST = { backupSource: ['newest'] };

const source: INodeProperties = {
	displayName: 'Restore From',
	name: 'backupSource',
	type: 'options',
	options: [
		{ name: 'Backup Archive', value: 'archive', description: 'A backup that you choose' },
		{ name: 'Newest Backup of a VM', value: 'newest', description: 'The one that was made last, looked up when the workflow runs' },
	],
	default: 'archive',
};

const storage: INodeProperties = {
	displayName: 'Backup Storage',
	name: 'backupStorage',
	...locator('searchBackupStorages', 'local'),
	description: 'The storage with the backups. Without it those of all storages of the node are to choose from.',
	displayOptions: { show: FIELDS },
};
const storageBesideJson: INodeProperties = { ...storage, displayOptions: { show: { specifyVm: ['json'], ...NEWEST } } };

const archive: INodeProperties = {
	displayName: parameters.archive.label,
	name: 'archive',
	...locator('searchBackups', parameters.archive.placeholder),
	required: true,
	description: helpOf(parameters.archive),
	displayOptions: { show: { ...FIELDS, backupSource: ['archive'] } },
};

const vm: INodeProperties = {
	displayName: 'Backup Of',
	name: 'backupVm',
	...locator('searchBackedUpVms', '100', 'By ID'),
	required: true,
	description: 'The VM whose newest backup is restored. It may have been deleted since.',
	displayOptions: { show: NEWEST },
};

const maxAgeDays: INodeProperties = {
	displayName: 'Not Older Than (Days)',
	name: 'maxAgeDays',
	type: 'number',
	default: 0,
	description: 'Where the newest backup is older than this, nothing is done and the step fails. 0 means that any age will do.',
	displayOptions: { show: NEWEST },
};

/** Which backup to restore. */
export const backupSourceProperties: readonly INodeProperties[] = [source, storage, storageBesideJson, archive, vm, maxAgeDays];

/** Reads whether to restore the newest backup of a VM, and of which. What is wrong is added to the problems. */
export function readNewestBackup(get: GetParameter, problems: Problem[]): NewestBackup | undefined {
	if (get('backupSource', 'archive') !== 'newest') return undefined;
	const vmid = readVmId(get('backupVm', ''), { parameter: 'backupVm', label: vm.displayName }, problems);
	const chosen = unwrap(get('backupStorage', ''));
	const days = Number(get('maxAgeDays', 0) ?? 0);
	if (!(days >= 0)) {
		problems.push({ parameter: 'maxAgeDays', label: maxAgeDays.displayName, message: `must be a number of days of at least 0, got "${String(get('maxAgeDays', 0))}"` });
	}
	return {
		vmid,
		...(isUnset(chosen) || chosen === '' ? {} : { storage: String(chosen) }),
		...(days > 0 ? { maxAgeDays: days } : {}),
	};
}

/** Stands for an archive that only the run itself would find. */
export const newestPlaceholder = ({ vmid }: NewestBackup): string => `NEWEST_BACKUP_OF_VM_${vmid}`;
