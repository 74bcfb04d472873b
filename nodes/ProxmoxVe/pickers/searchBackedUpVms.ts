import { BACKUP_PRIVILEGES, backupsOf, guestOf, madeAt } from './backups';
import { searchOf } from './list';

/** Guests that there are backups of, also such as have been deleted since. */
export const searchBackedUpVms = searchOf(
	async (asking) => {
		const byVm = new Map<number, { count: number; newest: string; guest: string }>();
		for (const backup of await backupsOf(asking)) {
			if (backup.vmid === undefined) continue;
			const one = byVm.get(backup.vmid) ?? {
				count: 0,
				newest: madeAt(backup) ?? 'unknown',
				guest: guestOf(backup),
			};
			byVm.set(backup.vmid, { ...one, count: one.count + 1 });
		}
		return [...byVm].map(([vmid, { count, newest, guest }]) => ({
			name: `${guest} (${count} ${count === 1 ? 'backup' : 'backups'}, the newest of ${newest})`,
			value: vmid,
		}));
	},
	{ needs: BACKUP_PRIVILEGES },
);
