import { NodeHelpers, type INode, type INodeParameters, type INodeProperties } from 'n8n-workflow';

import { qemu } from '../../nodes/ProxmoxVe/catalogue/qemu';
import { properties } from '../../nodes/ProxmoxVe/resources/describe';
import { resources } from '../../nodes/ProxmoxVe/resources';
import { ProxmoxVe } from '../../nodes/ProxmoxVe/ProxmoxVe.node';

const { description } = new ProxmoxVe();
const node = { typeVersion: 1 } as INode;

type Change = [name: string, value: string | string[] | INodeParameters];

/** What n8n's editor has after these fields were changed one by one, each value by its name. */
function edited(...changes: Change[]): INodeParameters {
	const read = (values: INodeParameters, withDefaults: boolean): INodeParameters =>
		NodeHelpers.getNodeParameters(properties, values, withDefaults, false, node, description) ?? {};
	let values = read({}, true);
	for (const [name, value] of changes)
		values = read({ ...read(values, false), [name]: value }, true);
	return values;
}

const shownIn = (values: INodeParameters): INodeProperties[] =>
	properties.filter(
		(property) =>
			property.type !== 'hidden' &&
			NodeHelpers.displayParameter(values, property, node, description),
	);
const namesOf = (values: INodeParameters): string[] => shownIn(values).map(({ name }) => name);
const create = (...changes: Change[]) =>
	edited(['resource', 'virtualMachine'], ['operation', 'create'], ...changes);

