import fc from 'fast-check';
import { fromPerl } from '../../catalogue/perlPattern';
import type { SubOptionFacts } from '../../../tools/emulator/contract/facts';
import { textsOf } from './formatTexts';

type Texts = fc.Arbitrary<string>;

/** How many of a hundred values are meant to be wrong, or at least odd. */
export interface Oddness {
	readonly odd: number;
}

/** Where a value stands: a property string takes more words for a boolean than the API's top level. */
export type Place = 'topLevel' | 'propertyString';

/** The words that Proxmox's own property strings know, of which the top level takes only the first two. */
const BOOLEANS = ['1', '0', 'on', 'off', 'yes', 'no', 'true', 'false', 'YES', 'Off'];

/** What breaks readers: signs with a meaning, names every object has, numbers no field can hold. */
export const oddTexts: readonly string[] = [
	'',
	' ',
	'0',
	'1',
	'-1',
	'+2',
	'01',
	'-0',
	' 1',
	'1 ',
	'1\n',
	'\n',
	'1.',
	'.5',
	'1.5',
	'1e1',
	'0x1',
	'1_0',
	'1,5',
	'99999999999999999999',
	'9007199254740993',
	'1e400',
	'-1e400',
	'1e-400',
	'NaN',
	'Infinity',
	'true',
	'false',
	'on',
	'null',
	'undefined',
	'a',
	'a b',
	'a,b',
	'a;b',
	'a=b',
	'=',
	',',
	',,',
	';',
	'%',
	'%zz',
	'%41',
	'constructor',
	'toString',
	'__proto__',
	'hasOwnProperty',
	'ä',
	'٣',
	'\u00a0',
	'\u2028',
	'\0',
	'\ud800',
	'💾',
	'none',
	'local:1',
];

const oddCharacters = [...'\n\r\t ,;=:%+-_./0ä٣\0', '\ud800'];

function changed(text: string, at: number, how: string, character: string): string {
	const before = text.slice(0, at);
	const after = text.slice(at + 1);
	switch (how) {
		case 'drop':
			return before + after;
		case 'replace':
			return before + character + after;
		case 'repeat':
			return before + text.charAt(at) + text.slice(at);
		case 'turn':
			return (
				before +
				(text.charAt(at) === text.charAt(at).toLowerCase()
					? text.charAt(at).toUpperCase()
					: text.charAt(at).toLowerCase()) +
				after
			);
		default:
			return before + character + text.slice(at);
	}
}

/** Texts with one character too many, too few or wrong. */
export const mutated = (texts: Texts): Texts =>
	fc
		.tuple(
			texts,
			fc.nat(),
			fc.constantFrom('drop', 'replace', 'repeat', 'turn', 'insert'),
			fc.constantFrom(...oddCharacters),
		)
		.map(([text, at, how, character]) => changed(text, at % (text.length + 1), how, character));

/** Texts at and beyond the limits that the facts have. */
function boundaries({ minimum, maximum, maxLength }: SubOptionFacts): string[] {
	const numbers = [minimum, maximum].flatMap((limit) =>
		limit === undefined ? [] : [limit - 1, limit, limit + 1, limit + 0.5],
	);
	const lengths = maxLength === undefined ? [] : [maxLength, maxLength + 1];
	return [
		...numbers.map(String),
		...lengths.map((length) => 'a'.repeat(length)),
		...lengths.map((length) => '💾'.repeat(length)),
	];
}

function rightTexts(facts: SubOptionFacts, place: Place): Texts {
	const { type, minimum, maximum } = facts;
	if (facts.enum) return fc.constantFrom(...facts.enum);
	if (facts.format !== undefined && facts.formatKind !== 'property-string')
		return textsOf(facts.format);
	if (facts.pattern !== undefined) {
		// fast-check reads \0 as a group.
		const pattern = fromPerl(facts.pattern).replace(/\\0/g, '\\x00');
		return fc.stringMatching(new RegExp(`^(?:${pattern})$`), { size: 'small' });
	}
	if (type === 'boolean')
		return fc.constantFrom(...BOOLEANS.slice(0, place === 'topLevel' ? 2 : undefined));
	if (type === 'integer')
		return fc.integer({ min: minimum ?? -5, max: maximum ?? 100_000 }).map(String);
	if (type === 'number') {
		const limits = { min: minimum ?? -5, max: maximum ?? 100_000, noNaN: true };
		return fc.oneof(fc.double(limits).map(String), fc.integer(limits).map(String));
	}
	return fc.string({ unit: 'grapheme', maxLength: facts.maxLength ?? 30 });
}

/** Texts for one value as its facts want them, and as many odd ones as asked for. */
export function valueTexts(facts: SubOptionFacts, place: Place, { odd }: Oddness): Texts {
	const right = rightTexts(facts, place);
	const limits = boundaries(facts);
	const wrong = [
		fc.constantFrom(...oddTexts),
		mutated(right),
		...(limits.length > 0 ? [fc.constantFrom(...limits)] : []),
	];
	return fc.oneof(
		{ weight: 100 - odd, arbitrary: right },
		{ weight: odd, arbitrary: fc.oneof(...wrong) },
	);
}
