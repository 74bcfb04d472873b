/**
 * How bytes go through the API of the guest agent. It has a character for each byte: `ä` of a UTF-8 file comes as
 * `Ã¤`, and what is sent is written as one byte per character. Characters beyond U+00FF make requests fail.
 */

/** Bytes as a parameter of the API. */
export const encodeBytes = (bytes: Buffer): string => bytes.toString('latin1');

/** The bytes in a text of the API; anything but a text has none. */
export const decodeBytes = (text: unknown): Buffer =>
	Buffer.from(typeof text === 'string' ? text : '', 'latin1');

/**
 * Bytes as text: UTF-8, or else Latin-1, so that no byte is lost.
 * @param isCut more bytes follow, so the last character may be cut off, and is left out
 */
export function textOfBytes(bytes: Buffer, isCut = false): string {
	for (const end of isCut ? [0, 1, 2, 3] : [0]) {
		const part = bytes.subarray(0, Math.max(0, bytes.length - end));
		const text = part.toString('utf8');
		if (Buffer.from(text, 'utf8').equals(part)) return text;
	}
	return bytes.toString('latin1');
}

/**
 * What is wrong with a text that the agent gets as a text (a path, an argument, a user): anything but ASCII is
 * changed on the way, or makes the agent fail for some seconds.
 */
export function asciiProblem(text: string): string | undefined {
	// eslint-disable-next-line no-control-regex -- a NUL ends a text in the guest
	const [wrong] = /[^\x01-\x7f]/u.exec(text) ?? [];
	if (wrong === undefined) return undefined;
	return wrong === '\0'
		? 'must not contain a NUL character'
		: `must contain only ASCII characters, and "${wrong}" is not one: Proxmox VE cannot pass it to the guest agent`;
}
