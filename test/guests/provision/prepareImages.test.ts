import type { IDataObject, INodeParameters, NodeApiError } from 'n8n-workflow';

import { clusterState } from '../../../tools/emulator';
import { addOva } from '../../support/addOva';
import { openLab, postApi, type Lab } from '../../support/lab';

const URL_OF = (name: string) => `https://images.example/${name}`;
const picked = (value: string) => ({ __rl: true, mode: 'list', value });
const SHA = 'a'.repeat(64);
const GIB = 1024 ** 3;

let lab: Lab;
/** A cluster whose storage `local` takes everything, and a web with images. */
async function open(options: Parameters<typeof openLab>[0] = {}): Promise<void> {
	lab = await openLab(options);
	const { web, storages } = lab.emulator.state;
	const disk = { format: 'qcow2', size: 2 * GIB };
	web.set(URL_OF('debian.qcow2'), { size: 1_000, sums: { sha256: SHA }, disk, boots: true });
	web.set(URL_OF('noble.img'), { size: 1_000, sums: {}, disk });
	web.set(URL_OF('get'), { size: 1_000, sums: {}, disk, name: 'by server.qcow2' });
	web.set(URL_OF('half.qcow2'), { size: 1_000, sums: {}, disk, breaksOff: true });
	if (options.state) return;
	for (const storage of storages.values())
		storage.content = storage.content.filter((one) => one !== 'import');
	storages.get('local')?.content.push('import', 'iso', 'images');
}
beforeEach(async () => await open());
afterEach(async () => await lab.close());

const quick = { maxPollInterval: 0.1 };
/** A VM from an image, as the panel has it. */
const fromUrl = (
	url = 'debian.qcow2',
	more: INodeParameters = {},
	download: IDataObject = {},
): INodeParameters => ({
	profile: 'linuxCloudImage',
	diskSource: 'url',
	imageUrl: url.includes(':') ? url : URL_OF(url),
	storage: picked('local'),
	moreSettings: ['imageDownload'],
	imageDownload: download as never,
	options: quick,
	...more,
});
const changes = () =>
	lab.emulator.requests
		.filter(({ method }) => method !== 'GET')
		.map(({ method, path }) => `${method} ${path.replace(/^.*\/nodes\/\w+/, '')}`);
const downloads = () => lab.emulator.requests.filter(({ path }) => path.endsWith('/download-url'));
const images = () =>
	[...lab.emulator.state.volumes.keys()].filter((volid) => volid.includes(':import/'));
const vm = (vmid: unknown) => lab.emulator.state.vms.get(Number(vmid));
const failure = async (parameters: INodeParameters): Promise<string> => {
	const { error } = await lab.run(parameters);
	return `${error?.message}\n${String((error as NodeApiError | undefined)?.description)}`;
};

