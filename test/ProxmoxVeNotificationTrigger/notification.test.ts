import type { IDataObject, INodeParameters } from 'n8n-workflow';

import { isSame } from '../../nodes/ProxmoxVeNotificationTrigger/receive';
import type { ActiveWebhook, WebhookOptions } from '../../tools/harness/activateWebhook';
import { openLab, postApi, until, type Lab } from '../support/lab';

const type = 'n8n-nodes-proxmox-ve.proxmoxVeNotificationTrigger';

let lab: Lab;
const active: ActiveWebhook[] = [];
beforeAll(async () => {
	lab = await openLab();
	await postApi(lab.emulator, '/nodes/pve1/qemu', { vmid: '700', name: 'web' });
});
afterAll(async () => await lab.close());
afterEach(() => {
	for (const one of active.splice(0)) one.end();
	lab.emulator.faults.clear();
	targets().clear();
	matchers().clear();
});

const targets = () => lab.emulator.state.notifications.targets;
const matchers = () => lab.emulator.state.notifications.matchers;
async function activate(
	parameters: INodeParameters = {},
	options: Partial<WebhookOptions> = {},
): Promise<ActiveWebhook> {
	const credentials = { proxmoxVeApi: { ...lab.credentials.proxmoxVeApi } };
	const one = await lab.engine.activateWebhook({ type, parameters, credentials, ...options });
	active.push(one);
	return one;
}
/** Backs up a VM, and waits for the end of the task, until which Proxmox has notified. */
async function backUp(vmid = '700'): Promise<string[]> {
	const upid = await postApi(lab.emulator, '/nodes/pve1/vzdump', { vmid, storage: 'local' });
	await until(() => lab.emulator.tasks.find(upid)?.state === 'stopped');
	return lab.emulator.tasks.find(upid)?.log.filter((line) => line.includes('target')) ?? [];
}
const itemsOf = ({ executions }: ActiveWebhook): IDataObject[] =>
	executions.flat().map(({ json }) => json);
const callsOf = (from: number): string[] =>
	lab.emulator.requests
		.slice(from)
		.filter(({ method }) => method !== 'GET')
		.map(({ method, path }) => `${method} ${path.replace('/api2/json/cluster/notifications', '')}`);

