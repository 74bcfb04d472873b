/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a test, neither shipped nor scanned */
import axios from 'axios';
import { Agent } from 'node:https';
import { sleep, type IDataObject, type INodeParameters } from 'n8n-workflow';

import type { ExecutionResult } from '../../tools/harness/runWorkflow';
import { openLab, postApi, readApi, type Lab } from '../support/lab';

let lab: Lab;
beforeEach(async () => {
	lab = await openLab({ taskSeconds: 1 });
});
afterEach(async () => await lab.close());

const VM = '/nodes/pve1/qemu/100';
const picked = (value: unknown) => ({ __rl: true, mode: 'list', value: String(value) });
const on100 = (operation: string, more: INodeParameters = {}): INodeParameters => ({
	resource: 'virtualMachine',
	operation,
	vm: picked(100),
	specifyVm: 'fields',
	...more,
});
const vm = () => {
	const found = lab.emulator.state.vms.get(100);
	if (!found) throw new Error('there is no VM 100');
	return found;
};
const changes = (method: string, path = VM) =>
	lab.emulator.requests.filter(
		(request) => request.method === method && request.path.startsWith(`/api2/json${path}`),
	);
const tasks = (type: string) => lab.emulator.tasks.all().filter((task) => task.type === type);

/** Loses the response to a request that is handled, or (`never`) the request itself. */
const lose = (method: string, path: string, when: 'handled' | 'never', times = 1): void =>
	lab.emulator.faults.onRequest({
		method,
		path,
		times,
		when: when === 'handled' ? 'after' : 'before',
		effect: 'reset',
	});

/** Runs the node, and does something else with the same token as soon as its request is lost. */
async function meanwhile(
	parameters: INodeParameters,
	method: string,
	path: string,
	other: () => Promise<unknown>,
): Promise<ExecutionResult> {
	const before = changes(method, path).length;
	const result = lab.run(parameters);
	while (changes(method, path).length === before) await sleep(5);
	await other();
	return await result;
}

async function put(path: string, form: Record<string, string>): Promise<void> {
	const { url, ca, token } = lab.emulator;
	const headers = { Authorization: `PVEAPIToken=${token.tokenId}=${token.secret}` };
	await axios.put(`${url}/api2/json${path}`, new URLSearchParams(form), {
		headers,
		httpsAgent: new Agent({ ca }),
	});
	await lab.emulator.tasks.settled();
}
const post = async (path: string, form: Record<string, string> = {}): Promise<void> => {
	await postApi(lab.emulator, path, form);
	await lab.emulator.tasks.settled();
};

const outputOf = ({ items, error }: ExecutionResult): IDataObject => {
	if (error) throw error;
	return items[0]?.[0]?.json ?? {};
};
const unknown = (what: string) =>
	`The response to the ${what} was lost. Whether it was executed is unknown`;
const REACHED = 'The requested change is in place';

