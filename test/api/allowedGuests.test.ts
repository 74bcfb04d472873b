/* eslint-disable @n8n/community-nodes/no-restricted-globals -- a test, neither shipped nor scanned */
import type { IDataObject } from 'n8n-workflow';

import {
	createGuard,
	NotAllowedError,
	type AllowedGuests,
} from '../../nodes/ProxmoxVe/api/allowedGuests';
import { resources } from '../../nodes/ProxmoxVe/resources';
import { privilegeCases, type PrivilegeCase } from '../runtime/privileges/cases';
import { inPanel, onPve1, openLab, type Lab } from '../support/lab';

const ROWS = [
	{ vmid: 105, node: 'pve1', pool: 'agents', tags: 'AI;web' },
	{ vmid: 200, node: 'pve1', pool: 'others', tags: 'web' },
	{ vmid: 201, node: 'pve2', pool: 'agents', tags: 'ai' },
	{ vmid: 202, node: 'pve1' },
];
type Sent = readonly [string, string, IDataObject?];

/** @returns why the guard refuses a request; undefined if it may be sent */
const refusalOf = async (
	allowed: AllowedGuests,
	[method, path, given = {}]: Sent,
	isFree = false,
): Promise<string | undefined> =>
	await createGuard(allowed, async () => ROWS)
		.check(method, path, given, isFree)
		.then(
			() => undefined,
			(error: unknown) => {
				if (error instanceof NotAllowedError) return error.message;
				throw error;
			},
		);

const GUEST = '/nodes/pve1/qemu/105';
const UPID = (type: string, id: string) =>
	`/nodes/pve1/tasks/${encodeURIComponent(`UPID:pve1:000019FA:000E976D:6B042C6E:${type}:${id}:root@pam:`)}`;

