/**
 * A word for the shell of a Proxmox VE node (bash), quoted where it needs to be: nothing in it is expanded or run.
 * Control characters, which a terminal would act on when they are pasted, are written as escapes.
 */
export function shellQuote(word: string): string {
	if (/^[\w@%+=:,./-]+$/.test(word)) return word;
	if (!/(?!\n)\p{Cc}/u.test(word)) return `'${word.replace(/'/g, `'\\''`)}'`;
	const escaped = word
		.replace(/[\\']/g, '\\$&')
		.replace(/\p{Cc}/gu, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);
	return `$'${escaped}'`;
}