describe('a lost response to Resize Disk', () => {
	const resize = (size: string) => on100('resizeDisk', { disk: picked('scsi0'), size });
	const WHAT = 'resize of scsi0 of VM 100 on pve1';
	const PATH = `${VM}/resize`;
	const sizeNow = () => /size=([^,]+)/.exec(String(vm().config.scsi0))?.[1];

	it('does not take the +1G of another worker for its own +10G, which it makes', async () => {
		lose('PUT', PATH, 'never');
		const output = outputOf(
			await meanwhile(
				resize('+10G'),
				'PUT',
				PATH,
				async () => await put(PATH, { disk: 'scsi0', size: '+1G' }),
			),
		);
		expect(output).toMatchObject({ taskStatus: 'ok', size: '12G', upid: tasks('resize')[0]?.upid });
		expect(sizeNow()).toBe('12G');
	});

	it('says that it does not know if another worker has added as much', async () => {
		lose('PUT', PATH, 'never');
		const { error } = await meanwhile(
			resize('+10G'),
			'PUT',
			PATH,
			async () => await put(PATH, { disk: 'scsi0', size: '+10G' }),
		);
		expect(error?.message).toBe(unknown(WHAT));
		expect(error).toMatchObject({
			description: expect.stringContaining(tasks('resize')[0]?.upid ?? '') as string,
		});
		expect(sizeNow()).toBe('11G');
	});

	it('says so too if its own may have done it, and does not grow the disk twice', async () => {
		lose('PUT', PATH, 'handled');
		const { error } = await lab.run(resize('+10G'));
		expect(error?.message).toBe(unknown(WHAT));
		expect(sizeNow()).toBe('11G');
	});

	it('sends a request again that never arrived, once', async () => {
		lose('PUT', PATH, 'never', 3);
		expect(await lab.output(resize('+10G'))).toMatchObject({
			taskStatus: 'ok',
			size: '11G',
			upid: tasks('resize')[0]?.upid,
		});
		expect(tasks('resize')).toHaveLength(1);
	});

	it('grows the disk once if the lost request arrives in the end', async () => {
		lose('PUT', PATH, 'never');
		expect(await lab.output(resize('+10G'))).toMatchObject({ size: '11G' });
		await put(PATH, Object.fromEntries(new URLSearchParams(changes('PUT', PATH).at(-1)?.body)));
		expect(sizeNow()).toBe('11G');
	});

	it('knows that a size to reach is reached, without claiming the task', async () => {
		lose('PUT', PATH, 'handled');
		const output = await lab.output(resize('11G'));
		expect(output).toMatchObject({
			taskStatus: 'warnings',
			size: '11G',
			upid: null,
			exitStatus: null,
			startedAt: null,
		});
		expect(output.warnings).toEqual([expect.stringContaining(REACHED)]);
		expect(output.warnings).toEqual([expect.stringContaining(tasks('resize')[0]?.upid ?? '')]);
	});

	it('makes +20G of the +10G of two workers, one after the other in Proxmox', async () => {
		const results = await Promise.all([lab.run(resize('+10G')), lab.run(resize('+10G'))]);
		expect(results.map(({ error }) => error)).toEqual([undefined, undefined]);
		expect(sizeNow()).toBe('21G');
	});

	it('says that it does not know if nothing answers any more', async () => {
		lose('PUT', PATH, 'never', 99);
		const { error } = await lab.run(resize('+10G'));
		expect(error?.message).toBe(unknown(WHAT));
		expect(sizeNow()).toBe('1G');
	});
});

