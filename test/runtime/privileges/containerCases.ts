import type { IDataObject } from 'n8n-workflow';

import type { Vm } from '../../../tools/emulator';
import {
	addContainer,
	addContainerBackup,
	addTemplate,
	newContainer,
} from '../../support/containerLab';
import { addNode, type Lab } from '../../support/lab';
import type { PrivilegeCase } from './cases';

const CT = 'the container';
const NEW = 'the new container, or its pool';
const SEEN = { 'VM.Audit': CT };
const named = (value: string) => ({ __rl: true, mode: 'name', value });

const newOne = ({ emulator }: Lab): IDataObject => {
	addTemplate(emulator);
	return {};
};
const added =
	(vm: Partial<Vm> = {}) =>
	({ emulator }: Lab): IDataObject => ({
		vm: { __rl: true, mode: 'id', value: String(addContainer(emulator, vm)) },
	});
const running = { status: 'running', pid: 4242, startedAt: 1 } as const;

const RESTORE: IDataObject = { resource: 'container', operation: 'restore', node: named('pve1') };
const addBackup = ({ emulator }: Lab): IDataObject => ({
	archive: named(addContainerBackup(emulator)),
});

/** Without a card, and without a profile. */
const BARE: IDataObject = { ...newContainer, profile: 'none', bridge: named('') };
export const OCI_IMAGE = 'docker.io/library/nginx:1.29';
const CREATE = ['VM.Allocate', 'VM.Config.Disk', 'Datastore.AllocateSpace'];

const create = (
	option: string,
	needs: Record<string, string>,
	more: IDataObject,
	rest: Partial<PrivilegeCase> = {},
): PrivilegeCase => ({
	operation: 'Container → Create',
	option,
	needs,
	beside: CREATE,
	parameters: { ...BARE, ...more },
	arrange: newOne,
	...rest,
});
const update = (option: string, needs: Record<string, string>, body: object): PrivilegeCase => ({
	operation: 'Container → Update',
	option,
	needs,
	beside: ['VM.Audit'],
	parameters: {
		resource: 'container',
		operation: 'update',
		specifyVm: 'json',
		vmJson: JSON.stringify(body),
	},
	arrange: added(),
});
const on = (
	name: string,
	operation: string,
	needs: Record<string, string>,
	more: IDataObject = {},
	vm: Partial<Vm> = {},
): PrivilegeCase => ({
	operation: `Container → ${name}`,
	needs: { ...SEEN, ...needs },
	parameters: { resource: 'container', operation, ...more },
	arrange: added(vm),
});
const power = (name: string, vm: Partial<Vm> = running): PrivilegeCase =>
	on(name, name.toLowerCase(), { 'VM.PowerMgmt': CT }, {}, vm);

