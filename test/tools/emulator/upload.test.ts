/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a test, neither shipped nor scanned */
import { createHash } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { clusterState, startEmulator } from '../../../tools/emulator';
import type { Emulator } from '../../../tools/emulator';
import { finishTask } from '../../support/askApi';
import type { Reply } from '../../support/askApi';

let emulator: Emulator;

beforeEach(async () => {
	emulator = await startEmulator({
		http: true,
		taskSeconds: 0.01,
		state: clusterState({
			nodes: [{ name: 'pve1' }, { name: 'pve2' }],
			storages: [
				{ storage: 'local', content: ['iso', 'import', 'vztmpl'] },
				{ storage: 'isoonly', content: ['iso'] },
			],
		}),
	});
});
afterEach(async () => await emulator.close());

const BOUNDARY = 'xyz';
type Part = [name: string, value: string | Buffer, filename?: string];

const encode = (parts: Part[]): Buffer =>
	Buffer.concat([
		...parts.flatMap(([name, value, filename]) => [
			Buffer.from(
				`--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"${
					filename === undefined ? '' : `; filename="${filename}"\r\nContent-Type: text/plain`
				}\r\n\r\n`,
			),
			Buffer.from(value),
			Buffer.from('\r\n'),
		]),
		Buffer.from(`--${BOUNDARY}--\r\n`),
	]);

interface Sent {
	headers?: Record<string, string>;
	node?: string;
	storage?: string;
	/** Sent in pieces of so many bytes. */
	piece?: number;
}

/** Posts a body to the upload, with the token that may do everything. @returns undefined without a response */
async function post(
	body: Buffer,
	{ headers, node = 'pve1', storage = 'local', piece = body.length }: Sent = {},
): Promise<Reply | undefined> {
	return await new Promise((resolve) => {
		const request = httpRequest(
			`${emulator.url}/api2/json/nodes/${node}/storage/${storage}/upload`,
			{
				method: 'POST',
				agent: false,
				headers: {
					Authorization: `PVEAPIToken=${emulator.token.tokenId}=${emulator.token.secret}`,
					'Content-Type': `multipart/form-data; boundary=${BOUNDARY}`,
					...(headers?.['Transfer-Encoding'] ? {} : { 'Content-Length': body.length }),
					...headers,
				},
			},
			(response) => {
				const chunks: Buffer[] = [];
				response.on('data', (chunk: Buffer) => chunks.push(chunk));
				response.on('end', () => {
					const text = Buffer.concat(chunks).toString();
					const { data } = (text.startsWith('{') ? JSON.parse(text) : {}) as { data?: unknown };
					const { statusCode: status = 0, statusMessage: phrase = '' } = response;
					resolve({ status, phrase, text, data });
				});
			},
		);
		request.on('error', () => resolve(undefined));
		for (let at = 0; at < body.length; at += piece) request.write(body.subarray(at, at + piece));
		request.end();
	});
}

const upload = async (parts: Part[], sent?: Sent): Promise<Reply> => {
	const reply = await post(encode(parts), sent);
	if (!reply) throw new Error('the connection was closed without a response');
	return reply;
};

const files = (node = 'pve1') => [...(emulator.state.volumesByNode.get(node)?.keys() ?? [])].sort();
const iso: Part = ['content', 'iso'];
const bytes = Buffer.from('--x\r\n--xyz \0\r\n\r\nthe end\r\n');
const sha256 = createHash('sha256').update(bytes).digest('hex');

test.each([1, 7, 1_000_000])('keeps the bytes of a file, sent in pieces of %i', async (piece) => {
	const reply = await upload([iso, ['filename', bytes, '../my a.iso']], { piece });
	expect(await finishTask(emulator, reply)).toBe('OK');
	const volume = emulator.state.volumes.get('local:iso/my_a.iso');
	expect(Buffer.from(volume?.bytes ?? []).equals(bytes)).toBe(true);
	expect(volume).toMatchObject({ used: bytes.length, sums: { sha256 } });
});

