import type { IDataObject, INodeParameters, NodeApiError } from 'n8n-workflow';

import { openLab, type Lab } from '../../support/lab';
import { configOf, newContainer } from '../../support/containerLab';

let lab: Lab;
beforeEach(async () => (lab = await openLab({ seed: 'demo' })));
afterEach(async () => await lab.close());

const TEMPLATE = 'debian-13-standard_13.6-1_amd64.tar.zst';
const IMAGE = 'docker.io/library/nginx:1.29';
const STORED = /^local:vztmpl\/nginx_1\.29_[0-9a-f]{8}\.tar$/;
const named = (value: string, mode = 'name') => ({ __rl: true, mode, value });
const create = (more: INodeParameters, options: IDataObject = {}): INodeParameters => ({
	...newContainer,
	storage: named('local-lvm'),
	...more,
	options: { maxPollInterval: 0.1, ...options } as INodeParameters,
});
const oci = (more: INodeParameters = {}, options?: IDataObject): INodeParameters =>
	create({ ostemplate: named(IMAGE, 'oci'), ...more }, options);
const settings = { entrypoint: 'nginx -g "daemon off;"', env: 'TZ=UTC\nNGINX_VERSION=mine' };
const writes = (): string[] =>
	lab.emulator.requests
		.filter(({ method }) => method !== 'GET')
		.map(({ method, path }) => `${method} ${path.replace(/^.*\/nodes\/pve/, '')}`);
const failure = async (parameters: INodeParameters): Promise<string> => {
	const error = (await lab.run(parameters)).error as NodeApiError | undefined;
	return `${error?.message}\n${String(error?.description)}`;
};

describe('a container from a template that Proxmox offers', () => {
	it('has its node download the template once', async () => {
		const made = await lab.output(create({ ostemplate: named(TEMPLATE), hostname: 'web' }));
		expect(made).toMatchObject({
			name: 'web',
			taskStatus: 'ok',
			images: [
				{
					volid: `local:vztmpl/${TEMPLATE}`,
					reused: false,
					upid: expect.stringContaining(`:download:${TEMPLATE}:`),
				},
			],
		});
		const second = await lab.output(create({ ostemplate: named(TEMPLATE) }));
		expect(second.images).toEqual([
			{ volid: `local:vztmpl/${TEMPLATE}`, reused: true, upid: null },
		]);
		expect(writes()).toEqual(['POST /aplinfo', 'POST /lxc', 'POST /lxc']);
	});

	it('uses a template of that name on any storage, unless Template Storage names one', async () => {
		const { storages, volumes } = lab.emulator.state;
		const local = storages.get('local')!;
		storages.set('nas', { ...local, storage: 'nas', path: '/mnt/nas' });
		const volid = `nas:vztmpl/${TEMPLATE}`;
		const [file] = [...volumes.values()].filter(({ content }) => content === 'vztmpl');
		volumes.set(volid, { ...file!, volid, storage: 'nas' });
		const found = await lab.output(create({ ostemplate: named(TEMPLATE) }));
		expect(found.images).toMatchObject([{ volid, reused: true }]);
		const inLocal = { ostemplate: named(TEMPLATE), templateStorage: named('local') };
		expect((await lab.output(create(inLocal))).images).toMatchObject([
			{ volid: `local:vztmpl/${TEMPLATE}`, reused: false },
		]);
	});

	it('is not created if the node does not know the template', async () => {
		expect(await failure(create({ ostemplate: named('debian-99_amd64.tar.zst') }))).toMatch(
			/not in its list of templates\n.*pveam update on pve\. No CT was created/,
		);
		expect(writes()).toEqual(['POST /aplinfo']);
	});
});

