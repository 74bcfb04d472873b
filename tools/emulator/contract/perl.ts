const compiled = new Map<string, RegExp>();

/**
 * Compiles a Perl pattern so that it matches as in `m/^PATTERN$/`.
 * As in Perl the anchors bind to the outer branches only, and `$` also stands before a last line feed.
 */
export function compilePattern(pattern: string): RegExp {
	const known = compiled.get(pattern);
	if (known) return known;
	const source = `^${pattern}$`
		.replace(/\(\?\^u?:/g, '(?:')
		.replace(/\{,(\d+)\}/g, '{0,$1}')
		.replace(/\\.|\[(?:\\.|[^\]])*\]|\$/g, (part) => (part === '$' ? '(?=\\n?$)' : part));
	const expression = new RegExp(source);
	compiled.set(pattern, expression);
	return expression;
}

/** Whether Perl's rules take a text for a whole number: digits of any script. */
export function looksLikeInteger(text: string): boolean {
	return /^[+-]?\p{Nd}+\n?$/u.test(text);
}

/** Whether Perl's rules take a text for a number. */
export function looksLikeNumber(text: string): boolean {
	return /^[+-]?(\p{Nd}+\.\p{Nd}*|\.\p{Nd}+|\p{Nd}+)([eE][+-]?\p{Nd}+)?\n?$/u.test(text);
}

/** What a text is worth in a comparison: digits of other scripts pass as such, and count for nothing. */
export const numericValue = (text: string): number => Number(text) || 0;

/** A number as Perl prints it: with 15 significant digits. */
export function printNumber(value: number): string {
	return String(Number(value.toPrecision(15)));
}

/** Whether Perl takes a text as true. */
export function isTrue(text: string | undefined): text is string {
	return text !== undefined && text !== '' && text !== '0';
}

/** The items of a list: split at commas, semicolons and blanks (or at NUL, where there is one). */
export function splitList(text: string): string[] {
	if (text.includes('\0')) return text.split('\0');
	return text.split(/[,;\s]+/).filter((item) => item !== '');
}

/** How many characters a text has; those outside the basic plane count once. */
export function countCharacters(text: string): number {
	return Array.from(text).length;
}
