import { BACKUP_PRIVILEGES, backupsOf, madeAt } from './backups';
import { searchOf } from './list';

/** VMs that there are backups of, also such as have been deleted since. */
export const searchBackedUpVms = searchOf(
	async (asking) => {
		const byVm = new Map<number, { count: number; newest: string }>();
		for (const backup of await backupsOf(asking)) {
			if (backup.vmid === undefined) continue;
			const { count, newest } = byVm.get(backup.vmid) ?? {
				count: 0,
				newest: madeAt(backup) ?? 'unknown',
			};
			byVm.set(backup.vmid, { count: count + 1, newest });
		}
		return [...byVm].map(([vmid, { count, newest }]) => ({
			name: `${asking.kind.label} ${vmid} (${count} ${count === 1 ? 'backup' : 'backups'}, the newest of ${newest})`,
			value: vmid,
		}));
	},
	{ needs: BACKUP_PRIVILEGES },
);
