/** Hexadecimal digits of a checksum, by its algorithm. */
const DIGITS: Readonly<Record<string, number>> = {
	md5: 32,
	sha1: 40,
	sha224: 56,
	sha256: 64,
	sha384: 96,
	sha512: 128,
};

/** What is wrong with a checksum: Proxmox would only notice after the whole download. @returns undefined if nothing is */
export function checksumProblem(
	algorithm: string | undefined,
	checksum: string | undefined,
): string | undefined {
	const digits = DIGITS[algorithm ?? ''];
	if (checksum === undefined) return undefined;
	const given = checksum.trim();
	return digits === undefined || (given.length === digits && /^[\da-f]+$/i.test(given))
		? undefined
		: `must be ${digits} hexadecimal digits for ${algorithm}, got ${given.length} characters`;
}
