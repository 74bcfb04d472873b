/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a test, neither shipped nor scanned */
import type { IBinaryData, IDataObject, NodeApiError } from 'n8n-workflow';
import { Readable } from 'node:stream';
import { createHash } from 'node:crypto';

import { binaryDataService } from '../../../tools/harness/n8nCore';
import type { ExecutionResult } from '../../../tools/harness/runWorkflow';
import { openLab, onPve1, postApi, until, type Lab } from '../../support/lab';

const URL_OF = (name: string) => `https://images.example/${name}`;
const picked = (value: string) => ({ __rl: true, mode: 'list', value });
const SHA = 'a'.repeat(64);

let lab: Lab;
beforeEach(async () => {
	lab = await openLab();
	const { web } = lab.emulator.state;
	const disk = { format: 'qcow2', size: 2 ** 30 };
	web.set(URL_OF('debian.qcow2'), { size: 1_000, sums: { sha256: SHA }, disk });
	web.set(URL_OF('noble.img'), { size: 1_000, sums: {}, disk });
	web.set(URL_OF('a.iso'), { size: 2_000, sums: { sha256: SHA } });
	web.set(URL_OF('a.iso.gz'), {
		size: 10,
		sums: { sha256: SHA },
		compression: 'gz',
		unpacked: { size: 2_000, sums: {} },
	});
	web.set(URL_OF('get/1'), { size: 5, sums: {}, name: 'named by server.iso' });
	web.set(URL_OF('half.iso'), { size: 1_000, sums: {}, breaksOff: true });
	web.set(URL_OF('gone.iso'), { size: 0, sums: {}, status: '404 Not Found' });
	web.set('https://self.example/a.iso', { size: 1, sums: {}, isSelfSigned: true });
	const { storages } = lab.emulator.state;
	const local = storages.get('local');
	if (local) local.content = [...new Set([...local.content, 'import', 'iso', 'vztmpl'])];
});
afterEach(async () => await lab.close());

