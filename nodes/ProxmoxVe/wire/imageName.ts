import type { Result } from './problem';

/** What an image file is for, in Proxmox's words. */
export type ImageContent = 'import' | 'iso' | 'vztmpl';

/** The endings that each content may have, as `Storage.pm` of pve-storage has them. */
const ENDINGS: Readonly<Record<ImageContent, { pattern: RegExp; examples: string }>> = {
	iso: { pattern: /^.+\.(?:iso|img)$/i, examples: '.iso or .img' },
	import: {
		pattern: /^.+\.(?:ova|qcow2|raw|vmdk)$/,
		examples: '.qcow2, .raw, .vmdk or .ova',
	},
	vztmpl: {
		pattern: /^.+\.tar(?:\.(?:gz|xz|zst|bz2))?$/i,
		examples: '.tar, .tar.gz, .tar.xz, .tar.zst or .tar.bz2',
	},
};

/** A file name of Linux has 255 bytes, and a download has a longer one until it is complete. */
const LONGEST_NAME = 235;

/** A name as Proxmox stores it, without saying so: without folders, and with `_` for every unusual character. */
export const storedName = (given: string): string =>
	given.replace(/^.*[/\\]/s, '').replace(/[^a-zA-Z0-9_.-]/gu, '_');

/** Reads the name of a file to store. @returns the name that it will have */
export function readImageName(content: ImageContent, given: string): Result<string> {
	const name = storedName(given);
	const { pattern, examples } = ENDINGS[content];
	if (!pattern.test(name)) return { problem: `must end in ${examples}, got "${given}"` };
	if (name.length > LONGEST_NAME)
		return { problem: `must have at most ${LONGEST_NAME} characters` };
	return { value: name };
}

/** Endings of compressed files, by the name of the compression. */
const COMPRESSIONS: Readonly<Record<string, RegExp>> = {
	gz: /\.gz$/i,
	lzo: /\.lzo$/i,
	zst: /\.zst$/i,
	bz2: /\.bz2$/i,
};

/**
 * The name under which a downloaded file can be stored.
 * @param served the file's name on the server: the last part of its URL, or what the server calls it
 * @param compression with which it is unpacked
 */
export function nameOfDownload(
	content: ImageContent,
	served: string,
	compression?: string,
): Result<string> {
	const ending = COMPRESSIONS[compression ?? ''];
	const unpacked = ending ? served.replace(ending, '') : served;
	// Ubuntu calls its qcow2 images .img, which Proxmox does not take. It checks that a .qcow2 is one.
	const name = content === 'import' ? unpacked.replace(/\.img$/i, '.qcow2') : unpacked;
	return readImageName(content, name);
}

/** The last part of a URL's path, decoded; '' without one. */
export function nameInUrl(url: string): string {
	const [, part = ''] = /^[^?#]+\/([^?#/]*)/.exec(url) ?? [];
	try {
		return decodeURIComponent(part);
	} catch {
		return part;
	}
}