describe('a container from an OCI image', () => {
	it('is made of an image that is pulled once, and gets its settings before its first start', async () => {
		const made = await lab.output(oci({ hostname: 'web', start: true, system: settings }));
		const at = `/lxc/${String(made.vmid)}`;
		expect(writes()).toEqual([
			'POST /storage/local/oci-registry-pull',
			'POST /lxc',
			`PUT ${at}/config`,
			`POST ${at}/status/start`,
		]);
		expect(made).toMatchObject({
			taskStatus: 'ok',
			images: [
				{
					volid: expect.stringMatching(STORED),
					reused: false,
					upid: expect.stringContaining(':ociregistrypull:nginx_1.29_'),
				},
			],
		});
		const { entrypoint, env } = await configOf(lab, made.vmid, 'pve');
		expect(entrypoint).toBe(settings.entrypoint);
		expect(String(env).split('\0')).toEqual([
			expect.stringMatching(/^PATH=/),
			'TZ=UTC',
			'NGINX_VERSION=mine',
		]);
		const second = await lab.output(oci());
		expect(second.images).toMatchObject([{ reused: true, upid: null }]);
		expect(writes().filter((path) => path.endsWith('pull'))).toHaveLength(1);
	});

	it('is named in JSON by a URL', async () => {
		const json = { ostemplate: `docker://${IMAGE}`, rootfs: 'local-lvm:1', hostname: 'web' };
		const { images } = await lab.output(
			create({ profile: 'json', jsonProfile: 'none', vmJson: JSON.stringify(json) }),
		);
		expect(images).toMatchObject([{ volid: expect.stringMatching(STORED) }]);
	});

	it('is shown with its pull and its settings by Preview, without the values of variables', async () => {
		const options = { preview: true, idempotencyKey: 'order-1' };
		const shown = await lab.output(oci({ system: settings, start: true }, options));
		expect(shown).toMatchObject({
			body: { ostemplate: expect.stringMatching(/^TEMPLATE_STORAGE:vztmpl\/nginx_1\.29_/) },
			beforehand: [
				{
					path: '/api2/json/nodes/pve/storage/TEMPLATE_STORAGE/oci-registry-pull',
					body: { reference: IMAGE, filename: expect.not.stringContaining('.tar') },
				},
			],
			afterwards: [
				{ method: 'PUT', body: { entrypoint: settings.entrypoint } },
				{ path: expect.stringMatching(/status\/start$/) },
			],
		});
		expect(shown.body).not.toHaveProperty('start');
		expect(JSON.stringify(shown)).not.toContain('TZ=');
		expect(writes()).toEqual([]);
	});

	it('is completed by the next run with the key, if its settings were refused', async () => {
		lab.emulator.faults.onRequest({
			method: 'PUT',
			path: /\/config$/,
			effect: { status: 500, phrase: 'no luck', body: '{"data":null}' },
		});
		const keyed = oci(
			{ system: settings, start: true },
			{ idempotencyKey: 'order-1', ifExists: 'return' },
		);
		expect(await failure(keyed)).toContain('its settings (entrypoint, env) were not changed');
		const { vmid } = await lab.output(keyed);
		expect(await configOf(lab, vmid, 'pve')).toMatchObject({
			entrypoint: settings.entrypoint,
			description: expect.stringMatching(/^<!-- n8n-key:\w+ -->\n$/),
		});
		expect(writes().filter((path) => path === 'POST /lxc')).toHaveLength(1);
		expect(lab.emulator.state.vms.get(Number(vmid))?.status).toBe('running');
	});

	it('keeps the other variables if it is updated', async () => {
		const update = { ifExists: 'update' };
		const { vmid } = await lab.output(oci({ hostname: 'web', system: settings }, update));
		await lab.output(oci({ hostname: 'web', system: { env: 'A=b' } }, update));
		expect(String((await configOf(lab, vmid, 'pve')).env).split('\0')).toEqual([
			expect.stringMatching(/^PATH=/),
			'TZ=UTC',
			'NGINX_VERSION=mine',
			'A=b',
		]);
	});

	it('is pulled once if the response to the pull is lost', async () => {
		lab.emulator.faults.onRequest({
			method: 'POST',
			path: /oci-registry-pull$/,
			when: 'after',
			effect: 'reset',
		});
		const { images, warnings } = await lab.output(oci());
		expect(images).toMatchObject([{ volid: expect.stringMatching(STORED) }]);
		expect(warnings).toEqual([expect.stringContaining('was lost')]);
		expect(writes()).toEqual(['POST /storage/local/oci-registry-pull', 'POST /lxc']);
	});

	it.each<[string, INodeParameters, string | RegExp]>([
		['without a tag', { ostemplate: named('nginx', 'oci') }, 'must be an OCI image with its tag'],
		[
			'without a wait for its settings',
			{ system: settings, options: { waitUntil: 'nothing' } },
			'Command (entrypoint) cannot be combined with Options → Wait Until → Nothing',
		],
	])('%s is refused before any request', async (_, given, message) => {
		expect(await failure({ ...oci(), ...given })).toMatch(message);
		expect(lab.emulator.requests).toEqual([]);
	});

	it('needs Proxmox VE 9.1', async () => {
		lab.emulator.state.version.version = '9.0.11';
		expect(await failure(oci())).toContain(
			'Template needs Proxmox VE 9.1 or later for an OCI image, and the cluster has 9.0.11',
		);
		expect(writes()).toEqual([]);
	});

	it('that the registry does not have is not created', async () => {
		expect(await failure(oci({ ostemplate: named('docker.io/library/nginx:0', 'oci') }))).toContain(
			'The registry has no such image',
		);
		expect(writes()).toHaveLength(1);
	});
});
