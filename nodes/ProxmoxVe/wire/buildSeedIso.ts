/**
 * The files of a NoCloud seed, by which cloud-init sets up a guest at its first boot. The first two are always there:
 * without one of them the drive is no seed.
 */
export interface SeedFiles {
	readonly userData: string;
	readonly metaData: string;
	readonly networkConfig?: string;
	readonly vendorData?: string;
}

/** The name that an image gets where the user gives none. */
export const seedName = (instanceId: string): string => `cloud-init-seed-${instanceId}.iso`;

/** Whether a volume is an image with such a name. */
export const isSeed = (volid: string): boolean => /:iso\/cloud-init-seed-[^/]+\.iso$/.test(volid);

const SECTOR = 2048;
/** The label by which cloud-init finds the drive. */
const LABEL = 'cidata';
/** Sectors of the layout: the volume descriptors begin at 16, the directories come before the files. */
const PRIMARY = 16;
const JOLIET = 17;
const TERMINATOR = 18;
/** Path tables, first little and then big endian: of the primary volume, and of the Joliet one. */
const PRIMARY_TABLE = 19;
const JOLIET_TABLE = 21;
const PRIMARY_ROOT = 23;
const JOLIET_ROOT = 24;
const FIRST_FILE = 25;
/** A path table with the root only. */
const TABLE_SIZE = 10;

/** How a volume writes names: the primary one in ASCII, Joliet in UTF-16 with the high byte first. */
interface Naming {
	readonly encode: (name: string) => Buffer;
	/** A file's name in a directory. */
	readonly nameOf: (file: string) => string;
}

const utf16 = (text: string): Buffer => Buffer.from(text, 'utf16le').swap16();
const primary: Naming = {
	encode: (name) => Buffer.from(name, 'ascii'),
	// Linux shows it in lower case and without the version.
	nameOf: (file) => `${file.toUpperCase()}.;1`,
};
const joliet: Naming = { encode: utf16, nameOf: (file) => file };

interface SeedFile {
	readonly name: string;
	readonly content: Buffer;
	readonly sector: number;
}

/**
 * Builds an ISO 9660 image with Joliet names, labelled `cidata`, from the files of a NoCloud seed. A pure function: the
 * same files and time give the same bytes.
 * Source: ECMA-119, and what cloud-init 22.4 and 25.1 were seen to mount.
 * @param time of its files, and of the image itself
 */
export function buildSeedIso(files: SeedFiles, time: Date): Uint8Array {
	const placed = place(files);
	const last = placed.at(-1);
	// With its directories alone it has more than the 24 sectors below which libarchive sees no files.
	const sectors = last ? last.sector + sectorsOf(last.content) : FIRST_FILE;
	const image = Buffer.alloc(sectors * SECTOR);
	const write = (sector: number, bytes: Buffer): void => void bytes.copy(image, sector * SECTOR);

	write(PRIMARY, descriptor(1, primary, PRIMARY_TABLE, PRIMARY_ROOT, sectors, time));
	write(JOLIET, descriptor(2, joliet, JOLIET_TABLE, JOLIET_ROOT, sectors, time));
	write(TERMINATOR, Buffer.from('\xffCD001\x01', 'latin1'));
	write(PRIMARY_TABLE, pathTable(PRIMARY_ROOT, 'little'));
	write(PRIMARY_TABLE + 1, pathTable(PRIMARY_ROOT, 'big'));
	write(JOLIET_TABLE, pathTable(JOLIET_ROOT, 'little'));
	write(JOLIET_TABLE + 1, pathTable(JOLIET_ROOT, 'big'));
	write(PRIMARY_ROOT, directory(primary, PRIMARY_ROOT, placed, time));
	write(JOLIET_ROOT, directory(joliet, JOLIET_ROOT, placed, time));
	for (const { sector, content } of placed) write(sector, content);
	return new Uint8Array(image);
}

const sectorsOf = (content: Buffer): number => Math.ceil(content.length / SECTOR);

/** The files in the order of their names, as a directory needs them, one after the other. */
function place({ metaData, networkConfig, userData, vendorData }: SeedFiles): SeedFile[] {
	const given = {
		'meta-data': metaData,
		'network-config': networkConfig,
		'user-data': userData,
		'vendor-data': vendorData,
	};
	let sector = FIRST_FILE;
	return Object.entries(given).flatMap(([name, text]) => {
		if (text === undefined) return [];
		const content = Buffer.from(text, 'utf8');
		const file = { name, content, sector };
		sector += sectorsOf(content);
		return [file];
	});
}

