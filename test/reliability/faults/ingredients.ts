import type { INodeParameters } from 'n8n-workflow';

import type { RequestFault, Vm } from '../../../tools/emulator';
import { newVm } from '../../../tools/emulator/state/load';
import type { Stage } from './faultCase';

export const CREATE = /\/qemu$/;

export const STATUS = /^\/nodes\/pve1\/tasks\/.*\/status$/;
export const LOG = /^\/nodes\/pve1\/tasks\/.*\/log$/;
export const TASKS = '/nodes/pve1/tasks';
export const NEXT_ID = '/cluster/nextid';
export const CURRENT = /\/status\/current$/;

/** Of a case that holds for containers too. */
export const BOTH = { containers: true } as const;

/** The VM of the cases that name one. Proxmox would propose another. */
export const VMID = 5003;
/** In the facts' cluster: a VM of another's, and a backup of it. */
export const OTHERS_VM = 100;
export const ARCHIVE = 'local:backup/vzdump-qemu-100-2026_01_02-03_04_05.vma.zst';

export const picked = (value: string) => ({ __rl: true, mode: 'list', value });
export const fixed = (vmid = VMID): INodeParameters => ({
	vmIdMode: 'fixed',
	vmId: { __rl: true, mode: 'id', value: String(vmid) },
});
export const restore = (vmid: number, force: boolean): INodeParameters => ({
	operation: 'restore',
	archive: picked(ARCHIVE),
	restore: { force },
	...fixed(vmid),
});

/** Longer than any test, and not too long for a timer. */
export const forever = 1_000_000;

/** An answer as a reverse proxy gives it. */
export const html = (status: number, phrase: string): RequestFault['effect'] => ({
	status,
	phrase,
	body: `<html><head><title>${status} ${phrase}</title></head><body><center><h1>${status} ${phrase}</h1></center></body></html>`,
	headers: { 'content-type': 'text/html' },
});
/** An answer as Proxmox's own proxy gives it: nothing but a reason phrase. */
export const phrase = (status: number, text: string): RequestFault['effect'] => ({
	status,
	phrase: text,
});
/** An answer in Proxmox's form. */
export const json = (
	status: number,
	text: string,
	body: object = { data: null, message: `${text}\n` },
): RequestFault['effect'] => ({
	status,
	phrase: text,
	body: JSON.stringify(body),
	headers: { 'content-type': 'application/json;charset=UTF-8' },
});

/** The POST of a VM meets a fault. */
export const onCreate =
	(fault: Omit<RequestFault, 'method' | 'path'>) =>
	({ emulator }: Stage): void =>
		emulator.faults.onRequest({ method: 'POST', path: CREATE, ...fault });
/** Reading something meets a fault. */
export const onRead =
	(path: string | RegExp, effect: RequestFault['effect'], fault: Partial<RequestFault> = {}) =>
	({ emulator }: Stage): void =>
		emulator.faults.onRequest({ method: 'GET', path, effect, ...fault });
/** The task of the VM takes about so many seconds instead of one. */
export const longTask =
	(seconds: number, type = 'qmcreate') =>
	({ emulator }: Stage): void =>
		emulator.faults.onTask({ type, slowness: seconds });
/** Several of them. */
export const all =
	(...arrangements: Array<(stage: Stage) => void>) =>
	(stage: Stage): void =>
		arrangements.forEach((arrange) => arrange(stage));

/** Somebody else's VM (or what is left of one, or a container) has an ID that was free. */
export const takenBy =
	(vmid: number, change: Partial<Vm> = {}) =>
	({ emulator }: Stage): void =>
		void emulator.state.vms.set(vmid, { ...newVm(vmid, 'pve1', { name: 'others' }), ...change });
/** The next free ID that Proxmox tells has been taken by the time of the POST. */
export const nextIdIs = (vmid: number): ((stage: Stage) => void) =>
	onRead(NEXT_ID, json(200, 'OK', { data: String(vmid) }));