const quick = { maxPollInterval: 0.1 };
const download = (url: string, more: IDataObject = {}, options: IDataObject = {}) => ({
	resource: 'image',
	operation: 'download',
	content: 'iso',
	storage: picked('local'),
	url: url.includes(':') ? url : URL_OF(url),
	options: { ...quick, ...options },
	...more,
});
const files = () =>
	[...lab.emulator.state.volumes.keys()].filter((volid) => /:(?:iso|import|vztmpl)\//.test(volid));
const requests = (method: string, path: RegExp) =>
	lab.emulator.requests.filter((one) => one.method === method && path.test(one.path));
const downloads = () => requests('POST', /\/download-url$/);
const textOf = ({ error }: ExecutionResult) =>
	`${error?.message} ${String((error as NodeApiError | undefined)?.description)}`;
const fail = async (parameters: IDataObject): Promise<string> => {
	const result = await lab.run(parameters as never);
	expect(result.error).toBeDefined();
	return textOf(result);
};

describe('Image → Download from Proxmox or a registry', () => {
	const TEMPLATE = 'debian-13-standard_13.6-1_amd64.tar.zst';
	const from = (downloadFrom: string, more: IDataObject = {}, options: IDataObject = {}) => ({
		resource: 'image',
		operation: 'download',
		downloadFrom,
		storage: picked('local'),
		...more,
		options: { ...quick, ...options },
	});
	const ofNginx = (tag = '1.29') => ({ reference: `docker.io/library/nginx:${tag}` });
	beforeEach(() => {
		const { appliances, registry, web } = lab.emulator.state;
		for (const { location, sha512sum } of appliances)
			web.set(location, { size: 1_000, sums: { sha512: sha512sum } });
		registry.set(ofNginx().reference, { ostype: 'debian' });
	});

	test('stores a template once', async () => {
		const volid = `local:vztmpl/${TEMPLATE}`;
		const list = from('list', { template: picked(TEMPLATE) });
		expect(await lab.output(list)).toMatchObject({ volid, content: 'vztmpl', reused: false });
		expect(await lab.output(list)).toMatchObject({ volid, reused: true, upid: null });
		expect(requests('POST', /aplinfo$/)).toHaveLength(1);
	});

	test('stores an OCI image under a name of its own, or File Name', async () => {
		const one = await lab.output(from('registry', ofNginx()));
		expect(one.volid).toMatch(/^local:vztmpl\/nginx_1\.29_[0-9a-f]{8}\.tar$/);
		const two = await lab.output(from('registry', ofNginx(), { filename: 'web.tar' }));
		expect(two).toMatchObject({ volid: 'local:vztmpl/web.tar', format: 'tar' });
	});

	test.each([
		['an OCI image', 'registry', ofNginx('9'), 'local:vztmpl/web.tar', { filename: 'web.tar' }],
		['a template', 'list', { template: 'a_1_amd64.tar.zst' }, 'local:vztmpl/a_1_amd64.tar.zst', {}],
	])('does not replace a file if %s is not found', async (_, place, more, volid, options) => {
		const file = { volid, storage: 'local', content: 'vztmpl', format: 'tar' };
		lab.emulator.state.volumes.set(volid, { ...file, size: 1, used: 1, ctime: 1 });
		const replacing = from(place, { ...more, ifExists: 'replace' }, options);
		expect(await fail(replacing)).toContain('was not found');
		expect(files()).toContain(volid);
	});

	test('replaces an OCI image by the current one', async () => {
		const replacing = from('registry', { ...ofNginx(), ifExists: 'replace' });
		const { volid } = await lab.output(replacing);
		expect(await lab.output(replacing)).toMatchObject({ volid, reused: false });
		expect(requests('DELETE', /vztmpl/)).toHaveLength(1);
		expect(requests('POST', /oci-registry-pull$/)).toHaveLength(2);
	});

	test.each<[string, IDataObject, IDataObject, string]>([
		['registry', { reference: 'nginx' }, {}, 'OCI Image must be an OCI image with its tag'],
		['registry', ofNginx(), { filename: 'a.tar.gz' }, 'File Name must end in .tar'],
		[
			'registry',
			ofNginx(),
			{ checksum: SHA, 'checksum-algorithm': 'sha256' },
			'Checksum is possible',
		],
		['list', { template: TEMPLATE }, { filename: 'a.tar' }, 'File Name is possible only with'],
	])('of %s with %j and %j is refused', async (place, more, options, message) => {
		expect(await fail(from(place, more, options))).toContain(message);
		expect(lab.emulator.requests).toEqual([]);
	});
});

describe('Image → Download', () => {
	test('returns the stored file', async () => {
		const output = await lab.output(download('debian.qcow2', { content: 'import' }));
		expect(output).toMatchObject({
			volid: 'local:import/debian.qcow2',
			storage: 'local',
			content: 'import',
			name: 'debian.qcow2',
			node: 'pve1',
			size: 1_000,
			format: 'qcow2',
			reused: false,
			taskStatus: 'ok',
			exitStatus: 'OK',
			upid: expect.stringMatching(/:download:debian\.qcow2:/) as string,
			createdAt: expect.any(String) as string,
		});
	});

	test.each<[string, string, IDataObject, IDataObject, string]>([
		['a name in its URL', 'a.iso?x=1', {}, {}, 'local:iso/a.iso'],
		['the name that the server gives', 'get/1', {}, {}, 'local:iso/named_by_server.iso'],
		['File Name', 'a.iso', {}, { filename: 'my b.iso' }, 'local:iso/my_b.iso'],
		['Decompression', 'a.iso.gz', {}, { compression: 'gz' }, 'local:iso/a.iso'],
		[
			'a qcow2 that is called .img',
			'noble.img',
			{ content: 'import' },
			{},
			'local:import/noble.qcow2',
		],
		[
			'a certificate that is not checked',
			'https://self.example/a.iso',
			{},
			{ 'verify-certificates': false },
			'local:iso/a.iso',
		],
	])('with %s', async (_title, url, more, options, volid) => {
		expect(await lab.output(download(url, more, options))).toMatchObject({ volid });
	});

	test('sends only what was set', async () => {
		await lab.output(download('a.iso'));
		expect(Object.fromEntries(new URLSearchParams(downloads()[0]?.body))).toEqual({
			url: URL_OF('a.iso'),
			content: 'iso',
			filename: 'a.iso',
		});
	});

	test.each<[string, IDataObject, IDataObject, RegExp]>([
		['no URL', { url: '={{ undefined }}' }, {}, /URL/],
		['another scheme', { url: 'ftp://h/a.iso' }, {}, /URL/],
		['no storage', { storage: picked('={{ undefined }}') }, {}, /Storage/],
		['a name with a wrong ending', {}, { filename: 'a.txt' }, /File Name.*must end in \.iso/],
		['a checksum without an algorithm', {}, { checksum: SHA }, /Checksum Algorithm.*is needed/],
		['a checksum that has no value', {}, { checksum: '' }, /Checksum/],
		[
			'a checksum of another algorithm',
			{},
			{ checksum: 'a'.repeat(40), 'checksum-algorithm': 'sha256' },
			/Checksum must be 64 hexadecimal digits for sha256, got 40 characters/,
		],
		[
			'decompression of a disk image',
			{ content: 'import', url: URL_OF('debian.qcow2') },
			{ compression: 'gz' },
			/Decompression/,
		],
	])('refuses %s before any request', async (_title, more, options, words) => {
		expect(await fail(download('a.iso', more, options))).toMatch(words);
		expect(lab.emulator.requests).toEqual([]);
	});

	test('a URL without a usable name asks for File Name', async () => {
		lab.emulator.state.web.set(URL_OF('latest'), { size: 1, sums: {} });
		expect(await fail(download('latest'))).toMatch(/File Name must end in .*Set File Name/);
		expect(downloads()).toEqual([]);
	});

	const sum = (checksum: string) => ({ checksum, 'checksum-algorithm': 'sha256' });
	test.each<[string, string, IDataObject, RegExp]>([
		[
			'another checksum',
			'a.iso',
			sum('b'.repeat(64)),
			/checksum of the downloaded file differs.*Nothing was stored/,
		],
		['a server that breaks off', 'half.iso', {}, /was interrupted.*Nothing was stored/],
		['no such file', 'gone.iso', {}, /answered 404 Not Found.*Nothing was stored/],
		['no such host', 'https://nosuch.example/a.iso', {}, /could not reach.*Nothing was stored/],
		[
			'an unknown certificate',
			'https://self.example/a.iso',
			{},
			/Verify Certificates.*Nothing was stored/,
		],
		['a wrong decompression', 'a.iso', { compression: 'gz' }, /Decompression.*Nothing was stored/],
	])('fails with %s, and says what is left behind', async (_title, url, options, words) => {
		const before = files();
		expect((await fail(download(url, {}, options))).replace(/\n/g, ' ')).toMatch(words);
		expect(files()).toEqual(before);
	});

	describe('if the file exists', () => {
		beforeEach(async () => void (await lab.output(download('a.iso', {}, sum(SHA)))));
		const again = (ifExists: string, options: IDataObject = {}) =>
			download('a.iso', { ifExists }, options);

		test('Keep returns it without a download', async () => {
			expect(await lab.output(again('keep'))).toMatchObject({
				volid: 'local:iso/a.iso',
				size: 2_000,
				reused: true,
				upid: null,
				taskStatus: 'ok',
			});
			expect(downloads()).toHaveLength(1);
		});

		test('Keep with a checksum has Proxmox compare it', async () => {
			expect(await lab.output(again('keep', sum(SHA)))).toMatchObject({
				reused: true,
				exitStatus: 'OK',
			});
			expect(await fail(again('keep', sum('b'.repeat(64))))).toMatch(
				/does not have this checksum.*not changed/,
			);
			expect(files()).toContain('local:iso/a.iso');
		});

		test('Keep of a decompressed file warns that its checksum is not compared', async () => {
			const packed = download('a.iso.gz', {}, { ...sum('b'.repeat(64)), compression: 'gz' });
			expect(await lab.output(packed)).toMatchObject({
				reused: true,
				taskStatus: 'warnings',
				warnings: [expect.stringContaining('not compared') as string],
			});
		});

		test('Fail fails before the download', async () => {
			expect(await fail(again('fail'))).toMatch(/local:iso\/a\.iso already exists/);
			expect(downloads()).toHaveLength(1);
		});

		test('Replace deletes it and downloads it again', async () => {
			const file = lab.emulator.state.web.get(URL_OF('a.iso'));
			if (file) file.size = 3_000;
			expect(await lab.output(again('replace'))).toMatchObject({ size: 3_000, reused: false });
			expect(downloads()).toHaveLength(2);
		});

		test('Replace keeps it if the URL does not answer', async () => {
			const file = lab.emulator.state.web.get(URL_OF('a.iso'));
			if (file) file.status = '404 Not Found';
			expect(await fail(again('replace'))).toContain('404 Not Found');
			expect(files()).toContain('local:iso/a.iso');
			expect(requests('DELETE', /content/)).toEqual([]);
		});

		test('Replace says that the old one is gone if the download fails', async () => {
			const file = lab.emulator.state.web.get(URL_OF('a.iso'));
			if (file) file.breaksOff = true;
			expect(await fail(again('replace'))).toContain(
				'Nothing was stored, and the previous file local:iso/a.iso has been deleted',
			);
		});
	});

	test.each(['keep', 'replace'])('two items download a file once: %s', async (ifExists) => {
		const { items, error } = await lab.run(
			download('a.iso', { ifExists }, { maxParallel: 1 }) as never,
			[{}, {}],
		);
		expect(error).toBeUndefined();
		expect(items[0]?.map(({ json }) => json.reused).sort()).toEqual([false, true]);
		expect(downloads()).toHaveLength(1);
	});

	test('Replace replaces the file of the same name on each node', async () => {
		const peer = lab.emulator.state.nodes.get('pve2');
		if (peer) peer.reach = 'here';
		await lab.output({ ...download('a.iso'), node: picked('pve2') });
		lab.emulator.state.web.set(URL_OF('a.iso'), { size: 3_000, sums: {} });
		const each = { ...download('a.iso', { ifExists: 'replace' }), node: picked('={{ $json.on }}') };
		const { items } = await lab.run(each as never, [{ on: 'pve1' }, { on: 'pve2' }]);
		expect(items[0]?.map(({ json }) => [json.node, json.size, json.reused])).toEqual([
			['pve1', 3_000, false],
			['pve2', 3_000, false],
		]);
	});

	test('waits for a download of the same file that runs already', async () => {
		const file = lab.emulator.state.web.get(URL_OF('a.iso'));
		if (file) file.seconds = 20;
		const upid = await postApi(lab.emulator, '/nodes/pve1/storage/local/download-url', {
			url: URL_OF('a.iso'),
			content: 'iso',
			filename: 'a.iso',
		});
		expect(await lab.output(download('a.iso'))).toMatchObject({ reused: true, upid: null });
		expect(lab.emulator.tasks.find(upid)?.exitstatus).toBe('OK');
		expect(downloads()).toHaveLength(1);
	});

	test('without Wait for Completion it returns the running task', async () => {
		const file = lab.emulator.state.web.get(URL_OF('a.iso'));
		if (file) file.seconds = 10_000;
		const parameters = download('a.iso', { waitForCompletion: false });
		expect(await lab.output(parameters)).toMatchObject({
			volid: 'local:iso/a.iso',
			size: null,
			taskStatus: 'running',
		});
		expect(await lab.output(parameters)).toMatchObject({ taskStatus: 'running' });
		expect(downloads()).toHaveLength(1);
	});

	test('a wrong checksum is explained by Task → Wait too', async () => {
		const started = await lab.output(
			download('a.iso', { waitForCompletion: false }, sum('b'.repeat(64))),
		);
		const text = await fail({
			resource: 'task',
			operation: 'wait',
			upid: started.upid,
			options: quick,
		});
		expect(text).toContain('the file has a different checksum');
	});

	test('a lost response is not followed by a second download', async () => {
		lab.emulator.faults.onRequest({
			method: 'POST',
			path: /download-url$/,
			when: 'after',
			effect: 'reset',
		});
		expect(await lab.output(download('a.iso'))).toMatchObject({
			volid: 'local:iso/a.iso',
			size: 2_000,
			taskStatus: 'warnings',
			upid: null,
		});
		expect(downloads()).toHaveLength(1);
	}, 20_000);
});

describe('Image → Upload', () => {
	const bytes = Buffer.from('not really an ISO image \0\r\n--\r\n');
	const sha256 = createHash('sha256').update(bytes).digest('hex');
	const inMemory: IBinaryData = {
		data: bytes.toString('base64'),
		mimeType: 'application/octet-stream',
		fileName: 'my a.iso',
	};
	const upload = async (
		more: IDataObject = {},
		options: IDataObject = {},
		binary: IBinaryData | undefined = inMemory,
		signal?: AbortSignal,
	): Promise<ExecutionResult> =>
		await lab.engine.runNode({
			parameters: {
				...onPve1,
				resource: 'image',
				operation: 'upload',
				content: 'iso',
				storage: picked('local'),
				options: { ...quick, ...options },
				...more,
			} as never,
			items: [{}],
			inputBinary: binary ? [{ data: binary }] : [],
			credentials: lab.credentials,
			signal,
		});
	const outputOf = ({ items, error }: ExecutionResult): IDataObject => {
		if (error) throw error;
		return items[0]?.[0]?.json ?? {};
	};
	const stored = (volid = 'local:iso/my_a.iso') =>
		Buffer.from(lab.emulator.state.volumes.get(volid)?.bytes ?? []);
	const uploads = () => requests('POST', /\/upload$/);

	// All test files of a worker share n8n's services.
	afterAll(() => {
		const managers = Reflect.get(binaryDataService, 'managers') as object;
		Reflect.deleteProperty(managers, 'filesystem-v2');
	});

	/** n8n's files on a disk or in S3: what is read is a stream. */
	const asStream = (size: number, chunks: () => Iterable<Buffer>, said = size): IBinaryData => {
		binaryDataService.setManager('filesystem-v2', {
			getAsStream: async () => Readable.from(chunks(), { objectMode: false }),
			getMetadata: async () => ({ fileSize: said }),
		} as never);
		return { ...inMemory, data: 'filesystem-v2', id: 'filesystem-v2:1' };
	};

	test('stores a file that n8n has in memory', async () => {
		expect(outputOf(await upload())).toMatchObject({
			volid: 'local:iso/my_a.iso',
			name: 'my_a.iso',
			size: bytes.length,
			reused: false,
			taskStatus: 'ok',
			upid: expect.stringContaining(':imgcopy:') as string,
		});
		expect(stored().equals(bytes)).toBe(true);
	});

	test('stores a file that n8n gives as a stream, byte for byte', async () => {
		const binary = asStream(bytes.length, () => [bytes.subarray(0, 7), bytes.subarray(7)]);
		outputOf(await upload({}, { checksum: sha256, 'checksum-algorithm': 'sha256' }, binary));
		expect(stored().equals(bytes)).toBe(true);
	});

	test('reads a large file only as fast as it is sent, and stops when it is cancelled', async () => {
		const chunk = Buffer.alloc(64 * 1024);
		const count = 1_024;
		let read = 0;
		function* chunks() {
			for (read = 0; read < count; read++) yield chunk;
		}
		// The server takes the request, and reads nothing of its body.
		lab.emulator.faults.onRequest({ method: 'POST', path: /upload$/, effect: 'hang' });
		const controller = new AbortController();
		const running = upload({}, {}, asStream(chunk.length * count, chunks), controller.signal);
		let before = -1;
		await until(() => {
			const isStill = uploads().length > 0 && read > 0 && read === before;
			before = read;
			return isStill;
		});
		controller.abort();
		await running;
		expect(read).toBeLessThan(count / 2);
		expect(files()).not.toContain('local:iso/my_a.iso');
	});

	test('a stream that ends early stores nothing', async () => {
		const binary = asStream(bytes.length, () => [bytes.subarray(7)], bytes.length);
		expect(textOf(await upload({}, {}, binary))).toContain('but it has');
		expect(files()).not.toContain('local:iso/my_a.iso');
	});

	test('sends the fields in the order that Proxmox reads', async () => {
		outputOf(await upload({}, { checksum: sha256, 'checksum-algorithm': 'sha256' }));
		expect(uploads()[0]?.body).toBe(
			`content=iso&checksum-algorithm=sha256&checksum=${sha256}&filename=my_a.iso&(${bytes.length} bytes)`,
		);
	});

	test.each<[string, IDataObject, IDataObject, RegExp]>([
		['no such field', { binaryPropertyName: 'file' }, {}, /Input Binary Field.*there is no "file"/],
		['a name with a wrong ending', {}, { filename: 'a.qcow2' }, /File Name.*must end in \.iso/],
		['the wrong content', { content: 'import' }, {}, /which is the name of the binary file/],
		['a checksum without an algorithm', {}, { checksum: sha256 }, /Checksum Algorithm/],
		[
			'a checksum that is cut off',
			{},
			{ checksum: sha256.slice(1), 'checksum-algorithm': 'sha256' },
			/Checksum must be 64 hexadecimal digits/,
		],
	])('refuses %s before any request', async (_title, more, options, words) => {
		expect(textOf(await upload(more, options))).toMatch(words);
		expect(lab.emulator.requests).toEqual([]);
	});

	test('a wrong checksum stores nothing, and keeps the old file', async () => {
		const wrong = { checksum: 'b'.repeat(64), 'checksum-algorithm': 'sha256' };
		expect(textOf(await upload({}, wrong))).toMatch(
			/checksum of the uploaded file differs.*Nothing was stored/,
		);
		outputOf(await upload());
		const replace = await upload({ ifExists: 'replace' }, wrong);
		expect(textOf(replace)).toContain('local:iso/my_a.iso was not changed');
		expect(stored().equals(bytes)).toBe(true);
	});

	test('Keep warns that a checksum was not compared', async () => {
		outputOf(await upload());
		const sum = { checksum: 'b'.repeat(64), 'checksum-algorithm': 'sha256' };
		expect(outputOf(await upload({ ifExists: 'keep' }, sum))).toMatchObject({
			reused: true,
			taskStatus: 'warnings',
			warnings: ['The image was kept. Its checksum was not compared, only its size.'],
		});
	});

	test('a file that is no such image is not stored', async () => {
		const result = await upload({ content: 'import' }, { filename: 'a.qcow2' });
		expect(textOf(result)).toMatch(/does not match its File Name.*Nothing was stored/);
	});

	test('If Exists keeps, replaces or fails', async () => {
		outputOf(await upload());
		expect(outputOf(await upload({ ifExists: 'keep' }))).toMatchObject({ reused: true });
		expect(textOf(await upload({ ifExists: 'fail' }))).toContain('already exists');
		expect(uploads()).toHaveLength(1);
		const other = { ...inMemory, data: Buffer.from('other').toString('base64') };
		expect(textOf(await upload({ ifExists: 'keep' }, {}, other))).toMatch(/already exists with/);
		outputOf(await upload({ ifExists: 'replace' }, {}, other));
		expect(stored().toString()).toBe('other');
	});

	test.each([false, true])(
		'a lost response is found by its effect: replaced %s',
		async (again) => {
			if (again) {
				outputOf(await upload());
				const volume = lab.emulator.state.volumes.get('local:iso/my_a.iso');
				if (volume) volume.ctime -= 100;
			}
			lab.emulator.faults.onRequest({
				method: 'POST',
				path: /upload$/,
				when: 'after',
				effect: 'reset',
			});
			expect(outputOf(await upload({ ifExists: 'replace' }))).toMatchObject({
				taskStatus: 'warnings',
				size: bytes.length,
				upid: null,
			});
		},
		20_000,
	);

	test('a request that never arrived is not reported as done', async () => {
		outputOf(await upload());
		lab.emulator.faults.onRequest({ method: 'POST', path: /upload$/, effect: 'reset' });
		expect(textOf(await upload({ ifExists: 'replace' }))).toMatch(/was lost.*unknown/s);
		expect(uploads()).toHaveLength(2);
	}, 30_000);

	test('is not sent again with a new ticket: a stream is read only once', async () => {
		const effect = { status: 401, phrase: 'permission denied - invalid PVE ticket' };
		lab.emulator.faults.onRequest({ method: 'POST', path: /upload$/, effect });
		const result = await upload({ authentication: 'password' });
		expect(textOf(result)).toContain('invalid PVE ticket');
		expect(uploads()).toHaveLength(1);
	});

	test('works with user and password', async () => {
		const ticket = { authentication: 'password' };
		expect(outputOf(await upload(ticket))).toMatchObject({ reused: false });
	});
});

describe('Image → Get Many', () => {
	const list = async (filters: IDataObject = {}, more: IDataObject = {}) => {
		const { items, error } = await lab.run({
			resource: 'image',
			operation: 'getAll',
			returnAll: true,
			filters,
			...more,
		} as never);
		if (error) throw error;
		return (items[0] ?? []).map(({ json }) => json);
	};
	beforeEach(async () => {
		await lab.output(download('a.iso', {}, { filename: 'Zzz-1.iso' }));
		await lab.output(download('debian.qcow2', { content: 'import' }));
	});

	test('lists files, and no disks or backups', async () => {
		const contents = (await list()).map(({ content }) => content);
		expect([...new Set(contents)].sort()).toEqual(expect.arrayContaining(['import', 'iso']));
		expect(contents).not.toContain('images');
		expect(contents).not.toContain('backup');
	});

	test.each<[string, IDataObject, string]>([
		['a text in the name', { name: 'zzz' }, 'local:iso/Zzz-1.iso'],
		['a content type', { content: 'import', name: 'debian.q' }, 'local:import/debian.qcow2'],
		['a storage', { storage: picked('local'), name: 'zzz' }, 'local:iso/Zzz-1.iso'],
	])('filters by %s', async (_title, filters, volid) => {
		expect((await list(filters)).map((row) => row.volid)).toEqual([volid]);
	});

	test('returns no more than the limit', async () => {
		expect(await list({}, { returnAll: false, limit: 1 })).toHaveLength(1);
	});

	test('a filter without a value is an error', async () => {
		const filters = { name: '={{ null }}' };
		expect(await fail({ resource: 'image', operation: 'getAll', filters })).toMatch(
			/Name Contains/,
		);
	});
});

describe('Image → Delete', () => {
	const remove = (volid: string) => ({
		resource: 'image',
		operation: 'delete',
		volid: picked(volid),
		options: quick,
	});

	test('deletes the file', async () => {
		await lab.output(download('a.iso'));
		expect(await lab.output(remove('local:iso/a.iso'))).toMatchObject({
			deleted: true,
			volid: 'local:iso/a.iso',
			taskStatus: 'ok',
		});
		expect(files()).not.toContain('local:iso/a.iso');
	});

	test.each([
		'local:100/vm-100-disk-0.raw',
		'local:backup/vzdump-qemu-100.vma',
		'a.iso',
		'={{ undefined }}',
	])('refuses %p before any request', async (volid) => {
		expect(await fail(remove(volid))).toContain('must be the volume ID of an image');
		expect(lab.emulator.requests).toEqual([]);
	});

	test('a lost response is found by its effect', async () => {
		await lab.output(download('a.iso'));
		lab.emulator.faults.onRequest({
			method: 'DELETE',
			path: /content/,
			when: 'after',
			effect: 'reset',
		});
		expect(await lab.output(remove('local:iso/a.iso'))).toMatchObject({
			deleted: true,
			taskStatus: 'warnings',
		});
	}, 20_000);
});

test('downloads can be cancelled', async () => {
	const file = lab.emulator.state.web.get(URL_OF('a.iso'));
	if (file) file.seconds = 10_000;
	const controller = new AbortController();
	const running = lab.engine.runNode({
		parameters: { ...onPve1, ...download('a.iso', {}, { stopOnCancel: true }) } as never,
		credentials: lab.credentials,
		signal: controller.signal,
	});
	await until(() => downloads().some(({ status }) => status === 200));
	controller.abort();
	await running;
	await until(() => lab.emulator.tasks.all().every(({ state }) => state !== 'running'));
	expect(files()).not.toContain('local:iso/a.iso');
});
