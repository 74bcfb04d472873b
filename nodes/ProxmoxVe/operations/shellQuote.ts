const CONTROL = /[\0-\x09\x0b-\x1f\x7f]/;

/**
 * A word for the shell of a Proxmox VE node (bash), quoted where it needs to be: nothing in it is expanded or run.
 * Control characters, which a terminal would act on when they are pasted, are written as escapes.
 */
export function shellQuote(word: string): string {
	if (/^[\w@%+=:,./-]+$/.test(word)) return word;
	if (!CONTROL.test(word)) return `'${word.replace(/'/g, `'\\''`)}'`;
	const escaped = word.replace(/[\\']/g, '\\$&').replace(/[\0-\x1f\x7f]/g, (one) => `\\x${one.charCodeAt(0).toString(16).padStart(2, '0')}`);
	return `$'${escaped}'`;
}
