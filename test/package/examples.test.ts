/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- a test, neither shipped nor scanned */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import { manualClock, type Emulator, type ManualClock } from '../../tools/emulator';
import { newVm } from '../../tools/emulator/state/load';
import { readWorkflow } from '../../tools/harness/readWorkflow';
import type {
	ExecutionResult,
	ExportedWorkflow,
	RunOptions,
} from '../../tools/harness/runWorkflow';
import { openLab, readApi, type Lab } from '../support/lab';
import { readIso } from '../support/readIso';

const folder = join(__dirname, '../../examples');
const STICKY = 'n8n-nodes-base.stickyNote';
const files = readdirSync(folder).filter((file) => file.endsWith('.json'));
const read = (file: string): ExportedWorkflow => readWorkflow(join(folder, file));

const vm = ({ state }: Emulator, vmid: unknown) => state.vms.get(Number(vmid));
const jsonOf = (items: INodeExecutionData[] | null | undefined): IDataObject[] =>
	(items ?? []).map(({ json }) => json);
/** What a node put out by one of its outputs, the last time that it ran. */
const outputOf = ({ runData }: ExecutionResult, node: string, output = 0): IDataObject[] =>
	jsonOf(runData[node]?.at(-1)?.data?.main?.[output]);

let lab: Lab;
const open = async (options: Parameters<typeof openLab>[0] = {}): Promise<Lab> =>
	(lab = await openLab({ seed: 'demo', ...options }));
afterEach(async () => await lab.close());

const run = async (file: string, options: RunOptions = {}): Promise<ExecutionResult> =>
	await lab.engine.runWorkflow(read(file), { credentials: lab.credentials, ...options });
/** The same to the end, where the workflow waits, with its own webhooks. */
const runToEnd = async (file: string, options: RunOptions = {}): Promise<ExecutionResult> =>
	await lab.engine.runWithWebhooks(read(file), { credentials: lab.credentials, ...options });

/** A VM with one disk and one network card, and a backup of it on `local`. */
async function backUpVm(vmid: string): Promise<IDataObject> {
	const json = JSON.stringify({
		agent: 1,
		protection: 1,
		scsi0: 'local-lvm:1',
		net0: 'virtio,bridge=vmbr0',
	});
	await lab.output({
		node: { __rl: true, mode: 'name', value: 'pve' },
		vmIdMode: 'fixed',
		vmId: vmid,
		specifyVm: 'json',
		vmJson: json,
		options: {},
	});
	const target = {
		vm: { __rl: true, mode: 'id', value: vmid },
		storage: { __rl: true, mode: 'name', value: 'local' },
	};
	return await lab.output({ resource: 'backup', operation: 'create', ...target, options: {} });
}