describe('a lost response to Update', () => {
	const PATH = `${VM}/config`;
	const WHAT = 'update of VM 100 on pve1';
	const card = { netList: { values: [{ model: 'virtio', bridge: picked('vmbr0'), options: {} }] } };
	const cards = () =>
		Object.keys({ ...vm().config, ...vm().pending }).filter((name) => /^net\d/.test(name));

	it('is done if all that was sent is there', async () => {
		lose('POST', PATH, 'handled');
		const output = await lab.output(on100('update', { cores: 3, general: { tags: 'b;a' } }));
		expect(output).toMatchObject({ taskStatus: 'warnings', upid: null, pending: [] });
		expect(output.warnings).toEqual([expect.stringContaining(REACHED)]);
		expect(tasks('qmconfig')).toHaveLength(1);
		expect(vm().config).toMatchObject({ cores: 3, tags: 'a;b' });
	});

	it('is sent again if it is not there, though the same token has changed the VM meanwhile', async () => {
		lose('POST', PATH, 'never');
		const result = await meanwhile(
			on100('update', { cores: 3 }),
			'POST',
			PATH,
			async () => await post(PATH, { name: 'other' }),
		);
		expect(outputOf(result)).toMatchObject({ taskStatus: 'ok', upid: tasks('qmconfig')[0]?.upid });
		expect(vm().config).toMatchObject({ cores: 3, name: 'other' });
	});

	it('adds one card if the request never arrived', async () => {
		const before = cards().length;
		lose('POST', PATH, 'never');
		expect(await lab.output(on100('update', card))).toMatchObject({ taskStatus: 'ok' });
		expect(cards()).toHaveLength(before + 1);
	});

	it('adds one card if the lost request arrives in the end', async () => {
		const before = cards().length;
		lose('POST', PATH, 'never');
		await lab.output(on100('update', card));
		await post(
			PATH,
			Object.fromEntries(new URLSearchParams(changes('POST', PATH).at(-1)?.body)),
		).catch(() => undefined);
		expect(cards()).toHaveLength(before + 1);
	});

	it('is not known if a device is added, and a task of the same token may be its own', async () => {
		const before = cards().length;
		lose('POST', PATH, 'handled');
		const { error } = await lab.run(on100('update', card));
		expect(error?.message).toBe(unknown(WHAT));
		expect(cards()).toHaveLength(before + 1);
	});

	it('is not known if another worker has added a disk like it', async () => {
		const disk = {
			diskList: {
				values: [{ source: 'new', storage: picked('local'), size: 1, options: { bus: 'scsi' } }],
			},
		};
		lose('POST', PATH, 'never');
		const { error } = await meanwhile(
			on100('update', disk),
			'POST',
			PATH,
			async () => await post(PATH, { scsi1: 'local:1' }),
		);
		expect(error?.message).toBe(unknown(WHAT));
		expect(Object.keys(vm().config).filter((name) => /^scsi\d/.test(name))).toEqual([
			'scsi0',
			'scsi1',
		]);
	});

	it('is not known if the removal of a disk is lost, and another one is in its place', async () => {
		await post(PATH, { scsi1: 'local:1' });
		lose('POST', PATH, 'handled');
		const { error } = await meanwhile(
			on100('update', { delete: 'scsi1' }),
			'POST',
			PATH,
			async () => {
				await lab.emulator.tasks.settled();
				await post(PATH, { scsi1: 'local:2' });
			},
		);
		expect(error?.message).toBe(unknown(WHAT));
		expect(vm().config.scsi1).toContain('size=2G');
	});

	it('leaves the digest of the user as it is', async () => {
		const { digest } = await readApi(lab.emulator, PATH);
		lose('POST', PATH, 'never');
		const { error } = await meanwhile(
			on100('update', { cores: 3, options: { digest: String(digest) } }),
			'POST',
			PATH,
			async () => await post(PATH, { name: 'other' }),
		);
		expect(error?.message).toContain('checksum mismatch');
		expect(vm().config).not.toMatchObject({ cores: 3 });
		// The lost one, that of the other, and one more to see what Proxmox says.
		expect(changes('POST', PATH)).toHaveLength(3);
	});

	it('is found if the user named the digest', async () => {
		const { digest } = await readApi(lab.emulator, PATH);
		lose('POST', PATH, 'handled');
		expect(
			await lab.output(on100('update', { cores: 3, options: { digest: String(digest) } })),
		).toMatchObject({ taskStatus: 'warnings', upid: null });
	});
});

