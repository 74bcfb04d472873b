/** Characters that no name in a path has: control characters, and what some servers take for a slash. */
// eslint-disable-next-line no-control-regex -- they are what is refused
const FORBIDDEN = /[\u0000-\u001f\u007f\\]/;
/** A percent-encoded character that is left after decoding would be decoded again by a proxy. */
const STILL_ENCODED = /%[0-9a-f]{2}/i;

/**
 * The path of an API request, with each name encoded once, so that it can lead to nothing but the API.
 * @param given such as `/nodes/pve1/qemu`, also with `/api2/json` before it; a name may be percent-encoded
 * @returns undefined for what is no such path: `.`, `..`, empty names, a host, parameters, or encoded twice
 */
export function apiPath(given: string): string | undefined {
	const [empty, ...names] = given
		.trim()
		.replace(/^\/api2\/json(?=\/)/, '')
		.split('/');
	if (empty !== '' || names.length === 0 || /[?#\s]/.test(given.trim())) return undefined;
	const decoded = names.map(decodedOnce);
	return decoded.every((name) => name !== undefined && isName(name))
		? decoded.map((name) => `/${encodeURIComponent(name ?? '')}`).join('')
		: undefined;
}

function decodedOnce(name: string): string | undefined {
	try {
		return decodeURIComponent(name);
	} catch {
		return undefined;
	}
}

/** A volume ID is one name with slashes in it. */
const isName = (name: string): boolean =>
	!FORBIDDEN.test(name) &&
	!STILL_ENCODED.test(name) &&
	name.split('/').every((part) => !['', '.', '..'].includes(part.trim()));