/** Credentials of a user who has the role of the README, and what an example says that it needs beside it. */
function readmeCredentials(...more: string[]): RunOptions['credentials'] {
	const readme = readFileSync(join(folder, '../README.md'), 'utf8');
	const { roles, users, acl } = lab.emulator.state;
	roles.set(
		'N8nProvisioner',
		new Set([...(/--privs "([^"]+)"/.exec(readme)?.[1]?.split(' ') ?? []), ...more]),
	);
	users.set('readme@pve', {
		userid: 'readme@pve',
		enabled: true,
		expire: 0,
		groups: [],
		tokens: new Map([['tk', { privsep: false, expire: 0, secret: 's' }]]),
	});
	acl.push({
		path: '/',
		type: 'user',
		ugid: 'readme@pve',
		roleid: 'N8nProvisioner',
		propagate: true,
	});
	return {
		...lab.credentials,
		proxmoxVeApi: { ...lab.credentials.proxmoxVeApi, tokenId: 'readme@pve!tk', tokenSecret: 's' },
	};
}

describe('every example', () => {
	beforeEach(async () => await open());

	it('is in the table of examples/README.md, and nothing else is', () => {
		const table = readFileSync(join(folder, 'README.md'), 'utf8');
		const named = [...table.matchAll(/^\| \[[^\]]+\]\(([\w-]+\.json)\)/gm)].map(([, file]) => file);
		expect(named.sort()).toEqual([...files].sort());
	});

	it.each(files)('%s says on a note what to change first, the credential included', (file) => {
		const { nodes } = read(file);
		const [note] = nodes.filter(({ type }) => type === STICKY);
		const content = String(note?.parameters.content);
		expect(content).toMatch(/^## .+\n[\s\S]+\*\*Change first\*\*\n- \*/);
		// The bold and code spans are not names of nodes.
		const lines = [...content.matchAll(/^- \*([^*]+(?:\*, \*[^*]+)*)\*: (.*)/gm)].map(
			([, list = '', what = '']) => ({ names: list.split('*, *'), what }),
		);
		const names = nodes.map(({ name }) => name);
		expect(lines.flatMap((line) => line.names).filter((name) => !names.includes(name))).toEqual([]);
		expect(
			lines
				.filter(({ what }) => what.includes('*Proxmox VE API* credential'))
				.flatMap((line) => line.names)
				.sort(),
		).toEqual(
			nodes
				.filter(({ type }) => type.startsWith('n8n-nodes-proxmox-ve.'))
				.map(({ name }) => name)
				.sort(),
		);
	});

	it.each(files)('%s has a note without an empty lower third', (file) => {
		const [note] = read(file).nodes.filter(({ type }) => type === STICKY);
		const { content, width, height } = note?.parameters ?? {};
		// n8n shows text of 14 pixels, some 6.6 to a letter and 19 to a line, in a box with 12 pixels on each side.
		const perLine = (Number(width) - 44) / 6.6;
		const lines = String(content).split('\n');
		const needed = lines.reduce(
			(sum, line) => sum + (line === '' ? 8 : Math.ceil(line.length / perLine) * 20),
			30,
		);
		expect(Number(height) / needed).toBeGreaterThan(0.9);
		expect(Number(height) / needed).toBeLessThan(1.25);
	});

	it.each(files)('%s has room on the canvas for each node and its note', (file) => {
		const { nodes } = read(file);
		// A node takes 100 × 100, and its name stands below it.
		const boxes = nodes.map(({ name, type, position: [x, y], parameters: { width, height } }) => {
			const isNote = type === STICKY;
			return {
				name,
				x,
				y,
				right: x + (isNote ? Number(width) : 150),
				bottom: y + (isNote ? Number(height) : 150),
			};
		});
		const overlapping = boxes.flatMap((a, index) =>
			boxes
				.slice(index + 1)
				.filter((b) => a.x < b.right && b.x < a.right && a.y < b.bottom && b.y < a.bottom)
				.map((b) => `${a.name} and ${b.name}`),
		);
		expect(overlapping).toEqual([]);
	});

	it.each(files)('%s names each node and each credential once, and holds no secret', (file) => {
		const { nodes, connections } = read(file);
		const names = nodes.map(({ name }) => name);
		expect(new Set(names).size).toBe(names.length);
		expect(new Set(nodes.map(({ id }) => id)).size).toBe(nodes.length);
		const targets = Object.values(connections).flatMap((kinds) =>
			Object.values(kinds)
				.flat(2)
				.map((target) => target?.node ?? ''),
		);
		expect(
			[...Object.keys(connections), ...targets].filter((name) => !names.includes(name)),
		).toEqual([]);
		expect(
			new Set(
				nodes.flatMap(({ credentials = {} }) => Object.values(credentials).map(({ name }) => name)),
			),
		).toEqual(new Set(['Proxmox VE API']));
	});
});

describe('as delivered, on the cluster of npm run n8n', () => {
	beforeEach(async () => await open());

	/** What ends well: the node that reports it and what it says, and the nodes that report a failure. */
	const endings: Record<
		string,
		{
			reports: string;
			text: RegExp;
			count?: number;
			not?: string[];
			needs?: string[];
			/** Whether it leaves VMs that run, and whose agent answers. */
			leavesVms?: true;
		}
	> = {
		'run-command.json': {
			reports: 'Report',
			text: /^VM 100 \(web\) printed: \d+\.\d+\S+$/,
			not: ['Failed'],
			needs: ['VM.GuestAgent.Unrestricted'],
		},
		'create-vm.json': {
			reports: 'Notification',
			text: /web-1.*is running on pve as 198\.51\.100\./,
			leavesVms: true,
		},
		'create-container.json': {
			reports: 'Notification',
			text: /proxy-1.*is running on pve as 198\.51\.100\.40/,
		},
		'oci-service.json': {
			reports: 'Notification',
			text: /^nginx-1 \(container \d+ on pve\) serves http:\/\/198\.51\.100\.\d+:80$/,
		},
		'restore-test-container.json': {
			reports: 'Passed',
			text: /restores: container 9100 has the address 198\.51\.100\.\d+,/,
			not: ['Failed', 'Not Restored'],
		},
		'clone-template.json': {
			reports: 'Notification',
			text: /web-2.*is running on pve as 198\.51\.100\./,
			leavesVms: true,
		},
		'import-ova.json': {
			reports: 'Notification',
			text: /^VM \d+ \(appliance-1\) from local:import\/appliance\.ova is running on pve as 198\.51\.100\.\d+: \S+$/,
			leavesVms: true,
		},
		'web-servers.json': {
			reports: 'Load Balancer',
			text: /^5 servers: (?:web-\d 198\.51\.100\.\d+(?:, |$)){5}/,
			leavesVms: true,
		},
		'windows-11.json': { reports: 'Notification', text: /windows-1.*is running on pve/ },
		'create-many.json': {
			reports: 'Created',
			text: /on pve/,
			count: 3,
			not: ['Rejected'],
			leavesVms: true,
		},
		'restore-test.json': {
			reports: 'Passed',
			text: /restores: VM 9000 answered/,
			not: ['Failed', 'Not Restored'],
		},
		'restore-large.json': { reports: 'Restored', text: /is restored \(OK\)/, not: ['Failed'] },
		'delete-expired.json': {
			reports: 'Deleted',
			text: /VM 101 \(old-test\)/,
			not: ['Not Deleted'],
		},
		'backup-alert.json': { reports: 'Notification', text: /Backup on pve ended with job errors/ },
		'guest-changed.json': {
			reports: 'Notification',
			text: /^\S+ \(VM \d+ on pve\) has moved here from/,
		},
		'webhook-create-vm.json': {
			reports: 'Notification',
			text: /web-1.*was created/,
			not: ['Respond with the Error'],
			leavesVms: true,
		},
		'user-data-by-webhook.json': {
			reports: 'Ready',
			text: /^VM \d+ \(web-1\) is set up\. Its SSH host key: ssh-ed25519 \S+ root@web-1$/,
			not: ['Not Ready'],
		},
	};

	it.each(Object.entries(endings))(
		'%s works with the role of the README',
		async (file, { reports, text, count = 1, not = [], needs = [], leavesVms }) => {
			const { vms } = lab.emulator.state;
			const before = new Set(vms.keys());
			const result = await runToEnd(file, { credentials: readmeCredentials(...needs) });
			expect(result.error).toBeUndefined();
			expect(result.status).toBe('success');
			expect(outputOf(result, reports).map(({ text: said }) => said)).toEqual(
				Array.from({ length: count }, () => expect.stringMatching(text) as string),
			);
			for (const node of not) expect(result.runData).not.toHaveProperty([node]);
			if (!leavesVms) return;
			await lab.emulator.clock.sleep(5_000);
			const made = [...vms.values()].filter(({ vmid }) => !before.has(vmid));
			expect(made.length).toBeGreaterThan(0);
			for (const one of made) expect(one).toMatchObject({ status: 'running', agentRuns: true });
		},
	);

	// A model decides what these do: their own tests have what it may decide.
	it.each(files.filter((file) => !(file in endings)))('%s ends well', async (file) => {
		expect(file).toMatch(/^ai-agent/);
		expect((await run(file)).status).toBe('success');
	});

	it('oci-service.json creates a container with the variables of the image and its own', async () => {
		const file = 'oci-service.json';
		await run(file);
		const [{ vmid, reused } = {}] = outputOf(await run(file), 'Create Container');
		expect(reused).toBe(true);
		const { config, status } = vm(lab.emulator, vmid) ?? {};
		expect(status).toBe('running');
		expect(String(config?.env).split('\0')).toEqual(
			expect.arrayContaining([expect.stringMatching(/^PATH=/), 'TZ=Europe/Berlin']),
		);
	});

	it('restore-test-container.json leaves the original unchanged, and no copy', async () => {
		const before = JSON.stringify([...lab.emulator.state.vms]);
		await run('restore-test-container.json');
		expect(JSON.stringify([...lab.emulator.state.vms])).toBe(before);
	});

	it('windows-11.json creates a VM that Windows 11 accepts', async () => {
		const [{ vmid } = {}] = outputOf(await run('windows-11.json'), 'Notification');
		expect(vm(lab.emulator, vmid)?.config).toMatchObject({
			bios: 'ovmf',
			boot: expect.stringMatching(/^order=scsi0;ide2/) as string,
			efidisk0: expect.stringContaining('pre-enrolled-keys=1') as string,
			ide0: expect.stringContaining('virtio-win.iso') as string,
			ide2: expect.stringContaining('Win11') as string,
			machine: expect.stringContaining('q35') as string,
			ostype: 'win11',
			scsi0: expect.stringContaining('size=64G') as string,
			tpmstate0: expect.stringContaining('version=v2.0') as string,
		});
	});
});

describe('webhook-create-vm.json', () => {
	const file = 'webhook-create-vm.json';
	const body = {
		name: 'web-1',
		cores: 2,
		memory: 2048,
		scsi0: 'local-lvm:4',
		net0: { model: 'virtio', bridge: 'vmbr0' },
		agent: true,
	};
	const post = async (request: IDataObject): Promise<ExecutionResult> =>
		await run(file, { inputItems: [request] });
	beforeEach(async () => await open());

	it('creates the VM, sends a notification, and responds with its facts', async () => {
		const result = await post({ headers: { 'x-delivery-id': 'order-1' }, body });
		expect(result.response).toMatchObject({
			statusCode: 201,
			body: {
				vmid: expect.any(Number) as number,
				node: 'pve',
				name: 'web-1',
				status: 'stopped',
				reused: false,
				config: { cores: 2, net0: { bridge: 'vmbr0' } },
			},
		});
		const { vmid } = (result.response as { body: IDataObject }).body;
		expect(vm(lab.emulator, vmid)?.config).toMatchObject({ name: 'web-1', memory: '2048' });
		expect(outputOf(result, 'Notification')).toEqual([
			{
				text: expect.stringMatching(
					`VM ${String(vmid)} \\(web-1\\) on pve was created: ${lab.emulator.url}`,
				) as string,
			},
		]);
	});

	it('creates no second VM for the same delivery', async () => {
		const first = await post({ headers: { 'x-delivery-id': 'order-1' }, body });
		const count = lab.emulator.state.vms.size;
		const second = await post({ headers: { 'x-delivery-id': 'order-1' }, body });
		const { vmid } = (first.response as { body: IDataObject }).body;
		expect(second.response).toMatchObject({ statusCode: 200, body: { vmid, reused: true } });
		expect(lab.emulator.state.vms.size).toBe(count);
		await post({ headers: { 'x-delivery-id': 'order-2' }, body });
		expect(lab.emulator.state.vms.size).toBe(count + 1);
	});

	it('responds with the reason if the VM cannot be created', async () => {
		const wrong = await post({
			headers: { 'x-delivery-id': 'order-1' },
			body: { ...body, corse: 2 },
		});
		expect(wrong.response).toMatchObject({
			statusCode: 422,
			body: { error: expect.stringContaining('did you mean cores?') as string },
		});
		const anonymous = await post({ headers: {}, body });
		expect(anonymous.response).toMatchObject({
			statusCode: 422,
			body: { error: expect.stringContaining('Idempotency Key') as string },
		});
		const elsewhere = await post({
			headers: { 'x-delivery-id': 'order-1' },
			body: { ...body, scsi0: 'nosuch:1' },
		});
		expect(elsewhere.response).toMatchObject({
			statusCode: 422,
			body: { error: expect.stringContaining("storage 'nosuch' does not exist") as string },
		});
	});
});

describe('user-data-by-webhook.json', () => {
	const file = 'user-data-by-webhook.json';
	beforeEach(async () => await open());
	const made = () => vm(lab.emulator, 102);
	const hostKey = () => made()?.guest?.files.get('/etc/ssh/ssh_host_ed25519_key.pub')?.toString();

	it('gives the guest its user data, and removes the URL from the VM once it has called', async () => {
		await runToEnd(file);
		const { config, pending, guest } = made() ?? {};
		expect(Object.values(config ?? {}).join()).not.toContain('cloudinit');
		expect(guest?.files.get('/var/lib/cloud/instance/user-data.txt')?.toString()).toMatch(
			/^#cloud-config\nhostname: web-1\n[\s\S]+ {2}url: "http:[^"]+\/webhook-waiting\/[^"]+signature=/,
		);
		expect(guest?.instanceId).toBe('vm-102');
		const [uuid] = /uuid=[0-9a-f-]{36}/.exec(String(config?.smbios1)) ?? [];
		expect(pending?.smbios1).toBe(uuid);
	});

	it('leaves a VM that keeps its SSH host keys at its next start', async () => {
		await runToEnd(file);
		const key = hostKey();
		const ofVm = { resource: 'virtualMachine', vm: { __rl: true, mode: 'id', value: '102' } };
		await lab.output({ ...ofVm, operation: 'stop', options: {} });
		await lab.output({ ...ofVm, operation: 'start', options: {} });
		await lab.emulator.clock.sleep(30_000);
		expect(made()).toMatchObject({ status: 'running', agentRuns: true });
		expect(hostKey()).toBe(key);
		expect(made()?.guest?.instanceId).toBe('vm-102');
	});

	it.each([
		['without the token', { vm: 'web' }],
		['with another token', { vm: 'web', token: 'abc' }],
		['for a VM that does not exist', { vm: 'nosuch', token: 'abc' }],
	])('responds with 404 %s', async (_what, query) => {
		const item = { headers: {}, params: {}, query: { ...query, file: 'user-data' }, body: {} };
		const { response } = await run(file, {
			startNode: 'Webhook',
			mode: 'webhook',
			inputItems: [item],
		});
		expect(response).toMatchObject({ statusCode: 404, body: 'Not found' });
	});

	it('responds with the files only while the token is in the VM', async () => {
		const web = vm(lab.emulator, 100);
		const token = Buffer.from('https://n8n/webhook-waiting/7?signature=a%2Bb').toString(
			'base64url',
		);
		const serial = `ds=nocloud;dsmode=net;s=https://n8n/webhook/cloud-init?vm=web&token=${token}&file=`;
		if (web) web.config.smbios1 = `base64=1,serial=${Buffer.from(serial).toString('base64')}`;
		const answerTo = async (name: string) => {
			const query = { vm: 'web', token, file: name };
			const { response } = await run(file, {
				startNode: 'Webhook',
				mode: 'webhook',
				inputItems: [{ headers: {}, params: {}, query, body: {} }],
			});
			return response as unknown;
		};
		expect(await answerTo('meta-data')).toMatchObject({
			statusCode: 200,
			body: 'instance-id: vm-100\n',
		});
		expect(await answerTo('user-data')).toMatchObject({
			body: expect.stringContaining(
				'url: "https://n8n/webhook-waiting/7?signature=a%2Bb"',
			) as string,
		});
		for (const name of ['vendor-data', 'network-config'])
			expect(await answerTo(name)).toMatchObject({ statusCode: 200, body: '' });
	});

	it('removes the URL from a VM that never calls, and says so', async () => {
		lab.emulator.state.boot = () => ({});
		const result = await runToEnd(file);
		expect(outputOf(result, 'Not Ready')).toMatchObject([
			{
				text: expect.stringContaining('VM 102 (web-1) has not called within 30 minutes') as string,
			},
		]);
		expect(String(made()?.pending.smbios1)).not.toContain('serial');
	});
});

describe('restore-test.json', () => {
	const file = 'restore-test.json';
	beforeEach(async () => {
		await open();
		lab.emulator.state.vms.delete(100);
		await backUpVm('100');
	});

	/** Lets the guest agent of the copy run as soon as it is started. */
	const answering: RunOptions['onProgress'] = (event) => {
		const vmid =
			event.type === 'log'
				? /VM (\d+) on pve is being started/.exec(event.message)?.[1]
				: undefined;
		const copy = vm(lab.emulator, vmid);
		if (copy) copy.agentRuns = true;
	};

	it('restores the newest backup beside the original, starts it, reports, and deletes the copy', async () => {
		const newest = await backUpVm('4711').then(
			async () =>
				await lab.output({
					resource: 'backup',
					operation: 'create',
					vm: { __rl: true, mode: 'id', value: '100' },
					storage: { __rl: true, mode: 'name', value: 'local' },
					options: {},
				}),
		);
		const before = [...lab.emulator.state.vms.keys()];
		const result = await run(file, { onProgress: answering });
		expect(result).toMatchObject({ status: 'success', lastNode: 'Delete the Copy' });
		const [restored] = outputOf(result, 'Restore');
		expect(restored).toMatchObject({
			vmid: 9000,
			name: 'restore-test',
			archive: newest.volid,
			ipAddresses: ['192.0.2.100'],
		});
		expect(outputOf(result, 'Passed')).toEqual([
			{
				passed: true,
				text: expect.stringContaining(
					`The backup ${String(newest.volid)} restores: VM 9000 answered as 192.0.2.100`,
				) as string,
			},
		]);
		expect(jsonOf(result.items[0])).toMatchObject([{ vmid: 9000, exitStatus: 'OK' }]);
		expect([...lab.emulator.state.vms.keys()]).toEqual(before);
	});

	it('reports a copy that does not respond, and deletes it too', async () => {
		const workflow = read(file);
		const restore = workflow.nodes.find(({ name }) => name === 'Restore');
		// Three minutes are too long for a test.
		Object.assign(restore?.parameters.options ?? {}, { waitUntil: 'ip', readyTimeout: 1 });
		const result = await lab.engine.runWorkflow(workflow, { credentials: lab.credentials });
		expect(result.status).toBe('success');
		expect(outputOf(result, 'Failed')).toMatchObject([
			{
				passed: false,
				text: expect.stringContaining(
					'it does not answer: The guest agent of VM 9000 has not answered',
				) as string,
			},
		]);
		expect(vm(lab.emulator, 9000)).toBeUndefined();
	});

	it('reports a backup that cannot be restored, and leaves nothing behind', async () => {
		const { state } = lab.emulator;
		for (const volume of state.volumes.values())
			if (volume.vmid === 100 && volume.content === 'backup') volume.damage = 'truncated';
		const before = [...state.vms.keys()];
		const result = await run(file);
		expect(outputOf(result, 'Not Restored')).toEqual([
			{
				passed: false,
				text: expect.stringMatching(
					/^The newest backup could not be restored: The task of VM \d+ failed/,
				) as string,
			},
		]);
		expect(
			lab.emulator.requests.filter(({ method }) => method === 'DELETE').map(({ path }) => path),
		).toEqual([expect.stringContaining('/qemu/9000')]);
		expect([...state.vms.keys()]).toEqual(before);
	});

	it('reports that no backup is new enough', async () => {
		const { volumes } = lab.emulator.state;
		for (const [volid, { vmid, content }] of volumes)
			if (vmid === 100 && content === 'backup') volumes.delete(volid);
		expect(outputOf(await run(file), 'Not Restored')).toMatchObject([
			{ passed: false, text: expect.stringContaining('There is no backup of VM 100') as string },
		]);
	});
});

describe('create-many.json', () => {
	const file = 'create-many.json';
	beforeEach(async () => await open());

	it('creates a VM for each row', async () => {
		const result = await run(file);
		expect(result.status).toBe('success');
		expect(outputOf(result, 'Created').map(({ name }) => name)).toEqual(['web-1', 'web-2', 'db-1']);
		const configs = outputOf(result, 'Created').map(({ vmid }) => vm(lab.emulator, vmid)?.config);
		expect(configs).toMatchObject([
			{
				name: 'web-1',
				cores: 2,
				memory: '2048',
				tags: 'web',
				scsi0: expect.stringContaining('size=16G') as string,
			},
			{ name: 'web-2' },
			{ name: 'db-1', cores: 4, memory: '8192', tags: 'db' },
		]);
		expect(result.runData.Report).toBeUndefined();
	});

	it('reports those that are rejected, and creates the others', async () => {
		const workflow = read(file);
		const table = workflow.nodes.find(({ name }) => name === 'Table');
		const row = { cores: 1, memory: 512, disk: 8, bridge: 'vmbr0', tags: '' };
		const vms = [
			{ ...row, name: 'good' },
			{ ...row, name: 'under_score' },
			{ ...row, name: 'greedy', cores: 0 },
		];
		Object.assign(table?.parameters ?? {}, { jsonOutput: JSON.stringify({ vms }) });
		const result = await lab.engine.runWorkflow(workflow, { credentials: lab.credentials });
		expect(outputOf(result, 'Created').map(({ name }) => name)).toEqual(['good']);
		expect(outputOf(result, 'Report')).toEqual([
			{
				text: expect.stringMatching(
					/^2 of 3 VMs were not created:\nunder_score: .*Name.*\ngreedy: .*Cores/,
				) as string,
			},
		]);
	});
});

describe('delete-expired.json', () => {
	const day = (offset: number): string =>
		new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);

	it('deletes what has expired, and nothing else', async () => {
		await open();
		const create = async (vmid: string, tags: string, extra: IDataObject = {}): Promise<void> => {
			await lab.output({
				node: { __rl: true, mode: 'name', value: 'pve' },
				vmIdMode: 'fixed',
				vmId: vmid,
				specifyVm: 'json',
				vmJson: JSON.stringify({ name: `vm-${vmid}`, tags, ...extra }),
				options: {},
			});
		};
		await create('7001', `temporary;expires-${day(-2)}`);
		await create('7002', `temporary;expires-${day(2)}`);
		await create('7003', `expires-${day(-2)}`);
		await create('7004', 'temporary');
		await create('7005', `temporary;expires-${day(-400)}`, { protection: 1 });
		await create('7006', `temporary;expires-${day(-9)}`, { start: 1 });
		await lab.emulator.tasks.settled();
		expect(vm(lab.emulator, 7006)?.status).toBe('running');

		const result = await run('delete-expired.json');
		expect(result.status).toBe('success');
		const left = [7001, 7002, 7003, 7004, 7005, 7006].filter((vmid) => vm(lab.emulator, vmid));
		expect(left).toEqual([7002, 7003, 7004, 7005]);
		expect(outputOf(result, 'Deleted').map(({ text }) => text)).toEqual([
			'VM 101 (old-test) had expired and was deleted',
			'VM 7001 (vm-7001) had expired and was deleted',
			'VM 7006 (vm-7006) had expired and was deleted',
		]);
		expect(outputOf(result, 'Not Deleted')).toEqual([
			{
				text: expect.stringMatching(
					/^VM 7005 \(vm-7005\) has expired, but could not be deleted: .*protect/,
				) as string,
			},
		]);
	});
});

