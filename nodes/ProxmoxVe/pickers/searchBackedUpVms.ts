import { BACKUP_PRIVILEGES, backupsOf, guestOf, madeAt } from './backups';
import { searchOf } from './list';

/** Guests that there are backups of, also such as have been deleted since. */
export const searchBackedUpVms = searchOf(
	async (asking) => {
		const byVm = new Map<number, { guest?: string; count: number; newest: string }>();
		for (const backup of await backupsOf(asking)) {
			if (backup.vmid === undefined) continue;
			const known = byVm.get(backup.vmid) ?? {
				guest: guestOf(asking.kind, backup),
				count: 0,
				newest: madeAt(backup) ?? 'unknown',
			};
			byVm.set(backup.vmid, { ...known, count: known.count + 1 });
		}
		return [...byVm].map(([vmid, { guest, count, newest }]) => ({
			name: `${guest} (${count} ${count === 1 ? 'backup' : 'backups'}, the newest of ${newest})`,
			value: vmid,
		}));
	},
	{ needs: BACKUP_PRIVILEGES },
);
