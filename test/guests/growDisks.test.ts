import type { INodeParameters, NodeApiError } from 'n8n-workflow';

import { openLab, type Lab } from '../support/lab';

let lab: Lab;
beforeEach(async () => {
	lab = await openLab();
});
afterEach(async () => await lab.close());

const IMAGE = 'local:import/cloud.qcow2';
const imported = (size?: string) => ({ file: 'local:0', 'import-from': IMAGE, size });
const fromJson = (value: object, more: INodeParameters = {}): INodeParameters => ({
	specifyVm: 'json',
	vmJson: JSON.stringify(value),
	...more,
});
const vm = (vmid: unknown) => lab.emulator.state.vms.get(Number(vmid));
const changes = () =>
	lab.emulator.requests
		.filter(({ method }) => method !== 'GET')
		.map(({ method, path }) => `${method} ${path.replace(/^.*\/qemu/, '')}`);
const tasksOf = (vmid: unknown) =>
	[...lab.emulator.tasks.all()]
		.filter(({ upid }) => upid.includes(`:${String(vmid)}:`))
		.map(({ upid }) => upid.split(':')[5]);

describe('the size of a disk from an image', () => {
	it('is reached before the first start', async () => {
		const item = await lab.output(fromJson({ scsi0: imported('20G'), start: true }));
		expect(vm(item.vmid)).toMatchObject({
			status: 'running',
			config: { scsi0: expect.stringContaining('size=20G') as string },
		});
		expect(changes()).toEqual([
			'POST ',
			`PUT /${String(item.vmid)}/resize`,
			`POST /${String(item.vmid)}/status/start`,
		]);
		expect(tasksOf(item.vmid)).toEqual(['qmstart', 'resize', 'qmcreate']);
		expect(item).toMatchObject({
			taskStatus: 'ok',
			warnings: [],
			upid: expect.stringContaining(':qmcreate:') as string,
			startUpid: expect.stringContaining(':qmstart:') as string,
		});
	});

	it('is that of the image if none is given', async () => {
		const { vmid } = await lab.output(fromJson({ scsi0: imported(), start: true }));
		expect(changes()).toEqual(['POST ']);
		expect(vm(vmid)?.status).toBe('running');
	});

	it('is reached on each disk, and the VM stays off without Start After Creation', async () => {
		const { vmid } = await lab.output(fromJson({ scsi0: imported('3G'), virtio1: imported('4G') }));
		expect(vm(vmid)).toMatchObject({
			status: 'stopped',
			config: {
				scsi0: expect.stringContaining('size=3G') as string,
				virtio1: expect.stringContaining('size=4G') as string,
			},
		});
	});

	it('is never made smaller than the image, and a warning says so', async () => {
		const { vmid, warnings } = await lab.output(fromJson({ scsi0: imported('1K') }));
		expect(changes()).toEqual(['POST ']);
		expect(vm(vmid)?.config.scsi0).toMatch(/size=\d+[MG]/);
		expect(warnings).toEqual([
			expect.stringMatching(/^scsi0 has \d+[MG], because its image is larger than 1K$/),
		]);
	});

	it('is reached before a template is made', async () => {
		const { vmid } = await lab.output(fromJson({ scsi0: imported('5G'), template: true }));
		expect(vm(vmid)?.config).toMatchObject({
			template: 1,
			scsi0: expect.stringContaining('size=5G') as string,
		});
	});

	it('needs a wait for the task', async () => {
		const { error } = await lab.run(
			fromJson({ scsi0: imported('5G') }, { options: { waitUntil: 'nothing' } }),
		);
		expect(error?.message).toMatch(
			/^SCSI Disk scsi0 cannot be combined with Options → Wait Until → Nothing/,
		);
		expect(lab.emulator.requests).toEqual([]);
	});

	it('that cannot be reached leaves a VM that is off, and the error says what to do', async () => {
		lab.emulator.faults.onTask({ type: 'resize', failsBefore: 'no space left' });
		const { error } = await lab.run(fromJson({ scsi0: imported('20G'), start: true }));
		const [created] = [...lab.emulator.state.vms.values()].slice(-1);
		expect(created?.status).toBe('stopped');
		expect(error?.message).toMatch(
			/^VM \d+ was created, but scsi0 was not grown to 20G: no space left/,
		);
		expect((error as NodeApiError).description).toMatch(
			/VM \d+ exists on pve1: use Resize Disk, then Start, or delete it before you run this again\./,
		);
	});

	it.each(['before', 'after'] as const)(
		'is reached once if the response is lost %s the change',
		async (when) => {
			lab.emulator.faults.onRequest({ method: 'PUT', path: /\/resize$/, when, effect: 'reset' });
			const { vmid } = await lab.output(fromJson({ scsi0: imported('20G'), start: true }));
			expect(vm(vmid)?.config.scsi0).toContain('size=20G');
			expect(tasksOf(vmid).filter((type) => type === 'resize')).toHaveLength(1);
			expect(vm(vmid)?.status).toBe('running');
		},
	);

	it.each([
		['nothing in its guest', {}],
		['its address', { waitUntil: 'ip', readyTimeout: 30 }],
		['the end of cloud-init', { waitUntil: 'cloudInit', readyTimeout: 30, ifNotReady: 'fail' }],
	])(
		'and a VM that stops right after its start are an error, waiting for %s',
		async (_what, options) => {
			lab.emulator.state.boot = (started) => void (started.status = 'stopped');
			const { error } = await lab.run(
				fromJson({ scsi0: imported('20G'), start: true, agent: 1 }, { options: { ...options } }),
			);
			expect(error?.message).toMatch(
				/^VM \d+ was created, but is not running: The start ended with OK/,
			);
		},
	);

	it('shows in the preview with all requests that follow', async () => {
		const preview = await lab.output(
			fromJson({ vmid: 4711, scsi0: imported('20G'), start: true }, { options: { preview: true } }),
		);
		expect(preview.body).toEqual(
			expect.objectContaining({ scsi0: `local:0,import-from=${IMAGE}` }) as object,
		);
		expect(preview.body).not.toHaveProperty('start');
		expect(preview.afterwards).toEqual([
			{
				method: 'PUT',
				path: '/api2/json/nodes/pve1/qemu/4711/resize',
				body: { disk: 'scsi0', size: '20G' },
				command: 'pvesh set /nodes/pve1/qemu/4711/resize --disk scsi0 --size 20G',
			},
			{
				method: 'POST',
				path: '/api2/json/nodes/pve1/qemu/4711/status/start',
				body: {},
				command: 'pvesh create /nodes/pve1/qemu/4711/status/start',
			},
		]);
	});
});

