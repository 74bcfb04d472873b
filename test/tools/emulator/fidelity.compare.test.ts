/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- a test, neither shipped nor scanned */
import { join } from 'node:path';
import type { Answer } from '../../../tools/emulator/fidelity/client';
import {
	compareAnswers,
	compareConfigs,
	compareTasks,
	readStatusLine,
} from '../../../tools/emulator/fidelity/compare';
import { readRecords } from '../../../tools/emulator/fidelity/records';
import type { RecordedResponse } from '../../../tools/emulator/fidelity/records';
import { verdictOf } from '../../../tools/emulator/fidelity/report';
import { splitSessions } from '../../../tools/emulator/fidelity/sessions';
import { upidBook } from '../../../tools/emulator/fidelity/upids';
import { maskVolatile } from '../../../tools/emulator/fidelity/volatile';

const { exchanges } = readRecords(join(__dirname, '../../../tools/facts/recordings.jsonl'));

function toAnswer({ statusLine, headers = {}, body }: RecordedResponse): Answer {
	const lowerCase = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
	const parsed: unknown =
		typeof body === 'string' && body.startsWith('{') ? JSON.parse(body) : body;
	return { ...readStatusLine(statusLine), headers: Object.fromEntries(lowerCase), body: parsed };
}

describe('what replays the recordings', () => {
	test('finds no difference between a recording and itself', () => {
		const differences = exchanges.flatMap(({ name, request, responses, task, configAfter }) => [
			...responses.flatMap((response) => {
				if (!response) return [];
				const differences = compareAnswers(response, toAnswer(response), request.path, '');
				return differences.map((text) => [name, text]);
			}),
			...(task ? compareTasks(task, task.status, task.log, '').map((text) => [name, text]) : []),
			...(configAfter && !('_status' in configAfter)
				? compareConfigs(
						configAfter,
						{ status: 200, phrase: 'OK', headers: {}, body: { data: configAfter } },
						'',
					)
				: []),
		]);
		expect(differences).toEqual([]);
	});

	const refused: RecordedResponse = {
		statusLine: 'HTTP/1.1 400 Parameter verification failed.',
		headers: { 'Content-Type': 'application/json;charset=UTF-8' },
		body: {
			data: null,
			message: 'Parameter verification failed.\n',
			errors: { vmid: 'no such thing\nb\n' },
		},
	};

	test.each<[string, Partial<Answer>]>([
		['status', { status: 500 }],
		['reason phrase', { phrase: 'Parameter verification failed' }],
		[
			'key of errors',
			{
				body: {
					data: null,
					message: 'Parameter verification failed.\n',
					errors: { name: 'no such thing\nb\n' },
				},
			},
		],
		[
			'text in errors',
			{
				body: {
					data: null,
					message: 'Parameter verification failed.\n',
					errors: { vmid: 'no such thing\nc\n' },
				},
			},
		],
		['message', { body: { data: null, errors: { vmid: 'no such thing\nb\n' } } }],
		['content type', { headers: {} }],
	])('finds a wrong %s', (_title, wrong) => {
		expect(compareAnswers(refused, { ...toAnswer(refused), ...wrong }, '/', '')).not.toEqual([]);
	});

	test('takes the lines of a text in any order', () => {
		const body = {
			data: null,
			message: 'Parameter verification failed.\n',
			errors: { vmid: 'b\nno such thing\n' },
		};
		expect(compareAnswers(refused, { ...toAnswer(refused), body }, '/', '')).toEqual([]);
	});

	const list: RecordedResponse = {
		statusLine: 'HTTP/1.1 200 OK',
		body: {
			data: [
				{ vmid: 100, name: 'a', status: 'stopped' },
				{ vmid: 101, name: 'b', status: 'stopped', lock: 'backup' },
			],
		},
	};

	test.each<[string, unknown[], string]>([
		['a row that lacks a key', [{ vmid: 7, status: 'stopped' }], '/'],
		[
			'a row with a key that none had',
			[{ vmid: 7, name: 'c', status: 'stopped', node: 'pve1' }],
			'/',
		],
		['a row with another type', [{ vmid: '7', name: 'c', status: 'stopped' }], '/'],
		['an empty list', [], '/'],
		[
			'more rows than asked for',
			[
				{ vmid: 7, name: 'c', status: 'stopped' },
				{ vmid: 8, name: 'd', status: 'stopped' },
			],
			'/?limit=1',
		],
		['a filter that does not hold', [{ vmid: 7, name: 'c', status: 'paused' }], '/?status=stopped'],
	])('finds %s', (_title, data, path) => {
		expect(compareAnswers(list, { ...toAnswer(list), body: { data } }, path, '')).not.toEqual([]);
	});

	test('takes other rows of the same shape', () => {
		const body = { data: [{ vmid: 7, name: 'c', status: 'stopped' }] };
		expect(compareAnswers(list, { ...toAnswer(list), body }, '/', '')).toEqual([]);
	});

	const bridges: RecordedResponse = {
		statusLine: 'HTTP/1.1 200 OK',
		body: {
			data: [
				{ iface: 'vmbr0', active: 1 },
				{ iface: 'vmbr1', active: 1 },
			],
		},
	};

	test('takes rows of what is set up in any order, and compares them by their values', () => {
		const compare = (data: unknown[]) =>
			compareAnswers(bridges, { ...toAnswer(bridges), body: { data } }, '/', '');
		expect(
			compare([
				{ iface: 'vmbr1', active: 1 },
				{ active: 1, iface: 'vmbr0' },
			]),
		).toEqual([]);
		expect(compare([{ iface: 'vmbr0', active: 1 }])).toHaveLength(1);
		expect(
			compare([
				{ iface: 'vmbr0', active: 1 },
				{ iface: 'vmbr1', active: 0 },
			]),
		).toHaveLength(1);
	});

	test('compares configs to the letter, but for what differs from run to run', () => {
		const config = {
			net0: 'virtio=BC:24:11:00:00:01,bridge=vmbr0',
			cores: 2,
			memory: '512',
			digest: 'a'.repeat(40),
		};
		const compare = (data: Record<string, unknown>, sent = '') =>
			compareConfigs(config, { status: 200, phrase: 'OK', headers: {}, body: { data } }, sent);
		const other = {
			...config,
			net0: 'virtio=BC:24:11:00:00:02,bridge=vmbr0',
			digest: 'b'.repeat(40),
		};
		expect(compare(other)).toEqual([]);
		expect(compare(other, 'net0=virtio,macaddr=BC:24:11:00:00:01')).toHaveLength(1);
		expect(compare({ ...config, cores: '2' })).toHaveLength(1);
		expect(compare({ ...config, memory: '1024' })).toHaveLength(1);
		expect(compare({ ...config, onboot: 1 })).toHaveLength(1);
		expect(compare({ net0: config.net0, cores: 2, memory: '512' })).toHaveLength(1);
	});

	test('masks process IDs, times and addresses, and keeps the rest', () => {
		const upid = 'UPID:pve1:00001A34:000E98F2:6B042C72:qmcreate:1549:creator@pve!tk:';
		expect(maskVolatile(upid)).toBe(
			'UPID:pve1:<pid>:<pstart>:<time>:qmcreate:1549:creator@pve!tk:',
		);
		expect(maskVolatile("tag 'HASH(0x55bf0b5fdd18)'")).toBe("tag 'HASH(<address>)'");
		expect(maskVolatile('/var/tmp/vzdumptmp4773.fifo')).toBe('/var/tmp/vzdumptmp<pid>.fifo');
		expect(maskVolatile('VM 1549 already exists')).toBe('VM 1549 already exists');
	});

	test('puts our own UPIDs in place of the recorded ones', () => {
		const recorded = 'UPID:pve1:000019FA:000E976D:6B042C6E:qmrestore:1548:root@pam!full:';
		const own = 'UPID:pve1:00000001:00000002:6B000000:qmrestore:1548:root@pam!full:';
		const book = upidBook();
		book.learn({ data: [{ upid: recorded }] }, { data: [{ upid: own }] });
		expect(book.translate(`/tasks/${recorded}/status`)).toBe(`/tasks/${own}/status`);
		expect(book.translate(`/tasks/${encodeURIComponent(recorded)}/log?limit=5`)).toBe(
			`/tasks/${encodeURIComponent(own)}/log?limit=5`,
		);
	});

	test('proves nothing if it compared fewer lines than there are', () => {
		const matches = { origin: 'f:1', group: 'g', name: 'n', differences: [] };
		expect(verdictOf([matches, matches], 2)).toEqual({ isRight: true });
		expect(verdictOf([matches], 2)).toEqual({
			isRight: false,
			gap: 'compared 1 of 2 lines: the run is incomplete',
		});
		expect(verdictOf([matches, { ...matches, differences: ['other'] }], 2)).toEqual({
			isRight: false,
		});
	});

	test('distinguishes the runs of the recorded servers', () => {
		const first = splitSessions(exchanges).map((groups) => groups[0]?.[0]?.group);
		expect(first).toEqual(['auth', 'daemon', 'cluster', 'no-quorum', 'ownership']);
	});
});