describe('a VM from an image URL', () => {
	it('is created from the image that its node downloads', async () => {
		const before = images();
		const output = await lab.output(fromUrl('debian.qcow2', { diskSize: 20, start: true }));
		expect(output).toMatchObject({
			taskStatus: 'ok',
			warnings: [],
			images: [
				{
					volid: 'local:import/debian.qcow2',
					reused: false,
					upid: expect.stringContaining(':download:debian.qcow2:') as string,
				},
			],
			upid: expect.stringContaining(':qmcreate:') as string,
		});
		expect(changes()).toEqual([
			'POST /storage/local/download-url',
			'POST /qemu',
			`PUT /qemu/${String(output.vmid)}/resize`,
			`POST /qemu/${String(output.vmid)}/status/start`,
		]);
		expect(Object.fromEntries(new URLSearchParams(downloads()[0]?.body))).toEqual({
			url: URL_OF('debian.qcow2'),
			content: 'import',
			filename: 'debian.qcow2',
		});
		expect(images()).toEqual([...before, 'local:import/debian.qcow2']);
		expect(vm(output.vmid)).toMatchObject({
			status: 'running',
			config: { scsi0: expect.stringContaining('size=20G') as string },
		});
	});

	it('uses the image that an earlier one has left', async () => {
		await lab.output(fromUrl());
		expect(await lab.output(fromUrl())).toMatchObject({
			images: [{ volid: 'local:import/debian.qcow2', reused: true, upid: null }],
			reused: false,
		});
		expect(downloads()).toHaveLength(1);
	});

	it('shares the download with other items of the run', async () => {
		const { items } = await lab.run(fromUrl(), [{}, {}, {}]);
		expect(items[0]?.map(({ json }) => (json.images as IDataObject[])[0]?.reused).sort()).toEqual([
			false,
			true,
			true,
		]);
		expect(downloads()).toHaveLength(1);
	});

	it('is not created from the image that another item has from another URL', async () => {
		const url = (name: string) => `https://${name}.example/a/disk.qcow2`;
		const image = { size: 1_000, sums: {}, disk: { format: 'qcow2', size: GIB } };
		lab.emulator.state.web.set(url('one'), image);
		const { error, items } = await lab.run(
			fromUrl('', { imageUrl: '={{ $json.url }}', options: { ...quick, maxParallel: 1 } }),
			[url('one'), `${url('one')}?sig=2`, url('two')].map((one) => ({ url: one })),
			{ onError: 'continueRegularOutput' },
		);
		expect(error).toBeUndefined();
		expect(
			items[0]?.map(({ json }) => (json.error as IDataObject | undefined)?.message ?? json.reused),
		).toEqual([
			false,
			false,
			expect.stringContaining(
				'local:import/disk.qcow2 is the image of another item of this run, from https://one.example/a/disk.qcow2',
			),
		]);
		expect(downloads()).toHaveLength(1);
	});

	it('waits for a download of the same image that another worker has started', async () => {
		const file = lab.emulator.state.web.get(URL_OF('debian.qcow2'));
		if (file) file.seconds = 5;
		await postApi(lab.emulator, '/nodes/pve1/storage/local/download-url', {
			url: URL_OF('debian.qcow2'),
			content: 'import',
			filename: 'debian.qcow2',
		});
		expect(await lab.output(fromUrl())).toMatchObject({ images: [{ reused: true }] });
		expect(downloads()).toHaveLength(1);
	});

	it.each<[string, string, IDataObject, string]>([
		['is called .img', 'noble.img', {}, 'local:import/noble.qcow2'],
		['has a File Name', 'noble.img', { filename: 'my image.qcow2' }, 'local:import/my_image.qcow2'],
		['is named by the server', 'get', {}, 'local:import/by_server.qcow2'],
		[
			'has an Image Storage',
			'debian.qcow2',
			{ storage: picked('shared') },
			'shared:import/debian.qcow2',
		],
	])('takes an image that %s', async (_what, url, download, volid) => {
		const { state } = lab.emulator;
		const local = state.storages.get('local');
		if (local && download.storage) {
			state.storages.set('shared', { ...local, storage: 'shared' });
		}
		const { vmid, images } = await lab.output(fromUrl(url, {}, download));
		expect(images).toMatchObject([{ volid }]);
		expect(vm(vmid)?.config.scsi0).toContain('local:');
	});

	it('takes the first storage that holds images to import', async () => {
		const { state } = lab.emulator;
		const local = state.storages.get('local');
		if (local) {
			state.storages.set('aaa', { ...local, storage: 'aaa', content: ['import'] });
			state.storages.set('aa', { ...local, storage: 'aa', content: ['iso'] });
		}
		expect(await lab.output(fromUrl())).toMatchObject({
			images: [{ volid: 'aaa:import/debian.qcow2' }],
		});
	});

	it('has the checksum compared, also of an image that is there', async () => {
		const sum = (checksum: string) => ({ checksum, 'checksum-algorithm': 'sha256' });
		expect(await lab.output(fromUrl('debian.qcow2', {}, sum(SHA)))).toMatchObject({
			taskStatus: 'ok',
		});
		expect(await lab.output(fromUrl('debian.qcow2', {}, sum(SHA)))).toMatchObject({
			images: [{ reused: true, upid: expect.stringContaining(':download:') as string }],
			upid: expect.stringContaining(':qmcreate:') as string,
		});
		const vms = lab.emulator.state.vms.size;
		expect(await failure(fromUrl('debian.qcow2', {}, sum('b'.repeat(64))))).toMatch(
			/does not have this checksum.*No VM was created\./s,
		);
		expect(lab.emulator.state.vms.size).toBe(vms);
	});

	it.each([
		'https://user:s3cret-word@host/a.qcow2',
		'https://host/a.qcow2?X-Amz-Signature=s3cret-word',
	])('keeps what is secret in its URL out of preview, errors and logs: %s', async (imageUrl) => {
		lab.emulator.state.web.set(imageUrl, {
			size: 1_000,
			sums: {},
			disk: { format: 'qcow2', size: 1_000 },
		});
		const preview = await lab.output(fromUrl(imageUrl, { options: { ...quick, preview: true } }));
		expect(JSON.stringify(preview)).toContain('https://');
		lab.emulator.faults.onTask({ type: 'download', failsWithin: `no access to ${imageUrl}` });
		const error = await failure(fromUrl(imageUrl));
		expect(error).toContain('no access to');
		expect(downloads()).toHaveLength(1);
		for (const shown of [JSON.stringify(preview), error])
			expect(shown).not.toContain('s3cret-word');
	});

	it('shows in the preview, and nothing is sent', async () => {
		const preview = await lab.output(
			fromUrl(
				'debian.qcow2',
				{ diskSize: 8, start: true, options: { preview: true } },
				{ checksum: SHA, 'checksum-algorithm': 'sha256' },
			),
		);
		const body = {
			url: URL_OF('debian.qcow2'),
			content: 'import',
			filename: 'debian.qcow2',
			checksum: SHA,
			'checksum-algorithm': 'sha256',
		};
		expect(preview.beforehand).toEqual([
			{
				method: 'POST',
				path: '/api2/json/nodes/pve1/storage/IMAGE_STORAGE/download-url',
				body,
				command: `pvesh create /nodes/pve1/storage/IMAGE_STORAGE/download-url ${Object.entries(body)
					.map(([name, value]) => `--${name} ${value}`)
					.join(' ')}`,
			},
		]);
		expect(preview.body).toMatchObject({
			scsi0: expect.stringContaining('import-from=IMAGE_STORAGE:import/debian.qcow2') as string,
		});
		expect((preview.afterwards as IDataObject[]).map(({ path }) => path)).toEqual([
			expect.stringMatching(/\/resize$/),
			expect.stringMatching(/\/status\/start$/),
		]);
		expect(lab.emulator.requests).toEqual([]);
	});

	it.each<[string, INodeParameters, IDataObject, RegExp]>([
		['a URL of blanks', { imageUrl: ' ' }, {}, /^Image URL is needed/],
		['an expression without a value', { imageUrl: '={{ undefined }}' }, {}, /^Image URL /],
		['another scheme', { imageUrl: 'ftp://host/a.qcow2' }, {}, /^Image URL must/],
		['an OVA', { imageUrl: URL_OF('a.ova') }, {}, /^Image URL is an OVA.*Virtual Machine → Import/],
		['an ISO image', { imageUrl: URL_OF('a.iso') }, {}, /^Image URL is an ISO image/],
		['a compressed image', { imageUrl: URL_OF('a.raw.xz') }, {}, /^Image URL is a compressed file/],
		['a wrong File Name', {}, { filename: 'a.txt' }, /^Image Download → File Name must end in/],
		['an OVA as File Name', {}, { filename: 'a.ova' }, /^Image Download → File Name must end in/],
		['a checksum alone', {}, { checksum: SHA }, /Checksum Algorithm is needed with/],
		['an empty checksum', {}, { checksum: '' }, /^Image Download → Checksum has no value/],
		[
			'a checksum of another algorithm',
			{},
			{ checksum: SHA, 'checksum-algorithm': 'sha512' },
			/^Image Download → Checksum must be 128 hexadecimal digits for sha512/,
		],
		['no storage for the disk', { storage: picked('={{ "" }}') }, {}, /^Storage is needed/],
	])('is refused before any request with %s', async (_what, more, download, words) => {
		expect(await failure(fromUrl('debian.qcow2', more, download))).toMatch(words);
		expect(lab.emulator.requests).toEqual([]);
	});

	it('is not created if its download fails', async () => {
		const vms = lab.emulator.state.vms.size;
		expect(await failure(fromUrl('half.qcow2'))).toMatch(
			/was interrupted\. Run this step again\. Nothing was stored\. No VM was created\./,
		);
		expect(changes()).toEqual(['POST /storage/local/download-url']);
		expect(lab.emulator.state.vms.size).toBe(vms);
	});

	it('that is refused leaves the image, and the error says so', async () => {
		const text = await failure(fromUrl('debian.qcow2', { storage: picked('nosuch') }));
		expect(text).toContain('The image local:import/debian.qcow2 is stored, and is used again.');
		expect(text).not.toContain(':download:');
		expect(images()).toContain('local:import/debian.qcow2');
	});

	it('needs a storage with the content Import', async () => {
		for (const storage of lab.emulator.state.storages.values())
			storage.content = storage.content.filter((one) => one !== 'import');
		expect(await failure(fromUrl())).toMatch(
			/pve1 has no storage with the content Import.*Datacenter → Storage → Edit.*Image Download → Image Storage/s,
		);
		expect(changes()).toEqual([]);
	});

	it('of an idempotency key is not downloaded again for the second delivery', async () => {
		const keyed = fromUrl('debian.qcow2', {
			options: { ...quick, idempotencyKey: 'order-1', ifExists: 'return' },
		});
		const { vmid } = await lab.output(keyed);
		lab.emulator.state.volumes.delete('local:import/debian.qcow2');
		expect(await lab.output(keyed)).toMatchObject({ vmid, reused: true });
		expect(downloads()).toHaveLength(1);
	});
});

