import type { INodeProperties } from 'n8n-workflow';

import { qemu } from '../catalogue/qemu';
import { helpOf, locator } from './describeField';

const FIELDS = { specifyVm: ['fields'] };
const NEWEST = { backupSource: ['newest'] };

const source: INodeProperties = {
	displayName: 'Restore From',
	name: 'backupSource',
	type: 'options',
	options: [
		{ name: 'Backup Archive', value: 'archive', description: 'A backup that you choose' },
		{
			name: 'Newest Backup of a VM',
			value: 'newest',
			description: 'The newest backup, found when the workflow runs',
		},
	],
	default: 'archive',
};

const storage: INodeProperties = {
	displayName: 'Backup Storage',
	name: 'backupStorage',
	...locator('searchBackupStorages', 'local'),
	description: 'The storage with the backups. If empty, all storages of the node are searched.',
	displayOptions: { show: FIELDS },
};
const storageBesideJson: INodeProperties = {
	...storage,
	displayOptions: { show: { specifyVm: ['json'], ...NEWEST } },
};

const archive: INodeProperties = {
	displayName: qemu.parameters.archive.label,
	name: 'archive',
	...locator('searchBackups', qemu.parameters.archive.placeholder),
	required: true,
	description: helpOf(qemu.parameters.archive),
	displayOptions: { show: { ...FIELDS, backupSource: ['archive'] } },
};

const vm: INodeProperties = {
	displayName: 'Backup Of',
	name: 'backupVm',
	...locator('searchBackedUpVms', '100', 'By ID'),
	required: true,
	description: 'The VM whose newest backup to restore. It may have been deleted since.',
	displayOptions: { show: NEWEST },
};

const maxAgeDays: INodeProperties = {
	displayName: 'Not Older Than (Days)',
	name: 'maxAgeDays',
	type: 'number',
	default: 0,
	description: 'Fail without changes if the newest backup is older than this. 0 means no limit.',
	displayOptions: { show: NEWEST },
};

/** Which backup to restore. */
export const backupSourceProperties: readonly INodeProperties[] = [
	source,
	storage,
	storageBesideJson,
	archive,
	vm,
	maxAgeDays,
];
