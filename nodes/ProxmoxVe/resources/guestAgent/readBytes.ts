import type { Form } from '../../form/Form';
import { NO_VALUE } from '../../form/readFields';
import { isPlain, isUnset } from '../../wire/values';

/**
 * Reads a text that a guest gets as it is, with its blanks, in UTF-8; an empty one is an answer.
 * @param most bytes that it may have
 * @returns no bytes if it is wrong
 */
export function readBytes(
	form: Form,
	given: unknown,
	{ parameter, label, most }: { parameter: string; label: string; most: number },
): Buffer {
	const bytes = Buffer.from(isPlain(given) ? String(given) : '', 'utf8');
	const message = isUnset(given)
		? NO_VALUE
		: !isPlain(given)
			? 'must be text'
			: bytes.length > most
				? `may have ${most} bytes at most in UTF-8, got ${bytes.length}`
				: undefined;
	if (message !== undefined) form.problems.push({ parameter, label, message });
	return bytes;
}