/** A VM as JSON. */
const fromJson = (json: object, more: INodeParameters = {}): INodeParameters => ({
	profile: 'json',
	vmJson: JSON.stringify(json),
	options: quick,
	...more,
});
/** Disks of the list from images. */
const listed = (...urls: string[]): INodeParameters => ({
	moreSettings: ['disks', 'imageDownload'],
	diskList: {
		values: urls.map((imageUrl) => ({
			source: 'url',
			imageUrl,
			storage: picked('local'),
			size: '',
			options: {},
		})),
	},
});
const DATA = `${URL_OF('data.qcow2')}?v=1`;
const addData = (file: object = {}) =>
	lab.emulator.state.web.set(URL_OF('data.qcow2'), {
		size: 1_000,
		sums: { sha256: SHA },
		disk: { format: 'qcow2', size: GIB },
		...file,
	});

describe('several images by URL', () => {
	const both = [
		{ volid: 'local:import/debian.qcow2', reused: false },
		{ volid: 'local:import/data.qcow2', reused: false },
	];
	const withSum = `${DATA}#sha256=${SHA}`;

	it('of the fields are downloaded once each, also one that two disks are copies of', async () => {
		addData();
		const sum = { checksum: SHA, 'checksum-algorithm': 'sha256' };
		const { images: used, vmid } = await lab.output(
			fromUrl('debian.qcow2', listed(withSum, withSum), sum),
		);
		expect(used).toMatchObject(both);
		expect(changes()).toEqual([
			'POST /storage/local/download-url',
			'POST /storage/local/download-url',
			'POST /qemu',
			`PUT /qemu/${String(vmid)}/resize`,
		]);
		const [, data] = downloads();
		expect(Object.fromEntries(new URLSearchParams(data?.body))).toEqual({
			url: DATA,
			content: 'import',
			filename: 'data.qcow2',
			...sum,
		});
		const size = (gib: number) => expect.stringContaining(`size=${gib}G`) as string;
		expect(vm(vmid)?.config).toMatchObject({ scsi0: size(32), scsi1: size(1), scsi2: size(1) });
	});

	it('are given in JSON, and as property strings', async () => {
		addData();
		const disks = {
			scsi0: { file: 'local:0', 'import-from': URL_OF('debian.qcow2'), size: '20G' },
			virtio0: `local:0,import-from=${withSum},serial=a%20b`,
		};
		const preview = await lab.output(fromJson(disks, { options: { preview: true } }));
		expect(preview).toMatchObject({
			beforehand: [{ body: { filename: 'debian.qcow2' } }, { body: { url: DATA, checksum: SHA } }],
			body: {
				virtio0: 'local:0,serial=a%20b,import-from=IMAGE_STORAGE:import/data.qcow2',
			},
		});
		expect(lab.emulator.requests).toEqual([]);
		const { images: used, vmid } = await lab.output(fromJson(disks));
		expect(used).toMatchObject(both);
		expect(vm(vmid)?.config).toMatchObject({
			scsi0: expect.stringContaining('size=20G') as string,
			virtio0: expect.stringMatching(/serial=a%20b,size=1G$/) as string,
		});
	});

	it('may be that of a disk which Import replaces', async () => {
		addData();
		const { images: used, vmid } = await lab.output({
			operation: 'import',
			importFrom: picked(addOva(lab.emulator)),
			storage: picked('local'),
			bridge: picked(''),
			otherParameters: {
				values: [{ parameter: 'scsi', slot: 1, value: `local:0,import-from=${DATA}` }],
			},
			options: quick,
		});
		expect(used).toMatchObject([{ volid: 'local:import/data.qcow2' }]);
		expect(vm(vmid)?.config.scsi1).toContain('size=1G');
	});

	it('are kept if a later one fails, and the error says so', async () => {
		addData({ sums: { sha256: 'b'.repeat(64) } });
		const text = await failure(fromUrl('debian.qcow2', listed(withSum)));
		expect(text).toMatch(/checksum mis+match.*No VM was created\./s);
		expect(text).toContain('The image local:import/debian.qcow2 is stored, and is used again.');
		expect(changes()).not.toContain('POST /qemu');
	});

	it('are none of one name, also if the server gives it', async () => {
		const named = (name: string) =>
			lab.emulator.state.web.set(URL_OF(name), {
				size: 1_000,
				sums: {},
				disk: { format: 'qcow2', size: GIB },
				name: 'disk.qcow2',
			});
		named('one');
		named('two');
		expect(await failure(fromUrl('one', listed(URL_OF('two'))))).toMatch(
			/^Two images of this VM would be stored as local:import\/disk\.qcow2.*No VM was created\./s,
		);
		expect(changes()).toEqual(['POST /storage/local/download-url']);
	});

	const importFrom = (url: string) => ({ scsi0: { file: 'local:0', 'import-from': url } });
	it.each<[string, INodeParameters, RegExp]>([
		['no URL in the list', fromUrl('debian.qcow2', listed(' ')), /^Disk 1 → Image URL is needed/],
		[
			'an OVA in the list',
			fromUrl('debian.qcow2', listed(URL_OF('a.ova'))),
			/^Disk 1 → Image URL is an OVA/,
		],
		[
			'an ISO image in JSON',
			fromJson(importFrom(URL_OF('a.iso'))),
			/^SCSI Disk scsi0 → Import From is an ISO image/,
		],
		[
			'another scheme, whose password is not shown',
			fromJson(importFrom('ftp://user:s3cret-word@host/a.qcow2')),
			/^SCSI Disk scsi0 → Import From must be(?!.*(?:s3cret-word|is a URL))/s,
		],
		[
			'a URL in place of a volume, whose password is not shown',
			fromJson({ scsi0: 'https://user:s3cret-word@host/a.qcow2?v=1' }),
			/^SCSI Disk scsi0 → (?!.*s3cret-word)/s,
		],
		[
			'an unknown checksum',
			fromUrl('debian.qcow2', listed(`${DATA}#sha512256=${SHA}`)),
			/^Disk 1 → Image URL ends in "#sha512256=a+…", which must be the checksum/,
		],
		[
			'a checksum that is cut off',
			fromUrl('debian.qcow2', listed(`${DATA}#sha256=${SHA.slice(1)}`)),
			/^Disk 1 → Image URL ends in a checksum that must be 64 hexadecimal digits for sha256/,
		],
		[
			'two checksums for the first',
			fromUrl(
				`${URL_OF('debian.qcow2')}#sha256=${SHA}`,
				{},
				{ checksum: SHA, 'checksum-algorithm': 'sha256' },
			),
			/^Image Download → Checksum is set twice/,
		],
		[
			'two images of one name',
			fromUrl('debian.qcow2', listed('https://other.example/debian.qcow2')),
			/Import From would be stored as debian\.qcow2, as another image of this VM/,
		],
	])('are refused before any request with %s', async (_what, parameters, words) => {
		expect(await failure(parameters)).toMatch(words);
		expect(lab.emulator.requests).toEqual([]);
	});
});

