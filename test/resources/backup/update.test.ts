import type { INodeParameters } from 'n8n-workflow';

import { openLab, type Lab } from '../../support/lab';

const picked = (value: string) => ({ __rl: true, mode: 'list', value });
const ARCHIVE = 'local:backup/vzdump-qemu-100-2026_01_02-03_04_05.vma.zst';

let lab: Lab;
beforeAll(async () => {
	lab = await openLab();
});
afterAll(async () => await lab.close());
beforeEach(() => {
	lab.emulator.requests.length = 0;
	Object.assign(stored() ?? {}, { notes: 'old', protected: false });
});

const stored = () => lab.emulator.state.volumes.get(ARCHIVE);
const puts = () => lab.emulator.requests.filter(({ method }) => method === 'PUT');
const update = (updateFields: INodeParameters, more: object = {}) => ({
	resource: 'backup',
	operation: 'update',
	volid: picked(ARCHIVE),
	updateFields,
	...more,
});

describe('Backup → Update', () => {
	it.each([
		[{ notes: 'new\nin two lines' }, { notes: 'new\nin two lines' }, false],
		[{ protected: true }, { notes: 'old' }, true],
		[{ notes: '' }, { notes: null }, false],
		[{ notes: '', protected: true }, { notes: null }, true],
	])('%j changes only what is set', async (fields, notes, isProtected) => {
		expect(await lab.output(update(fields))).toMatchObject({
			volid: ARCHIVE,
			vmid: 100,
			node: 'pve1',
			...notes,
			protected: isProtected,
			warnings: [],
		});
		expect(stored()?.notes ?? null).toBe(notes.notes);
		expect(stored()?.protected ?? false).toBe(isProtected);
		expect([...new URLSearchParams(puts()[0]?.body).keys()]).toEqual(Object.keys(fields));
	});

	it('removes the protection', async () => {
		Object.assign(stored() ?? {}, { protected: true });
		expect(await lab.output(update({ protected: false }))).toMatchObject({
			protected: false,
			notes: 'old',
		});
	});

	it('fails for a backup that does not exist, though Proxmox says OK', async () => {
		const volid = ARCHIVE.replace('2026', '2020');
		const { error } = await lab.run(update({ notes: 'x' }, { volid: picked(volid) }));
		expect(error?.message).toContain(`There is no backup ${volid} on pve1`);
		expect(puts()).toEqual([]);
	});

	it('reads the result after a lost response', async () => {
		const lose = (when: 'before' | 'after') =>
			lab.emulator.faults.onRequest({ method: 'PUT', path: /content/, when, effect: 'reset' });
		lose('after');
		const { warnings } = await lab.output(update({ notes: 'new' }));
		expect(warnings).toEqual([expect.stringContaining('was lost')]);
		lose('before');
		const { error } = await lab.run(update({ notes: 'newer' }));
		expect(error?.message).toContain('Whether it was executed is unknown');
		expect(puts()).toHaveLength(2);
	});

	it.each([
		[update({}), 'Update Fields changes nothing'],
		[update({ protected: '={{ undefined }}' }), 'Update Fields → Protected has no value'],
		[update({ notes: '={{ undefined }}' }), 'Update Fields → Notes has no value'],
		[update({ notes: 'x' }, { volid: picked('local:iso/tiny.iso') }), 'Backup must be'],
	])('refuses %j before any request', async (parameters, message) => {
		const { error } = await lab.run(parameters);
		expect(error?.message).toContain(message);
		expect(lab.emulator.requests).toEqual([]);
	});
});
