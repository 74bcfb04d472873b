/* eslint-disable @n8n/community-nodes/no-restricted-globals -- a test, neither shipped nor scanned */
import { splitList } from '../../nodes/ProxmoxVe/wire/values';
import { clusterUrl } from '../../credentials/clusterUrl';
import { fieldOf, splitNumber } from '../../nodes/ProxmoxVe/catalogue/catalogue';
import { guestKinds } from '../../nodes/ProxmoxVe/guests/kinds';
import { qemu } from '../../nodes/ProxmoxVe/catalogue/qemu';
import * as change from '../../nodes/ProxmoxVe/catalogue/qemu/change';
import * as backup from '../../nodes/ProxmoxVe/resources/backup/fields';
import * as vm from '../../nodes/ProxmoxVe/resources/virtualMachine/fields';
import type { DeviceField, Field, PlainField } from '../../nodes/ProxmoxVe/catalogue/fields';
import { BadInputError } from '../../nodes/ProxmoxVe/form/BadInputError';
import { isOfKind, vmidOfBackup } from '../../nodes/ProxmoxVe/api/backups';
import { isLockTimeout, saysIdTaken } from '../../nodes/ProxmoxVe/api/errors';
import { parseUpid } from '../../nodes/ProxmoxVe/api/upid';
import { decodePropertyString } from '../../nodes/ProxmoxVe/wire/decodePropertyString';
import { formatChecks } from '../../nodes/ProxmoxVe/wire/formats';
import { nearest } from '../../nodes/ProxmoxVe/wire/nearest';
import { decodePercent } from '../../nodes/ProxmoxVe/wire/percent';
import { readDevice } from '../../nodes/ProxmoxVe/wire/readDevice';
import { readJsonText } from '../../nodes/ProxmoxVe/wire/readJson';
import { readParameters } from '../../nodes/ProxmoxVe/wire/readParameters';
import { readPlain, readSshKeys } from '../../nodes/ProxmoxVe/wire/readPlain';
import { readGib, readVolume } from '../../nodes/ProxmoxVe/wire/volume';

type Work = (text: string) => unknown;

const LENGTH = 1_000;
const LONGER = 8;
/** Three times the work at twice the length, three times over. */
const MOST_WORK = 27;
/** Work that takes less is not worth comparing: what grows with the square takes many times that at this length. */
const FLOOR_MS = 15;

/** What a text can be made of to lead a pattern astray: one part many times, with something else at its end. */
const PARTS = [
	'1',
	'a',
	'a1',
	'.',
	'1.',
	'a.',
	'-',
	'a-',
	',',
	',a',
	';',
	':',
	'a:',
	'/',
	'%',
	'%2',
	'=',
	'a=',
	' ',
	'\n',
	'"',
	'\\',
	'[',
	'{"a":',
	"archive '/",
	'/qemu-server/100.conf ',
	"'",
	'(/a',
	'+1',
	'e',
	'0x',
	'::',
	'é',
];
const ENDS = ['', '!'];
const BEGINNINGS = ['UPID:', 'local:', 'INFO: creating ', '0x', '1e', 'order=', 'custom-', '"'];

/** The CPU time of one call, in milliseconds. */
function once(work: Work, text: string): number {
	const before = process.cpuUsage();
	work(text);
	const { user, system } = process.cpuUsage(before);
	return (user + system) / 1000;
}

/** Other work in this process (compiling, collecting garbage) only adds to a call's time: the least of them is nearest. */
const least = (work: Work, text: string): number => Math.min(once(work, text), once(work, text));

/** Whether the work grows by more than three times where the text grows by two. */
function growsFast(work: Work, text: (length: number) => string): boolean {
	const longer = text(LONGER * LENGTH);
	if (once(work, longer) < FLOOR_MS) return false;
	// What looks so once may be a busy machine: it has to look so each time.
	return [0, 1].every(() => least(work, longer) > MOST_WORK * least(work, text(LENGTH)));
}

const SHAPES = [
	...PARTS.flatMap((part) => ENDS.map((end) => ({ beginning: '', part, end }))),
	...BEGINNINGS.flatMap((beginning) =>
		['1', 'a', '.', '1.', ':', ','].map((part) => ({ beginning, part, end: '!' })),
	),
];

/** The texts at which the work grows faster than the text does. */
const traps = (work: Work): string[] =>
	SHAPES.flatMap(({ beginning, part, end }) => {
		const text = (length: number) =>
			beginning + part.repeat(Math.floor(length / part.length)) + end;
		return growsFast(work, text) ? [`${beginning}${part}…${end}`] : [];
	});

