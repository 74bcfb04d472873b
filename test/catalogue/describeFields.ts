import type { Field } from '../../nodes/ProxmoxVe/catalogue/fields';

type Table = Readonly<Record<string, Field>>;

const itemOf = (field: Field): Exclude<Field, { kind: 'family' }> =>
	field.kind === 'family' ? field.item : field;

/** Every field there is, sub-options and list entries too, with its path. */
const everyFieldOf = (catalogue: Table): ReadonlyArray<readonly [string, Field]> =>
	Object.entries(catalogue).flatMap(([name, field]) => {
		const item = itemOf(field);
		const subs =
			item.kind === 'device'
				? Object.entries(item.fields).map(
						([sub, subField]) => [`${name}.${sub}`, subField] as const,
					)
				: [];
		const entry =
			field.kind === 'family' && item.kind !== 'device' ? [[`${name} entry`, item] as const] : [];
		return [[name, field] as const, ...entry, ...subs];
	});

/** Tests the labels, help and examples of every field of a catalogue. */
export function describeFields(catalogue: Table): void {
	describe('each field', () => {
		const everyField = everyFieldOf(catalogue);
		it('has help in the form that n8n uses', () => {
			const severalSentences = /[.!?]\s+[A-Z0-9]/;
			const wrong = everyField.flatMap(([path, { kind, help }]) => {
				// A label that says all needs none: help is part of what a model reads.
				if (help === undefined) return [];
				if (help.trim() === '') return [`${path} has empty help`];
				if (kind === 'flag' && !help.startsWith('Whether '))
					return [`${path}: the help of a flag begins with "Whether"`];
				if (severalSentences.test(help) !== help.endsWith('.'))
					return [
						`${path}: several sentences end with a full stop, a single one does not: ${help}`,
					];
				return /\b(?:id|Id|url|Url)\b/.test(help)
					? [`${path}: write ID and URL in capitals: ${help}`]
					: [];
			});
			expect(wrong).toEqual([]);
		});

		it('has a label in title case', () => {
			const small = /^(?:a|an|and|at|by|for|from|in|of|on|or|the|to|with|io_uring|vCPUs)$/;
			const wrong = everyField.filter(([, { label }]) =>
				label
					.split(/[\s-]+/)
					.some(
						(word) =>
							!small.test(word) && !/^[("]?[A-Z0-9]/.test(word) && !/^\((?:s|ms)\)$/.test(word),
					),
			);
			expect(wrong.map(([path, { label }]) => `${path}: ${label}`)).toEqual([]);
		});

		it('gives the editor a number to begin with', () => {
			const wrong = everyField.filter(
				([, field]) =>
					(field.kind === 'integer' || field.kind === 'decimal') &&
					(field.initial ?? field.default ?? field.min) === undefined,
			);
			expect(wrong.map(([path]) => path)).toEqual([]);
			const outside = everyField.filter(([, field]) => {
				if (field.kind !== 'integer' && field.kind !== 'decimal') return false;
				const first = field.initial ?? field.default ?? field.min ?? 0;
				return first < (field.min ?? -Infinity) || first > (field.max ?? Infinity);
			});
			expect(outside.map(([path]) => path)).toEqual([]);
		});

		it('shows an example that it takes', () => {
			const wrong = everyField.flatMap(([path, field]) => {
				const pattern = 'pattern' in field ? field.pattern : undefined;
				if (pattern === undefined || field.kind === 'base64') return [];
				const whole = new RegExp(`^(?:${pattern})$`);
				const examples = [field.placeholder, 'default' in field ? field.default : undefined].filter(
					(value) => value !== undefined,
				);
				if (examples.length === 0) return [`${path} has neither default nor placeholder`];
				return examples
					.filter((value) => !whole.test(String(value)))
					.map((value) => `${path}: ${String(value)}`);
			});
			expect(wrong).toEqual([]);
		});

		it('names what is shown first among its own sub-options', () => {
			for (const [name, field] of Object.entries(catalogue)) {
				const item = itemOf(field);
				if (item.kind !== 'device') continue;
				const known = Object.keys(item.fields);
				const named = [
					...(item.primary ?? []),
					...Object.values(item.aliases ?? {}),
					...(item.defaultKey ? [item.defaultKey] : []),
				];
				expect([name, named.filter((sub) => !known.includes(sub))]).toEqual([name, []]);
			}
		});
	});
}
