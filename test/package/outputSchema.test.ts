/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- a test, neither shipped nor scanned */
import { readdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { IDataObject, INodeType } from 'n8n-workflow';

import { ProxmoxVe } from '../../nodes/ProxmoxVe/ProxmoxVe.node';
import { resources } from '../../nodes/ProxmoxVe/resources';
import { ProxmoxVeNotificationTrigger } from '../../nodes/ProxmoxVeNotificationTrigger/ProxmoxVeNotificationTrigger.node';
import { ProxmoxVeTrigger } from '../../nodes/ProxmoxVeTrigger/ProxmoxVeTrigger.node';
import manifest from '../../package.json';
import { manualClock } from '../../tools/emulator';
import { sendTo } from '../../tools/emulator/notify';
import { loadOutputSchema, resolveOutputSchemaPath } from '../../tools/harness/n8nCore';
import { differences, formProblems, unseen, type Schema } from './outputSchema/check';
import { samplesOf } from './outputSchema/samples';
import { openLab } from '../support/lab';

const root = join(__dirname, '../..');
/** Where n8n looks for the schemas of a node: beside the built file, for the version that a node has which is added today. */
const placeOf = (file: string, { description: { version } }: INodeType) => ({
	nodeDir: dirname(join(root, file)),
	version: [version].flat().at(-1) ?? 0,
});
const [nodeFile = '', triggerFile = '', notificationFile = ''] = manifest.n8n.nodes;
const ofNode = placeOf(nodeFile, new ProxmoxVe());
const ofTrigger = placeOf(triggerFile, new ProxmoxVeTrigger());
const ofNotification = placeOf(notificationFile, new ProxmoxVeNotificationTrigger());

const operations = resources.flatMap(({ value: resource, operations: all }) =>
	all.map(({ value: operation }) => ({ resource, operation })),
);
const described = [
	...operations.map((one) => ({ ...ofNode, ...one })),
	{ ...ofTrigger, resource: '', operation: '' },
	{ ...ofNotification, resource: '', operation: '' },
];

/** A schema as n8n's server finds it. */
function schemaOf(place: (typeof described)[number]): Schema {
	const schema = loadOutputSchema(place);
	if (schema) return schema as unknown as Schema;
	throw new Error(
		`n8n finds no ${relative(root, resolveOutputSchemaPath(place) ?? '')}: it is not in nodes/, or not built`,
	);
}

const emitsWhatItSays = (
	schema: Schema,
	items: readonly IDataObject[],
	open?: readonly string[],
	hasTask = true,
): void => {
	expect(items.flatMap((item) => differences(schema, item, open))).toEqual([]);
	expect(unseen(schema, items).filter((one) => hasTask || !OF_TASK.test(one))).toEqual([]);
};

/**
 * Where there may be more than the schema names: a VM has a hundred settings and devices, and Proxmox tells
 * what it likes of the present state. What the schema does name is held to it there, too. It is the config
 * as objects; with Raw Config it is texts.
 */
const OPEN: Readonly<Record<string, readonly string[]>> = {
	'virtualMachine get': ['config', 'current'],
	'container get': ['config', 'current'],
};

/** Proxmox changes these at once, without a task: what it says of one is always null, as for VMs without one. */
const WITHOUT_TASK = ['container update', 'container convertToTemplate'];
const OF_TASK = /^\.(?:upid|exitStatus|startedAt): string$/;

describe('the output schemas', () => {
	it('exist for each operation and trigger, and for nothing else', () => {
		const files = [ofNode, ofTrigger, ofNotification].flatMap(({ nodeDir }) => {
			const schemas = join(nodeDir, '__schema__');
			return readdirSync(schemas, { recursive: true, encoding: 'utf8' })
				.filter((name) => name.endsWith('.json'))
				.map((name) => join(schemas, name));
		});
		expect(files.sort()).toEqual(described.map(resolveOutputSchemaPath).sort());
	});

	it('have the form that n8n’s editor reads', () =>
		expect(described.flatMap((place) => formProblems(schemaOf(place)))).toEqual([]));

	it.each(operations)(
		'describe exactly what $resource $operation returns',
		async ({ resource, operation }) => {
			const lab = await openLab();
			const items = await samplesOf(lab, resource, operation).finally(
				async () => await lab.close(),
			);
			emitsWhatItSays(
				schemaOf({ ...ofNode, resource, operation }),
				items,
				OPEN[`${resource} ${operation}`],
				!WITHOUT_TASK.includes(`${resource} ${operation}`),
			);
		},
	);

	it('describe exactly what the trigger emits', async () => {
		const clock = manualClock(Date.now() - 86_400_000);
		const lab = await openLab({ clock });
		const trigger = await lab.engine.activateTrigger({
			type: 'n8n-nodes-proxmox-ve.proxmoxVeTrigger',
			parameters: {},
			credentials: lab.credentials,
		});
		const start = (id: string, authId: string) =>
			void lab.emulator.tasks.start({
				type: 'vzdump',
				id,
				authId,
				run: async (worker) => await worker.work(90_000),
			});
		start('100', 'root@pam!other');
		start('', 'root@pam');
		await clock.advance(60_000);
		await trigger.tick();
		start('100', 'root@pam!other');
		await clock.advance(60_000);
		// The list has forgotten the first two, which are then looked up.
		lab.emulator.faults.onRequest({
			path: '/nodes/pve1/tasks',
			times: 3,
			effect: { status: 200, body: '{"data":[]}' },
		});
		for (let polls = 0; polls < 3; polls++) {
			await trigger.tick();
			await clock.advance(60_000);
		}
		// The other event has its own fields: n8n has one schema for both.
		const { vms } = lab.emulator.state;
		const [[vmid, vm] = []] = vms;
		if (vmid === undefined || vm === undefined) throw new Error('the emulator has no VM');
		vms.set(vmid, { ...vm, lastReport: null });
		const watcher = await lab.engine.activateTrigger({
			type: 'n8n-nodes-proxmox-ve.proxmoxVeTrigger',
			parameters: { event: 'guestChanged' },
			credentials: lab.credentials,
		});
		vms.delete(vmid);
		await watcher.tick();
		vms.set(vmid, { ...vm, config: { ...vm.config, tags: 'web' } });
		lab.emulator.state.pools.set('some', { poolid: 'some', vms: new Set([vmid]) } as never);
		await watcher.tick();
		vms.set(vmid, { ...vm, node: 'elsewhere' });
		await watcher.tick();
		await lab.close();
		const tasks = trigger.executions.flat().map(({ json }) => json);
		const changes = watcher.executions.flat().map(({ json }) => json);
		const schema = schemaOf({ ...ofTrigger, resource: '', operation: '' });
		emitsWhatItSays(
			schema,
			[...tasks, ...changes].map((item) => ({ ...tasks[0], ...changes[0], ...item })),
		);
	});

	it('describe exactly what the notification trigger emits', async () => {
		const lab = await openLab();
		const trigger = await lab.engine.activateWebhook({
			type: 'n8n-nodes-proxmox-ve.proxmoxVeNotificationTrigger',
			credentials: lab.credentials,
		});
		const [target] = lab.emulator.state.notifications.targets.values();
		const fields = { type: 'vzdump', hostname: 'pve1', 'job-id': 'backup-1' };
		const sent = { title: 'one', message: 'two', severity: 'info', timestamp: 3 };
		if (target) for (const has of [fields, {}]) await sendTo(target, { ...sent, fields: has });
		await trigger.deactivate();
		await lab.close();
		emitsWhatItSays(
			schemaOf({ ...ofNotification, resource: '', operation: '' }),
			trigger.executions.flat().map(({ json }) => json),
		);
	});

	it('do not describe a preview, which is no VM', async () => {
		const lab = await openLab();
		const preview = await lab.output({ general: { template: true }, options: { preview: true } });
		await lab.close();
		const { properties = {} } = schemaOf({
			...ofNode,
			resource: 'virtualMachine',
			operation: 'create',
		});
		expect(Object.keys(preview).filter((name) => name in properties)).toEqual([]);
	});
});