/** Every field that is read by itself, with its place. */
function plainFields(name: string, field: Field): Array<[string, PlainField]> {
	if (field.kind === 'family') return plainFields(name, field.item);
	if (field.kind === 'device')
		return Object.entries(field.fields).map(([sub, item]) => [`${name}.${sub}`, item]);
	return field.kind === 'sshKeys' ? [] : [[name, field]];
}
const tables: ReadonlyArray<Readonly<Record<string, Field>>> = [
	qemu.parameters,
	...[change, backup, vm].flatMap((tables) => Object.values(tables)),
];
const fields = tables.flatMap((table) =>
	Object.entries(table).flatMap(([name, field]) => plainFields(name, field)),
);
/** One field of each pattern, format and kind: the others are read by the same code. */
const different = [
	...new Map(
		fields.map(([name, field]) => [
			JSON.stringify([
				field.kind,
				'pattern' in field && field.pattern,
				'format' in field && field.format,
			]),
			[name, field] as const,
		]),
	).values(),
];

const card = qemu.parameters['net[n]'].item as unknown as DeviceField;
const disk = qemu.parameters['ide[n]'].item as unknown as DeviceField;

const readers: Readonly<Record<string, Work>> = {
	fieldOf: (name) => fieldOf(qemu, name),
	splitNumber,
	'an unknown parameter': (name) => readParameters(qemu, { [name]: 1 }),
	'a word for a parameter': (text) => nearest(text, Object.keys(qemu.parameters)),
	'an unknown option': (name) => readDevice(qemu, card, { [name]: 1 }),
	'a device as a text': (text) => readDevice(qemu, card, text),
	'a volume': (text) => readDevice(qemu, disk, { file: text, serial: text }),
	decodePropertyString: (text) => decodePropertyString(card, text),
	readGib,
	readVolume: (text) => readVolume(text, false),
	readJsonText,
	decodePercent,
	splitList,
	readSshKeys: (text) => readSshKeys(qemu.parameters.sshkeys, text),
	parseUpid,
	isOfKind: (volid) => isOfKind(guestKinds.qemu)({ volid }),
	vmidOfBackup,
	isLockTimeout,
	saysIdTaken: (text) => saysIdTaken(text, 100),
	clusterUrl: (text) => {
		try {
			return clusterUrl(`https://pve.example.com/${text}`);
		} catch {
			return undefined;
		}
	},
};

describe('the work that a text makes grows no faster than the text', () => {
	it.each(Object.entries(readers))('in %s', (_name, work) => expect(traps(work)).toEqual([]));
	it.each(Object.entries(formatChecks))('in the format %s', (_name, check) =>
		expect(traps(check)).toEqual([]),
	);
	it.each(different)('in the field %s', (_name, field) =>
		expect(traps((text) => readPlain(field, text, 'topLevel'))).toEqual([]),
	);

	it.each([/^(.*?)(0|[1-9]\d*)$/, /^(.*?)(\d+)?$/, /\d+$/, /,+$/, /^[+-]?\d+\.?\d*$/])(
		'which the measure notices of %s',
		(pattern) => {
			const texts = [
				(length: number) => `${'1'.repeat(length)}x`,
				(length: number) => `${','.repeat(length)}x`,
			];
			// A busy machine may hide it once.
			expect(
				[1, 2, 3].some(() => texts.some((text) => growsFast((given) => pattern.test(given), text))),
			).toBe(true);
		},
	);
});

describe('a request with thousands of problems', () => {
	const many = (count: number) =>
		Object.fromEntries(
			Array.from({ length: count }, (_, index) => [
				`unknownparameter${'abcdefghij'[index % 10]}x${index}y`,
				1,
			]),
		);

	it('is answered with the first twenty, and how many more there are', () => {
		const error = new BadInputError(readParameters(qemu, many(10_000)).problems);
		expect(error.problems).toHaveLength(21);
		expect(error.message).toMatch(/; and 9,980 more$/);
		expect(error.count).toBe(10_000);
	});

	it('suggests a name for the first few only', () => {
		const names = Object.fromEntries(
			Array.from({ length: 100 }, (_, index) => [`corse${'x'.repeat(index)}`, 1]),
		);
		const wrong = { corse: 1, memroy: 1, sokcets: 1, ...names, ballon: 1 };
		const hints = readParameters(qemu, wrong).problems.filter(({ message }) =>
			message.includes('did you mean'),
		);
		expect(hints.map(({ parameter }) => parameter)).toEqual(
			expect.arrayContaining(['corse', 'memroy', 'sokcets']),
		);
		expect(hints.length).toBeLessThanOrEqual(5);
	});

	it('suggests nothing for a long name or value, and shows its beginning only', () => {
		const [name] = readParameters(qemu, { [`cores${'s'.repeat(60)}`]: 1 }).problems;
		expect(name?.message).not.toContain('did you mean');
		for (const given of [
			{ [`x${'y'.repeat(1000)}`]: 1 },
			{ bios: 'x'.repeat(1000) },
			{ cpu: 'x'.repeat(1000) },
			{ net0: { ['z'.repeat(1000)]: 1 } },
			{ tags: `-${'x'.repeat(1000)}` },
		]) {
			expect(new BadInputError(readParameters(qemu, given).problems).message.length).toBeLessThan(
				400,
			);
		}
	});
});
