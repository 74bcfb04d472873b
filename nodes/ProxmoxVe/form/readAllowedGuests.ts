import type { AllowedGuests } from '../api/allowedGuests';
import type { IdRange } from '../api/vmIds';
import type { Problem } from '../wire/problem';
import { isPlain, isRecord, isUnset, splitList } from '../wire/values';
import { HIGHEST_ID, LOWEST_ID } from './limits';

const LABELS = {
	ids: 'Allowed Guests → IDs',
	pools: 'Allowed Guests → Resource Pools',
	tags: 'Allowed Guests → Tags',
	nodes: 'Allowed Guests → Nodes',
} as const;

const NO_EXPRESSION =
	'must be a fixed text: an expression could be filled in by an AI model, or by the data of an item';

/**
 * Reads Allowed Guests, which hold for the whole run.
 * @param given as it is stored in the node, so that an expression is seen as one
 * @returns what is allowed; undefined if nothing is limited
 */
export function readAllowedGuests(given: unknown): {
	readonly allowed?: AllowedGuests;
	readonly problems: readonly Problem[];
} {
	const problems: Problem[] = [];
	const wrong = (label: string, message: string): void =>
		void problems.push({ parameter: 'allowedGuests', label, message });
	if (isUnset(given)) return { problems };
	if (!isRecord(given)) {
		wrong('Allowed Guests', NO_EXPRESSION);
		return { allowed: { ids: [] }, problems };
	}
	const lists: Partial<Record<keyof typeof LABELS, string[]>> = {};
	for (const [name, value] of Object.entries(given)) {
		if (!isName(name)) {
			wrong('Allowed Guests', `has no field ${name}`);
			continue;
		}
		const text = isPlain(value) ? String(value).trim() : '';
		if (text.startsWith('=')) wrong(LABELS[name], NO_EXPRESSION);
		else if (splitList(text).length === 0)
			wrong(LABELS[name], 'is empty, so no guest would be allowed. Enter a list, or remove it');
		lists[name] = splitList(name === 'ids' ? text.replace(/\s*-\s*/g, '-') : text);
	}
	const { ids, pools, tags, nodes } = lists;
	if (Object.keys(lists).length === 0 && problems.length === 0) return { problems };
	const ranges = ids?.map(rangeOf);
	if (problems.length === 0 && ranges?.includes(undefined))
		wrong(
			LABELS.ids,
			`must be VM IDs from ${LOWEST_ID} to ${HIGHEST_ID} and ranges of them, such as 100-199, 205`,
		);
	return {
		allowed: {
			...(ranges && { ids: ranges.filter((range) => range !== undefined) }),
			...(pools && { pools }),
			...(tags && { tags: tags.map((tag) => tag.toLowerCase()) }),
			...(nodes && { nodes }),
		},
		problems,
	};
}

const isName = (name: string): name is keyof typeof LABELS => Object.hasOwn(LABELS, name);

function rangeOf(text: string): IdRange | undefined {
	const [, from, to = from] = /^(\d{3,9})(?:-(\d{3,9}))?$/.exec(text) ?? [];
	const range = { lowest: Number(from), highest: Number(to) };
	return range.lowest >= LOWEST_ID && range.lowest <= range.highest ? range : undefined;
}

/** Where a new guest gets its ID, unless the user sets a range: the widest one that is allowed. */
export const widestOf = ({ ids = [] }: AllowedGuests): IdRange | undefined =>
	ids.reduce<IdRange | undefined>(
		(widest, one) =>
			widest && widest.highest - widest.lowest >= one.highest - one.lowest ? widest : one,
		undefined,
	);
