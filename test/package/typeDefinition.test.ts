/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a test, neither shipped nor scanned */
/* eslint-disable @n8n/community-nodes/no-restricted-globals -- a test, neither shipped nor scanned */
import { tmpdir } from 'node:os';

import type { INodeProperties, INodePropertyOptions, INodeTypeDescription } from 'n8n-workflow';

import { qemu } from '../../nodes/ProxmoxVe/catalogue/qemu';
import { otherChoices } from '../../nodes/ProxmoxVe/form/otherParameters';
import { familyBase, groupLists, groupOptions } from '../../nodes/ProxmoxVe/form/names';
import { ProxmoxVe } from '../../nodes/ProxmoxVe/ProxmoxVe.node';
import { resources } from '../../nodes/ProxmoxVe/resources';
import { typeDefinition, type TypeDefinition } from '../../tools/bench/typeDefinition';

/** Without the types of outputs, which n8n's generator adds where the working directory has been built. */
function typesOfInputs(description: INodeTypeDescription): TypeDefinition {
	const cwd = jest.spyOn(process, 'cwd').mockReturnValue(tmpdir());
	try {
		return typeDefinition(description);
	} finally {
		cwd.mockRestore();
	}
}

const { text } = typesOfInputs(new ProxmoxVe().description);
const typeOf = (operation: string): string => {
	const from = text.indexOf(`VirtualMachine${operation}Params = {`);
	return text.slice(from, text.indexOf('\n};', from));
};
const hasField = (type: string, name: string): boolean =>
	type.includes(`\n    ${name}?: `) || type.includes(`\n    '${name}'?: `);

/** The operations of the first release, which together may take 120,000 characters. */
const FIRST: Readonly<Record<string, readonly string[]>> = {
	virtualMachine: [
		'create',
		'restore',
		'clone',
		'get',
		'getAll',
		'update',
		'start',
		'shutdown',
		'stop',
		'reboot',
		'resizeDisk',
		'convertToTemplate',
		'delete',
	],
	backup: ['create', 'getAll', 'delete'],
	task: ['get', 'getLog', 'wait', 'stop'],
};

/** The node with these operations alone. */
function nodeWith(operations: Readonly<Record<string, readonly string[]>>): INodeTypeDescription {
	const { description } = new ProxmoxVe();
	const among = (property: INodeProperties, names: readonly string[]): INodeProperties => ({
		...property,
		options: (property.options as INodePropertyOptions[]).filter(({ value }) =>
			names.includes(String(value)),
		),
	});
	return {
		...description,
		properties: description.properties.map((property) => {
			if (property.name === 'resource') return among(property, Object.keys(operations));
			const [resource] = property.displayOptions?.show?.resource ?? [];
			return property.name === 'operation'
				? among(property, operations[String(resource)] ?? [])
				: property;
		}),
	};
}

/** At most so many characters for each resource that came later; others get 500, and 2,500 for each operation. */
const BUDGETS: Readonly<Record<string, number>> = {
	guestAgent: 14_000,
	image: 16_000,
	container: 68_000,
};
const later = resources
	.map(({ value, operations }): [string, string[]] => [
		value,
		operations.map((one) => one.value).filter((name) => !FIRST[value]?.includes(name)),
	])
	.filter(([, operations]) => operations.length > 0);

describe('the type definition that n8n gives to models', () => {
	it('of the first operations has at most 120,000 characters', () => {
		const { whole, text: first } = typesOfInputs(nodeWith(FIRST));
		expect(first.match(/^export type \w+Params = /gm)).toHaveLength(
			Object.values(FIRST).flat().length,
		);
		expect(whole).toBeLessThanOrEqual(120_000);
	});

	// Shorten help that repeats its label first; then raise the budget above.
	it.each(later)('of the later operations of %s keeps to its budget', (resource, operations) =>
		expect(typesOfInputs(nodeWith({ [resource]: operations })).whole).toBeLessThanOrEqual(
			BUDGETS[resource] ?? 500 + 2_500 * operations.length,
		),
	);

	it('of an operation that does not set up a VM has at most 4,000 characters', () => {
		const types = [...text.matchAll(/ProxmoxVeV1(\w+)Params = \{[\s\S]*?\n\};/g)];
		const long = types
			.filter(([type]) => type.length > 4_000)
			.map(([, operation]) => operation?.replace(/VirtualMachine|Container/, ''));
		expect(types.length).toBeGreaterThan(30);
		expect([...new Set(long)]).toEqual(['Create', 'Restore', 'Clone', 'Import', 'Update']);
	});

	it.each([
		['Create', 44_000],
		['Restore', 33_000],
		['Update', 19_000],
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
