import Ajv from 'ajv';

/** A schema of what an operation emits, as far as n8n's editor reads one. */
export interface Schema {
	readonly type: string | readonly string[];
	readonly properties?: Readonly<Record<string, Schema>>;
	readonly items?: Schema;
}

const ajv = new Ajv({ allErrors: true, jsonPointers: true });
const plainType = { enum: ['string', 'integer', 'number', 'boolean', 'object', 'array'] };

/**
 * What n8n's editor makes something of. Of several types it shows the first, so null stands second; it
 * knows no anyOf; and where the outermost is no object with properties, it shows nothing at all.
 */
const form = {
	$id: 'form',
	type: 'object',
	required: ['type'],
	properties: {
		type: {
			anyOf: [
				plainType,
				{ type: 'array', items: [plainType, { const: 'null' }], minItems: 2, maxItems: 2 },
			],
		},
		properties: { type: 'object', minProperties: 1, additionalProperties: { $ref: 'form' } },
		items: { $ref: 'form' },
		version: { const: 1 },
	},
	additionalProperties: false,
};
ajv.addSchema(form);
const outermost = {
	allOf: [
		{ $ref: 'form' },
		{ required: ['properties', 'version'], properties: { type: { const: 'object' } } },
	],
};

/** Why n8n's editor would not understand a schema. */
export const formProblems = (schema: object): string[] => problems(outermost, schema);

/**
 * What of a value its schema does not say.
 * @param open the properties in which there may be others than those that are named
 */
export const differences = (
	schema: Schema,
	value: unknown,
	open: readonly string[] = [],
): string[] => problems(closed(schema, open), value);

function problems(schema: object, value: unknown): string[] {
	ajv.validate(schema, value);
	return (ajv.errors ?? []).map(
		({ dataPath, message, params }) => `${dataPath} ${message ?? ''} ${JSON.stringify(params)}`,
	);
}

/** The schema with nothing beside what it names. */
function closed({ properties, items, ...schema }: Schema, open: readonly string[] = []): object {
	const inner = Object.entries(properties ?? {}).map(([name, property]) => [
		name,
		open.includes(name) ? property : closed(property),
	]);
	return {
		...schema,
		...(properties
			? { properties: Object.fromEntries(inner) as object, additionalProperties: false }
			: {}),
		...(items ? { items: closed(items) } : {}),
	};
}

/** What a schema has and none of the values does: a property, or one of its types. */
export function unseen(schema: Schema, values: readonly unknown[], path = ''): string[] {
	const types = [schema.type]
		.flat()
		.filter((type) => !values.some((value) => ajv.validate({ type }, value)));
	const ofItems = schema.items
		? unseen(
				schema.items,
				values.flatMap((value) => (Array.isArray(value) ? (value as unknown[]) : [])),
				`${path}[]`,
			)
		: [];
	const ofProperties = Object.entries(schema.properties ?? {}).flatMap(([name, property]) =>
		unseen(
			property,
			values
				.map((value) => (value as Record<string, unknown> | null)?.[name])
				.filter((value) => value !== undefined),
			`${path}.${name}`,
		),
	);
	return [...types.map((type) => `${path}: ${type}`), ...ofItems, ...ofProperties];
}
