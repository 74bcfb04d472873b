import type { IDataObject } from 'n8n-workflow';

import type { Emulator } from '../../../tools/emulator';
import { addEsxi, addOva } from '../../support/addOva';
import { addNode, type Lab } from '../../support/lab';
import { containerCases, OCI_IMAGE } from './containerCases';

/** What a step needs, and a step that shows it. */
export interface PrivilegeCase {
	/** As the panel calls them: `Virtual Machine → Create`. */
	readonly operation: string;
	/** What of it needs these; without it, the operation itself. */
	readonly option?: string;
	/** Privilege → where it is needed. Of an option, only what comes on top. */
	readonly needs: Readonly<Record<string, string>>;
	/** What else the step has, that stands in other rows. */
	readonly beside?: readonly string[];
	readonly parameters: IDataObject;
	/** @returns parameters that only the arranged gives */
	arrange?(lab: Lab): Promise<IDataObject> | IDataObject;
	/** Whether the output is what the step is for; without it, that there is one. */
	serves?(output: readonly IDataObject[]): boolean;
}

const picked = (value: string) => ({ __rl: true, mode: 'list', value });
const vm = (operation: string, more: IDataObject = {}) => ({
	resource: 'virtualMachine',
	operation,
	...more,
});
const ARCHIVE = 'local:backup/vzdump-qemu-100-2026_01_02-03_04_05.vma.zst';
const CLOUD_URL = 'https://images.example/fresh.qcow2';
const IMAGE_URL = 'https://images.example/a.iso';
const pruned = (more: IDataObject): IDataObject => ({
	resource: 'backup',
	operation: 'prune',
	storage: picked('local'),
	keep: { 'keep-last': 1 },
	dryRun: false,
	...more,
});
const olderBackup = ({ emulator: { state } }: Lab): IDataObject => {
	const volid = ARCHIVE.replace('2026', '2025');
	const whole = state.volumes.get(ARCHIVE);
	if (whole) state.volumes.set(volid, { ...whole, volid, ctime: 1 });
	return {};
};
const imageFrom = (operation: string, more: IDataObject): IDataObject => ({
	resource: 'image',
	operation,
	content: 'iso',
	storage: picked('local'),
	...more,
});
const onTheWeb = ({ emulator }: Lab): IDataObject => {
	emulator.state.web.set(IMAGE_URL, { size: 1, sums: {} });
	return {};
};
const disk = (source: string, more: object) => ({
	diskList: { values: [{ source, options: { bus: 'scsi' }, ...more }] },
});
const run100 = ({ state }: Emulator): void =>
	void Object.assign(state.vms.get(100) ?? {}, { status: 'running', agentRuns: true });
const running = ({ emulator }: Lab): IDataObject => {
	run100(emulator);
	return {};
};
const withAgent = ({ emulator }: Lab): IDataObject => {
	run100(emulator);
	Object.assign(emulator.state.vms.get(100)?.config ?? {}, {
		agent: '1',
		net0: 'virtio=BC:24:11:00:00:04,bridge=vmbr0',
	});
	return {};
};

const VM = 'the VM';
const NEW = 'the new VM, or its pool';
const CREATE = ['VM.Allocate'];

const SEEN = { 'VM.Audit': VM };
const power = (operation: string, arrange?: PrivilegeCase['arrange']): PrivilegeCase => ({
	operation: `Virtual Machine → ${operation}`,
	needs: { ...SEEN, 'VM.PowerMgmt': VM },
	parameters: vm(operation.toLowerCase(), { vm: picked('100') }),
	...(arrange ? { arrange } : {}),
});
const create = (
	option: string,
	needs: Record<string, string>,
	parameters: IDataObject,
	more: Partial<PrivilegeCase> = {},
): PrivilegeCase => ({
	operation: 'Virtual Machine → Create',
	option,
	needs,
	beside: CREATE,
	parameters: vm('create', parameters),
	...more,
});
const update = (
	option: string,
	needs: Record<string, string>,
	parameters: IDataObject,
	more: Partial<PrivilegeCase> = {},
): PrivilegeCase => ({
	operation: 'Virtual Machine → Update',
	option,
	needs,
	beside: ['VM.Audit'],
	parameters: vm('update', { vm: picked('100'), ...parameters }),
	...more,
});
/** A task of somebody else, which a token sees only with a right. */
const strangersTask = ({ emulator }: Lab): IDataObject => ({
	upid: emulator.tasks.start({
		type: 'qmstart',
		id: '100',
		authId: 'root@pam',
		run: async ({ work }) => await work(3_600_000),
	}),
});