describe('restore-large.json', () => {
	const file = 'restore-large.json';
	let clock: ManualClock;

	it('sleeps while the restore runs, checks now and then, and reports when it has finished', async () => {
		await open();
		lab.emulator.state.vms.delete(100);
		const { volid } = await backUpVm('100');
		const { state } = lab.emulator;
		await lab.close();
		clock = manualClock(Date.now());
		await open({ clock, state });

		const workflow = read(file);
		// Ten seconds for a look are long for a test.
		Object.assign(
			workflow.nodes.find(({ name }) => name === 'Wait for Task')?.parameters.options ?? {},
			{ waitAtMost: 1 },
		);
		const options = { credentials: lab.credentials };
		let result = await lab.engine.runWorkflow(workflow, options);
		expect(result.status).toBe('waiting');
		expect(result.lastNode).toBe('Five Minutes');
		const [begun] = outputOf(result, 'Restore');
		expect(begun).toMatchObject({ taskStatus: 'running', name: 'restored', archive: volid });

		result = await lab.engine.runWorkflow(workflow, { ...options, continue: result.execution });
		expect(result.status).toBe('waiting');
		await clock.advance(3_600_000);
		result = await lab.engine.runWorkflow(workflow, { ...options, continue: result.execution });
		expect(result).toMatchObject({ status: 'success', lastNode: 'Restored' });
		expect(jsonOf(result.items[0])).toMatchObject([
			{
				vmid: begun?.vmid,
				upid: begun?.upid,
				text: `VM ${String(begun?.vmid)} on pve is restored (OK)`,
			},
		]);
		expect(lab.emulator.requests.filter(({ method }) => method === 'POST')).toHaveLength(1);
	});

	it('reports a failed restore', async () => {
		await open();
		lab.emulator.state.vms.delete(100);
		await backUpVm('100');
		lab.emulator.faults.onTask({ type: 'qmrestore', failsBefore: 'no space left' });
		const result = await run(file);
		expect(outputOf(result, 'Failed')).toEqual([
			{ text: expect.stringMatching(/^VM \d+ could not be restored: .*no space left/) as string },
		]);
	});
});

