import type { INodeParameters } from 'n8n-workflow';

import { openLab, type Lab } from '../support/lab';

let lab: Lab;
beforeEach(async () => {
	lab = await openLab();
});
afterEach(async () => await lab.close());

const picked = (value: string) => ({ __rl: true, mode: 'list', value });
const ARCHIVE = 'local:backup/vzdump-qemu-100-2026_01_02-03_04_05.vma.zst';
const fromJson = (value: object, more: INodeParameters = {}): INodeParameters => ({
	specifyVm: 'json',
	vmJson: JSON.stringify(value),
	...more,
});
const vm = (vmid: unknown) => lab.emulator.state.vms.get(Number(vmid));
const posts = () =>
	lab.emulator.requests
		.filter(({ method }) => method === 'POST')
		.map(({ path, body }) => ({ path: path.replace('/api2/json', ''), body }));

describe('a template', () => {
	it('is made of the VM once it is there, disks included, so that linked clones can be made of it', async () => {
		const item = await lab.output(fromJson({ scsi0: 'local:2', template: true }));
		expect(item).toMatchObject({
			taskStatus: 'ok',
			exitStatus: 'OK',
			upid: expect.stringContaining(':qmcreate:') as string,
		});
		expect(posts()).toEqual([
			{ path: '/nodes/pve1/qemu', body: expect.not.stringContaining('template') as string },
			{ path: `/nodes/pve1/qemu/${String(item.vmid)}/template`, body: '' },
		]);
		expect(vm(item.vmid)?.config).toMatchObject({
			template: 1,
			scsi0: expect.stringContaining('base-') as string,
		});
		const clone = await lab.output({
			operation: 'clone',
			vm: picked(String(item.vmid)),
			full: false,
		});
		expect(vm(clone.vmid)?.config.scsi0).toBeDefined();
	});

	it('is made of a restored VM too', async () => {
		const { vmid } = await lab.output(
			fromJson({ archive: ARCHIVE, template: 1 }, { operation: 'restore' }),
		);
		expect(vm(vmid)?.config).toMatchObject({
			template: 1,
			scsi0: expect.stringContaining('base-') as string,
		});
	});

	it('is not made if it is turned off', async () => {
		const { vmid } = await lab.output(fromJson({ scsi0: 'local:2', template: false }));
		expect(posts()).toHaveLength(1);
		expect(vm(vmid)?.config.template).not.toBe(1);
	});

	it('is created once from an existing VM of the same key', async () => {
		const given = fromJson(
			{ scsi0: 'local:2', template: true },
			{ options: { idempotencyKey: 'golden', ifExists: 'return', maxPollInterval: 0.1 } },
		);
		lab.emulator.faults.onTask({ type: 'qmtemplate', failsBefore: 'no space left' });
		const { error } = await lab.run(given);
		expect(error?.message).toMatch(/^VM \d+ was created, but is not a template: no space left$/);
		expect(error?.description).toContain('use Convert to Template');
		expect(error?.description).toMatch(/UPID:pve1:\S+:qmtemplate:/);

		const { vmid, reused } = await lab.output(given);
		expect(reused).toBe(true);
		expect(vm(vmid)?.config.template).toBe(1);
		expect(await lab.output(given)).toMatchObject({ vmid, reused: true, taskStatus: 'ok' });
	});

	it('is found if the answer to its conversion was lost', async () => {
		lab.emulator.faults.onRequest({
			method: 'POST',
			path: /\/template$/,
			when: 'after',
			effect: 'reset',
		});
		const { vmid } = await lab.output(fromJson({ scsi0: 'local:2', template: true }));
		expect(vm(vmid)?.config.template).toBe(1);
		expect(posts()).toHaveLength(2);
	});

	it('shows in the preview', async () => {
		const preview = await lab.output(
			fromJson({ vmid: 4711, template: true }, { options: { preview: true } }),
		);
		expect(preview).toMatchObject({
			body: { vmid: '4711' },
			afterwards: [expect.objectContaining({ path: '/api2/json/nodes/pve1/qemu/4711/template' })],
		});
	});

	it.each([
		[{ start: true }, {}, 'Start After Creation (start) cannot be set with Template'],
		[
			{},
			{ options: { waitUntil: 'nothing' } },
			'Template (template) cannot be combined with Options → Wait Until → Nothing',
		],
	])('is refused with %j and %j before any request', async (settings, more, message) => {
		expect(
			(await lab.run(fromJson({ template: true, ...settings }, more))).error?.message,
		).toContain(message);
		expect(lab.emulator.requests).toEqual([]);
	});
});