export const containerCases: readonly PrivilegeCase[] = [
	{
		operation: 'Container → Create',
		needs: {
			'VM.Allocate': NEW,
			'VM.Config.Disk': NEW,
			'Datastore.AllocateSpace': 'the storage',
		},
		parameters: BARE,
		arrange: newOne,
	},
	create(
		'a network card',
		{ 'VM.Config.Network': NEW, 'SDN.Use': 'the bridge' },
		{ bridge: named('vmbr0') },
	),
	create('host name, DNS', { 'VM.Config.Network': NEW }, { hostname: 'web-1' }),
	create('CPU', { 'VM.Config.CPU': NEW }, { cores: 1 }),
	create('memory, swap', { 'VM.Config.Memory': NEW }, { memory_current: 64 }),
	create(
		'notes, tags and the rest of General',
		{ 'VM.Config.Options': NEW },
		{ general: { description: 'x' } },
	),
	create('a privileged container', { 'Sys.Modify': '`/`' }, { isolation: { unprivileged: false } }),
	create('start after creation', { 'VM.Audit': NEW }, { start: true }),
	create(
		'a template that Proxmox offers',
		{ 'Datastore.AllocateTemplate': 'the storage for the template' },
		{ ostemplate: named('debian-13-standard_13.6-1_amd64.tar.zst') },
		{
			arrange: ({ emulator: { state } }) => {
				for (const [volid, { content }] of state.volumes)
					if (content === 'vztmpl') state.volumes.delete(volid);
				for (const { location, sha512sum } of state.appliances)
					state.web.set(location, { size: 1_000, sums: { sha512: sha512sum } });
				return {};
			},
		},
	),
	create(
		'an OCI image, with its command or environment',
		{
			'Datastore.AllocateTemplate': 'the storage for the image',
			'Sys.AccessNetwork': 'the node: `/nodes/NODE`',
			'VM.Audit': NEW,
			'VM.Config.Options': NEW,
		},
		{
			ostemplate: { __rl: true, mode: 'oci', value: OCI_IMAGE },
			system: { env: 'A=b' },
		},
		{
			arrange: ({ emulator: { state } }) => {
				for (const [volid, { content }] of state.volumes)
					if (content === 'vztmpl') state.volumes.delete(volid);
				state.registry.set(OCI_IMAGE, { ostype: 'debian' });
				return {};
			},
		},
	),
	{
		operation: 'Container → Restore',
		needs: {
			'VM.Allocate': NEW,
			'VM.Backup': 'the container that the backup is of',
			'Datastore.AllocateSpace': 'the storages of the backup and of the volumes',
			'SDN.Use': 'the bridges in the backup',
		},
		parameters: RESTORE,
		arrange: addBackup,
	},
	{
		operation: 'Container → Restore',
		option: 'overwrite, with Stop First',
		needs: { 'VM.Audit': CT, 'VM.PowerMgmt': CT },
		beside: ['VM.Allocate', 'VM.Backup', 'Datastore.AllocateSpace', 'SDN.Use'],
		parameters: {
			...RESTORE,
			vmIdMode: 'fixed',
			restore: { force: true },
			options: { stopFirst: true, maxPollInterval: 0.1 },
		},
		arrange: (lab) => {
			const vmid = addContainer(lab.emulator, running);
			return { ...addBackup(lab), vmId: named(String(vmid)) };
		},
	},
	{
		operation: 'Container → Clone',
		needs: {
			'VM.Audit': 'the original',
			'VM.Clone': 'the original',
			'VM.Allocate': NEW,
			'Datastore.AllocateSpace': 'the storage of the volumes',
		},
		parameters: { resource: 'container', operation: 'clone', full: true },
		arrange: added(),
	},
	{
		operation: 'Container → Clone',
		option: 'settings, as of Update; volumes to grow; start',
		needs: {
			'VM.Config.CPU': NEW,
			'VM.Config.Disk': NEW,
			'VM.PowerMgmt': NEW,
		},
		beside: ['VM.Audit', 'VM.Clone', 'VM.Allocate', 'Datastore.AllocateSpace'],
		parameters: {
			resource: 'container',
			operation: 'clone',
			full: true,
			cores: 1,
			growDisks: { values: [{ disk: 'rootfs', size: 40 }] },
			start: true,
		},
		arrange: added(),
	},
	on('Get', 'get', {}),
	{
		operation: 'Container → Get Many',
		needs: SEEN,
		parameters: { resource: 'container', operation: 'getAll', returnAll: true },
		arrange: (lab) => {
			addContainer(lab.emulator);
			return {};
		},
	},
	update('CPU', { 'VM.Config.CPU': CT }, { cores: 1 }),
	update('memory, swap', { 'VM.Config.Memory': CT }, { memory: 64 }),
	update('host name, DNS', { 'VM.Config.Network': CT }, { hostname: 'x' }),
	update('notes, tags and the rest of General', { 'VM.Config.Options': CT }, { onboot: true }),
	update(
		'a network card',
		{ 'VM.Config.Network': CT, 'SDN.Use': 'the bridge' },
		{ net3: 'name=eth3,bridge=vmbr0' },
	),
	update(
		'a mount point',
		{ 'VM.Config.Disk': CT, 'Datastore.AllocateSpace': 'the storage' },
		{ mp0: 'local:1,mp=/data' },
	),
	power('Start', {}),
	power('Shutdown'),
	power('Stop'),
	power('Reboot'),
	on(
		'Resize Volume',
		'resizeVolume',
		{ 'VM.Config.Disk': CT, 'Datastore.AllocateSpace': 'the storage' },
		{ disk: named('rootfs'), size: '+1G' },
	),
	{
		...on('Migrate', 'migrate', { 'VM.Migrate': CT }, { target: named('pve2') }),
		arrange: (lab) => {
			addNode(lab);
			return added()(lab);
		},
	},
	on(
		'Move Volume',
		'moveVolume',
		{ 'VM.Config.Disk': CT, 'Datastore.AllocateSpace': 'the target storage' },
		{ disk: named('rootfs'), storage: named('local') },
	),
	on('Convert to Template', 'convertToTemplate', { 'VM.Allocate': CT }),
	on('Delete', 'delete', { 'VM.Allocate': CT }),
	{
		...on('Delete', 'delete', {}, { options: { stopFirst: true } }, running),
		option: 'stop first',
		needs: { 'VM.PowerMgmt': CT },
		beside: ['VM.Audit', 'VM.Allocate'],
	},
];
