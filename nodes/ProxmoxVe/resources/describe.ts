import { NodeConnectionTypes, type INodeProperties, type INodePropertyOptions } from 'n8n-workflow';

import { withAllowedGuests } from '../form/allowedGuestsProperties';
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

/** A property, the operations that show it, and what each of them shows right before it. */
interface Shown {
	readonly property: INodeProperties;
	readonly resources: Resource[];
	readonly operations: Set<string>;
	readonly before: Set<Shown>;
}

/** Whether an operation shows one property somewhere after the other. */
function isAfter(one: Shown, other: Shown, seen = new Set<Shown>()): boolean {
	if (seen.has(one)) return false;
	seen.add(one);
	return [...one.before].some((next) => next === other || isAfter(next, other, seen));
}

/** Whether one property can replace two: n8n shows it for each of its resources with each of its operations. */
function canJoin(one: Shown, other: Shown): boolean {
	const operations = new Set([...one.operations, ...other.operations]);
	const isExact = (part: Shown) =>
		part.resources.every((resource) =>
			resource.operations.every(
				({ value }) => part.operations.has(value) === operations.has(value),
			),
		);
	return isExact(one) && isExact(other) && !isAfter(one, other) && !isAfter(other, one);
}

/** What belongs to no guest. */
const WITHOUT_GUESTS = ['image', 'node', 'storage'];

/**
 * Each property of the operations once for all resources that can share it: when a panel opens, n8n's editor compares
 * each property with all others.
 */
function sharedProperties(): Shown[] {
	let all: Shown[] = [];
	const byText = new Map<string, Shown[]>();
	for (const resource of resources) {
		for (const { value, properties } of resource.operations) {
			let last: Shown | undefined;
			const isLimited = !WITHOUT_GUESTS.includes(resource.value);
			for (const property of isLimited ? withAllowedGuests(properties) : properties) {
				const text = JSON.stringify(property);
				const same = byText.get(text) ?? [];
				byText.set(text, same);
				let shown = same.find((one) => one.resources.includes(resource));
				if (shown === undefined) {
					shown = { property, resources: [resource], operations: new Set(), before: new Set() };
					same.push(shown);
					all.push(shown);
				}
				shown.operations.add(value);
				if (last !== undefined) shown.before.add(last);
				last = shown;
			}
		}
	}
	for (const same of byText.values()) {
		const kept: Shown[] = [];
		for (const shown of same) {
			const into = kept.find((one) => canJoin(one, shown));
			if (into === undefined) {
				kept.push(shown);
				continue;
			}
			into.resources.push(...shown.resources);
			for (const value of shown.operations) into.operations.add(value);
			for (const one of shown.before) into.before.add(one);
			all = all.filter((one) => one !== shown);
			for (const { before } of all) if (before.delete(shown)) before.add(into);
		}
	}
	return all;
}

/**
 * The properties of all operations, in an order in which each operation has its own one after the other.
 * @throws Error if two operations of a resource have the same properties the other way round
 */
function operationProperties(): INodeProperties[] {
	const all = sharedProperties();
	const order = new Set<Shown>();
	while (order.size < all.length) {
		const next = all.find(
			(one) => !order.has(one) && [...one.before].every((other) => order.has(other)),
		);
		if (next === undefined)
			throw new Error('Two operations show the same properties in different orders');
		order.add(next);
	}
	return [...order].map(({ property, resources: shownFor, operations }) => ({
		...property,
		displayOptions: {
			...property.displayOptions,
			show: {
				resource: shownFor.map(({ value }) => value),
				operation: [...operations],
				...property.displayOptions?.show,
			},
		},
	}));
}

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
	...operationProperties(),
];
