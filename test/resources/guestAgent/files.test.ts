import type { IDataObject, INodeExecutionData, INodeParameters } from 'n8n-workflow';

import { guestOf } from '../../../tools/emulator/guest/guestSystem';
import type { GuestSystem } from '../../../tools/emulator/guest/guestSystem';
import { json } from '../../reliability/faults/ingredients';
import { openLab, type Lab } from '../../support/lab';

let lab: Lab;
let guest: GuestSystem;
beforeEach(async () => {
	lab = await openLab();
	const vm = lab.emulator.state.vms.get(100);
	if (!vm) throw new Error('the emulator has no VM 100');
	Object.assign(vm, { status: 'running', pid: 1, agentRuns: true });
	vm.config.agent = '1';
	guest = guestOf(vm);
});
afterEach(async () => await lab.close());

const read = (file: string, more: INodeParameters = {}): INodeParameters => ({
	resource: 'guestAgent',
	operation: 'readFile',
	vm: { __rl: true, mode: 'id', value: '100' },
	file,
	...more,
});
const write = (file: string, more: INodeParameters = {}): INodeParameters => ({
	...read(file),
	operation: 'writeFile',
	...more,
});
const messageOf = async (parameters: INodeParameters): Promise<string> => {
	const { error } = await lab.run(parameters);
	return error?.message ?? 'it did not fail';
};
const posts = () => lab.emulator.requests.filter(({ method }) => method === 'POST');
/** All bytes there are. */
const BYTES = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));

const text = expect.any(String) as string;
const WHICH = { vmid: 100, name: text, node: 'pve1', url: text };

describe('Read File', () => {
	it('returns a text file', async () => {
		guest.files.set('/etc/motd', Buffer.from('Grüße €\n'));
		expect(await lab.output(read('/etc/motd'))).toEqual({
			...WHICH,
			file: '/etc/motd',
			bytes: 12,
			truncated: false,
			content: 'Grüße €\n',
		});
	});

	it('returns a binary file byte by byte', async () => {
		guest.files.set('/tmp/all.bin', BYTES);
		const { items } = await lab.run(
			read('/tmp/all.bin', { outputFormat: 'binary', binaryPropertyName: 'file' }),
		);
		const [{ json: facts, binary } = {} as INodeExecutionData] = items[0] ?? [];
		expect(facts).toEqual({
			...WHICH,
			file: '/tmp/all.bin',
			bytes: 256,
			truncated: false,
		});
		expect(binary?.file?.fileName).toBe('all.bin');
		expect(Buffer.from(binary?.file?.data ?? '', 'base64').equals(BYTES)).toBe(true);
	});

	it('returns a part of a file, without a character that is cut off', async () => {
		guest.files.set('/tmp/a', Buffer.from('0123äöü'));
		const part = (options: IDataObject) =>
			lab.output(read('/tmp/a', { options } as INodeParameters));
		expect(await part({ offset: 2 })).toMatchObject({ content: '23äöü', truncated: false });
		expect(await part({ count: 5 })).toMatchObject({ content: '0123', bytes: 5, truncated: true });
		expect(await part({ offset: 4, count: 2 })).toMatchObject({ content: 'ä', truncated: true });
		expect(await part({ offset: 0 })).toMatchObject({ content: '0123äöü' });
	});

	it('sends no parameter that was not set', async () => {
		await lab.output(read('/etc/hostname'));
		const { path = '' } = lab.emulator.requests.find((one) => one.path.includes('file-read')) ?? {};
		expect([...new URL(path, 'http://host').searchParams.keys()]).toEqual(['file']);
	});

	it.each<[string, INodeParameters, string]>([
		['no file', read('/nosuch'), 'The file /nosuch does not exist in VM 100'],
		['a folder', read('/etc'), 'failed to read file: Is a directory'],
	])('fails for %s', async (_title, parameters, message) => {
		expect(await messageOf(parameters)).toContain(message);
	});

	it.each<[string, INodeParameters, string]>([
		['no path', read(' '), 'File Path is needed'],
		['a path that the agent cannot get', read('/tmp/ü'), 'File Path must contain only ASCII'],
		[
			'too large a part',
			read('/a', { options: { count: 16_777_217 } }),
			'Max Size (Bytes) must be',
		],
		['nothing to read', read('/a', { options: { count: 0 } }), 'Max Size (Bytes) must be'],
		[
			'no field',
			read('/a', { outputFormat: 'binary', binaryPropertyName: ' ' }),
			'Put Output File in Field is needed',
		],
		['a wrong format', read('/a', { outputFormat: 'x' }), 'Output As must be one of'],
	])('sends nothing for %s', async (_title, parameters, message) => {
		expect(await messageOf(parameters)).toContain(message);
		expect(lab.emulator.requests).toEqual([]);
	});

	it('does not request a part from an old cluster', async () => {
		lab.emulator.faults.onRequest({
			method: 'GET',
			path: '/version',
			effect: json(200, 'OK', { data: { version: '8.4.5', release: '8.4', repoid: '1' } }),
		});
		expect(await messageOf(read('/a', { options: { offset: 1 } }))).toContain(
			'Offset (Bytes) needs Proxmox VE 9.2 or later, and the cluster has 8.4.5',
		);
	});
});

