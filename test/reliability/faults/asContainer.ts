import type { IDataObject, INodeParameters } from 'n8n-workflow';

import type { Emulator, RequestFault, TaskFault } from '../../../tools/emulator';
import {
	addContainer,
	addContainerBackup,
	addTemplate,
	ct,
	newContainer,
} from '../../support/containerLab';
import { OTHERS_VM, picked } from './ingredients';

/** The task of a container for that of a VM. */
const TASKS: Readonly<Record<string, string>> = {
	qmcreate: 'vzcreate',
	qmrestore: 'vzrestore',
	qmstart: 'vzstart',
	qmclone: 'vzclone',
};

/** The same texts as Proxmox has them for a container. */
const inItsWords = (text: string): string =>
	text
		.replace(/VM (\d+)/g, 'CT $1')
		.replace(/\/var\/lock\/qemu-server\/lock-(\d+)\.conf/g, '/run/lock/lxc/pve-config-$1.lock')
		.replace(/qm(?:clone|create|restore|start)/g, (type) => TASKS[type] ?? type);

/** A pattern of the paths of VMs, for those of containers. */
export const pathOfContainer = (path: RegExp): RegExp =>
	new RegExp(path.source.replace('qemu', 'lxc'));

const ofContainer = ({ path, effect, ...fault }: RequestFault): RequestFault => ({
	...fault,
	...(path === undefined ? {} : { path: typeof path === 'string' ? path : pathOfContainer(path) }),
	effect:
		typeof effect === 'object' && 'status' in effect
			? {
					...effect,
					phrase: effect.phrase && inItsWords(effect.phrase),
					body: effect.body && inItsWords(effect.body),
				}
			: effect,
});

/** An object with some members replaced; all others are those of the original, also what is set. */
const withMembers = <Whole extends object>(whole: Whole, members: Partial<Whole>): Whole =>
	new Proxy(whole, {
		get(target, name) {
			if (Object.hasOwn(members, name)) return Reflect.get(members, name) as unknown;
			const value: unknown = Reflect.get(target, name);
			// A method of a Map works on the Map only.
			return typeof value === 'function' ? (value.bind(target) as unknown) : value;
		},
	});

/** The emulator for a case that was written for VMs: what it stages is about containers. */
export function asContainers(emulator: Emulator): Emulator {
	const { faults, tasks, state } = emulator;
	addTemplate(emulator);
	addContainerBackup(emulator);
	const taskFault = ({ type, ...fault }: TaskFault): TaskFault => ({
		...fault,
		...(type === undefined ? {} : { type: TASKS[type] }),
	});
	return withMembers(emulator, {
		faults: withMembers(faults, {
			onRequest: (fault) => faults.onRequest(ofContainer(fault)),
			onTask: (fault) => faults.onTask(taskFault(fault)),
		}),
		tasks: withMembers(tasks, {
			start: (task) => tasks.start({ ...task, type: TASKS[task.type] ?? task.type }),
		}),
		state: withMembers(state, {
			vms: withMembers(state.vms, {
				set(vmid, { config: { name, smbios1, ...config }, ...vm }) {
					state.vms.set(vmid, {
						...vm,
						// The other kind, for a case that says so.
						type: vm.type === 'lxc' ? 'qemu' : 'lxc',
						config: {
							...config,
							...(name === undefined ? {} : { hostname: name }),
							...(smbios1 === undefined
								? {}
								: { net0: 'name=eth0,bridge=vmbr0,hwaddr=BC:24:11:AA:AA:AA,type=veth' }),
						},
					});
					return state.vms;
				},
			}),
		}),
	});
}

/** The parameters of a case for a container: a template and a card in place of what only a VM has. */
export function containerParameters(
	{ operation = 'create', options, vmIdMode, vmId, start, newId, restore }: INodeParameters,
	emulator: Emulator,
): INodeParameters {
	const given = { maxPollInterval: 1, ...(options as IDataObject) };
	if (operation === 'restore') {
		const { value } = vmId as { value: string };
		const vmid = value === String(OTHERS_VM) ? addContainer(emulator) : value;
		return {
			resource: 'container',
			operation: 'restore',
			node: picked('pve1'),
			vmIdMode: 'fixed',
			vmId: picked(String(vmid)),
			backupSource: 'archive',
			archive: picked(addContainerBackup(emulator)),
			specifyVm: 'fields',
			restore: { ...(restore as IDataObject), storage: picked('local') },
			moreSettings: [],
			options: given,
		} as INodeParameters;
	}
	if (operation === 'clone')
		return {
			resource: 'container',
			operation: 'clone',
			vm: ct(addContainer(emulator)),
			newIdMode: 'fixed',
			newId: newId,
			full: true,
			options: given,
		} as INodeParameters;
	return {
		...newContainer,
		...(start === undefined ? {} : { start }),
		options: {
			...(newContainer.options as IDataObject),
			...given,
			...(vmIdMode === 'fixed' ? { vmId: (vmId as { value: string }).value } : {}),
		},
	} as INodeParameters;
}