describe('a download on another node', () => {
	it.each([
		['is awaited if the storage is shared', true, 1],
		['is none of its own if the storage is local', false, 2],
	])('%s', async (_what, shared, count) => {
		await lab.close();
		await open({
			state: clusterState({
				nodes: [{ name: 'pve1' }, { name: 'pve2' }],
				storages: [
					{ storage: 'disks', shared: true, content: ['images'] },
					{ storage: 'images', shared, content: ['import'] },
				],
			}),
		});
		const file = lab.emulator.state.web.get(URL_OF('debian.qcow2'));
		if (file) file.seconds = 60;
		await postApi(lab.emulator, '/nodes/pve1/storage/images/download-url', {
			url: URL_OF('debian.qcow2'),
			content: 'import',
			filename: 'debian.qcow2',
		});
		const { images, node } = await lab.output(
			fromUrl('debian.qcow2', { node: picked('pve2'), storage: picked('disks') }),
		);
		expect([node, (images as IDataObject[])[0]?.reused]).toEqual(['pve2', shared]);
		expect(downloads()).toHaveLength(count);
	});
});

describe('an automatic node', () => {
	const node = (name: string, gib: number) => ({ name, memory: gib * GIB });
	const openFour = async (content: string[]) => {
		await lab.close();
		await open({
			state: clusterState({
				nodes: [node('pve1', 16), node('pve2', 64), node('pve3', 32)],
				storages: [
					{ storage: 'disks', shared: true, content: ['images'] },
					{ storage: 'images', nodes: ['pve1', 'pve3'], content },
				],
			}),
		});
	};
	const automatic = (download: IDataObject = {}) =>
		fromUrl('debian.qcow2', { node: picked(''), storage: picked('disks') }, download);

	it.each<[string, IDataObject]>([
		['left open', {}],
		['chosen', { storage: picked('images') }],
	])('has a storage for the image that is %s', async (_what, download) => {
		await openFour(['import']);
		const { node: chosen } = await lab.output({
			...automatic(download),
			options: { preview: true },
		} as INodeParameters);
		expect(chosen).toBeUndefined();
		expect(
			await lab.output({ ...automatic(download), options: quick } as INodeParameters),
		).toMatchObject({
			node: 'pve3',
			images: [{ volid: 'images:import/debian.qcow2' }],
		});
	});

	it('is none if no node has one, and the error says why', async () => {
		await openFour(['iso']);
		expect(await failure(automatic())).toMatch(
			/pve2: has no storage with the content import that is available/,
		);
		expect(await failure(automatic({ storage: picked('images') }))).toMatch(
			/pve3: its storage images does not accept the content import/,
		);
	});
});