describe('a second delivery of the idempotency key', () => {
	const keyed = (value: object) =>
		fromJson(value, {
			options: { idempotencyKey: 'order-7', ifExists: 'return', maxPollInterval: 0.1 },
		});

	it('does what the first one could not do any more', async () => {
		lab.emulator.faults.onTask({ type: 'resize', failsBefore: 'no space left' });
		const vmOfKey = keyed({ scsi0: imported('20G'), start: true });
		expect((await lab.run(vmOfKey)).error?.message).toContain('was not grown to 20G');
		const { vmid, reused } = await lab.output(vmOfKey);
		expect(reused).toBe(true);
		expect(vm(vmid)).toMatchObject({
			status: 'running',
			config: { scsi0: expect.stringContaining('size=20G') as string },
		});
	});

	it('leaves a VM off that was started and stopped since', async () => {
		const vmOfKey = keyed({ scsi0: imported('20G'), start: true });
		const { vmid } = await lab.output(vmOfKey);
		await lab.output({ operation: 'stop', vm: { __rl: true, mode: 'id', value: String(vmid) } });
		const again = await lab.output(vmOfKey);
		expect(again).toMatchObject({ vmid, reused: true });
		expect(again.warnings).toEqual([`VM ${String(vmid)} already exists and is not running`]);
		expect(vm(vmid)?.status).toBe('stopped');
	});

	it.each<[string, (config: Record<string, unknown>) => void]>([
		['its disk moved', (config) => delete config.scsi0],
		['the size asked for is another', () => undefined],
	])('leaves the disks of a VM alone that runs: %s', async (_what, change) => {
		const { vmid } = await lab.output(keyed({ scsi0: imported('20G'), start: true }));
		change(vm(vmid)?.config as Record<string, unknown>);
		expect(await lab.output(keyed({ scsi0: imported('30G'), start: true }))).toMatchObject({
			vmid,
			reused: true,
		});
		expect(tasksOf(vmid).filter((type) => type === 'resize')).toHaveLength(1);
	});

	it('is no failure if the other one makes the template meanwhile', async () => {
		const vmOfKey = keyed({ scsi0: imported('20G'), template: true });
		const results = await Promise.all([lab.run(vmOfKey), lab.run(vmOfKey)]);
		expect(results.map(({ error }) => error)).toEqual([undefined, undefined]);
		expect(vm(results[0]?.items[0]?.[0]?.json.vmid)?.config.template).toBe(1);
	});
});