describe('backup-alert.json', () => {
	it('reports a failed backup, with the end of its log', async () => {
		await open();
		await backUpVm('100').catch(() => undefined);
		lab.emulator.faults.onTask({ type: 'vzdump', failsAfter: 'no space left' });
		const target = {
			vm: { __rl: true, mode: 'id', value: '100' },
			storage: { __rl: true, mode: 'name', value: 'local' },
		};
		// By another account: the trigger leaves out what its own one starts.
		await lab.run({
			authentication: 'password',
			resource: 'backup',
			operation: 'create',
			...target,
			options: {},
		});
		const result = await run('backup-alert.json');
		expect(outputOf(result, 'Notification')).toMatchObject([
			{
				vmid: 100,
				text: expect.stringMatching(
					/^Backup on pve ended with no space left after 0 minutes:\n[\s\S]*TASK ERROR: no space left$/,
				) as string,
			},
		]);
	});
});

describe('ai-agent.json', () => {
	beforeEach(async () => await open());
	const chat = async (calls: IDataObject[]): Promise<IDataObject> => {
		const result = await run('ai-agent.json', { inputItems: [{ chatInput: 'hello', calls }] });
		if (result.error) throw result.error;
		return outputOf(result, 'AI Agent')[0] ?? {};
	};
	const answersOf = async (calls: IDataObject[]): Promise<IDataObject[][]> =>
		((await chat(calls)).answers as string[]).map((answer) => JSON.parse(answer) as IDataObject[]);

	it('gives a model tools with descriptions that it can act on', async () => {
		const { tools } = await chat([]);
		const list = tools as Array<{ name: string; description: string }>;
		expect(list.map(({ name }) => name).sort()).toEqual([
			'Create_VM',
			'Get_VM',
			'List_VMs',
			'Shut_Down_VM',
			'Start_VM',
		]);
		for (const { description } of list) expect(description.length).toBeGreaterThan(50);
	});

	it('uses what the model fills in and what is fixed, and returns an address', async () => {
		const host = lab.emulator.state.nodes.get('pve');
		if (host) host.cpus = 16;
		const [[made] = []] = await answersOf([
			{ tool: 'Create_VM', args: { name: 'test-7', cores: 64, memory: 2048 } },
		]);
		expect(made).toMatchObject({
			ipAddresses: [expect.stringMatching(/^198\.51\.100\./) as string],
		});
		expect(vm(lab.emulator, made?.vmid)?.config).toMatchObject({
			name: 'test-7',
			cores: 8,
			memory: '2048',
			scsi0: expect.stringMatching(/^local-lvm:/) as string,
			net0: expect.stringContaining('bridge=vmbr0') as string,
			tags: 'ai',
		});
		const before = lab.emulator.requests.length;
		const [refused] = (
			(await chat([{ tool: 'Get_VM', args: { vmid: 101 } }])) as { answers: string[] }
		).answers;
		expect(refused).toContain('VM 101 is not in Allowed Guests (tag:ai)');
		expect(
			lab.emulator.requests.slice(before).filter(({ path }) => path.includes('/qemu/101')),
		).toEqual([]);
		const [[stopped] = [], [started] = [], [got] = [], listed] = await answersOf([
			{ tool: 'Shut_Down_VM', args: { vmid: made?.vmid } },
			{ tool: 'Start_VM', args: { vmid: made?.vmid } },
			{ tool: 'Get_VM', args: { vmid: made?.vmid } },
			{ tool: 'List_VMs', args: { nameContains: 'test-7' } },
		]);
		expect(stopped).toMatchObject({ vmid: made?.vmid, exitStatus: 'OK' });
		expect(started).toMatchObject({ vmid: made?.vmid, exitStatus: 'OK' });
		expect(got).toMatchObject({ name: 'test-7', status: 'running' });
		expect(listed).toMatchObject([{ vmid: made?.vmid, name: 'test-7' }]);
	});

	it('reports to the model what went wrong', async () => {
		const { answers } = await chat([
			{ tool: 'Get_VM', args: { vmid: 424242 } },
			{ tool: 'Create_VM', args: { name: 'under_score', cores: 1, memory: 512 } },
			{ tool: 'Create_VM', args: { name: 'no-size' } },
		]);
		expect(answers).toEqual([
			expect.stringContaining('There is no VM 424242'),
			expect.stringMatching(/Name.*under_score/),
			expect.stringContaining('did not match expected schema'),
		]);
	});
});

