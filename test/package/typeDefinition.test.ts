import { qemu } from '../../nodes/ProxmoxVe/catalogue/qemu';
import { otherChoices } from '../../nodes/ProxmoxVe/form/otherParameters';
import { familyBase, groupLists, groupOptions } from '../../nodes/ProxmoxVe/form/names';
import { ProxmoxVe } from '../../nodes/ProxmoxVe/ProxmoxVe.node';
import { typeDefinition } from '../../tools/bench/typeDefinition';

/** Of all resources, in characters. */
const WHOLE = 210_000 + 60_000;

const { whole, text } = typeDefinition(new ProxmoxVe().description);
const typeOf = (operation: string): string => {
	const from = text.indexOf(`VirtualMachine${operation}Params = {`);
	return text.slice(from, text.indexOf('\n};', from));
};
const hasField = (type: string, name: string): boolean =>
	type.includes(`\n    ${name}?: `) || type.includes(`\n    '${name}'?: `);

describe('the type definition that n8n gives to models', () => {
	it('is no longer than it was', () => expect(whole).toBeLessThan(WHOLE));

	it('of containers has at most 60,000 characters', () => {
		const ofContainers = [...text.matchAll(/ProxmoxVeV1Container\w+Params = \{[\s\S]*?\n\};/g)].map(
			([type]) => type,
		);
		expect(ofContainers.length).toBeGreaterThan(10);
		expect(ofContainers.join('').length).toBeLessThan(60_000);
	});

	it('of an operation that does not set up a VM has at most 4,000 characters', () => {
		const types = [...text.matchAll(/ProxmoxVeV1(\w+)Params = \{[\s\S]*?\n\};/g)];
		const long = types
			.filter(([type]) => type.length > 4_000)
			.map(([, operation]) => operation?.replace(/VirtualMachine|Container/, ''));
		expect(types.length).toBeGreaterThan(30);
		expect([...new Set(long)]).toEqual(['Create', 'Restore', 'Update']);
	});

	it.each([
		['Create', 47_000],
		['Restore', 35_500],
		['Update', 23_000],
	])('of %s is no longer than %d characters', (operation, most) =>
		expect(typeOf(operation).length).toBeLessThan(most),
	);

	it.each([
		['Create', 'create'],
		['Restore', 'restore'],
	] as const)('of %s has a field for each parameter', (operation, purpose) => {
		const type = typeOf(operation);
		const names = qemu.groups[purpose].flatMap((group) => [
			...groupOptions(qemu, group).map(({ name }) => name),
			...groupLists(qemu, group).map(({ name }) => name),
		]);
		expect(names.length).toBeGreaterThan(100);
		expect(names.filter((name) => !hasField(type, name))).toEqual([]);
	});

	it('of Update has a field for each parameter, or the list Other Parameters names it', () => {
		const type = typeOf('Update');
		const missing = qemu.groups.update.flatMap((group) =>
			[...groupOptions(qemu, group), ...groupLists(qemu, group)].filter(
				({ name, parameter }) =>
					!hasField(type, name) && !type.includes(`'${familyBase(parameter)}'`),
			),
		);
		expect(missing.map(({ name }) => name)).toEqual([]);
		expect(otherChoices(qemu).length).toBeGreaterThan(30);
	});
});
