/** Characters of a value or name that a message shows at most. */
const MOST = 60;

/** A text from outside as a message may show it: on one line, and short. */
export const shown = (value: unknown): string => {
	const text =
		typeof value === 'object' && value !== null
			? Array.isArray(value)
				? 'a list'
				: 'an object'
			: String(value ?? '');
	return (text.length > MOST ? `${text.slice(0, MOST)}…` : text).replace(/[\r\n]/g, ' ');
};