describe('Proxmox VE Notification Trigger', () => {
	it('creates a target and a matcher, emits what Proxmox sends, and removes both', async () => {
		const trigger = await activate();
		await backUp();
		await backUp('799');
		expect(itemsOf(trigger)).toMatchObject([
			{
				type: 'vzdump',
				severity: 'info',
				title: 'vzdump backup status (pve1.example.com): backup successful',
				message: expect.stringContaining('Details\n=======\n') as string,
				node: 'pve1',
				jobId: null,
				sentAt: expect.stringMatching(/^\d{4}-.*Z$/) as string,
				fields: { type: 'vzdump', hostname: 'pve1' },
			},
			{ severity: 'error' },
		]);
		expect(await trigger.deactivate()).toBe(true);
		expect([targets().size, matchers().size, trigger.saved['node:Trigger']]).toEqual([0, 0, {}]);
	});

	it('leaves its secret in no place that can be read', async () => {
		const { saved, logs } = await activate();
		const { target } = saved['node:Trigger'] as { target: { secret: string } };
		const read = JSON.stringify([
			...[...targets().values()].map((target) => ({ ...target, secret: [] })),
			...matchers().values(),
			logs,
		]);
		expect(target.secret).toHaveLength(40);
		for (const secret of [target.secret, Buffer.from(target.secret).toString('base64')])
			expect(read).not.toContain(secret);
	});

	it.each<[string, Record<string, string>]>([
		['no secret', {}],
		['a wrong secret', { 'X-N8n-Secret': 'x'.repeat(40) }],
	])('refuses a call with %s', async (_, headers) => {
		const trigger = await activate();
		const response = await fetch(trigger.url, {
			method: 'POST',
			headers: { 'Content-Type': 'application/json', ...headers },
			body: '{"title":"made up"}',
		});
		expect([response.status, trigger.executions]).toEqual([403, []]);
	});

	it('compares secrets', () => {
		expect(isSame('abc', 'abc')).toBe(true);
		for (const wrong of ['', 'ab', 'abcabc', 'abd']) expect(isSame(wrong, 'abc')).toBe(false);
	});

	it.each<[string, INodeParameters, string[]]>([
		['severity', { severities: ['error', 'warning'] }, ['error']],
		['type', { types: ['replication', 'fencing'] }, []],
		['type and severity', { types: ['vzdump'], severities: ['info'] }, ['info']],
	])('lets Proxmox filter by %s', async (_, parameters, expected) => {
		const trigger = await activate(parameters);
		await backUp();
		await backUp('799');
		expect(itemsOf(trigger).map(({ severity }) => severity)).toEqual(expected);
	});

	it('creates separate targets for two workflows on one cluster', async () => {
		const [one, two] = [
			await activate({}, { webhookId: 'one' }),
			await activate({}, { webhookId: 'two' }),
		];
		await one.deactivate();
		await backUp();
		expect([one.executions.length, two.executions.length]).toEqual([0, 1]);
	});

	it('changes nothing when n8n restarts, and keeps the secret', async () => {
		const first = await activate();
		first.end();
		const from = lab.emulator.requests.length;
		const { saved, port } = first;
		const second = await activate({}, { saved, port });
		expect(callsOf(from)).toEqual([]);
		await backUp();
		expect(second.answers).toEqual([200]);
	});

	it('replaces what a crashed n8n left behind, because its secret is lost', async () => {
		const first = await activate();
		first.end();
		const { port } = first;
		const second = await activate({}, { port });
		expect([targets().size, matchers().size]).toEqual([1, 1]);
		await backUp();
		expect(second.answers).toEqual([200]);
	});

	it('changes nothing that belongs to others, even with the same name', async () => {
		const trigger = await activate();
		const [target] = [...targets().values()];
		const [matcher] = [...matchers().values()];
		if (!target || !matcher) throw new Error('nothing was created');
		target.url = 'https://example.com';
		matcher.target = ['mail', target.name];
		expect(await trigger.deactivate()).toBe(true);
		expect([targets().size, matchers().size]).toEqual([1, 1]);
	});

	it('says what is left if the cluster is down when it is deactivated', async () => {
		const trigger = await activate();
		lab.emulator.faults.onRequest({ path: /notifications/, times: 9, effect: 'reset' });
		expect(await trigger.deactivate()).toBe(false);
		expect(trigger.logs).toContainEqual(
			expect.objectContaining({
				level: 'warn',
				message: expect.stringMatching(
					/n8n-\w{16} and the matcher .* could not be removed/,
				) as string,
			}),
		);
	});

	it('leaves no target if the matcher cannot be created', async () => {
		lab.emulator.faults.onRequest({
			method: 'POST',
			path: '/cluster/notifications/matchers',
			effect: { status: 500, phrase: 'no luck' },
		});
		await expect(activate()).rejects.toThrow('no luck');
		expect(targets().size).toBe(0);
	});

	it.each([
		['without privileges', 'nosysaudit@pve!tk', 403, 'Mapping.Modify on /mapping/notifications'],
		['before 8.3', 'root@pam!full', 501, 'Proxmox VE 8.3 or newer'],
	])(
		'%s it says what is needed, and suggests the trigger that polls',
		async (_, tokenId, status, text) => {
			if (status === 501)
				lab.emulator.faults.onRequest({
					method: 'POST',
					path: '/cluster/notifications/endpoints/webhook',
					effect: {
						status,
						phrase: "Method 'POST /cluster/notifications/endpoints/webhook' not implemented",
					},
				});
			const proxmoxVeApi = {
				...lab.credentials.proxmoxVeApi,
				tokenId,
				tokenSecret: lab.emulator.tokens[tokenId] ?? '',
			};
			await expect(activate({}, { credentials: { proxmoxVeApi } })).rejects.toMatchObject({
				description: expect.stringMatching(new RegExp(`${text}.*Proxmox VE Trigger`)) as string,
			});
		},
	);

	it.each<[INodeParameters, Partial<WebhookOptions>, string]>([
		[{ types: ['backup'] }, {}, 'Types must be one of vzdump'],
		[{ severities: 'fatal' }, {}, 'Severities must be one of info'],
		[{}, { publicUrl: 'http://localhost:5678', credentials: {} }, 'N8N_WEBHOOK_URL'],
	])('refuses %j %j', async (parameters, { publicUrl, credentials }, message) => {
		const from = lab.emulator.requests.length;
		const elsewhere = { ...lab.credentials.proxmoxVeApi, url: 'https://pve.example.com:8006' };
		await expect(
			activate(parameters, {
				...(publicUrl ? { publicUrl } : {}),
				...(credentials ? { credentials: { proxmoxVeApi: elsewhere } } : {}),
			}),
		).rejects.toThrow(message);
		expect(callsOf(from)).toEqual([]);
	});
});
