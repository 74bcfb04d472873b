import { clusterState, startEmulator } from '../../../tools/emulator';
import type { Emulator } from '../../../tools/emulator';
import { askApi, finishTask } from '../../support/askApi';
import type { Reply } from '../../support/askApi';

let emulator: Emulator;
const URL_OF = (name: string) => `https://images.example/${name}`;
const STORAGE = '/nodes/pve1/storage/local';

beforeEach(async () => {
	emulator = await startEmulator({
		http: true,
		taskSeconds: 0.01,
		state: clusterState({
			nodes: [{ name: 'pve1' }],
			storages: [
				{ storage: 'local', content: ['iso', 'import'] },
				{ storage: 'isoonly', content: ['iso'] },
			],
		}),
	});
	const { web } = emulator.state;
	const size = 1_000;
	web.set(URL_OF('a.iso'), { size, sums: { sha256: 'aa' } });
	web.set(URL_OF('a.iso.gz'), {
		size: 10,
		sums: { sha256: 'bb' },
		compression: 'gz',
		unpacked: { size, sums: { sha256: 'aa' } },
	});
	web.set(URL_OF('cloud.qcow2'), { size, sums: {}, disk: { format: 'qcow2', size: 2 ** 30 } });
	web.set(URL_OF('raw.qcow2'), { size, sums: {} });
	web.set(URL_OF('evil.qcow2'), {
		size,
		sums: {},
		disk: { format: 'qcow2', size: 2 ** 30 },
		hasBackingFile: true,
	});
	web.set(URL_OF('gone.iso'), { size: 0, sums: {}, status: '404 Not Found' });
	web.set(URL_OF('half.iso'), { size, sums: {}, breaksOff: true });
	web.set('https://self.example/a.iso', { size, sums: {}, isSelfSigned: true });
});
afterEach(async () => await emulator.close());

const get = async (path: string): Promise<Reply> => await askApi(emulator, { path });
const download = async (form: Record<string, string>, storage = 'local'): Promise<Reply> =>
	await askApi(emulator, {
		method: 'POST',
		path: `/nodes/pve1/storage/${storage}/download-url`,
		form: { content: 'iso', filename: 'a.iso', url: URL_OF('a.iso'), ...form },
	});
const sum = (checksum: string) => ({ checksum, 'checksum-algorithm': 'sha256' });
const files = () => [...emulator.state.volumes.keys()].sort();

describe('a download', () => {
	it.each<[string, Record<string, string>, string[]]>([
		['under a name that is made safe', { filename: '../my a.iso' }, ['local:iso/my_a.iso']],
		['with its checksum, in any case of letters', sum('AA'), ['local:iso/a.iso']],
		[
			'unpacked, with the checksum of what was packed',
			{ url: URL_OF('a.iso.gz'), compression: 'gz', ...sum('bb') },
			['local:iso/a.iso'],
		],
		[
			'of an image',
			{ content: 'import', filename: 'c.qcow2', url: URL_OF('cloud.qcow2') },
			['local:import/c.qcow2'],
		],
		[
			'from a server that is not verified',
			{ url: 'https://self.example/a.iso', 'verify-certificates': '0' },
			['local:iso/a.iso'],
		],
	])('stores the file: %s', async (_title, form, expected) => {
		expect(await finishTask(emulator, await download(form))).toBe('OK');
		expect(files()).toEqual(expected);
	});

	it.each<[string, Record<string, string>, RegExp]>([
		['another checksum', sum('cc'), /^checksum mismatch: got 'aa' != expect 'cc'$/],
		['no such file', { url: URL_OF('gone.iso') }, /^download failed: exit code 8$/],
		['a server that breaks off', { url: URL_OF('half.iso') }, /^download failed: exit code 4$/],
		[
			'no such host',
			{ url: 'https://nosuch.example/a.iso' },
			/unable to resolve host address 'nosuch.example'/,
		],
		['a certificate of its own', { url: 'https://self.example/a.iso' }, /certificate's owner/],
		[
			'a compression that it has not',
			{ compression: 'gz' },
			/^command 'zcat .*' failed: exit code 1$/,
		],
		['a compression that is not known', { compression: 'xz' }, /^no decompression method found$/],
		[
			'another format',
			{ content: 'import', filename: 'c.qcow2', url: URL_OF('raw.qcow2') },
			/Image is not in qcow2 format$/,
		],
		[
			'a backing file',
			{ content: 'import', filename: 'c.qcow2', url: URL_OF('evil.qcow2') },
			/backing file not allowed/,
		],
	])('fails in its task and leaves nothing: %s', async (_title, form, expected) => {
		expect(await finishTask(emulator, await download(form))).toMatch(expected);
		expect(files()).toEqual([]);
	});

	it.each<[string, string, Record<string, string>, number]>([
		['a wrong extension', 'local', { filename: 'a.txt' }, 400],
		['a storage without that content', 'isoonly', { content: 'import', filename: 'c.qcow2' }, 500],
	])('is refused at once: %s', async (_title, storage, form, status) => {
		expect((await download(form, storage)).status).toBe(status);
	});

	it('keeps a file that is there: it is right, or the task fails', async () => {
		await finishTask(emulator, await download({}));
		expect(await finishTask(emulator, await download({}))).toMatch(
			/^refusing to override existing file/,
		);
		expect(await finishTask(emulator, await download(sum('aa')))).toBe('OK');
		expect(await finishTask(emulator, await download(sum('cc')))).toMatch(/, aborting$/);
	});

	it('can be stopped', async () => {
		const file = emulator.state.web.get(URL_OF('a.iso'));
		if (file) file.seconds = 10_000;
		const started = await download({});
		await askApi(emulator, { method: 'DELETE', path: `/nodes/pve1/tasks/${String(started.data)}` });
		// It may be stopped before its download has started.
		expect(emulator.tasks.find(String(started.data))?.exitstatus).toMatch(
			/^(?:download failed: )?received interrupt$/,
		);
		expect(files()).toEqual([]);
	});
});

it('the head of a file has its name and size', async () => {
	const ask = async (url: string) =>
		await get(`/nodes/pve1/query-url-metadata?url=${encodeURIComponent(url)}`);
	expect((await ask(`${URL_OF('a.iso')}?x=1`)).data).toEqual({
		filename: 'a.iso',
		size: 1_000,
		mimetype: 'application/octet-stream',
	});
	expect((await ask(URL_OF('gone.iso'))).phrase).toBe("invalid server response: '404 Not Found'");
	expect((await ask('https://self.example/a.iso')).phrase).toContain('certificate verify failed');
});

it('a file that is no disk has the format raw when it is asked for by itself', async () => {
	await finishTask(emulator, await download({}));
	expect(
		(await get(`${STORAGE}/content/${encodeURIComponent('local:iso/a.iso')}`)).data,
	).toMatchObject({ format: 'raw' });
	expect((await get(`${STORAGE}/content/${encodeURIComponent('isoonly:iso/a.iso')}`)).status).toBe(
		400,
	);
});