/** A request without what varies. */
const CALL = ({ method, path }: { method: string; path: string }): string =>
	`${method} ${path.replace(/^.*\/nodes\/\w+|^.*\/json/, '').replace(/\/qemu\/\d+/, '/qemu/ID')}`;

it('takes at most 14 requests with a kept image, a larger disk, a start and its address', async () => {
	await lab.close();
	lab = await openLab({ seed: 'demo', taskSeconds: 3 });
	const DEBIAN =
		'https://cloud.debian.org/images/cloud/trixie/latest/debian-13-genericcloud-amd64.qcow2';
	const create = fromUrl(
		DEBIAN,
		{
			node: picked('pve'),
			storage: picked('local-lvm'),
			bridge: { __rl: true, mode: 'name', value: 'vmbr0' },
			diskSize: 20,
			start: true,
			options: { waitUntil: 'ip' },
		},
		{ storage: picked('local') },
	);
	// The calls that a longer boot takes are those of Wait Until.
	lab.emulator.state.boot = () => ({ agentSeconds: 0 });
	// The node learns how long the tasks take.
	await lab.run(create);
	const counted: string[][] = [];
	// A busy machine only adds looks at tasks.
	for (let run = 1; run <= 10 && !counted.some(({ length }) => length <= 14); run++) {
		lab.emulator.requests.splice(0);
		const { items, error } = await lab.run(create);
		expect(error).toBeUndefined();
		expect(items[0]?.[0]?.json).toMatchObject({
			images: [{ reused: true }],
			ipAddresses: [expect.any(String)],
		});
		counted.push(lab.emulator.requests.map(CALL));
	}
	const [fewest = []] = counted.sort((a, b) => a.length - b.length);
	expect(fewest.length > 14 ? fewest : []).toEqual([]);
	expect(fewest.filter((call) => !call.endsWith('/status'))).toEqual([
		'GET /storage/local/content?content=import',
		'GET /cluster/nextid',
		'POST /qemu',
		'GET /qemu/ID/config',
		'PUT /qemu/ID/resize',
		'POST /qemu/ID/status/start',
		'GET /qemu/ID/agent/network-get-interfaces',
	]);
});