describe('a lost response to a change of power', () => {
	const status = (what: string) => `${VM}/status/${what}`;

	it.each([
		['start', 'stopped', 'running'],
		['stop', 'running', 'stopped'],
		['shutdown', 'running', 'stopped'],
	] as const)('to %s is done if the VM is so, and claims no task', async (what, from, to) => {
		vm().agentRuns = true;
		if (from === 'running') await post(status('start'));
		lose('POST', status(what), 'handled');
		const output = await lab.output(on100(what));
		expect(output).toMatchObject({ upid: null, taskStatus: 'warnings', exitStatus: null });
		expect(output.warnings).toEqual([expect.stringContaining(REACHED)]);
		expect(vm().status).toBe(to);
		expect(changes('POST', status(what))).toHaveLength(
			from === 'running' || what === 'start' ? 1 : 2,
		);
	});

	it('to start is done if another one has started the VM, and is not repeated if it is off', async () => {
		lose('POST', status('start'), 'never', 2);
		const output = outputOf(
			await meanwhile(on100('start'), 'POST', status('start'), async () => {
				vm().status = 'running';
				await Promise.resolve();
			}),
		);
		expect(output).toMatchObject({ upid: null, taskStatus: 'warnings', alreadyRunning: false });
		vm().status = 'stopped';
		const { error } = await lab.run(on100('start'));
		expect(error?.message).toBe(unknown('start of VM 100 on pve1'));
		expect(changes('POST', status('start'))).toHaveLength(2);
	});

	it('to reboot is done if another process runs, and not known if the same one does', async () => {
		vm().agentRuns = true;
		await post(status('start'));
		const { pid } = vm();
		lose('POST', status('reboot'), 'handled');
		expect(await lab.output(on100('reboot'))).toMatchObject({ upid: null, taskStatus: 'warnings' });
		expect(vm().pid).not.toBe(pid);
		lose('POST', status('reboot'), 'never');
		expect((await lab.run(on100('reboot'))).error?.message).toBe(
			unknown('reboot of VM 100 on pve1'),
		);
	});

	it('to convert to a template is done if the VM is one', async () => {
		lose('POST', `${VM}/template`, 'handled');
		expect(await lab.output(on100('convertToTemplate'))).toMatchObject({
			upid: null,
			taskStatus: 'warnings',
		});
		expect(vm().config.template).toBe(1);
	});

	it('to delete is done if the VM is gone, and not known if it is there', async () => {
		lose('DELETE', VM, 'never');
		expect((await lab.run(on100('delete'))).error?.message).toBe(
			unknown('deletion of VM 100 on pve1'),
		);
		expect(changes('DELETE')).toHaveLength(1);
		lose('DELETE', VM, 'handled');
		expect(await lab.output(on100('delete'))).toMatchObject({ upid: null, taskStatus: 'warnings' });
		expect(lab.emulator.state.vms.has(100)).toBe(false);
	});
});

describe('a lost response about a backup', () => {
	const ARCHIVE = 'local:backup/vzdump-qemu-100-2026_01_02-03_04_05.vma.zst';

	it('to make one is not known, with the task that may be it, and nothing is sent twice', async () => {
		lose('POST', '/nodes/pve1/vzdump', 'handled');
		const { error } = await lab.run(
			on100('create', { resource: 'backup', storage: picked('local') }),
		);
		expect(error?.message).toBe(unknown('backup of VM 100 on pve1'));
		expect(error).toMatchObject({
			description: expect.stringContaining(tasks('vzdump')[0]?.upid ?? '') as string,
		});
		expect(tasks('vzdump')).toHaveLength(1);
	});

	it('to delete one is done if it is gone', async () => {
		const remove: INodeParameters = {
			resource: 'backup',
			operation: 'delete',
			node: picked('pve1'),
			volid: picked(ARCHIVE),
		};
		const path = `/nodes/pve1/storage/local/content/${ARCHIVE}`;
		lose('DELETE', path, 'handled');
		expect(await lab.output(remove)).toMatchObject({ upid: null, taskStatus: 'warnings' });
		expect(lab.emulator.state.volumes.has(ARCHIVE)).toBe(false);
	});
});

describe('a request whose worker could not be started', () => {
	const failOnce = (method: string, path: string): void =>
		lab.emulator.faults.onRequest({
			method,
			path,
			effect: { status: 500, phrase: 'got no worker upid - start worker failed' },
		});

	it.each([
		['start', 'POST', `${VM}/status/start`, {}],
		['update', 'POST', `${VM}/config`, { cores: 3 }],
		['resizeDisk', 'PUT', `${VM}/resize`, { disk: picked('scsi0'), size: '+1G' }],
		['convertToTemplate', 'POST', `${VM}/template`, {}],
		['delete', 'DELETE', VM, {}],
	] as const)('%s is sent again', async (operation, method, path, more) => {
		failOnce(method, path);
		expect(await lab.output(on100(operation, { ...more }))).toMatchObject({
			taskStatus: 'ok',
			upid: expect.stringMatching(/^UPID:/) as string,
		});
	});

	it('a backup is sent again', async () => {
		failOnce('POST', '/nodes/pve1/vzdump');
		expect(
			await lab.output(on100('create', { resource: 'backup', storage: picked('local') })),
		).toMatchObject({ taskStatus: 'ok' });
	});
});
