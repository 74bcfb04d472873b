/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- a test, neither shipped nor scanned */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

import { changeFields } from '../../nodes/ProxmoxVe/catalogue/qemu/change';
import { qemu } from '../../nodes/ProxmoxVe/catalogue/qemu';
import type { PlainField } from '../../nodes/ProxmoxVe/catalogue/fields';
import * as backup from '../../nodes/ProxmoxVe/resources/backup/fields';
import * as container from '../../nodes/ProxmoxVe/resources/container/fields';
import * as image from '../../nodes/ProxmoxVe/catalogue/image';
import * as agent from '../../nodes/ProxmoxVe/resources/guestAgent/fields';
import * as snapshot from '../../nodes/ProxmoxVe/resources/snapshot/fields';
import * as vm from '../../nodes/ProxmoxVe/resources/virtualMachine/fields';
import { findEndpoint } from '../../tools/emulator/contract/facts';

const resources = join(__dirname, '../../nodes/ProxmoxVe/resources');

const VM = '/nodes/{node}/qemu/{vmid}';
const CT = '/nodes/{node}/lxc/{vmid}';
const STORAGE = '/nodes/{node}/storage/{storage}';
const LOCKS = 'for root@pam only: it passes over the lock that keeps two tasks from the same VM';
const MIGRATION = 'for migrations, which Proxmox starts so itself';

interface Table {
	readonly endpoint: readonly [method: string, path: string];
	readonly fields: Readonly<Record<string, PlainField>>;
	/** Parameters of the API that are left out, each with the reason. */
	readonly without: Readonly<Record<string, string>>;
}

const tables: Table[] = [
	{
		endpoint: ['POST', `${VM}/status/shutdown`],
		fields: vm.shutdownFields,
		without: {
			skiplock: LOCKS,
			keepActive: 'for root@pam only: it keeps the volumes active for Proxmox itself',
		},
	},
	{
		endpoint: ['POST', `${VM}/status/stop`],
		fields: vm.stopFields,
		without: {
			skiplock: LOCKS,
			keepActive: 'for root@pam only: it keeps the volumes active for Proxmox itself',
			migratedfrom: MIGRATION,
			timeout: 'a VM that is turned off does not take time',
		},
	},
	{
		endpoint: ['POST', `${VM}/status/suspend`],
		fields: vm.hibernateFields,
		without: { skiplock: LOCKS, todisk: 'Hibernate sends it, and Suspend does not' },
	},
	{ endpoint: ['POST', `${VM}/status/reboot`], fields: vm.rebootFields, without: {} },
	{ endpoint: ['DELETE', VM], fields: vm.deleteFields, without: { skiplock: LOCKS } },
	{ endpoint: ['POST', `${VM}/clone`], fields: vm.cloneFields, without: {} },
	{
		endpoint: ['POST', `${VM}/migrate`],
		fields: vm.migrateFields,
		without: {
			force: 'for root@pam only: it moves a VM away from devices that it uses',
			migration_network: 'for root@pam only: it is set for the whole cluster',
			migration_type: 'for root@pam only: it is set for the whole cluster',
			'with-conntrack-state': 'few hosts can do it, and none before 9.1',
		},
	},
	{
		endpoint: ['POST', `${VM}/move_disk`],
		fields: vm.moveFields,
		without: {
			digest: 'that of the configuration goes with each request',
			'target-digest': 'for another VM',
			'target-disk': 'for another VM',
			'target-vmid': 'for another VM: a disk is of one VM here',
		},
	},
	{
		endpoint: ['PUT', `${VM}/resize`],
		fields: vm.resizeFields,
		without: { skiplock: LOCKS, digest: 'a disk cannot be made smaller by mistake' },
	},
	{
		endpoint: ['POST', `${VM}/config`],
		fields: changeFields,
		without: {
			skiplock: LOCKS,
			background_delay:
				'the task is followed by its UPID, which a change that ends within the delay would not tell',
			template:
				'it would leave the disks as they are: Convert to Template makes a template of them too',
		},
	},
	{ endpoint: ['GET', `${VM}/config`], fields: vm.getFields, without: {} },
	{
		endpoint: ['POST', `${VM}/snapshot`],
		fields: snapshot.createFields,
		without: {},
	},
	{
		endpoint: ['POST', `${VM}/snapshot/{snapname}/rollback`],
		fields: snapshot.rollbackFields,
		without: { snapname: 'it is in the path' },
	},
	{
		endpoint: ['DELETE', `${VM}/snapshot/{snapname}`],
		fields: snapshot.deleteFields,
		without: { snapname: 'it is in the path' },
	},
	{
		endpoint: ['POST', `${CT}/snapshot`],
		fields: {
			snapname: snapshot.createFields.snapname,
			description: snapshot.createFields.description,
		},
		without: {},
	},
	{
		endpoint: ['POST', `${CT}/snapshot/{snapname}/rollback`],
		fields: snapshot.rollbackFields,
		without: { snapname: 'it is in the path' },
	},
	{
		endpoint: ['DELETE', `${CT}/snapshot/{snapname}`],
		fields: snapshot.deleteFields,
		without: { snapname: 'it is in the path' },
	},
	{ endpoint: ['POST', `${CT}/clone`], fields: container.cloneFields, without: {} },
	{
		endpoint: ['POST', `${CT}/migrate`],
		fields: container.migrateFields,
		without: { online: 'Proxmox VE cannot move a running container without a restart' },
	},
	{
		endpoint: ['POST', `${CT}/move_volume`],
		fields: container.moveFields,
		without: {
			digest: 'that of the configuration goes with each request',
			'target-digest': 'a slot of the target that is in use is refused',
		},
	},
	{
		endpoint: ['PUT', `${CT}/resize`],
		fields: container.resizeFields,
		without: { digest: 'a volume cannot be made smaller by mistake' },
	},
	{
		endpoint: ['POST', `${STORAGE}/download-url`],
		fields: image.downloadFields,
		without: {},
	},
	{ endpoint: ['POST', '/nodes/{node}/aplinfo'], fields: image.templateFields, without: {} },
	{ endpoint: ['POST', `${STORAGE}/oci-registry-pull`], fields: image.ociFields, without: {} },
	{
		endpoint: ['PUT', `${STORAGE}/content/{volume}`],
		fields: backup.updateFields,
		without: { storage: 'it is in the path', volume: 'it is in the path' },
	},
	{
		endpoint: ['POST', `${STORAGE}/upload`],
		fields: image.uploadFields,
		without: { tmpfilename: 'the API server sets it itself' },
	},
	{
		endpoint: ['POST', `${VM}/agent/exec`],
		fields: agent.execFields,
		without: { command: 'it is made of the program and its arguments' },
	},
	{
		endpoint: ['GET', `${VM}/agent/file-read`],
		fields: agent.readFileFields,
		without: { decode: 'bytes come as characters in every version' },
	},
	{
		endpoint: ['POST', `${VM}/agent/file-write`],
		fields: agent.writeFileFields,
		without: { content: 'it is text or a binary file', encode: 'how the content is sent' },
	},
	{
		endpoint: ['POST', `${VM}/agent/set-user-password`],
		fields: agent.passwordFields,
		without: {},
	},
];