/** A number in both byte orders: 8 bytes. */
function both32(value: number): Buffer {
	const bytes = Buffer.alloc(8);
	bytes.writeUInt32LE(value, 0);
	bytes.writeUInt32BE(value, 4);
	return bytes;
}

/** A number in both byte orders: 4 bytes. */
function both16(value: number): Buffer {
	const bytes = Buffer.alloc(4);
	bytes.writeUInt16LE(value, 0);
	bytes.writeUInt16BE(value, 2);
	return bytes;
}

/** A time in a directory: 7 bytes, in UTC. */
const shortTime = (time: Date): Buffer =>
	Buffer.from([
		time.getUTCFullYear() - 1900,
		time.getUTCMonth() + 1,
		time.getUTCDate(),
		time.getUTCHours(),
		time.getUTCMinutes(),
		time.getUTCSeconds(),
		0,
	]);

/** A time in a volume descriptor: 16 digits, and a zone of 0. */
const longTime = (time: Date): Buffer =>
	Buffer.from(`${time.toISOString().replace(/\D/g, '').slice(0, 14)}00\0`, 'ascii');
const NO_TIME = Buffer.from(`${'0'.repeat(16)}\0`, 'ascii');

const DIRECTORY = 2;

/** A record of a directory. @param identifier the encoded name; one byte for the directory itself and its parent */
function record(
	identifier: Buffer,
	sector: number,
	size: number,
	flags: number,
	time: Date,
): Buffer {
	const length = 33 + identifier.length;
	const bytes = Buffer.alloc(length + (length % 2));
	bytes[0] = bytes.length;
	both32(sector).copy(bytes, 2);
	both32(size).copy(bytes, 10);
	shortTime(time).copy(bytes, 18);
	bytes[25] = flags;
	both16(1).copy(bytes, 28);
	bytes[32] = identifier.length;
	identifier.copy(bytes, 33);
	return bytes;
}

const rootRecord = (sector: number, time: Date, identifier = 0): Buffer =>
	record(Buffer.from([identifier]), sector, SECTOR, DIRECTORY, time);

/** The only directory: itself, its parent, which is itself too, and the files. */
const directory = (
	{ encode, nameOf }: Naming,
	sector: number,
	files: readonly SeedFile[],
	time: Date,
): Buffer =>
	Buffer.concat([
		rootRecord(sector, time),
		rootRecord(sector, time, 1),
		...files.map((file) =>
			record(encode(nameOf(file.name)), file.sector, file.content.length, 0, time),
		),
	]);

/** A path table, which has the root only. */
function pathTable(root: number, order: 'little' | 'big'): Buffer {
	const bytes = Buffer.alloc(TABLE_SIZE);
	bytes[0] = 1;
	if (order === 'little') {
		bytes.writeUInt32LE(root, 2);
		bytes.writeUInt16LE(1, 6);
	} else {
		bytes.writeUInt32BE(root, 2);
		bytes.writeUInt16BE(1, 6);
	}
	return bytes;
}

/** The descriptor of a volume. @param type 1 for the primary one, 2 for Joliet */
function descriptor(
	type: 1 | 2,
	{ encode }: Naming,
	table: number,
	root: number,
	sectors: number,
	time: Date,
): Buffer {
	const bytes = Buffer.alloc(SECTOR);
	const blank = encode(' ');
	/** A text field of the descriptor, filled up with blanks. */
	const text = (offset: number, length: number, value = ''): void => {
		const end = offset + length - (length % blank.length);
		bytes.fill(blank, offset, end);
		encode(value).copy(bytes, offset);
	};
	bytes[0] = type;
	bytes.write('CD001', 1, 'ascii');
	bytes[6] = 1;
	text(8, 32);
	text(40, 32, LABEL);
	both32(sectors).copy(bytes, 80);
	// Joliet, level 3.
	if (type === 2) bytes.write('%/E', 88, 'ascii');
	both16(1).copy(bytes, 120);
	both16(1).copy(bytes, 124);
	both16(SECTOR).copy(bytes, 128);
	both32(TABLE_SIZE).copy(bytes, 132);
	bytes.writeUInt32LE(table, 140);
	bytes.writeUInt32BE(table + 1, 148);
	rootRecord(root, time).copy(bytes, 156);
	for (const offset of [190, 318, 446, 574]) text(offset, 128);
	for (const offset of [702, 739, 776]) text(offset, 37);
	longTime(time).copy(bytes, 813);
	longTime(time).copy(bytes, 830);
	NO_TIME.copy(bytes, 847);
	NO_TIME.copy(bytes, 864);
	bytes[881] = 1;
	return bytes;
}