/** What the cloud-init files of a new VM need. */
const SEED_NEEDS = {
	'Datastore.AllocateTemplate': 'the storage for ISO images',
	'Datastore.Audit': 'the storage for ISO images, or Datastore.AllocateSpace',
	'VM.Audit': NEW,
	'VM.Config.CDROM': NEW,
};
const WITH_SEED = {
	moreSettings: ['cloudInitFiles', 'general'],
	cloudInitFiles: { userData: '#cloud-config\nhostname: web-1\n', storage: picked('local') },
};

/** To set what a file says of a VM. */
const IMPORTED = {
	'VM.Config.CPU': NEW,
	'VM.Config.Disk': NEW,
	'VM.Config.Memory': NEW,
	'VM.Config.Network': NEW,
	'VM.Config.Options': NEW,
};

const WITH_KEY = { options: { idempotencyKey: 'k', ifExists: 'return', maxPollInterval: 0.1 } };

/** It has no disks, and a snapshot for each step that needs one. */
const withSnapshot = ({ emulator }: Lab): IDataObject => {
	Object.assign(emulator.state.vms.get(104) ?? {}, {
		snapshots: [{ name: 's1', snaptime: 1, vmstate: false, config: {} }],
	});
	return {};
};
const snapshotCase = (
	name: string,
	operation: string,
	privilege: Record<string, string>,
	more: IDataObject = {},
): PrivilegeCase => ({
	operation: `Snapshot → ${name}`,
	needs: { ...SEEN, ...privilege },
	parameters: { resource: 'snapshot', operation, vm: picked('104'), ...more },
	arrange: withSnapshot,
});
const SNAPSHOT = { 'VM.Snapshot': VM };
const snapshotCases: readonly PrivilegeCase[] = [
	snapshotCase('Create', 'create', SNAPSHOT, { snapname: 'new' }),
	snapshotCase('Get Many', 'getAll', {}, { returnAll: true }),
	snapshotCase(
		'Roll Back',
		'rollback',
		{ 'VM.Snapshot.Rollback': 'the VM, or VM.Snapshot' },
		{ snapname: picked('s1') },
	),
	{
		...snapshotCase('Roll Back', 'rollback', {}, { snapname: picked('s1'), start: true }),
		option: 'Start Afterwards',
		needs: { 'VM.PowerMgmt': VM },
		beside: ['VM.Audit', 'VM.Snapshot.Rollback'],
	},
	snapshotCase('Delete', 'delete', SNAPSHOT, { snapname: picked('s1') }),
	snapshotCase('Keep Last N', 'keepLast', SNAPSHOT, { pattern: '*', keep: 0 }),
];

