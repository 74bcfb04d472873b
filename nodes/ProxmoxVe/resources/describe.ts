import { NodeConnectionTypes, type INodeProperties, type INodePropertyOptions } from 'n8n-workflow';

import { allowedGuestsProperty } from '../form/allowedGuestsProperty';
import { authenticationProperty } from '../form/authenticationProperty';
import { resources } from './index';
import type { Operation, Resource } from '../runtime/operation';

/** A resource or an operation as an entry of its list. */
function optionOf(
	one: Pick<Operation, 'name' | 'value'> & Partial<Operation>,
): INodePropertyOptions {
	const { name, value, action, description, details } = one;
	if (action === undefined || details === undefined) return { name, value };
	return { name, value, action, description, builderHint: { propertyHint: details } };
}

const firstValue = (list: ReadonlyArray<{ readonly value: string }>): string =>
	list[0]?.value ?? '';

const resourceProperty: INodeProperties = {
	displayName: 'Resource',
	name: 'resource',
	type: 'options',
	noDataExpression: true,
	options: resources.map(optionOf),
	default: firstValue(resources),
};

const operationProperty = ({ value, operations }: Resource): INodeProperties => ({
	displayName: 'Operation',
	name: 'operation',
	type: 'options',
	noDataExpression: true,
	displayOptions: { show: { resource: [value] } },
	options: operations.map(optionOf),
	default: firstValue(operations),
});

/** Whether two properties are one to the user: the same name and content, though they may be two objects. */
const isSame = (one: INodeProperties, other: INodeProperties): boolean =>
	one === other || (one.name === other.name && JSON.stringify(one) === JSON.stringify(other));

/**
 * All properties of a resource once, in an order in which each operation has its own one after the other.
 * @throws Error if two operations have the same properties the other way round
 */
function inOrder({ operations }: Resource): INodeProperties[] {
	const all: INodeProperties[] = [];
	/** What an operation shows right before a property. */
	const before = new Map<INodeProperties, Set<INodeProperties>>();
	for (const { properties } of operations) {
		let last: INodeProperties | undefined;
		for (const property of properties) {
			const one = all.find((other) => isSame(other, property)) ?? property;
			if (!before.has(one)) {
				before.set(one, new Set());
				all.push(one);
			}
			if (last !== undefined) before.get(one)?.add(last);
			last = one;
		}
	}
	const order = new Set<INodeProperties>();
	while (order.size < before.size) {
		const next = [...before.keys()].find(
			(one) => !order.has(one) && [...(before.get(one) ?? [])].every((other) => order.has(other)),
		);
		if (next === undefined)
			throw new Error('Two operations show the same properties in different orders');
		order.add(next);
	}
	return [...order];
}

/** The properties of a resource, each shown for the operations that have it. */
const propertiesOf = (resource: Resource): INodeProperties[] =>
	inOrder(resource).map((property) => ({
		...property,
		displayOptions: {
			...property.displayOptions,
			show: {
				resource: [resource.value],
				operation: resource.operations
					.filter(({ properties }) => properties.some((one) => isSame(one, property)))
					.map(({ value }) => value),
				...property.displayOptions?.show,
			},
		},
	}));

/** The outputs of the operations that have more than one, by resource and operation. */
const namedOutputs = Object.fromEntries(
	resources.flatMap(({ value: resource, operations }) =>
		operations
			.filter(({ outputs }) => outputs !== undefined)
			.map(({ value, outputs = [] }) => [
				`${resource} ${value}`,
				outputs.map((displayName) => ({ displayName, type: NodeConnectionTypes.Main })),
			]),
	),
);

/** What n8n evaluates to learn the node's outputs. The spaces keep two braces from ending the expression. */
export const outputsExpression: `={{${string}}}` = `={{ (${JSON.stringify(namedOutputs).replace(/\}/g, '} ')})[$parameter["resource"] + " " + $parameter["operation"]] ?? ["${NodeConnectionTypes.Main}"] }}`;

/** `Create: Virtual Machine`, by resource and operation. */
const subtitles = Object.fromEntries(
	resources.flatMap(({ value: resource, name, operations }) =>
		operations.map((operation) => [`${resource} ${operation.value}`, `${operation.name}: ${name}`]),
	),
);

/** What n8n evaluates for the text under the node: the labels of its operation and resource. */
export const subtitleExpression = `={{ (${JSON.stringify(subtitles)})[$parameter["resource"] + " " + $parameter["operation"]] }}`;

/** All properties of the node, in the order in which the editor shows them. */
export const properties: INodeProperties[] = [
	authenticationProperty,
	resourceProperty,
	...resources.map(operationProperty),
	...resources.flatMap(propertiesOf),
	{
		...allowedGuestsProperty,
		displayOptions: { hide: { resource: ['image', 'node', 'storage'] } },
	},
];