describe('a new Create', () => {
	const head = ['authentication', 'resource', 'operation', 'profile'];
	const basics = ['name', 'cores', 'memory_current', 'diskSource'];
	const tail = ['start', 'moreSettings', 'options'];

	it('asks for an image first, and shows no empty lists', () =>
		expect(namesOf(create())).toEqual([...head, ...basics, 'image', 'bridge', ...tail]));

	it.each([
		['an image of the list', { __rl: true, mode: 'list', value: 'local:import/debian.qcow2' }],
		['an expression', { __rl: true, mode: 'name', value: '={{ $json.image }}' }],
	])('asks for what belongs to the image once it is chosen: %s', (_how, image) =>
		expect(namesOf(create(['image', image]))).toEqual([
			...head,
			...basics,
			'image',
			'storage',
			'diskSize',
			'bridge',
			'ciuser',
			'sshkeys',
			...tail,
		]),
	);

	it.each([
		['url', ['imageUrl', 'storage', 'diskSize']],
		['new', ['storage', 'diskSize']],
		['none', []],
	])('has all fields at once with the disk %s', (source, fields) =>
		expect(namesOf(create(['diskSource', source]))).toEqual([
			...head,
			...basics,
			...fields,
			'bridge',
			'ciuser',
			'sshkeys',
			...tail,
		]),
	);

	it.each([
		['linuxIso', 32, ['iso']],
		['windows11', 64, ['iso', 'driversIso']],
		['windows10', 64, ['iso', 'driversIso']],
		['other', 32, ['iso']],
		['none', 32, ['iso']],
	])('with the profile %s has a new disk of %d GiB', (profile, size, isos) => {
		const values = create(['profile', profile]);
		expect(values).toMatchObject({ diskSource: 'new', diskSize: size });
		expect(namesOf(values)).toEqual([
			...head,
			...basics,
			'storage',
			'diskSize',
			...isos,
			'bridge',
			...tail,
		]);
	});

	it('follows the profile until a field is changed', () => {
		expect(create(['profile', 'windows11'], ['profile', 'linuxCloudImage'])).toMatchObject({
			diskSource: 'import',
		});
		expect(
			create(['profile', 'windows11'], ['diskSource', 'none'], ['profile', 'linuxIso']),
		).toMatchObject({ diskSource: 'none' });
	});

	it('has no profile beside JSON unless one is chosen', () => {
		const json = create(['profile', 'json']);
		expect(json).toMatchObject({ jsonProfile: 'none' });
		expect(namesOf(json)).toEqual([
			...head,
			'vmJson',
			'jsonProfile',
			'additionalParameters',
			'options',
			'allowedGuests',
		]);
	});

	it.each(['virtualMachine', 'container'])(
		'of a %s shows Allowed Guests once, if it was chosen or is set, and keeps what was set',
		(resource) => {
			const chosen: [string, string[]] = ['moreSettings', ['allowedGuests']];
			const set: [string, string] = ['allowedGuests', '100-199'];
			const seen = (...changes: Change[]) => {
				const values = edited(['resource', resource], ['operation', 'create'], ...changes);
				const names = namesOf(values);
				return [names.filter((name) => name === 'allowedGuests').length, values.allowedGuests];
			};
			expect([
				seen(),
				seen(set),
				seen(chosen),
				seen(chosen, set),
				seen(chosen, set, ['moreSettings', []]),
				seen(set, ['profile', 'json']),
				seen(set, ['operation', 'delete'], ['operation', 'create']),
				seen(set, ['allowedGuests', '']),
			]).toEqual([
				[0, ''],
				[1, '100-199'],
				[1, ''],
				[1, '100-199'],
				[1, '100-199'],
				[1, '100-199'],
				[1, '100-199'],
				[0, ''],
			]);
		},
	);

	// Of the some 100 components that n8n renders for a field, 15 are its help and 26 the switch to an expression.
	it('has few helps, and no expressions where they are of no use', () => {
		const names = (isSo: (property: INodeProperties) => unknown) =>
			shownIn(create())
				.filter(isSo)
				.map(({ name }) => name);
		expect(names(({ description: help }) => help)).toEqual(['profile', 'moreSettings']);
		expect(names(({ noDataExpression }) => noDataExpression)).toEqual([
			'resource',
			'operation',
			'profile',
			'diskSource',
			'moreSettings',
		]);
	});

	it('opens in at most 1,825 steps of n8n, and 6 more for the operations of each resource', () => {
		let steps = 0;
		const get = (property: INodeProperties, key: string): unknown => {
			if (key === 'displayOptions') steps += 1;
			return Reflect.get(property, key);
		};
		const counted = properties.map((property) => new Proxy(property, { get }));
		const type = { ...description, properties: counted };
		const parameters = NodeHelpers.getNodeParameters(counted, {}, true, false, node, type) ?? {};
		NodeHelpers.getNodeParametersIssues(counted, { ...node, parameters }, type);
		// Some 6 for each property: let resources share those that are equal.
		expect(steps).toBeLessThanOrEqual(1_825 + 6 * resources.length);
	});

	it.each(Object.keys(qemu.profiles))('has at most 17 fields with the profile %s', (profile) =>
		expect(namesOf(create(['profile', profile])).length).toBeLessThanOrEqual(17),
	);
});

describe('what an operation shows', () => {
	const operations = resources.flatMap((resource) =>
		resource.operations.map(({ value }) => [resource.value, value] as const),
	);
	const LAST = ['waitForCompletion', 'options', 'filters', 'allowedGuests'];
	/** What an operation is about. */
	const SUBJECTS = ['profile', 'importFrom', 'node', 'vm', 'guests', 'upid', 'returnAll', 'method'];

	it.each(operations)('of %s %s: what it is about first, options last', (resource, operation) => {
		const [, , , ...names] = namesOf(edited(['resource', resource], ['operation', operation]));
		expect(SUBJECTS).toContain(names[0]);
		const last = names.filter((name) => LAST.includes(name));
		expect(names.slice(names.length - last.length)).toEqual(last);
	});

	it.each(['restore', 'update'])('of %s has no default of the API', (operation) => {
		const texts = JSON.stringify(
			properties.filter(({ displayOptions }) =>
				displayOptions?.show?.operation?.includes(operation),
			),
		);
		expect(texts).not.toMatch(/Default:/);
		const placeholders = Object.fromEntries(
			shownIn(edited(['operation', operation])).map(({ name, placeholder }) => [name, placeholder]),
		);
		const empty = operation === 'update' ? 'unchanged' : 'as in the backup';
		expect(placeholders).toMatchObject({ name: empty, cores: empty, memory_current: empty });
	});
});