describe('ai-agent-approval.json', () => {
	beforeEach(async () => await open());
	const calls = [
		{ tool: 'List_VMs', args: { nameContains: 'old' } },
		{ tool: 'Delete_VM', args: { vmid: 101 } },
	];
	const chat = async (approve: boolean): Promise<ExecutionResult> =>
		await run('ai-agent-approval.json', { inputItems: [{ chatInput: 'hello', approve, calls }] });

	it('asks before a deletion, with the VM, and deletes when it is approved', async () => {
		const result = await chat(true);
		expect(result.status).toBe('success');
		const question = result.runData['Approve Deletion']?.at(-1)?.data?.ai_tool?.[0];
		expect(jsonOf(question)).toMatchObject([{ message: 'Delete VM 101 with all its disks?' }]);
		expect(vm(lab.emulator, 101)).toBeUndefined();
		expect(outputOf(result, 'AI Agent')[0]?.output).toContain('101');
	});

	it('refuses a VM that is not in Allowed Guests, also when a person approves', async () => {
		const name = 'added';
		lab.emulator.state.vms.set(300, newVm(300, 'pve', { name }));
		const result = await run('ai-agent-approval.json', {
			inputItems: [{ calls: [{ tool: 'Delete_VM', args: { vmid: 300 } }] }],
		});
		expect(outputOf(result, 'AI Agent')[0]?.output).toContain(
			'VM 300 is not in Allowed Guests (100-199)',
		);
		expect(vm(lab.emulator, 300)?.config.name).toBe(name);
	});

	it('deletes nothing when it is declined', async () => {
		const result = await chat(false);
		expect(result.status).toBe('success');
		expect(vm(lab.emulator, 101)?.status).toBe('running');
		expect(lab.emulator.requests.filter(({ method }) => method !== 'GET')).toEqual([]);
	});
});

