import type { AllowedGuests } from '../api/allowedGuests';
import type { IdRange } from '../api/vmIds';
import type { Problem } from '../wire/problem';
import { shown } from '../wire/shown';
import { isPlain, splitList } from '../wire/values';
import { HIGHEST_ID, LOWEST_ID } from './limits';

const NO_EXPRESSION =
	'must be a fixed text: an expression could be filled in by an AI model, or by the data of an item';

const NAMED = /^(pool|tag|node):([^\s:{}$]+)$/;

/**
 * Reads Allowed Guests, which hold for the whole run.
 * @param given as it is stored in the node: n8n keeps an expression there only if an AI model fills it in
 * @returns what is allowed; undefined if nothing is limited
 */
export function readAllowedGuests(given: unknown): {
	readonly allowed?: AllowedGuests;
	readonly problems: readonly Problem[];
} {
	if (given === undefined || given === '') return { problems: [] };
	const text = isPlain(given) ? String(given).trim() : '';
	const words = splitList(text.replace(/\s*-\s*/g, '-'));
	const ids: IdRange[] = [];
	const names: Record<'pool' | 'tag' | 'node', string[]> = { pool: [], tag: [], node: [] };
	let problem =
		text.startsWith('=') || text.includes('{{')
			? NO_EXPRESSION
			: words.length === 0
				? 'must be a list of guests. To allow all, empty the field'
				: undefined;
	for (const word of problem === undefined ? words : []) {
		const [, kind, name = ''] = NAMED.exec(word) ?? [];
		const range = rangeOf(word);
		if (kind !== undefined) names[kind as keyof typeof names].push(name);
		else if (range !== undefined) ids.push(range);
		else
			problem = `must have IDs from ${LOWEST_ID} to ${HIGHEST_ID}, ranges such as 100-199, pool:NAME, tag:NAME and node:NAME, got "${shown(word)}"`;
	}
	if (problem !== undefined)
		return {
			allowed: { text, ids: [] },
			problems: [{ parameter: 'allowedGuests', label: 'Allowed Guests', message: problem }],
		};
	const { pool, tag, node } = names;
	return {
		allowed: {
			text,
			...(ids.length > 0 && { ids }),
			...(pool.length > 0 && { pools: pool }),
			...(tag.length > 0 && { tags: tag.map((one) => one.toLowerCase()) }),
			...(node.length > 0 && { nodes: node }),
		},
		problems: [],
	};
}

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
