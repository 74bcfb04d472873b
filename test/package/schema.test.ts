import facts from '../../tools/facts/api-facts.json';

// Plain JavaScript, because gulp runs it.
import { compareSchema, readApiDescription } from '../../scripts/schema.cjs';

type Properties = Record<string, Record<string, unknown>>;

/** The script that a Proxmox host serves, with the facts' own parameters in it. */
function script(change: (properties: Properties) => void): string {
	const properties: Properties = Object.fromEntries(
		Object.entries(facts.create.parameters).map(([name, fact]) => {
			const { subOptions, ...plain } = fact as Record<string, unknown>;
			return [
				name,
				subOptions === undefined ? plain : { ...plain, format: structuredClone(subOptions) },
			];
		}),
	);
	change(properties);
	const description = [
		{
			path: '/nodes',
			children: [{ path: '/nodes/{node}/qemu', info: { POST: { parameters: { properties } } } }],
		},
	];
	return `const apiSchema = ${JSON.stringify(description, null, 3)}\n;\n\nExt.onReady(function() {});\n`;
}
const differences = (change: (properties: Properties) => void): string[] =>
	compareSchema(facts, readApiDescription(script(change)));

describe('the refresh of the schema', () => {
	it('finds nothing if nothing has changed', () => expect(differences(() => {})).toEqual([]));

	it('finds what is new, gone or changed, down to sub-options', () => {
		const found = differences((properties) => {
			properties['brand-new'] = { type: 'boolean', description: 'Something new.\nMore of it.' };
			delete properties.tdf;
			Object.assign(properties.cores ?? {}, { maximum: 512 });
			Object.assign((properties['net[n]']?.format ?? {}) as object, {
				lanes: { type: 'integer', description: 'Lanes.' },
			});
		});
		expect(found.sort()).toEqual([
			'changed: cores: maximum was undefined, is 512',
			'gone: tdf',
			'new: brand-new (boolean): Something new.',
			'new: net[n]: lanes (integer): Lanes.',
		]);
	});

	it('says so if the host serves something else', () => {
		expect(() => readApiDescription('<html>')).toThrow('no description of its API');
	});
});
