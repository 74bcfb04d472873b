/** What an ISO 9660 image holds: its label, and its files by the names of each volume. */
export interface IsoContent {
	readonly label: string;
	readonly primary: Record<string, string>;
	readonly joliet: Record<string, string>;
}

const SECTOR = 2048;

/** Reads the two numbers of a field in both byte orders. @throws Error where they differ */
function both32(bytes: Buffer, offset: number): number {
	const value = bytes.readUInt32LE(offset);
	if (bytes.readUInt32BE(offset + 4) !== value) throw new Error(`byte orders differ at ${offset}`);
	return value;
}

/** The files of the volume whose descriptor is in a sector, from its root directory alone. */
function filesOf(
	image: Buffer,
	descriptor: number,
	decode: (name: Buffer) => string,
): Record<string, string> {
	const start = descriptor * SECTOR;
	if (both32(image, start + 80) * SECTOR !== image.length)
		throw new Error('the volume has another size than its image');
	const root = both32(image, start + 156 + 2) * SECTOR;
	// Both path tables name the root only.
	const little = image.readUInt32LE(start + 140) * SECTOR;
	const big = image.readUInt32BE(start + 148) * SECTOR;
	const named = [image.readUInt32LE(little + 2), image.readUInt32BE(big + 2)];
	if (named.some((sector) => sector * SECTOR !== root)) throw new Error('a path table is wrong');
	const files: Record<string, string> = {};
	let offset = root;
	for (let index = 0; image[offset] !== 0; index += 1) {
		const length = image[offset] ?? 0;
		if (length % 2 !== 0) throw new Error('a record has an odd length');
		const name = image.subarray(offset + 33, offset + 33 + (image[offset + 32] ?? 0));
		const from = both32(image, offset + 2) * SECTOR;
		const size = both32(image, offset + 10);
		const isDirectory = ((image[offset + 25] ?? 0) & 2) !== 0;
		// The first two are the directory itself and its parent.
		if (index < 2) {
			if (!isDirectory || from !== root || name.length !== 1 || name[0] !== index)
				throw new Error('the root does not begin with itself and its parent');
		} else {
			if (isDirectory || from + size > image.length) throw new Error('a file is out of place');
			files[decode(name)] = image.toString('utf8', from, from + size);
		}
		offset += length;
	}
	return files;
}

/** Reads an image by the standard, not by the code that wrote it. */
export function readIso(bytes: Uint8Array): IsoContent {
	const image = Buffer.from(bytes);
	const utf16 = (name: Buffer) => Buffer.from(name).swap16().toString('utf16le');
	return {
		label: image.toString('ascii', 16 * SECTOR + 40, 16 * SECTOR + 72).trim(),
		primary: filesOf(image, 16, (name) => name.toString('ascii')),
		joliet: filesOf(image, 17, utf16),
	};
}
