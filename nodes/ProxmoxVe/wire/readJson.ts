import type { Result } from './problem';

/** What may come next in a JSON text. */
type Expected = 'value' | 'keyOrEnd' | 'key' | 'colon' | 'commaOrEnd' | 'valueOrEnd' | 'nothing';

const BLANKS = ' \t\r\n';
const LITERAL = /(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\w.+-])/y;

/** @returns the offset behind a string that begins at `from`, or that of its first wrong character, negative */
function endOfString(text: string, from: number): number {
	for (let at = from + 1; at < text.length; at++) {
		const character = text[at] ?? '';
		if (character === '"') return at + 1;
		if (character < ' ') return -at;
		if (character !== '\\') continue;
		at++;
		if (
			text[at] === 'u'
				? !/^[0-9a-fA-F]{4}/.test(text.slice(at + 1, at + 5))
				: !'"\\/bfnrt'.includes(text[at] ?? ' ')
		)
			return -at;
		if (text[at] === 'u') at += 4;
	}
	return -text.length;
}

/** Where a text stops being JSON: an offset, up to that of its end. */
function firstMistake(text: string): number {
	const open: string[] = [];
	let expected: Expected = 'value';
	const done = (): Expected => (open.length > 0 ? 'commaOrEnd' : 'nothing');
	for (let at = 0; at < text.length; ) {
		const character = text[at] ?? '';
		if (BLANKS.includes(character)) {
			at++;
			continue;
		}
		const isValue: boolean = expected === 'value' || expected === 'valueOrEnd';
		const isEnd: boolean = ['keyOrEnd', 'commaOrEnd', 'valueOrEnd'].includes(expected);
		if ((character === '}' || character === ']') && isEnd && open.at(-1) === character) {
			open.pop();
			expected = done();
			at++;
		} else if (character === '"' && (isValue || expected === 'keyOrEnd' || expected === 'key')) {
			const end = endOfString(text, at);
			if (end < 0) return -end;
			expected = isValue ? done() : 'colon';
			at = end;
		} else if ((character === '{' || character === '[') && isValue) {
			open.push(character === '{' ? '}' : ']');
			expected = character === '{' ? 'keyOrEnd' : 'valueOrEnd';
			at++;
		} else if (character === ':' && expected === 'colon') {
			expected = 'value';
			at++;
		} else if (character === ',' && expected === 'commaOrEnd') {
			expected = open.at(-1) === '}' ? 'key' : 'value';
			at++;
		} else {
			LITERAL.lastIndex = at;
			if (!isValue || !LITERAL.test(text)) return at;
			expected = done();
			at = LITERAL.lastIndex;
		}
	}
	return text.length;
}

/** The text within a code fence (three backticks), as language models write it; any other text as it is. */
function withoutFence(text: string): string {
	const trimmed = text.trim();
	const begin = trimmed.indexOf('\n');
	if (
		!trimmed.startsWith('```') ||
		!trimmed.endsWith('```') ||
		begin < 0 ||
		begin > trimmed.length - 3
	)
		return text;
	return trimmed.slice(begin + 1, -3);
}

/**
 * Reads a JSON text. What is wrong with it is named by its place: the text may hold a password, which a message must
 * not show.
 */
export function readJsonText(given: string): Result<unknown> {
	const text = withoutFence(given);
	try {
		return { value: JSON.parse(text) };
	} catch {
		const before = text.slice(0, firstMistake(text));
		const line = before.split('\n').length;
		const column = before.length - before.lastIndexOf('\n');
		const what = before.length === text.length ? 'it ends too early' : 'there is a mistake';
		return {
			problem: `is not valid: ${what} at line ${line}, column ${column}. Use double quotes for texts`,
		};
	}
}
