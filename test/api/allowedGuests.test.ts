import type { IDataObject, INodeParameters } from 'n8n-workflow';

import {
	createGuard,
	NotAllowedError,
	type AllowedGuests,
} from '../../nodes/ProxmoxVe/api/allowedGuests';
import { resources } from '../../nodes/ProxmoxVe/resources';
import { privilegeCases, type PrivilegeCase } from '../runtime/privileges/cases';
import type { ExecutionResult } from '../../tools/harness/runWorkflow';
import { runCase } from '../runtime/privileges/runCase';
import { openLab, type Lab } from '../support/lab';

const ROWS = [
	{ vmid: 105, node: 'pve1', pool: 'agents', tags: 'AI;web' },
	{ vmid: 200, node: 'pve1', pool: 'others', tags: 'web' },
	{ vmid: 201, node: 'pve2', pool: 'agents', tags: 'ai' },
	{ vmid: 202, node: 'pve1' },
];
type Sent = readonly [method: string, path: string, given?: IDataObject];
/** A row of a table: one without parameters has two values, and a third argument would be jest's callback. */
const sentOf = (row: readonly unknown[]): Sent => row as unknown as Sent;
type Limits = Omit<AllowedGuests, 'text'>;

/** @returns why the guard refuses a request; undefined if it may be sent */
const refusalOf = async (
	limits: Limits,
	[method, path, given = {}]: Sent,
	isFree = false,
): Promise<string | undefined> =>
	await createGuard({ text: 'LIST', ...limits }, async () => ROWS)
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

	it.each<[string, string, IDataObject?]>([
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
		['POST', `${GUEST}/config`, { scsi0: 'lvm:0,import-from=local:import/web.ova/105.vmdk' }],
		['POST', `${GUEST}/agent/exec`, { command: ['cat', '/data/200/x'] }],
		['POST', '/nodes/pve1/vzdump', { vmid: '105', storage: 'local' }],
		['DELETE', '/nodes/pve1/storage/local/content/local%3Abackup%2Fvzdump-qemu-105-2026.vma'],
		['DELETE', '/nodes/pve1/storage/pbs/prunebackups', { vmid: '105' }],
		['PUT', '/pools/a', { vms: '105', 'allow-move': '1' }],
		['POST', '/nodes/pve1/storage/local/download-url', { url: 'https://a.example/200/b.iso' }],
		['POST', '/nodes/pve1/storage/local/oci-registry-pull', { reference: 'a/b:1' }],
		['POST', '/nodes/pve1/aplinfo', { storage: 'local', template: 'debian.tar.zst' }],
		['DELETE', UPID('qmstart', '105')],
		['GET', UPID('imgdel', '105@local')],
		['GET', '/cluster/resources', { type: 'vm' }],
		['GET', '/nodes/pve1/storage/local/import-metadata', { volume: 'import/web.ova' }],
	])('allow %s %s', async (...sent) =>
		expect(await refusalOf(allowed, sentOf(sent))).toBeUndefined(),
	);

	it.each<[string, string, IDataObject?]>([
		['GET', '/nodes/pve1/qemu/200/config'],
		['GET', '/nodes/pve1/tasks', { vmid: 200 }],
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
		['GET', '/nodes/pve1/storage/local/prunebackups', { 'prune-backups': 'keep-last=1' }],
		['GET', '/nodes/pve1/storage/esxi/import-metadata', { volume: 'ha/vm/vm.vmx' }],
		['GET', '/nodes/pve1/storage/esxi/import-metadata', { volume: 'ha/ds/105/web.vmx' }],
		['POST', `${GUEST}/config`, { scsi1: 'lvm:0,import-from=esxi:ha/ds/105/web.vmdk' }],
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
		['PUT', '/pools/a', { vms: '105 200' }],
		['PUT', '/pools/a', { vms: '105', storage: 'local' }],
		['PUT', '/cluster/ha/resources/vm:105', { state: 'stopped' }],
		['POST', '/access/users', { userid: 'a@pve' }],
	])('refuse %s %s %j', async (...sent) =>
		expect(await refusalOf(allowed, sentOf(sent))).toEqual(expect.any(String)),
	);

	it.each<[string, string, IDataObject?]>([
		['GET', '/cluster/resources'],
		['GET', '/nodes/pve1/qemu'],
		['GET', '/nodes/pve1/storage/local/content'],
		['DELETE', '/nodes/pve1/storage/local/content/local%3Aiso%2Fa.iso'],
	])('refuse %s %s if the path is free', async (...given) => {
		const sent = sentOf(given);
		expect(await refusalOf(allowed, sent)).toBeUndefined();
		expect(await refusalOf(allowed, sent, true)).toContain(
			'is not about guests in Allowed Guests (LIST) only',
		);
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
		'VM 200 is not in Allowed Guests (LIST): it is in the pool others',
	);
	expect(await refusalOf({ tags: ['ai'] }, start(200))).toBe(
		'VM 200 is not in Allowed Guests (LIST): it has none of these tags',
	);
	expect(await refusalOf({ nodes: ['pve1'] }, start(201, 'pve2'))).toBe(
		'The node pve2 is not in Allowed Guests (LIST)',
	);
	expect(await refusalOf({ pools: ['agents'] }, start(202))).toContain('it is in no pool');
	expect(await refusalOf({ pools: ['agents'] }, start(999))).toContain('is unknown');
	expect(await refusalOf(limits, ['POST', `${GUEST}/migrate`, { target: 'pve2' }])).toContain(
		'The node pve2',
	);

	const named = { vmid: '300', pool: 'agents', tags: 'web,ai' };
	expect(await refusalOf(limits, create(named))).toBeUndefined();
	expect(await refusalOf(limits, create({ ...named, pool: 'others' }))).toContain(
		'it is in the pool others',
	);
	expect(await refusalOf(limits, create({ ...named, tags: 'web' }))).toContain('tags');
	expect(await refusalOf(limits, create({ ...named, vmid: '200' }))).toContain(
		'it is in the pool others',
	);
	expect(await refusalOf(limits, create({ ...named, force: '1' }))).toContain('is unknown');
	// A clone has the tags of its original.
	const clone = (given: IDataObject): Sent => [
		'POST',
		`${GUEST}/clone`,
		{ newid: '300', ...given },
	];
	expect(await refusalOf(limits, clone({ pool: 'agents' }))).toBeUndefined();
	expect(await refusalOf(limits, clone({}))).toBe(
		'VM 300 is not in Allowed Guests (LIST): it is in no pool',
	);
});