/** Its other parameters choose VMs, or say what root@pam alone may: only what is there is compared. */
const vzdump = {
	endpoint: ['POST', '/nodes/{node}/vzdump'],
	fields: backup.backupFields,
	without: {},
} as const;

const byEndpoint = tables.map((table) => [table.endpoint.join(' '), table] as const);
/** The path, and what the groups of Update have. */
const ELSEWHERE = new Set([
	'node',
	'vmid',
	...qemu.groups.update.flatMap(({ fields }) => Object.keys(fields)),
]);
const factsOf = ([method, path]: Table['endpoint']) => findEndpoint(method, path)?.parameters ?? {};

describe('the fields of operations, beside the facts of the API', () => {
	it('every table of a resource is compared: add a new one to the tables above', async () => {
		const files = readdirSync(resources, { recursive: true, encoding: 'utf8' })
			.filter((file) => file.endsWith('fields.ts'))
			.map((file) => join(resources, file))
			.concat(join(resources, '../catalogue/image'));
		const modules: Array<Record<string, unknown>> = await Promise.all(
			files.map(async (file) => await import(file)),
		);
		const compared = new Set<unknown>([...tables, vzdump].map(({ fields }) => fields));
		const missing = modules.flatMap((module) =>
			Object.entries(module).filter(([, table]) => !compared.has(table)),
		);
		expect(missing.map(([name]) => name)).toEqual([]);
	});

	it.each(byEndpoint)(
		'%s: every parameter is a field, or is left out for a reason',
		(_, { endpoint, fields, without }) => {
			const parameters = Object.keys(factsOf(endpoint)).filter(
				(name) => name in fields || !ELSEWHERE.has(name),
			);
			expect(parameters.sort()).toEqual([...Object.keys(fields), ...Object.keys(without)].sort());
		},
	);

	it.each([...byEndpoint, ['POST vzdump', vzdump] as const])(
		'%s: kinds, limits and choices are those of the API',
		(_, { endpoint, fields }) => {
			const facts = factsOf(endpoint);
			for (const [name, field] of Object.entries(fields)) {
				const { type, minimum, maximum, maxLength, enum: values } = facts[name] ?? {};
				const isNumber = field.kind === 'integer' || field.kind === 'decimal';
				const ours = {
					name,
					type: isNumber
						? field.kind === 'integer'
							? 'integer'
							: 'number'
						: field.kind === 'flag'
							? 'boolean'
							: 'string',
					minimum: isNumber ? field.min : undefined,
					maximum: isNumber ? field.max : undefined,
					maxLength: field.kind === 'text' ? field.maxLength : undefined,
				};
				expect(ours).toEqual({ name, type, minimum, maximum, maxLength });
				// The facts do not say which compressions there are.
				if (field.kind === 'choice' && name !== 'compression')
					expect(values).toEqual(expect.arrayContaining(Object.keys(field.options)));
				if (field.kind === 'text' && field.pattern !== undefined && values) {
					const pattern = new RegExp(`^(?:${field.pattern})$`);
					// An unused disk is only given to another VM, which is not offered here.
					const offered = values.filter((value) => !/^unused\d+$/.test(value));
					expect(offered.filter((value) => !pattern.test(value))).toEqual([]);
				}
			}
		},
	);
});

describe('what Update offers', () => {
	it('is what the API accepts there, and nothing that only a new VM has', () => {
		const parameters = factsOf(['POST', `${VM}/config`]);
		const offered = qemu.groups.update.flatMap(({ fields }) => Object.keys(fields));
		expect(offered.filter((name) => !(name in parameters))).toEqual([]);
	});
});