describe('clone-template.json', () => {
	it('gives the clone its own user, key and address', async () => {
		await open();
		const [made] = outputOf(await run('clone-template.json'), 'Notification');
		expect(
			await readApi(lab.emulator, `/nodes/pve/qemu/${String(made?.vmid)}/config`),
		).toMatchObject({ name: 'web-2', ciuser: 'admin', ipconfig0: 'ip=dhcp' });
	});
});

describe('web-servers.json', () => {
	it('creates no second set of servers', async () => {
		await open();
		const [first] = outputOf(await run('web-servers.json'), 'Load Balancer');
		const count = lab.emulator.state.vms.size;
		const [second] = outputOf(await run('web-servers.json'), 'Load Balancer');
		expect(second).toEqual(first);
		expect(lab.emulator.state.vms.size).toBe(count);
	});
});

describe('create-vm.json', () => {
	it('creates the VM that npm start shows', async () => {
		await open();
		const [made] = outputOf(await run('create-vm.json'), 'Notification');
		const config = await readApi(lab.emulator, `/nodes/pve/qemu/${String(made?.vmid)}/config`);
		expect(config).toMatchObject({ name: 'web-1', cores: 2, agent: '1' });
		const [iso = ''] = String(config.ide2).split(',');
		const files = readIso(lab.emulator.state.volumes.get(iso)?.bytes ?? new Uint8Array()).joliet;
		expect(files['user-data']).toContain('- qemu-guest-agent');
		expect(files['meta-data']).toContain('local-hostname: web-1');
	});
});