describe('on n8n’s engine,', () => {
	const LOWEST = 800_000;
	const ONLY = '800000-899999';
	const isOther = (vmid: unknown): boolean => Number(vmid) < LOWEST;
	const text = ({ error }: ExecutionResult): string =>
		`${error?.message} ${String((error as { description?: unknown } | undefined)?.description)}`;
	let lab: Lab;
	beforeEach(async () => {
		lab = await openLab();
	});
	afterEach(async () => await lab.close());

	/** Runs a case for the allowed guests. @returns what it did to others, and how it ended */
	async function tryOn(one: PrivilegeCase) {
		const { requests, state } = lab.emulator;
		const arranged = (await one.arrange?.(lab)) ?? {};
		const others = [...state.vms.keys()].filter(isOther);
		const namesOther = new RegExp(`[/:=-](?:${others.join('|')})(?:[/:&?\\s-]|$)`);
		const before = requests.length;
		const { items, error } = await runCase(lab, one, {
			...arranged,
			allowedGuests: ONLY,
		});
		const sent = requests
			.slice(before)
			.map(({ method, path, body }) =>
				decodeURIComponent(`${method} ${path} ${method === 'GET' ? '' : body}`),
			);
		const shown = items.flat().flatMap((item) => (item ? [item.json] : []));
		return {
			end: error?.message ?? 'OK',
			touched: [
				...sent.filter((request) => namesOther.test(request)),
				...shown.filter(({ vmid }) => isOther(vmid)).map((json) => JSON.stringify(json)),
			],
		};
	}

	it.each(resources.filter(({ value }) => !['image', 'node', 'storage'].includes(value)))(
		'no operation of $name touches another guest, whatever its fields say',
		async ({ name, operations }) => {
			// A guest that a case adds has the next ID, so those that create one come last.
			const isCreate = ({ value }: { value: string }): number =>
				Number(['create', 'import'].includes(value));
			for (const operation of [...operations].sort((a, b) => isCreate(a) - isCreate(b))) {
				const cases = privilegeCases.filter(
					(one) => one.operation === `${name} → ${operation.name}`,
				);
				expect(cases).not.toEqual([]);
				for (const one of cases) {
					const { touched, end } = await tryOn(one);
					expect({ one, touched }).toEqual({ one, touched: [] });
					if (!['create', 'import', 'getAll'].includes(operation.value))
						expect({ one, end }).toEqual({ one, end: expect.stringContaining('Allowed Guests') });
				}
			}
		},
	);

	it.each([
		['={{ $fromAI("ids", "IDs", "string") }}', 'must be a fixed text'],
		['={{ $json.ids }}', 'must be a fixed text'],
		['= {{ $json.ids }}', 'must be a fixed text'],
		[{ ids: '100' }, 'must be a list of guests'],
		[' , ', 'must be a list of guests'],
		['100-x', 'got "100-x"'],
		['200-100', 'got "200-100"'],
		['name:web', 'got "name:web"'],
	])('%j is rejected before any request', async (allowedGuests, message) => {
		const result = await lab.run({ allowedGuests }, [{ ids: '100' }]);
		expect(text(result)).toContain(message);
		expect(lab.emulator.requests).toEqual([]);
	});

	it('a guest with an ID out of the list is refused by name and in JSON too, and says which list', async () => {
		const vm = { __rl: true, mode: 'name', value: lab.emulator.state.vms.get(100)?.config.name };
		const stopped = await lab.run({
			operation: 'stop',
			vm,
			allowedGuests: '101, 103 - 104',
		} as INodeParameters);
		expect(text(stopped)).toBe(
			'VM 100 is not in Allowed Guests (101, 103 - 104) Choose a guest that is allowed. For a new one, Options → Lowest VM ID and Highest VM ID set the range of its ID.\nThis request was not sent.',
		);
		const vmJson = JSON.stringify({ scsi0: 'local:0,import-from=local:100/vm-100-disk-0.qcow2' });
		const created = await lab.run({ specifyVm: 'json', vmJson, allowedGuests: ONLY });
		expect(text(created)).toContain('VM 100 is not in Allowed Guests');
		const path = '/nodes/pve1/qemu/100/status/stop';
		for (const preview of [true, false])
			expect(
				text(
					await lab.run({
						resource: 'apiRequest',
						operation: 'send',
						method: 'POST',
						path,
						options: { preview },
						allowedGuests: ONLY,
					}),
				),
			).toContain('VM 100 is not in Allowed Guests');
		expect(lab.emulator.requests.filter(({ method }) => method !== 'GET')).toEqual([]);
	});

	it('a new VM gets an ID of the widest range, and one that may not be created downloads no image', async () => {
		const { vmid } = await lab.output({ allowedGuests: '100,900-950,105-110' });
		expect(vmid).toBe(900);
		const imageUrl = 'https://images.example/a.qcow2';
		lab.emulator.state.web.set(imageUrl, { size: 1, sums: {} });
		lab.emulator.state.storages.get('local')?.content.push('import');
		const refused = await lab.run({
			diskSource: 'url',
			imageUrl,
			storage: { __rl: true, mode: 'name', value: 'local' },
			allowedGuests: 'tag:ai',
		});
		expect(text(refused)).toContain(
			'The new VM is not in Allowed Guests (tag:ai): it has none of these tags',
		);
		expect(lab.emulator.requests.filter(({ path }) => path.includes('download-url'))).toEqual([]);
	});

	it('a VM is created, started, changed and deleted in its pool, also if the response is lost', async () => {
		const { state, faults } = lab.emulator;
		state.pools.set('agents', {
			poolid: 'agents',
			comment: '',
			vms: new Set(),
			storages: new Set(),
		});
		const allowedGuests = 'pool:agents node:pve1';
		faults.onRequest({ method: 'POST', path: /\/qemu$/, when: 'after', effect: 'reset' });
		const pool = {
			moreSettings: ['general'],
			general: { pool: { __rl: true, mode: 'name', value: 'agents' } },
		};
		const { vmid, node } = await lab.output({
			...pool,
			start: true,
			allowedGuests,
		} as INodeParameters);
		expect({ vmid, node }).toEqual({ vmid: expect.any(Number), node: 'pve1' });
		const vm = { __rl: true, mode: 'id', value: String(vmid) };
		const settings = { specifyVm: 'json', vmJson: '{"cores":2}' };
		await lab.output({ operation: 'update', vm, ...settings, allowedGuests });
		await lab.output({ operation: 'delete', vm, allowedGuests, options: { stopFirst: true } });
		expect(state.vms.has(Number(vmid))).toBe(false);
		const all = await lab.run({ operation: 'getAll', returnAll: true, allowedGuests });
		expect(all.items.flat()).toEqual([]);
	});
});
