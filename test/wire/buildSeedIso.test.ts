/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-dangerous-functions -- a test, neither shipped nor scanned */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { buildSeedIso, type SeedFiles } from '../../nodes/ProxmoxVe/wire/buildSeedIso';
import { readIso } from '../support/readIso';

const TIME = new Date('2026-11-26T17:45:09Z');
const SECTOR = 2048;
const USER_DATA = '#cloud-config\nhostname: wäb-1\n';
const META_DATA = 'instance-id: iid-1\n';

/** Seeds of all shapes, with the files that a guest must find. */
const SEEDS: ReadonlyArray<readonly [string, SeedFiles, Readonly<Record<string, string>>]> = [
	[
		'the two needed files',
		{ userData: USER_DATA, metaData: META_DATA },
		{ 'user-data': USER_DATA, 'meta-data': META_DATA },
	],
	[
		'all files',
		{ userData: USER_DATA, metaData: META_DATA, networkConfig: 'version: 2\n', vendorData: 'v' },
		{
			'user-data': USER_DATA,
			'meta-data': META_DATA,
			'network-config': 'version: 2\n',
			'vendor-data': 'v',
		},
	],
	['empty files', { userData: '', metaData: '' }, { 'user-data': '', 'meta-data': '' }],
	[
		'files of exactly a sector, and of a byte more',
		{ userData: 'u'.repeat(SECTOR), metaData: 'm'.repeat(SECTOR + 1) },
		{ 'user-data': 'u'.repeat(SECTOR), 'meta-data': 'm'.repeat(SECTOR + 1) },
	],
	[
		'a large file',
		{ userData: `#cloud-config\n${'# ä\n'.repeat(50_000)}`, metaData: META_DATA },
		{ 'user-data': `#cloud-config\n${'# ä\n'.repeat(50_000)}`, 'meta-data': META_DATA },
	],
];

const has = (program: string, ...parameters: string[]): boolean =>
	spawnSync(program, parameters).error === undefined;
/** Skips a reader that this machine does not have; the parser of the tests reads every image all the same. */
const withReader = (program: string) => (has(program, '--version') ? describe : describe.skip);

let folder: string;
let image: string;
beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), 'seed-'));
	image = join(folder, 'seed.iso');
});
afterAll(() => rmSync(folder, { recursive: true }));
const write = (files: SeedFiles): void => writeFileSync(image, buildSeedIso(files, TIME));

describe.each(SEEDS)('a seed with %s', (_title, files, expected) => {
	const bytes = buildSeedIso(files, TIME);

	it('holds the files, under both kinds of names', () => {
		const { label, joliet, primary } = readIso(bytes);
		expect(label).toBe('cidata');
		expect(joliet).toEqual(expected);
		expect(primary).toEqual(
			Object.fromEntries(
				Object.entries(expected).map(([name, text]) => [`${name.toUpperCase()}.;1`, text]),
			),
		);
	});

	it('has at least 24 sectors, and no more than it needs', () => {
		expect(bytes.length % SECTOR).toBe(0);
		expect(bytes.length / SECTOR).toBeGreaterThanOrEqual(24);
		const contents = Object.values(expected).map((text) => Buffer.byteLength(text));
		const needed = 25 + contents.reduce((sum, size) => sum + Math.ceil(size / SECTOR), 0);
		expect(bytes.length / SECTOR).toBe(Math.max(needed, 24));
	});
});

describe('a seed', () => {
	it('is the same for the same files and time', () => {
		const files = { userData: USER_DATA, metaData: META_DATA };
		expect(Buffer.from(buildSeedIso(files, TIME)).equals(buildSeedIso(files, TIME))).toBe(true);
	});

	it('begins with 16 empty sectors, and has its descriptors at the standard places', () => {
		const bytes = Buffer.from(buildSeedIso({ userData: USER_DATA, metaData: META_DATA }, TIME));
		expect(bytes.subarray(0, 16 * SECTOR).every((byte) => byte === 0)).toBe(true);
		const heads = [16, 17, 18].map((sector) =>
			bytes.toString('latin1', sector * SECTOR, sector * SECTOR + 7),
		);
		expect(heads).toEqual(['\x01CD001\x01', '\x02CD001\x01', '\xffCD001\x01']);
		expect(bytes.toString('latin1', 16 * SECTOR + 813, 16 * SECTOR + 830)).toBe(
			'2026112617450900\0',
		);
	});
});

withReader('bsdtar')('bsdtar', () => {
	it.each(SEEDS)('extracts %s', (_title, files, expected) => {
		write(files);
		const target = mkdtempSync(join(folder, 'x-'));
		execFileSync('bsdtar', ['-xf', image, '-C', target]);
		const found = Object.fromEntries(
			readdirSync(target).map((name) => [name, readFileSync(join(target, name), 'utf8')]),
		);
		expect(found).toEqual(expected);
	});
});

withReader('isoinfo')('isoinfo', () => {
	it.each(SEEDS)('reads %s', (_title, files, expected) => {
		write(files);
		expect(execFileSync('isoinfo', ['-d', '-i', image], { encoding: 'utf8' })).toMatch(
			/Volume id: cidata\n[\s\S]*Joliet with UCS level 3 found/,
		);
		for (const [name, text] of Object.entries(expected)) {
			const joliet = execFileSync('isoinfo', ['-J', '-x', `/${name}`, '-i', image]);
			expect(joliet.toString('utf8')).toBe(text);
			const primary = execFileSync('isoinfo', ['-x', `/${name.toUpperCase()}.;1`, '-i', image]);
			expect(primary.toString('utf8')).toBe(text);
		}
	});
});

withReader('xorriso')('xorriso', () => {
	it.each(SEEDS)('extracts %s', (_title, files, expected) => {
		write(files);
		const target = mkdtempSync(join(folder, 'y-'));
		execFileSync('xorriso', ['-osirrox', 'on', '-indev', image, '-extract', '/', target], {
			stdio: 'ignore',
		});
		const found = Object.fromEntries(
			readdirSync(target).map((name) => [
				name.toLowerCase(),
				readFileSync(join(target, name), 'utf8'),
			]),
		);
		expect(found).toEqual(expected);
	});
});

withReader('blkid')('blkid', () => {
	it.each(SEEDS)('finds the label of %s', (_title, files) => {
		write(files);
		const found = execFileSync('blkid', ['-p', '-o', 'export', image], { encoding: 'utf8' });
		expect(found).toMatch(/^LABEL=cidata$/m);
		expect(found).toMatch(/^TYPE=iso9660$/m);
	});
});