export const privilegeCases: readonly PrivilegeCase[] = [
	{
		operation: 'Virtual Machine → Create',
		needs: { 'VM.Allocate': NEW },
		parameters: vm('create'),
	},
	create(
		'a disk',
		{ 'Datastore.AllocateSpace': 'the storage' },
		disk('new', { storage: picked('local'), size: 1 }),
	),
	create(
		'a disk from an image',
		{ 'Datastore.AllocateSpace': 'the storage' },
		disk('import', {
			storage: picked('local'),
			image: picked('local:import/cloud.qcow2'),
			size: '',
		}),
	),
	create(
		'a disk from an image, with a size',
		{ 'Datastore.AllocateSpace': 'the storage', 'VM.Audit': NEW, 'VM.Config.Disk': NEW },
		disk('import', {
			storage: picked('local'),
			image: picked('local:import/cloud.qcow2'),
			size: 12,
		}),
	),
	create(
		'an image from a URL',
		{
			'Datastore.AllocateTemplate': 'the storage for the image',
			'Datastore.AllocateSpace': 'both storages',
			'Sys.AccessNetwork': 'the node: `/nodes/NODE`',
		},
		{
			diskSource: 'url',
			imageUrl: CLOUD_URL,
			storage: picked('local'),
			diskSize: '',
			moreSettings: ['imageDownload'],
			imageDownload: { storage: picked('local') },
		},
		{
			arrange: ({ emulator: { state } }) => {
				state.volumes.delete('local:import/fresh.qcow2');
				state.storages.get('local')?.content.push('import');
				const disk = { format: 'qcow2', size: 2 ** 30 };
				state.web.set(CLOUD_URL, { size: 1_000, sums: {}, disk });
				return {};
			},
		},
	),
	create('cloud-init files', SEED_NEEDS, WITH_SEED),
	create(
		'cloud-init files, removed after the first boot',
		{
			'Datastore.Allocate': 'the storage for ISO images',
			'VM.PowerMgmt': NEW,
			'VM.GuestAgent.FileRead': NEW,
		},
		{
			...WITH_SEED,
			cloudInitFiles: { ...WITH_SEED.cloudInitFiles, removeAfterBoot: true },
			general: { agent_enabled: true },
			start: true,
			options: { waitUntil: 'cloudInit', readyTimeout: 5, maxPollInterval: 0.1 },
		},
		{
			beside: [...CREATE, ...Object.keys(SEED_NEEDS), 'VM.Config.Options'],
			arrange: ({ emulator: { state } }) => {
				state.boot = () => ({ agentSeconds: 0, cloudInit: { seconds: 0 } });
				return {};
			},
			serves: ([output]) => output?.cloudInitIso === null,
		},
	),
	create(
		'an ISO image',
		{ 'Datastore.Audit': 'its storage' },
		{
			diskList: {
				values: [{ source: 'iso', iso: picked('local:iso/tiny.iso'), options: { bus: 'ide' } }],
			},
		},
	),
	create(
		'a network card',
		{ 'VM.Config.Network': NEW, 'SDN.Use': 'the bridge: `/sdn/zones/localnetwork/vmbr0`' },
		{ netList: { values: [{ model: 'virtio', bridge: picked('vmbr0'), options: {} }] } },
	),
	create('CPU', { 'VM.Config.CPU': NEW }, { cores: 2 }),
	create('memory', { 'VM.Config.Memory': NEW }, { memory_current: 64 }),
	create(
		'name, notes, tags and the rest of General',
		{ 'VM.Config.Options': NEW },
		{ name: 'x', general: { tags: 'web', onboot: true, description: 'x' } },
	),
	create(
		'machine, SCSI controller, display, serial port',
		{ 'VM.Config.HWType': NEW },
		{
			firmware: { machine_type: picked('q35') },
			serialList: { values: [{ value: 'socket', options: {} }] },
		},
	),
	create(
		'cloud-init',
		{ 'VM.Config.Cloudinit': NEW },
		{
			cloudInit: { ciuser: 'me' },
			ipconfigList: { values: [{ ip: 'dhcp', gw: '', options: {} }] },
		},
	),
	create(
		'boot order',
		{ 'VM.Config.Disk': NEW },
		{ boot: { boot_order: 'scsi0' }, ...disk('new', { storage: picked('local'), size: 1 }) },
		{ beside: [...CREATE, 'Datastore.AllocateSpace'] },
	),
	create(
		'a mapped USB or PCI device',
		{ 'VM.Config.HWType': NEW, 'Mapping.Use': '`/mapping/usb/NAME`, `/mapping/pci/NAME`' },
		{ usbList: { values: [{ mapping: picked('usbkey'), options: {} }] } },
	),
	create(
		'startup order',
		{ 'Sys.Modify': '`/`' },
		{ general: { startup: 'order=1' } },
		{ beside: [...CREATE, 'VM.Config.Options'] },
	),
	create('high availability', { 'Sys.Console': '`/`' }, { general: { 'ha-managed': true } }),
	create('start after creation', { 'VM.PowerMgmt': NEW, 'VM.Audit': NEW }, { start: true }),
	create(
		'Wait Until → IP Address, or Guest Agent Answers',
		{ 'VM.GuestAgent.Audit': NEW },
		{
			start: true,
			general: { agent_enabled: true },
			netList: { values: [{ model: 'virtio', bridge: picked('vmbr0'), options: {} }] },
			options: { waitUntil: 'ip', readyTimeout: 1, maxPollInterval: 0.1 },
		},
		{
			beside: [
				...CREATE,
				'VM.PowerMgmt',
				'VM.Audit',
				'VM.Config.Options',
				'VM.Config.Network',
				'SDN.Use',
			],
			serves: ([output]) => !JSON.stringify(output?.warnings).includes('GuestAgent'),
		},
	),
	{
		operation: 'Virtual Machine → Start',
		option: 'Wait Until → Cloud-Init Finished',
		needs: { 'VM.GuestAgent.FileRead': VM, 'VM.GuestAgent.Audit': VM },
		beside: ['VM.Audit', 'VM.PowerMgmt'],
		parameters: vm('start', {
			vm: picked('100'),
			options: { waitUntil: 'cloudInit', readyTimeout: 5, maxPollInterval: 0.1 },
		}),
		arrange: (lab) => {
			withAgent(lab);
			Object.assign(lab.emulator.state.vms.get(100) ?? {}, { status: 'stopped' });
			lab.emulator.state.boot = () => ({ agentSeconds: 0, cloudInit: { seconds: 0 } });
			return {};
		},
		serves: ([output]) => output?.taskStatus === 'ok',
	},
	create('idempotency key', { 'VM.Config.Options': NEW }, WITH_KEY, {
		arrange: async ({ emulator: { state } }) => {
			for (const { vmid, config } of [...state.vms.values()])
				if (String(config.description).includes('n8n-key')) state.vms.delete(vmid);
			return {};
		},
		serves: ([output]) => output?.reused === false,
	}),
	create('idempotency key of an existing VM', { 'VM.Audit': NEW }, WITH_KEY, {
		arrange: async (lab) => {
			if (
				[...lab.emulator.state.vms.values()].every(
					({ config }) => !String(config.description).includes('n8n-key'),
				)
			)
				await lab.run(WITH_KEY);
			return {};
		},
		serves: ([output]) => output?.reused === true,
	}),
	{
		operation: 'Virtual Machine → Restore',
		needs: {
			'VM.Allocate': NEW,
			'VM.Backup': 'the VM that the backup is of',
			'Datastore.AllocateSpace': 'the storages of the backup and of the disks',
			'SDN.Use': 'the bridges in the backup',
		},
		parameters: vm('restore', { archive: picked(ARCHIVE) }),
	},
	{
		operation: 'Virtual Machine → Create',
		option: 'If VM Exists → Update It, of a VM that exists',
		needs: { 'VM.Audit': VM, 'VM.Config.CPU': VM },
		parameters: vm('create', {
			cores: 2,
			options: { vmId: '100', ifExists: 'update', maxPollInterval: 0.1 },
		}),
	},
	{
		operation: 'Virtual Machine → Restore',
		option: 'overwrite, with Stop First',
		needs: { 'VM.Audit': VM, 'VM.PowerMgmt': VM },
		beside: ['VM.Allocate', 'VM.Backup', 'Datastore.AllocateSpace', 'SDN.Use'],
		parameters: vm('restore', {
			archive: picked(ARCHIVE),
			vmIdMode: 'fixed',
			vmId: picked('100'),
			restore: { force: true },
			options: { stopFirst: true, maxPollInterval: 0.1 },
		}),
		arrange: running,
	},
	{
		operation: 'Virtual Machine → Import',
		needs: {
			'VM.Allocate': NEW,
			...IMPORTED,
			'Datastore.AllocateSpace':
				'the storages of the disks and of the file, and the one on which an OVA is unpacked',
			'SDN.Use': 'the bridge',
		},
		parameters: vm('import', {
			storage: picked('local'),
			bridge: picked('vmbr0'),
			options: { node: picked('pve1'), maxPollInterval: 0.1 },
		}),
		arrange: ({ emulator }) => ({ importFrom: picked(addOva(emulator)) }),
	},
	{
		operation: 'Virtual Machine → Import',
		option: 'from an ESXi host',
		needs: { 'Datastore.Allocate': 'the storage of the type ESXi', 'VM.Config.HWType': NEW },
		beside: ['VM.Allocate', ...Object.keys(IMPORTED), 'Datastore.AllocateSpace', 'SDN.Use'],
		parameters: vm('import', {
			storage: picked('local'),
			bridge: picked('vmbr0'),
			options: { node: picked('pve1'), maxPollInterval: 0.1 },
			// Nothing tells whose the disks of an ESXi host are, so a list refuses them.
			allowedGuests: '',
		}),
		arrange({ emulator }) {
			addEsxi(emulator);
			return {
				importFrom: picked(addOva(emulator, 'esxi:ha-datacenter/ds1/web/web.vmx')),
			};
		},
	},
	{
		operation: 'Virtual Machine → Clone',
		needs: {
			'VM.Audit': 'the original',
			'VM.Clone': 'the original',
			'VM.Allocate': NEW,
			'Datastore.AllocateSpace': 'the storage of the disks',
		},
		parameters: vm('clone', { vm: picked('101'), name: '', full: true }),
	},
	{
		operation: 'Virtual Machine → Clone',
		option: 'settings, as of Update; disks to grow; start',
		needs: {
			'VM.Config.CPU': NEW,
			'VM.Config.Disk': NEW,
			'VM.PowerMgmt': NEW,
		},
		beside: ['VM.Audit', 'VM.Clone', 'VM.Allocate', 'Datastore.AllocateSpace'],
		parameters: vm('clone', {
			vm: picked('101'),
			name: '',
			full: true,
			cores: 2,
			growDisks: { values: [{ disk: 'scsi0', size: 40 }] },
			start: true,
		}),
	},
	{
		operation: 'Virtual Machine → Clone',
		option: 'settings, with an Idempotency Key',
		needs: { 'VM.Config.Options': NEW },
		beside: ['VM.Audit', 'VM.Clone', 'VM.Allocate', 'Datastore.AllocateSpace', 'VM.Config.CPU'],
		parameters: vm('clone', { vm: picked('101'), name: '', full: true, cores: 2, ...WITH_KEY }),
	},
	{ operation: 'Virtual Machine → Get', needs: SEEN, parameters: vm('get', { vm: picked('100') }) },
	{
		operation: 'Virtual Machine → Get',
		option: 'IP addresses',
		needs: { 'VM.GuestAgent.Audit': VM },
		beside: ['VM.Audit'],
		parameters: vm('get', { vm: picked('100'), options: { ipAddresses: true } }),
		arrange: withAgent,
		serves: ([output]) => Array.isArray(output?.ipAddresses) && output.ipAddresses.length > 0,
	},
	{
		operation: 'Virtual Machine → Get Many',
		needs: SEEN,
		parameters: vm('getAll', { returnAll: true }),
	},
	update(
		'Resource Pool',
		{ 'Pool.Allocate': 'the pools', 'VM.Allocate': VM },
		{ options: { pool: picked('dev') } },
	),
	update('CPU', { 'VM.Config.CPU': VM }, { cores: 2 }),
	update('memory', { 'VM.Config.Memory': VM }, { memory_current: 64 }),
	update('name, notes, tags and the rest of General', { 'VM.Config.Options': VM }, { name: 'x' }),
	update(
		'a network card',
		{ 'VM.Config.Network': VM, 'SDN.Use': 'the bridge' },
		{ netList: { values: [{ model: 'virtio', bridge: picked('vmbr0'), options: { slot: 3 } }] } },
	),
	update(
		'a disk',
		{ 'VM.Config.Disk': VM, 'Datastore.AllocateSpace': 'the storage' },
		{
			diskList: {
				values: [
					{ source: 'new', storage: picked('local'), size: 1, options: { bus: 'scsi', slot: 5 } },
				],
			},
		},
	),
	update(
		'an ISO image',
		{ 'VM.Config.CDROM': VM, 'Datastore.Audit': 'its storage' },
		{
			diskList: {
				values: [
					{ source: 'iso', iso: picked('local:iso/tiny.iso'), options: { bus: 'ide', slot: 3 } },
				],
			},
		},
	),
	update('cloud-init', { 'VM.Config.Cloudinit': VM }, { cloudInit: { ciuser: 'me' } }),
	update(
		'machine, SCSI controller, display, serial port',
		{ 'VM.Config.HWType': VM },
		{ otherParameters: { values: [{ parameter: 'serial', slot: 0, value: 'socket' }] } },
	),
	power('Start'),
	power('Shutdown', running),
	power('Stop', running),
	power('Reboot', running),
	power('Reset', running),
	power('Suspend', running),
	{
		...power('Hibernate', running),
		needs: {
			...SEEN,
			'VM.PowerMgmt': VM,
			'VM.Config.Disk': VM,
			'Datastore.AllocateSpace': 'the storage for the memory',
		},
	},
	power('Resume', running),
	{
		operation: 'Virtual Machine → Migrate',
		needs: { ...SEEN, 'VM.Migrate': VM },
		parameters: vm('migrate', { vm: picked('104'), target: picked('pve2') }),
		arrange: (lab) => {
			addNode(lab);
			Object.assign(lab.emulator.state.vms.get(104) ?? {}, { node: 'pve1' });
			return {};
		},
	},
	{
		operation: 'Virtual Machine → Move Disk',
		needs: { ...SEEN, 'VM.Config.Disk': VM, 'Datastore.AllocateSpace': 'the target storage' },
		parameters: vm('moveDisk', {
			vm: picked('100'),
			disk: picked('scsi0'),
			storage: picked('lab'),
		}),
	},
	{
		operation: 'Virtual Machine → Detach Disk',
		needs: { ...SEEN, 'VM.Config.Disk': VM },
		parameters: vm('detachDisk', { vm: picked('100'), disk: picked('scsi0') }),
	},
	{
		operation: 'Virtual Machine → Attach Disk',
		needs: { ...SEEN, 'VM.Config.Disk': VM },
		parameters: vm('attachDisk', { vm: picked('100'), unusedDisk: picked('unused0') }),
		arrange: ({ emulator: { state } }) => {
			const config = state.vms.get(100)?.config ?? {};
			if (config.scsi0 !== undefined) config.unused0 = String(config.scsi0).split(',')[0] ?? '';
			delete config.scsi0;
			return {};
		},
	},
	{
		operation: 'Virtual Machine → Regenerate Cloud-Init Drive',
		needs: { ...SEEN, 'VM.Config.Cloudinit': VM },
		parameters: vm('regenerateCloudInit', { vm: picked('104') }),
		arrange: ({ emulator: { state } }) => {
			Object.assign(state.vms.get(104)?.config ?? {}, { ide2: 'local:cloudinit,media=cdrom' });
			return {};
		},
	},
	{
		operation: 'Virtual Machine → Resize Disk',
		needs: { ...SEEN, 'VM.Config.Disk': VM, 'Datastore.AllocateSpace': 'the storage' },
		parameters: vm('resizeDisk', { vm: picked('100'), disk: picked('scsi0'), size: '+1G' }),
	},
	{
		operation: 'Virtual Machine → Convert to Template',
		needs: { ...SEEN, 'VM.Allocate': VM },
		parameters: vm('convertToTemplate', { vm: picked('104') }),
	},
	{
		operation: 'Virtual Machine → Delete',
		needs: { ...SEEN, 'VM.Allocate': VM },
		parameters: vm('delete', { vm: picked('100') }),
	},
	{
		operation: 'Virtual Machine → Delete',
		option: 'its cloud-init ISO',
		needs: { 'Datastore.Allocate': 'its storage' },
		beside: ['VM.Audit', 'VM.Allocate', 'Datastore.Audit'],
		parameters: vm('delete'),
		arrange: async ({ output }) => {
			const { vmid } = await output(WITH_SEED as never);
			return { vm: picked(String(vmid)) };
		},
		serves: ([output]) => output?.taskStatus === 'ok',
	},
	{
		operation: 'Virtual Machine → Delete',
		option: 'stop first',
		needs: { 'VM.PowerMgmt': VM },
		beside: ['VM.Audit', 'VM.Allocate'],
		parameters: vm('delete', { vm: picked('100'), options: { stopFirst: true } }),
		arrange: running,
	},
	...(
		[
			['executeCommand', 'Execute Command', 'Unrestricted', { command: 'true' }],
			['getInfo', 'Get Info', 'Audit', {}],
			['readFile', 'Read File', 'FileRead', { file: '/etc/hostname' }],
			['setPassword', 'Set Password', 'Unrestricted', { username: 'user', password: 'secret' }],
			['writeFile', 'Write File', 'FileWrite', { file: '/tmp/a', content: 'x' }],
		] as const
	).map(([operation, name, privilege, parameters]) => ({
		operation: `Guest Agent → ${name}`,
		needs: { ...SEEN, [`VM.GuestAgent.${privilege}`]: VM },
		parameters: { resource: 'guestAgent', operation, vm: picked('100'), ...parameters },
		arrange: withAgent,
	})),
	{
		operation: 'Backup → Get Many',
		needs: {
			'Datastore.AllocateSpace': 'the storage',
			'VM.Backup': 'the VMs whose backups are listed',
		},
		parameters: { resource: 'backup', operation: 'getAll', returnAll: true },
	},
	{
		operation: 'Backup → Create',
		needs: { ...SEEN, 'VM.Backup': VM, 'Datastore.AllocateSpace': 'the storage' },
		parameters: {
			resource: 'backup',
			operation: 'create',
			vm: picked('100'),
			storage: picked('local'),
		},
	},
	{
		operation: 'Backup → Create',
		option: 'bandwidth limit',
		needs: { 'Sys.Modify': '`/`' },
		beside: ['VM.Audit', 'VM.Backup', 'Datastore.AllocateSpace'],
		parameters: {
			resource: 'backup',
			operation: 'create',
			vm: picked('100'),
			storage: picked('local'),
			options: { bwlimit: 1000, maxPollInterval: 0.1 },
		},
	},
	{
		operation: 'Backup → Create Many',
		needs: { ...SEEN, 'VM.Backup': VM, 'Datastore.AllocateSpace': 'the storage' },
		parameters: {
			resource: 'backup',
			operation: 'createMany',
			vmids: '100',
			storage: picked('local'),
		},
	},
	{
		operation: 'Backup → Create Many',
		option: 'of a pool',
		needs: { 'Pool.Audit': 'the pool' },
		beside: ['VM.Backup', 'Datastore.AllocateSpace'],
		parameters: {
			resource: 'backup',
			operation: 'createMany',
			guests: 'pool',
			pool: picked('prod'),
			storage: picked('local'),
		},
	},
	{
		operation: 'Backup → Update',
		needs: {
			'VM.Backup': 'the VM that the backup is of',
			'Datastore.AllocateSpace': 'the storage',
		},
		parameters: {
			resource: 'backup',
			operation: 'update',
			volid: picked(ARCHIVE),
			updateFields: { notes: 'kept' },
		},
	},
	{
		operation: 'Backup → Prune',
		option: 'of one guest',
		needs: {
			'VM.Backup': 'the guest',
			'Datastore.AllocateSpace': 'the storage',
		},
		parameters: pruned({ filters: { vm: picked('100') } }),
		arrange: olderBackup,
	},
	{
		operation: 'Backup → Prune',
		needs: { 'Datastore.Allocate': 'the storage', 'Datastore.Audit': 'the storage' },
		// That of all guests is never about allowed guests only.
		parameters: pruned({ allowedGuests: '' }),
		arrange: olderBackup,
	},
	{
		operation: 'Backup → Delete',
		needs: {
			'VM.Backup': 'the VM that the backup is of',
			'Datastore.AllocateSpace': 'the storage',
		},
		parameters: { resource: 'backup', operation: 'delete', volid: picked(ARCHIVE) },
	},
	...snapshotCases,
	...containerCases,
	{
		operation: 'Image → Get Many',
		needs: { 'Datastore.Audit': 'the storages, or Datastore.AllocateSpace' },
		parameters: { resource: 'image', operation: 'getAll', returnAll: true },
	},
	{
		operation: 'Image → Download',
		needs: {
			'Datastore.AllocateTemplate': 'the storage',
			'Datastore.Audit': 'the storage, or Datastore.AllocateSpace',
			'Sys.AccessNetwork': 'the node: `/nodes/NODE`',
		},
		parameters: imageFrom('download', { url: IMAGE_URL }),
		arrange: onTheWeb,
	},
	{
		operation: 'Image → Download',
		option: 'an OCI image',
		needs: {
			'Datastore.AllocateTemplate': 'the storage',
			'Datastore.Audit': 'the storage, or Datastore.AllocateSpace',
			'Sys.AccessNetwork': 'the node: `/nodes/NODE`',
		},
		parameters: imageFrom('download', { downloadFrom: 'registry', reference: OCI_IMAGE }),
		arrange: ({ emulator: { state } }) => {
			for (const [volid, { content }] of state.volumes)
				if (content === 'vztmpl') state.volumes.delete(volid);
			state.registry.set(OCI_IMAGE, { ostype: 'debian' });
			return {};
		},
	},
	{
		operation: 'Image → Download',
		option: 'If Exists → Replace',
		needs: { 'Datastore.Allocate': 'the storage' },
		beside: ['Datastore.AllocateTemplate', 'Datastore.Audit', 'Sys.AccessNetwork'],
		parameters: imageFrom('download', {
			url: IMAGE_URL,
			ifExists: 'replace',
			options: { filename: 'tiny.iso' },
		}),
		arrange: onTheWeb,
	},
	{
		operation: 'Image → Upload',
		needs: {
			'Datastore.AllocateTemplate': 'the storage',
			'Datastore.Audit': 'the storage, or Datastore.AllocateSpace',
		},
		parameters: imageFrom('upload', { options: { filename: 'up.iso' } }),
	},
	{
		operation: 'Image → Create Cloud-Init ISO',
		needs: {
			'Datastore.AllocateTemplate': 'the storage',
			'Datastore.Audit': 'the storage, or Datastore.AllocateSpace',
		},
		parameters: imageFrom('createSeed', { userData: '#cloud-config\nhostname: web-1\n' }),
	},
	{
		operation: 'Image → Delete',
		needs: { 'Datastore.Allocate': 'the storage' },
		parameters: { resource: 'image', operation: 'delete', volid: picked('local:iso/tiny.iso') },
	},
	{
		operation: 'Node → Get',
		needs: { 'Sys.Audit': 'the node: `/nodes/NODE`' },
		parameters: { resource: 'node', operation: 'get' },
	},
	{
		operation: 'Node → Get Many',
		option: 'the load of the nodes',
		needs: { 'Sys.Audit': 'the nodes: `/nodes/NODE`' },
		parameters: { resource: 'node', operation: 'getAll', returnAll: true },
		serves: ([output]) => output?.memoryFree !== null,
	},
	{
		operation: 'Storage → Get',
		needs: { 'Datastore.Audit': 'the storage, or Datastore.AllocateSpace' },
		parameters: { resource: 'storage', operation: 'get', storage: picked('local') },
	},
	{
		operation: 'Storage → Get Many',
		needs: { 'Datastore.Audit': 'the storages, or Datastore.AllocateSpace' },
		parameters: { resource: 'storage', operation: 'getAll', returnAll: true },
	},
	{
		operation: 'API Request → Send',
		option: 'GET /nodes/NODE/status; each path has its own',
		needs: { 'Sys.Audit': 'the node: `/nodes/NODE`' },
		parameters: {
			resource: 'apiRequest',
			operation: 'send',
			method: 'GET',
			path: '/nodes/pve1/status',
		},
	},
	{
		operation: 'Task → Get Many',
		option: 'of tasks that another user or token started',
		needs: { 'Sys.Audit': 'the nodes: `/nodes/NODE`' },
		parameters: { resource: 'task', operation: 'getAll', returnAll: true },
		arrange: strangersTask,
	},
	...['Get', 'Get Log', 'Wait'].map((operation) => ({
		operation: `Task → ${operation}`,
		option: 'of a task that another user or token started',
		needs: { 'Sys.Audit': 'the node: `/nodes/NODE`' },
		parameters: {
			resource: 'task',
			operation: operation === 'Get Log' ? 'getLog' : operation.toLowerCase(),
			...(operation === 'Wait' ? { options: { waitAtMost: 0 } } : {}),
		},
		arrange: strangersTask,
	})),
	{
		operation: 'Task → Stop',
		option: 'of a task that another user or token started',
		needs: { 'Sys.Audit': 'the node', 'Sys.Modify': 'the node: `/nodes/NODE`' },
		parameters: { resource: 'task', operation: 'stop' },
		arrange: strangersTask,
	},
];