test('replaces a file of the same name', async () => {
	await finishTask(emulator, await upload([iso, ['filename', 'old', 'a.iso']]));
	await finishTask(emulator, await upload([iso, ['filename', 'new', 'a.iso']]));
	expect(Buffer.from(emulator.state.volumes.get('local:iso/a.iso')?.bytes ?? []).toString()).toBe(
		'new',
	);
});

const qcow2 = (backing: bigint) => {
	const head = Buffer.alloc(64);
	head.write('QFI\xfb', 'latin1');
	head.writeBigUInt64BE(backing, 8);
	head.writeBigUInt64BE(2n ** 30n, 24);
	return head;
};
const sum = (checksum: string): Part[] => [
	['checksum-algorithm', 'sha256'],
	['checksum', checksum],
];

test.each<[string, Part[], RegExp]>([
	['its checksum', [iso, ...sum(sha256.toUpperCase()), ['filename', bytes, 'a.iso']], /^OK$/],
	[
		'another checksum',
		[iso, ...sum('00'), ['filename', bytes, 'a.iso']],
		/^checksum mismatch: got '[0-9a-f]{64}' != expect '00'$/,
	],
	[
		'an image',
		[
			['content', 'import'],
			['filename', qcow2(0n), 'a.qcow2'],
		],
		/^OK$/,
	],
	[
		'no image',
		[
			['content', 'import'],
			['filename', bytes, 'a.qcow2'],
		],
		/^qemu-img: Could not open '\/var\/tmp\/pveupload-[0-9a-f]{32}': Image is not in qcow2 format$/,
	],
	[
		'a backing file',
		[
			['content', 'import'],
			['filename', qcow2(512n), 'a.qcow2'],
		],
		/^backing file not allowed for untrusted image/,
	],
])('a task with %s ends so', async (_title, parts, expected) => {
	const status = await finishTask(emulator, await upload(parts));
	expect(status).toMatch(expected);
	expect(files()).toHaveLength(status === 'OK' ? 1 : 0);
});

test.each<[string, Part[], Sent, number, string]>([
	['a wrong extension', [iso, ['filename', 'x', 'a.txt']], {}, 400, 'wrong file extension'],
	['the file before its content', [['filename', 'x', 'a.iso'], iso], {}, 400, '"content"'],
	['another field', [iso, ['overwrite', '1'], ['filename', 'x', 'a.iso']], {}, 400, ''],
	[
		'a checksum without its algorithm',
		[iso, ['checksum', '1'], ['filename', 'x', 'a.iso']],
		{},
		400,
		'checksum-algorithm',
	],
	['a file under another name', [iso, ['file', 'x', 'a.iso']], {}, 500, "wrong field name 'file'"],
	['no file', [iso], {}, 500, 'upload failed'],
	[
		'a storage without that content',
		[
			['content', 'vztmpl'],
			['filename', 'x', 'a.tar'],
		],
		{ storage: 'isoonly' },
		500,
		"does not support 'vztmpl' content",
	],
	[
		'a chunked body',
		[iso, ['filename', 'x', 'a.iso']],
		{ headers: { 'Transfer-Encoding': 'chunked' } },
		501,
		'chunked',
	],
	['an unknown node', [iso, ['filename', 'x', 'a.iso']], { node: 'pve9' }, 500, 'hostname lookup'],
])('is refused at once: %s', async (_title, parts, sent, status, text) => {
	const reply = await upload(parts, sent);
	expect(reply.status).toBe(status);
	expect(reply.text + reply.phrase).toContain(text);
	expect(files()).toEqual([]);
});

test('the node that is asked copies the file to another one, and has the task', async () => {
	const reply = await upload([iso, ['filename', bytes, 'a.iso']], { node: 'pve2' });
	expect(reply.data).toMatch(/^UPID:pve1:.*:imgcopy::/);
	expect(await finishTask(emulator, reply)).toBe('OK');
	expect([files('pve1'), files('pve2')]).toEqual([[], ['local:iso/a.iso']]);
});

test('a form that is not multipart gets no response', async () => {
	const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
	expect(await post(Buffer.from('content=iso'), { headers })).toBeUndefined();
});