describe('IDs', () => {
	const allowed = { ids: [{ lowest: 100, highest: 109 }] };

	it.each<Sent>([
		['GET', `${GUEST}/config`],
		['POST', `${GUEST}/status/start`],
		['DELETE', GUEST],
		['POST', `${GUEST}/clone`, { newid: '109' }],
		[
			'POST',
			'/nodes/pve1/lxc',
			{ vmid: '108', rootfs: 'local-lvm:8', ostemplate: 'local:vztmpl/a.tar' },
		],
		[
			'POST',
			'/nodes/pve1/qemu',
			{ vmid: '105', archive: 'local:backup/vzdump-qemu-105-2026.vma', force: '1' },
		],
		[
			'POST',
			`${GUEST}/config`,
			{ scsi1: 'local:105/vm-105-disk-1.qcow2', ide2: 'local:iso/a.iso,media=cdrom' },
		],
		[
			'POST',
			`${GUEST}/config`,
			{ scsi0: 'zfs:base-200-disk-0/vm-105-disk-0', description: 'from local:vm-200-disk-0' },
		],
		[
			'POST',
			`${GUEST}/config`,
			{ scsi0: 'lvm:0,import-from=local:import/a.qcow2', ipconfig0: 'ip=10.0.200.5/24' },
		],
		['POST', `${GUEST}/agent/exec`, { command: ['cat', '/data/200/x'] }],
		['POST', '/nodes/pve1/vzdump', { vmid: '105', storage: 'local' }],
		['DELETE', '/nodes/pve1/storage/local/content/local%3Abackup%2Fvzdump-qemu-105-2026.vma'],
		['DELETE', '/nodes/pve1/storage/pbs/prunebackups', { vmid: '105' }],
		['POST', '/nodes/pve1/storage/local/download-url', { url: 'https://a.example/200/b.iso' }],
		['DELETE', UPID('qmstart', '105')],
		['GET', UPID('imgdel', '105@local')],
		['GET', '/cluster/resources', { type: 'vm' }],
	])('allow %s %s', async (...sent) => expect(await refusalOf(allowed, sent)).toBeUndefined());

	it.each<Sent>([
		['GET', '/nodes/pve1/qemu/200/config'],
		['POST', '/nodes/pve1/lxc/200/status/stop'],
		['POST', '/nodes/pve1/qemu%2F200/status/stop'],
		['POST', `${GUEST}/clone`, { newid: '200' }],
		['POST', '/nodes/pve1/qemu/200/clone', { newid: '105' }],
		['POST', '/nodes/pve1/qemu', { vmid: '200' }],
		['POST', '/nodes/pve1/qemu', { vmid: ['105', '200'] }],
		[
			'POST',
			'/nodes/pve1/qemu',
			{ vmid: '105', archive: 'pbs:backup/vm/200/2026-01-01T00:00:00Z' },
		],
		['POST', '/nodes/pve1/qemu', { vmid: '105', archive: '/var/tmp/any.vma' }],
		[
			'POST',
			'/nodes/pve1/lxc',
			{ vmid: '105', restore: '1', ostemplate: 'local:backup/vzdump-lxc-200-2026.tar' },
		],
		['POST', '/nodes/pve1/lxc', { vmid: '105', mp0: '/var/lib/vz,mp=/host' }],
		['POST', `${GUEST}/config`, { scsi1: 'local-lvm:vm-200-disk-0' }],
		['POST', `${GUEST}/config`, { scsi1: 'local:200/any.qcow2,size=1G' }],
		['POST', `${GUEST}/config`, { scsi1: 'file=/dev/pve/vm-200-disk-0' }],
		['POST', `${GUEST}/config`, { scsi1: '/dev/sdb' }],
		['POST', `${GUEST}/config`, { scsi1: 'lvm:0,import-from=local-lvm:vm-200-disk-0' }],
		['POST', `${GUEST}/config`, { scsi1: 'lvm:0,import-from=/dev/sdb' }],
		['POST', `${GUEST}/config`, { args: '-drive file=/dev/sdb' }],
		['POST', `${GUEST}/move_disk`, { disk: 'scsi0', 'target-vmid': '200' }],
		['POST', `${GUEST}/monitor`, { command: 'info' }],
		['POST', `${GUEST}/remote_migrate`, { 'target-vmid': '105' }],
		['POST', '/nodes/pve1/vzdump', { vmid: '105,200' }],
		['POST', '/nodes/pve1/vzdump', { all: '1' }],
		['POST', '/nodes/pve1/vzdump', { vmid: '105', pool: 'others' }],
		['DELETE', '/nodes/pve1/storage/local/content/local%3Abackup%2Fvzdump-qemu-200-2026.vma'],
		['DELETE', '/nodes/pve1/storage/local-lvm/content/vm-200-disk-0'],
		['DELETE', '/nodes/pve1/storage/iscsi/content/iscsi%3A0.0.1.scsi-36'],
		['DELETE', '/nodes/pve1/storage/local/prunebackups'],
		[
			'GET',
			'/nodes/pve1/vzdump/extractconfig',
			{ volume: 'local:backup/vzdump-qemu-200-2026.vma' },
		],
		['DELETE', UPID('qmstart', '200')],
		['GET', `${UPID('vzdump', '200')}/log`],
		['DELETE', UPID('vzdump', '')],
		['POST', '/nodes/pve1/stopall', { vms: '105' }],
		['PUT', '/pools', { poolid: 'a', vms: '200' }],
		['PUT', '/cluster/ha/resources/vm:105', { state: 'stopped' }],
		['POST', '/access/users', { userid: 'a@pve' }],
	])('refuse %s %s %j', async (...sent) =>
		expect(await refusalOf(allowed, sent)).toEqual(expect.any(String)),
	);

	it.each<Sent>([
		['GET', '/cluster/resources'],
		['GET', '/nodes/pve1/qemu'],
		['GET', '/nodes/pve1/storage/local/content'],
		['DELETE', '/nodes/pve1/storage/local/content/local%3Aiso%2Fa.iso'],
	])('refuse %s %s where the path is free', async (...sent) => {
		expect(await refusalOf(allowed, sent)).toBeUndefined();
		expect(await refusalOf(allowed, sent, true)).toContain('is not about allowed guests only');
	});
});

