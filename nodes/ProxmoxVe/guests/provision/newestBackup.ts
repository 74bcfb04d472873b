import { isoTime } from '../../api/isoTime';
import type { NewestBackup } from '../../form/readNewestBackup';
import type { GuestKind } from '../kinds';
import { listBackups, type BackupVolume } from '../../api/backups';
import type { PveClient } from '../../api/client';

const DAY_MS = 86_400_000;

/** A backup, and what to know about its being the newest. */
export interface FoundBackup {
	readonly backup: BackupVolume;
	readonly warnings: string[];
}

/**
 * The newest backup of a VM. One whose verification on a Proxmox Backup Server has failed is passed over, and with
 * `verifiedOnly` one that was not verified, too.
 * @throws Error if there is none, or none that is new enough
 */
export async function newestBackup(
	client: PveClient,
	kind: GuestKind,
	node: string,
	{ vmid, storage, maxAgeDays, verifiedOnly }: NewestBackup,
): Promise<FoundBackup> {
	const { backups, offline, storages } = await listBackups(client, kind, node, {
		vmid,
		...(storage === undefined ? {} : { storages: [storage] }),
	});
	const stateOf = ({ verification }: BackupVolume): string => verification?.state ?? 'none';
	const isUsable = (one: BackupVolume): boolean =>
		verifiedOnly ? stateOf(one) === 'ok' : stateOf(one) !== 'failed';
	const backup = backups.find(isUsable);
	const warnings = offline.map((name) => `Storage ${name} is offline: a newer backup may be on it`);
	if (backup === undefined) {
		if (storages.length + offline.length === 0) {
			throw new Error(
				`No storage with backups is visible on ${node}: this needs Datastore.AllocateSpace on /storage/NAME. Nothing was done`,
			);
		}
		const where = storage === undefined ? `on the storages of ${node}` : `on ${storage}`;
		if (backups.length === 0 && !(await maySeeBackups(client, vmid))) {
			throw new Error(
				`Missing privilege VM.Backup on /vms/${vmid} to see backups of VM ${vmid} ${where}. Nothing was done`,
			);
		}
		const usable = verifiedOnly
			? 'that a Proxmox Backup Server has verified'
			: 'whose verification has not failed';
		const why = backups.length > 0 ? usable : where;
		throw new Error(
			[`There is no backup of VM ${vmid} ${why}. Nothing was done`, ...warnings].join('. '),
		);
	}
	const passedOver = backups.slice(0, backups.indexOf(backup));
	warnings.push(
		...passedOver.map(
			(one) =>
				`${one.volid} is newer, but ${stateOf(one) === 'failed' ? 'its verification has failed' : 'it is not verified'}`,
		),
	);
	checkAge(client, backup, vmid, maxAgeDays);
	return { backup, warnings };
}

/** Whether backups of a VM would be shown. Source: `GET /access/permissions`. What cannot be read is taken for yes. */
const maySeeBackups = async (client: PveClient, vmid: number): Promise<boolean> => {
	const path = `/vms/${vmid}`;
	const rights = await client
		.get<Record<string, Record<string, number>>>('/access/permissions', { path })
		.catch(() => undefined);
	return rights === undefined || rights.data[path]?.['VM.Backup'] !== undefined;
};

function checkAge(
	client: PveClient,
	{ volid, ctime = 0 }: BackupVolume,
	vmid: number,
	maxAgeDays = Infinity,
): void {
	const age = Date.now() + (client.clockOffset() ?? 0) - ctime * 1000;
	if (age <= maxAgeDays * DAY_MS) return;
	const made = isoTime(ctime);
	throw new Error(
		`The newest backup of VM ${vmid} was created at ${made}, more than ${maxAgeDays} ${maxAgeDays === 1 ? 'day' : 'days'} ago: ${volid}. Nothing was done`,
	);
}
