import type { Catalogue } from '../catalogue/catalogue';
import { decimal, flag, text } from '../catalogue/fields';
import type { Problem } from '../wire/problem';
import { isUnset } from '../wire/values';
import type { Form } from './Form';

/** Which backup to restore, if it is not named: the newest one of a VM. */
export interface NewestBackup {
	readonly vmid: number;
	/** Only on this storage; without it on all of the node that hold backups. */
	readonly storage?: string;
	/** An older one is refused. */
	readonly maxAgeDays?: number;
	/** Only one that a Proxmox Backup Server has verified. */
	readonly verifiedOnly?: true;
}

const newestFields = {
	backupStorage: text({ label: 'Backup Storage', format: 'pve-storage-id' }),
	maxAgeDays: decimal({ label: 'Not Older Than (Days)', min: 0, guards: true }),
};

const verifiedField = { verifiedOnly: flag({ label: 'Only Verified Backup', guards: true }) };

/** Reads whether to restore the newest backup of a VM, and of which. */
export function readNewestBackup(form: Form): NewestBackup | undefined {
	const { verifiedOnly } = form.options(verifiedField);
	if (form.choice('backupSource') !== 'newest') {
		if (verifiedOnly === true)
			form.problems.push({
				parameter: 'verifiedOnly',
				label: verifiedField.verifiedOnly.label,
				message: 'is only for Restore From → Newest Backup of a VM',
			});
		return undefined;
	}
	const vmid = form.guestId('backupVm', 'Backup Of');
	const { backupStorage, maxAgeDays: days = 0 } = form.fields(newestFields, {
		backupStorage: '',
		maxAgeDays: 0,
	});
	return {
		vmid,
		...(backupStorage === undefined ? {} : { storage: backupStorage }),
		...(days > 0 ? { maxAgeDays: days } : {}),
		...(verifiedOnly === true ? { verifiedOnly } : {}),
	};
}

/** The placeholder for the newest backup, which is looked for later. */
export function archiveBeside(
	{ archive }: Catalogue,
	newest: NewestBackup,
	values: Readonly<Record<string, unknown>>,
	problems: Problem[],
): string {
	if (!isUnset(values[archive]))
		problems.push({
			parameter: archive,
			message: 'cannot be set in the JSON together with Restore From → Newest Backup of a VM',
		});
	return `NEWEST_BACKUP_OF_VM_${newest.vmid}`;
}