describe('Write File', () => {
	/** Writes the binary file of an item. */
	const writeBytes = async (bytes: Buffer, field = 'data') =>
		await lab.engine.runNode({
			parameters: write('/tmp/f', { inputFormat: 'binary', binaryPropertyName: field }),
			items: [{}],
			inputBinary: [{ data: { data: bytes.toString('base64'), mimeType: 'text/plain' } }],
			credentials: lab.credentials,
		});

	it('writes text as UTF-8', async () => {
		expect(await lab.output(write('/tmp/a', { content: ' Grüße €\n' }))).toEqual({
			...WHICH,
			file: '/tmp/a',
			bytes: 13,
		});
		expect(guest.files.get('/tmp/a')?.toString()).toBe(' Grüße €\n');
	});

	it('writes an empty file', async () => {
		expect(await lab.output(write('/tmp/a', { content: '' }))).toMatchObject({ bytes: 0 });
		expect(guest.files.get('/tmp/a')).toHaveLength(0);
	});

	it.each([256, 46_080, 46_081, 61_440])('writes a binary file of %i bytes', async (size) => {
		const bytes = Buffer.alloc(size, BYTES);
		const { error } = await writeBytes(bytes);
		expect(error).toBeUndefined();
		expect(guest.files.get('/tmp/f')?.equals(bytes)).toBe(true);
	});

	it.each<[string, INodeParameters, string]>([
		['no path', write(' ', { content: 'x' }), 'File Path is needed'],
		[
			'too much text',
			write('/a', { content: 'ä'.repeat(30_721) }),
			'Content may have at most 61440 bytes in UTF-8, got 61442',
		],
		[
			'an expression that gives nothing',
			write('/a', { content: '={{ $json.no }}' }),
			'Content has no value',
		],
	])('sends nothing for %s', async (_title, parameters, message) => {
		expect(await messageOf(parameters)).toContain(message);
		expect(lab.emulator.requests).toEqual([]);
	});

	it('sends nothing for a binary file that is too large or missing', async () => {
		expect((await writeBytes(Buffer.alloc(61_441))).error?.message).toBe(
			'Input Binary Field may have at most 61440 bytes, and the file has 61441',
		);
		expect((await writeBytes(BYTES, 'other')).error?.message).toContain(
			'Input Binary Field cannot be read',
		);
		expect(lab.emulator.requests).toEqual([]);
	});

	it('is not sent again if the response was lost', async () => {
		lab.emulator.faults.onRequest({
			method: 'POST',
			path: '/nodes/pve1/qemu/100/agent/file-write',
			when: 'after',
			effect: 'reset',
		});
		expect(await messageOf(write('/tmp/a', { content: 'x' }))).toBe(
			'The response to the write of /tmp/a in VM 100 on pve1 was lost. Whether it was executed is unknown',
		);
		expect(posts()).toHaveLength(1);
	});

	it('fails for a folder that does not exist', async () => {
		expect(await messageOf(write('/nosuch/a', { content: 'x' }))).toContain(
			"failed to open file '/nosuch/a'",
		);
	});
});
