import type { IDataObject } from 'n8n-workflow';

import { openLab, type Lab } from '../../support/lab';

const picked = (value: string) => ({ __rl: true, mode: 'list', value });
const DAY = 86_400;
const NOW = 1_795_000_000;

let lab: Lab;
beforeAll(async () => {
	lab = await openLab();
});
afterAll(async () => await lab.close());
beforeEach(() => {
	const { state, requests } = lab.emulator;
	for (const [volid, { content }] of state.volumes)
		if (content === 'backup') state.volumes.delete(volid);
	store('qemu', 100, 0);
	store('qemu', 100, 1, { protected: true });
	store('qemu', 100, 2);
	store('lxc', 300, 0);
	store('lxc', 300, 5);
	requests.length = 0;
});

const volidOf = (type: string, vmid: number, day: number): string =>
	`local:backup/vzdump-${type}-${vmid}-2026_11_${18 - day}-11_06_40.${type === 'lxc' ? 'tar' : 'vma'}`;
const store = (type: string, vmid: number, day: number, more: object = {}): void =>
	void lab.emulator.state.volumes.set(volidOf(type, vmid, day), {
		volid: volidOf(type, vmid, day),
		storage: 'local',
		content: 'backup',
		format: type === 'lxc' ? 'tar' : 'vma',
		size: 1,
		used: 1,
		ctime: NOW - day * DAY,
		vmid,
		...more,
	});
const left = (): string[] =>
	[...lab.emulator.state.volumes.values()]
		.filter(({ content }) => content === 'backup')
		.map(({ volid }) => volid)
		.sort();
const prune = (more: object = {}) => ({
	resource: 'backup',
	operation: 'prune',
	storage: picked('local'),
	keep: { 'keep-last': 1 },
	...more,
});
const volids = (list: unknown) => (list as IDataObject[]).map(({ volid }) => volid).sort();
const deletes = () => lab.emulator.requests.filter(({ method }) => method === 'DELETE');

const [OLD_VM, OLD_CT] = [volidOf('qemu', 100, 2), volidOf('lxc', 300, 5)];

describe('Backup → Prune', () => {
	it('by default only reports what it would remove, keep and not touch', async () => {
		const before = left();
		const item = await lab.output(prune());
		expect(item).toMatchObject({ dryRun: true, removed: [], upid: null });
		expect(volids(item.remove)).toEqual([OLD_CT, OLD_VM].sort());
		expect(volids(item.protected)).toEqual([volidOf('qemu', 100, 1)]);
		expect(item.keep).toContainEqual({
			volid: volidOf('lxc', 300, 0),
			vmid: 300,
			type: 'lxc',
			createdAt: '2026-11-18T11:06:40.000Z',
		});
		expect(left()).toEqual(before);
		expect(deletes()).toEqual([]);
	});

	it('removes what it has reported, and returns what is gone', async () => {
		const before = left();
		const item = await lab.output(prune({ dryRun: false }));
		expect([...(item.removed as string[])].sort()).toEqual([OLD_CT, OLD_VM].sort());
		expect(item).toMatchObject({ taskStatus: 'ok', exitStatus: 'OK', warnings: [] });
		expect(left()).toEqual(before.filter((volid) => volid !== OLD_CT && volid !== OLD_VM));
	});

	it.each([
		[{ vm: picked('100') }, OLD_VM],
		[{ type: 'lxc' }, OLD_CT],
	])('%j: touches no other guest', async (filters, removed) => {
		const before = left();
		const item = await lab.output(prune({ dryRun: false, filters }));
		expect(item.removed).toEqual([removed]);
		expect(left()).toEqual(before.filter((volid) => volid !== removed));
	});

	it('sends nothing if all is kept, or in a preview', async () => {
		const keep = { 'keep-daily': 7, 'keep-last': 0 };
		expect(await lab.output(prune({ dryRun: false, keep }))).toMatchObject({ removed: [] });
		const options = { preview: true };
		expect(await lab.output(prune({ dryRun: false, options }))).toMatchObject({
			method: 'DELETE',
			body: { 'prune-backups': 'keep-last=1' },
		});
		expect(deletes()).toEqual([]);
	});

	it('reports what was removed before it failed', async () => {
		lab.emulator.faults.onTask({ type: 'prunebackups', failsAfter: 'error pruning backups' });
		const { error } = await lab.run(prune({ dryRun: false, filters: { type: 'lxc' } }));
		expect(error?.message).toContain('error pruning backups');
		expect(error?.description).toContain(`Removed before that: ${OLD_CT}.`);
	});

	it('warns about a backup that should have been removed but still exists', async () => {
		const { volumes } = lab.emulator.state;
		const remove = volumes.delete.bind(volumes);
		volumes.delete = (volid) => volid !== OLD_VM && remove(volid);
		const item = await lab.output(prune({ dryRun: false }));
		volumes.delete = remove;
		expect(item).toMatchObject({
			removed: [OLD_CT],
			taskStatus: 'warnings',
			warnings: [`${OLD_VM} was not removed`],
		});
	});

	it('reads the result after a lost response', async () => {
		lab.emulator.faults.onRequest({
			method: 'DELETE',
			path: /prunebackups/,
			when: 'after',
			effect: 'reset',
		});
		const item = await lab.output(prune({ dryRun: false }));
		expect(item.warnings).toEqual([expect.stringContaining('was lost')]);
		expect((item.removed as string[]).sort()).toEqual([OLD_CT, OLD_VM].sort());
		expect(deletes()).toHaveLength(1);
	});

	it.each([
		[{ keep: {} }, 'Keep needs a number above 0'],
		[{ keep: { 'keep-last': 0 } }, 'Keep needs a number above 0'],
		[{ keep: { 'keep-last': '={{ undefined }}' } }, 'Keep → Last has no value'],
		[{ keep: { 'keep-daily': -1 } }, 'Keep → Daily must be a whole number'],
		[{ dryRun: '={{ undefined }}' }, 'Dry Run has no value'],
		[{ filters: { vm: '={{ undefined }}' } }, 'Filters → Guest must be a guest ID'],
		[{ filters: { type: '={{ undefined }}' } }, 'Filters → Guest Type has no value'],
	])('refuses %j before any request', async (more, message) => {
		const { error } = await lab.run(prune({ dryRun: false, ...more }));
		expect(error?.message).toContain(message);
		expect(lab.emulator.requests).toEqual([]);
	});
});