it('each limit that is set must hold, for existing and new guests', async () => {
	const limits = { pools: ['agents'], tags: ['ai'], nodes: ['pve1'] };
	const start = (vmid: number, node = 'pve1'): Sent => [
		'POST',
		`/nodes/${node}/qemu/${vmid}/status/start`,
	];
	const create = (given: IDataObject): Sent => ['POST', '/nodes/pve1/qemu', given];
	expect(await refusalOf(limits, start(105))).toBeUndefined();
	expect(await refusalOf({ pools: ['agents'] }, start(200))).toBe(
		'VM 200 is in the pool others, not in one of Allowed Guests → Resource Pools (agents)',
	);
	expect(await refusalOf({ tags: ['ai'] }, start(200))).toBe(
		'VM 200 has none of the tags in Allowed Guests → Tags (ai)',
	);
	expect(await refusalOf({ nodes: ['pve1'] }, start(201, 'pve2'))).toBe(
		'The node pve2 is not one of Allowed Guests → Nodes (pve1)',
	);
	expect(await refusalOf({ pools: ['agents'] }, start(202))).toContain('is in no pool');
	expect(await refusalOf({ pools: ['agents'] }, start(999))).toContain('is unknown');
	expect(await refusalOf(limits, ['POST', `${GUEST}/migrate`, { target: 'pve2' }])).toContain(
		'The node pve2',
	);

	const named = { vmid: '300', pool: 'agents', tags: 'web,ai' };
	expect(await refusalOf(limits, create(named))).toBeUndefined();
	expect(await refusalOf(limits, create({ ...named, pool: 'others' }))).toContain('Pools');
	expect(await refusalOf(limits, create({ ...named, tags: 'web' }))).toContain('Tags');
	expect(await refusalOf(limits, create({ ...named, vmid: '200' }))).toContain('Pools');
	expect(await refusalOf(limits, create({ ...named, force: '1' }))).toContain('is unknown');
	// A clone has the tags of its original.
	const clone = (given: IDataObject): Sent => [
		'POST',
		`${GUEST}/clone`,
		{ newid: '300', ...given },
	];
	expect(await refusalOf(limits, clone({ pool: 'agents' }))).toBeUndefined();
	expect(await refusalOf(limits, clone({}))).toBe(
		'VM 300 is in no pool, not in one of Allowed Guests → Resource Pools (agents)',
	);
});

describe('whatever its fields say, no operation touches another guest:', () => {
	const LOWEST = 800_000;
	const isOther = (vmid: unknown): boolean => Number(vmid) < LOWEST;
	let lab: Lab;
	let others: string[];
	beforeAll(async () => {
		lab = await openLab();
	});
	afterAll(async () => await lab.close());

	/** What a case did to other guests: requests that name one, and what it tells of one. */
	async function touched({ parameters, arrange }: PrivilegeCase): Promise<string[]> {
		const { requests, state } = lab.emulator;
		const arranged = (await arrange?.(lab)) ?? {};
		others = [...state.vms.keys()].filter(isOther).map(String);
		const before = requests.length;
		const { items, error } = await lab.engine.runNode({
			items: [{}],
			inputBinary: [{ data: { data: 'YQ==', mimeType: 'text/plain' } }],
			parameters: inPanel({
				...onPve1,
				...parameters,
				...arranged,
				options: { maxPollInterval: 0.1, ...(parameters.options as IDataObject) },
				allowedGuests: { ids: '800000-899999' },
			}),
			credentials: lab.credentials,
		});
		void error;
		const sent = requests.slice(before).filter(({ method, path, body }) => {
			const whole = decodeURIComponent(`${path} ${method === 'GET' ? '' : body}`);
			return others.some((vmid) =>
				new RegExp(`(?:/(?:qemu|lxc)/|:|-|=|/)${vmid}(?:[/:&?-]|\\s|$)`).test(whole),
			);
		});
		return [
			...sent.map(({ method, path, body }) => `${method} ${path} ${body}`),
			...items
				.flat()
				.filter((item) => isOther(item?.json.vmid))
				.map((item) => JSON.stringify(item?.json)),
		];
	}

	it.each(resources.filter(({ value }) => !['image', 'node', 'storage'].includes(value)))(
		'$name',
		async ({ name, operations }) => {
			for (const operation of operations) {
				const cases = privilegeCases.filter(
					(one) => one.operation === `${name} → ${operation.name}`,
				);
				expect(cases).not.toEqual([]);
				for (const one of cases)
					expect({ of: one, touched: await touched(one) }).toEqual({ of: one, touched: [] });
			}
		},
	);
});
