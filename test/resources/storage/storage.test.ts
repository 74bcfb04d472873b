import type { IDataObject, INodeParameters } from 'n8n-workflow';

import { openLab, type Lab } from '../../support/lab';

let lab: Lab;
beforeAll(async () => {
	lab = await openLab();
});
afterAll(async () => await lab.close());

const get = (storage: string): INodeParameters => ({
	resource: 'storage',
	operation: 'get',
	storage: { __rl: true, mode: 'list', value: storage },
});
const all = async (filters: IDataObject = {}): Promise<IDataObject[]> => {
	const { items, error } = await lab.run({
		resource: 'storage',
		operation: 'getAll',
		returnAll: true,
		filters,
	} as INodeParameters);
	if (error) throw error;
	return (items[0] ?? []).map(({ json }) => json);
};
const namesOf = (rows: IDataObject[]) => rows.map(({ storage }) => storage);

it('Get returns the space and the content types', async () => {
	const found = await lab.output(get('local'));
	expect(found).toMatchObject({
		storage: 'local',
		node: 'pve1',
		type: 'dir',
		shared: false,
		enabled: true,
		active: true,
	});
	expect(found.content).toContain('images');
	expect(Number(found.used) + Number(found.free)).toBe(found.total);
});

it('Get returns no space for an offline storage', async () => {
	expect(await lab.output(get('offline'))).toMatchObject({
		active: false,
		total: null,
		free: null,
	});
});

it('Get reports that a storage does not exist', async () => {
	expect((await lab.run(get('nosuch'))).error?.message).toBe(
		'There is no storage nosuch on pve1, or this user or token may not see it (Datastore.Audit on /storage/nosuch)',
	);
});

it('Get Many can be filtered', async () => {
	const every = namesOf(await all());
	expect(every).toEqual([...every].sort());
	expect(every).toEqual(expect.arrayContaining(['isoonly', 'local', 'offline']));
	expect(namesOf(await all({ content: 'images' }))).not.toContain('isoonly');
	expect(namesOf(await all({ onlyActive: true }))).not.toContain('offline');
});

it('lists every storage in the editor', async () => {
	const { results } = await lab.engine.listSearch('searchStorages', {
		parameters: { node: { __rl: true, mode: 'list', value: 'pve1' } },
		credentials: lab.credentials,
	});
	expect(results).toEqual(
		expect.arrayContaining([
			{ name: 'local (dir)', value: 'local' },
			{ name: 'offline (dir, offline)', value: 'offline' },
		]),
	);
});
