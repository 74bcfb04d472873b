/** Whether the bracket at the start of a pattern is closed by the one at its end. */
function isOneGroup(pattern: string): boolean {
	let depth = 0;
	for (let at = 0; at < pattern.length; at++) {
		if (pattern[at] === '\\') at++;
		else if (pattern[at] === '[') at = pattern.indexOf(']', at);
		else if (pattern[at] === '(') depth++;
		else if (pattern[at] === ')' && --depth === 0) return at === pattern.length - 1;
	}
	return false;
}

/**
 * Turns a Perl pattern as the facts have it into the source of the JavaScript expression that the
 * catalogue holds: for the whole value, without anchors or brackets around all of it.
 */
export function fromPerl(pattern: string): string {
	let source = pattern.replace(/\(\?\^u?:/g, '(?:').replace(/\{,(\d+)\}/g, '{0,$1}');
	for (;;) {
		const before = source;
		if (source.startsWith('^')) source = source.slice(1);
		if (source.endsWith('$') && !source.endsWith('\\$')) source = source.slice(0, -1);
		if (source.startsWith('(?:') && isOneGroup(source)) source = source.slice(3, -1);
		if (source === before) return source;
	}
}
