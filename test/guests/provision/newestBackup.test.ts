import { realClock } from '../../../tools/emulator';
import { openLab, type Lab } from '../../support/lab';

const picked = (value: string | number) => ({ __rl: true, mode: 'list', value });
const ARCHIVE = 'local:backup/vzdump-qemu-100-2026_01_02-03_04_05.vma.zst';
const DAY = 86_400;

let lab: Lab;
beforeEach(async () => {
	lab = await openLab();
});
afterEach(async () => await lab.close());

const newest = (more: object = {}) => ({
	operation: 'restore',
	backupSource: 'newest',
	backupVm: picked(100),
	backupStorage: picked('local'),
	...more,
});
const posts = () => lab.emulator.requests.filter(({ method }) => method === 'POST');
const sent = () => Object.fromEntries(new URLSearchParams(posts()[0]?.body));

/** A good backup, made so long ago. @returns its volume ID */
function backUp({
	vmid = 100,
	days = 0,
	storage = 'local',
	verified,
}: { vmid?: number; days?: number; storage?: string; verified?: 'ok' | 'failed' } = {}): string {
	const { volumes } = lab.emulator.state;
	const whole = volumes.get(ARCHIVE);
	if (!whole) throw new Error('the state has no backup');
	const ctime = Math.floor(Date.now() / 1000 - days * DAY);
	const date = new Date(ctime * 1000)
		.toISOString()
		.replace(/-/g, '_')
		.replace('T', '-')
		.replace(/:/g, '_')
		.slice(0, 19);
	const volid = `${storage}:backup/vzdump-qemu-${vmid}-${date}.vma.zst`;
	const verification =
		verified === undefined ? {} : { verification: { state: verified, upid: 'UPID:pbs:1' } };
	volumes.set(volid, { ...whole, volid, storage, vmid, ctime, ...verification });
	return volid;
}

describe('the age of a backup', () => {
	it.each([
		['ahead', 1, 1.5, false],
		['behind', -1, 0.5, true],
	])(
		'is reckoned by the clock of Proxmox VE, which is a day %s',
		async (_where, days, age, isNewEnough) => {
			await lab.close();
			lab = await openLab({
				clock: { ...realClock(0.03), now: () => Date.now() + days * DAY * 1000 },
			});
			const volid = backUp({ days: age - days });
			const result = await lab.run(newest({ maxAgeDays: 1 }));
			if (isNewEnough) expect(result.items[0]?.[0]?.json).toMatchObject({ archive: volid });
			else expect(result.error?.message).toContain('more than 1 day ago');
		},
	);
});

