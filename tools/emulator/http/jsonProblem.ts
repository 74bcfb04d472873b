/** Reads JSON only to say, in the words of the decoder behind the API, where a text stops being JSON. */
interface Scanner {
	text: string;
	offset: number;
}

class Problem extends Error {}

const VALUE_EXPECTED = 'malformed JSON string, neither tag, array, object, number, string or atom';
/** How much of the rest a message shows. */
const SHOWN = 20;

const peek = ({ text, offset }: Scanner): string => text[offset] ?? '';

function skipBlanks(scanner: Scanner): void {
	while (/[ \t\r\n]/.test(peek(scanner))) scanner.offset += 1;
}

function expect(scanner: Scanner, character: string): void {
	if (peek(scanner) !== character) throw new Problem(`'${character}' expected`);
	scanner.offset += 1;
}

function scanString(scanner: Scanner): void {
	expect(scanner, '"');
	for (;;) {
		const character = peek(scanner);
		if (character === '') throw new Problem('unexpected end of string while parsing JSON string');
		if (character < ' ') {
			const code = character.charCodeAt(0).toString(16).toUpperCase();
			throw new Problem(`invalid character 0x${code} encountered while parsing JSON string`);
		}
		scanner.offset += character === '\\' ? 2 : 1;
		if (character === '"') return;
	}
}

function scanDigits(scanner: Scanner, after: string): void {
	if (!/\d/.test(peek(scanner))) throw new Problem(`malformed number (no digits after ${after})`);
	while (/\d/.test(peek(scanner))) scanner.offset += 1;
}

function scanNumber(scanner: Scanner): void {
	if (peek(scanner) === '-') scanner.offset += 1;
	if (peek(scanner) === '0') {
		scanner.offset += 1;
		if (/\d/.test(peek(scanner))) {
			throw new Problem('malformed number (leading zero must not be followed by another digit)');
		}
	} else {
		scanDigits(scanner, 'initial minus');
	}
	if (peek(scanner) === '.') {
		scanner.offset += 1;
		scanDigits(scanner, 'decimal point');
	}
	if (/[eE]/.test(peek(scanner))) {
		scanner.offset += 1;
		if (/[+-]/.test(peek(scanner))) scanner.offset += 1;
		scanDigits(scanner, 'exp sign');
	}
}

/** The items between two brackets, up to and with the closing one. */
function scanItems(
	scanner: Scanner,
	closing: string,
	expected: string,
	scanItem: () => void,
): void {
	scanner.offset += 1;
	skipBlanks(scanner);
	if (peek(scanner) === closing) {
		scanner.offset += 1;
		return;
	}
	for (;;) {
		scanItem();
		skipBlanks(scanner);
		if (peek(scanner) === closing) break;
		if (peek(scanner) !== ',') throw new Problem(expected);
		scanner.offset += 1;
		skipBlanks(scanner);
	}
	scanner.offset += 1;
}

const WORDS: Readonly<Record<string, string>> = { t: 'true', f: 'false', n: 'null' };

function scanValue(scanner: Scanner): void {
	skipBlanks(scanner);
	const first = peek(scanner);
	const word = WORDS[first];
	if (first === '"') scanString(scanner);
	else if (first === '[')
		scanItems(scanner, ']', ', or ] expected while parsing array', () => scanValue(scanner));
	else if (first === '{') {
		scanItems(scanner, '}', ', or } expected while parsing object/hash', () => {
			scanString(scanner);
			skipBlanks(scanner);
			expect(scanner, ':');
			scanValue(scanner);
		});
	} else if (/[-\d]/.test(first)) scanNumber(scanner);
	else if (word === undefined) throw new Problem(VALUE_EXPECTED);
	else if (scanner.text.startsWith(word, scanner.offset)) scanner.offset += word.length;
	else throw new Problem(`'${word}' expected`);
}

/** What is wrong with a text that is no JSON, and where: `… at character offset 13 (before "…")`. */
export function describeJsonProblem(text: string): string {
	const scanner: Scanner = { text, offset: 0 };
	let problem = 'garbage after JSON object';
	try {
		scanValue(scanner);
		skipBlanks(scanner);
	} catch (error) {
		problem = error instanceof Problem ? error.message : String(error);
	}
	const rest = text.slice(scanner.offset);
	const shown =
		rest === '' ? '(end of string)' : rest.length > SHOWN ? `${rest.slice(0, SHOWN)}...` : rest;
	const escaped = shown
		.replace(/\\/g, '\\\\')
		.replace(/\n/g, '\\n')
		.replace(/\r/g, '\\r')
		.replace(/\t/g, '\\t');
	return `${problem}, at character offset ${scanner.offset} (before "${escaped}")`;
}