describe('Restore of the newest backup', () => {
	it('takes the one that was created last, and says which', async () => {
		backUp({ days: 3 });
		const volid = backUp({ days: 1 });
		backUp({ vmid: 101 });
		const item = await lab.output(newest());
		expect(item).toMatchObject({ taskStatus: 'ok', warnings: [], archive: volid });
		expect(Date.parse(String(item.archiveCreatedAt)) / 1000).toBe(
			lab.emulator.state.volumes.get(volid)?.ctime,
		);
		expect(sent()).toEqual({ vmid: String(item.vmid), archive: volid });
		expect(lab.emulator.state.vms.get(Number(item.vmid))?.config.name).toBe('frombackup');
	});

	it('looks on all storages that hold backups, and warns of those that are offline', async () => {
		backUp({ days: 2 });
		const volid = backUp({ days: 1, storage: 'lab' });
		expect(await lab.output(newest({ backupStorage: picked('') }))).toMatchObject({
			archive: volid,
			taskStatus: 'warnings',
			exitStatus: 'OK',
			warnings: ['Storage offline is offline: a newer backup may be on it'],
		});
	});

	it('takes a VM that has been deleted since, by its ID', async () => {
		const volid = backUp({ vmid: 4711 });
		expect(
			await lab.output(newest({ backupVm: { __rl: true, mode: 'id', value: '={{ $json.vm }}' } }), [
				{ vm: 4711 },
			]),
		).toMatchObject({ archive: volid });
	});

	it('passes over one whose verification has failed, and warns', async () => {
		const good = backUp({ days: 2, verified: 'ok' });
		const bad = backUp({ days: 1, verified: 'failed' });
		expect(await lab.output(newest())).toMatchObject({
			archive: good,
			warnings: [`${bad} is newer, but its verification has failed`],
		});
	});

	it('takes the newest verified one if that is asked for, and does nothing if none is', async () => {
		const good = backUp({ days: 3, verified: 'ok' });
		const unknown = backUp({ days: 1 });
		const options = { maxPollInterval: 0.1, verifiedOnly: true };
		expect(await lab.output(newest({ options }))).toMatchObject({
			archive: good,
			warnings: [`${unknown} is newer, but it is not verified`],
		});
		const before = posts().length;
		backUp({ vmid: 101 });
		const none = await lab.run(newest({ backupVm: picked(101), options }));
		expect(none.error?.message).toContain('VM 101 that a Proxmox Backup Server has verified');
		const chosen = { backupSource: 'archive', archive: picked(ARCHIVE), options };
		expect((await lab.run(newest(chosen))).error?.message).toContain(
			'Only Verified Backup is only for Restore From',
		);
		expect(posts()).toHaveLength(before);
	});

	it('takes one that is new enough, and does nothing if none is', async () => {
		const volid = backUp({ days: 2 });
		expect(await lab.output(newest({ maxAgeDays: 2.5 }))).toMatchObject({ archive: volid });
		const before = posts().length;
		const { error } = await lab.run(newest({ maxAgeDays: 1 }));
		expect(error?.message).toMatch(
			/^The newest backup of VM 100 was created at \d{4}-\d\d-\d\dT[\d:]+\.000Z, more than 1 day ago: local:backup\/\S+\. Nothing was done$/,
		);
		expect(posts()).toHaveLength(before);
		expect((await lab.run(newest({ maxAgeDays: 1.5 }))).error?.message).toContain(
			'more than 1.5 days ago',
		);
	});

	it('does nothing if there is none', async () => {
		expect((await lab.run(newest({ backupVm: picked(101) }))).error?.message).toBe(
			'There is no backup of VM 101 on local. Nothing was done',
		);
		backUp({ vmid: 101, verified: 'failed' });
		expect((await lab.run(newest({ backupVm: picked(101) }))).error?.message).toContain(
			'no backup of VM 101 whose verification has not failed',
		);
		expect(
			(await lab.run(newest({ backupVm: picked(4711), backupStorage: picked('') }))).error?.message,
		).toBe(
			'There is no backup of VM 4711 on the storages of pve1. Nothing was done. Storage offline is offline: a newer backup may be on it',
		);
		expect(posts()).toEqual([]);
	});

	it('says that there is none if the rights to see them cannot be read', async () => {
		lab.emulator.faults.onRequest({ path: '/access/permissions', times: 9, effect: 'reset' });
		expect((await lab.run(newest({ backupVm: picked(101) }))).error?.message).toBe(
			'There is no backup of VM 101 on local. Nothing was done',
		);
	});

	it('does nothing if a storage cannot be read: a newer one may be on it', async () => {
		backUp();
		lab.emulator.faults.onRequest({
			path: '/nodes/pve1/storage/lab/content',
			effect: { status: 500, phrase: 'lab is gone' },
		});
		expect((await lab.run(newest({ backupStorage: picked('') }))).error?.message).toContain(
			'lab is gone',
		);
		expect(posts()).toEqual([]);
	});

	it('goes together with settings from JSON, but not with an archive in it', async () => {
		const volid = backUp();
		const json = (value: object) => newest({ specifyVm: 'json', vmJson: JSON.stringify(value) });
		const item = await lab.output(json({ name: 'copy', unique: true, force: false }));
		expect(item.archive).toBe(volid);
		expect(lab.emulator.state.vms.get(Number(item.vmid))?.config.name).toBe('copy');
		const { error } = await lab.run(json({ archive: ARCHIVE }));
		expect(error?.message).toContain(
			'Backup Archive (archive) cannot be set in the JSON together with Restore From → Newest Backup of a VM',
		);
	});

	it('shows a preview without a request', async () => {
		expect(await lab.output(newest({ options: { preview: true } }))).toMatchObject({
			body: { vmid: 'NEXT_FREE_ID', archive: 'NEWEST_BACKUP_OF_VM_100' },
		});
		expect(lab.emulator.requests).toEqual([]);
	});

	it.each([
		[
			{ backupVm: { __rl: true, mode: 'id', value: 'web' } },
			'Backup Of must be a VM ID from 100 to 999999999, got "web"',
		],
		[{ maxAgeDays: -1 }, 'Not Older Than (Days) must be a number of at least 0, got "-1"'],
	])('refuses %j before any request', async (more, message) => {
		const { error } = await lab.run(newest(more));
		expect(error?.message).toContain(message);
		expect(lab.emulator.requests).toEqual([]);
	});
});

describe('a restored backup that was chosen', () => {
	it('is reported, too', async () => {
		expect(await lab.output({ operation: 'restore', archive: picked(ARCHIVE) })).toMatchObject({
			archive: ARCHIVE,
			taskStatus: 'ok',
		});
	});

	it('is listed by the storage that is chosen', async () => {
		const volid = backUp({ storage: 'lab' });
		const { results } = await lab.engine.listSearch('searchBackups', {
			parameters: { operation: 'restore', node: picked('pve1'), backupStorage: picked('lab') },
			credentials: lab.credentials,
		});
		expect(results.map(({ value }) => value)).toEqual([volid]);
	});
});

describe('a live restore', () => {
	const live = (archive: string) => ({
		operation: 'restore',
		archive: picked(archive),
		restore: { 'live-restore': true },
	});

	it('is refused before the POST if the backup is not on a Proxmox Backup Server', async () => {
		const { error } = await lab.run(live(ARCHIVE));
		expect(error?.message).toBe(
			'Start While Copying (live-restore) needs a backup on a Proxmox Backup Server, but storage local has the type dir',
		);
		expect(posts()).toEqual([]);
	});

	it('is sent if it is, and if the storage may not be seen', async () => {
		const storage = lab.emulator.state.storages.get('lab');
		if (storage) storage.type = 'pbs';
		await lab.run(live('lab:backup/vm/100/2026-11-18T11:06:40Z'));
		await lab.run(live('hidden:backup/vm/100/2026-11-18T11:06:40Z'));
		expect(posts()).toHaveLength(2);
		expect(sent()).toMatchObject({ 'live-restore': '1' });
	});
});
