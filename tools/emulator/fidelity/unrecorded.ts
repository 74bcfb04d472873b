import type { Exchange } from './records';
import type { Session, Unrecorded } from './session';
import { isRecord } from './json';
import { newVm } from '../state/load';
import type { Vm, VmConfig } from '../state/types';
import { volumesOn } from '../state/view';
import { mountsOf } from '../ct/mountPoints';
import { isDisk } from '../storage/volumeId';
import { drivesOf } from '../vm/drives';

interface Place {
	node: string;
	type: Vm['type'];
	vmid: number;
	/** The path behind the VM's ID. */
	rest: string;
}

function dataOf({ responses }: Exchange): Record<string, unknown> {
	const body = responses[0]?.body;
	return isRecord(body) && isRecord(body.data) ? body.data : {};
}

/** The guest that a request is about, from its path: also the one whose disk is removed. */
function placeOf({ request }: Exchange): Place | undefined {
	const [, on, owner] =
		/\/nodes\/([^/]+)\/storage\/[^/]+\/content\/[^/]*%3A(\d+)%2Fvm-/.exec(request.path) ?? [];
	if (on !== undefined && request.method === 'DELETE')
		return { node: on, type: 'qemu', vmid: Number(owner), rest: '/disk' };
	const [, node, type, vmid, rest = ''] =
		/\/nodes\/([^/]+)\/(qemu|lxc)\/(\d+)([^?]*)/.exec(request.path) ?? [];
	if (node === undefined) return undefined;
	return { node, type: type === 'lxc' ? 'lxc' : 'qemu', vmid: Number(vmid), rest };
}

function toConfig(data: Record<string, unknown>): VmConfig {
	return Object.fromEntries(
		Object.entries(data).flatMap(([key, value]) => {
			// LXC's own lines are pairs of texts.
			if (key === 'lxc' && Array.isArray(value))
				return [[key, value.map((pair: string[]) => pair.join(': ')).join('\n')]];
			return key !== 'digest' && (typeof value === 'string' || typeof value === 'number')
				? [[key, value]]
				: [];
		}),
	);
}

/** A container of which nothing is known but that it can be changed. */
const anyCt = (vmid: number): VmConfig => ({
	arch: 'amd64',
	hostname: `CT${vmid}`,
	memory: 512,
	ostype: 'debian',
	rootfs: `local:${vmid}/vm-${vmid}-disk-0.raw,size=102M`,
	swap: 512,
	unprivileged: 1,
});

/** The VMs that were set up by other means than the recorded requests: what they were is told by what was read of them. */
export function findUnrecorded(
	exchanges: Exchange[],
	known: ReadonlySet<number>,
): Map<number, Unrecorded> {
	const made = new Set<number>(known);
	for (const { request } of exchanges) {
		for (const name of ['vmid', 'newid'])
			if (request.form?.[name] !== undefined) made.add(Number(request.form[name]));
	}
	const found = new Map<number, Unrecorded>();
	for (const exchange of exchanges) {
		const place = placeOf(exchange);
		if (!place || made.has(place.vmid)) continue;
		const data = dataOf(exchange);
		const { node, type } = place;
		const here = { node, type };
		const before = found.get(place.vmid);
		if (place.rest === '/status/current' && data.status === 'running' && !before) {
			found.set(place.vmid, { ...here, config: {}, isRunning: true });
		}
		const after = exchange.configAfter;
		if (
			after !== undefined &&
			!('_status' in after) &&
			(type === 'lxc' || place.rest === '/disk') &&
			(!before || Object.keys(before.config).length === 0)
		) {
			const isRunning = before?.isRunning ?? false;
			found.set(place.vmid, { ...here, config: toConfig(after), isRunning });
			continue;
		}
		if (type === 'lxc' && place.rest === '/config' && exchange.request.method === 'PUT' && !before)
			found.set(place.vmid, { ...here, config: anyCt(place.vmid), isRunning: false });
		if (
			place.rest !== '/config' ||
			exchange.request.method !== 'GET' ||
			Object.keys(data).length === 0
		)
			continue;
		if (!before) found.set(place.vmid, { ...here, config: toConfig(data), isRunning: false });
		else if (Object.keys(before.config).length === 0) before.config = toConfig(data);
	}
	return found;
}

/** Puts a VM there that is asked for now, and was set up by other means. */
export function stageUnrecorded(exchange: Exchange, session: Session): void {
	const { unrecorded } = session;
	const vmid = placeOf(exchange)?.vmid;
	const guest = vmid === undefined ? undefined : unrecorded.get(vmid);
	if (vmid === undefined || !guest) return;
	unrecorded.delete(vmid);
	const vm = putVm(session, vmid, guest.node, guest.config, guest.type);
	if (guest.isRunning)
		Object.assign(vm, {
			status: 'running',
			pid: 1,
			startedAt: session.emulator.clock.now() / 1000,
		});
}

/** Whether a task was started, and ended well where its end was waited for. */
function wentWell({ responses, task }: Exchange): boolean {
	const body = responses[0]?.body;
	return (
		isRecord(body) &&
		typeof body.data === 'string' &&
		(task === undefined || task.status.exitstatus === 'OK')
	);
}

/** Puts a VM there as a configuration says, with the images that it names. */
export function putVm(
	{ emulator: { state, clock } }: Session,
	vmid: number,
	node: string,
	config: VmConfig,
	type: Vm['type'] = 'qemu',
): Vm {
	const vm = { ...newVm(vmid, node, { ...config }), type, ignoresShutdown: type === 'qemu' };
	const volumes = volumesOn(state, node);
	const disks =
		type === 'qemu'
			? drivesOf(config).map(([, { file, size }]) => ({ file, size }))
			: mountsOf(config).map(([, { volume, size }]) => ({ file: volume, size }));
	for (const { file, size } of disks) {
		const [, storage] = /^([^:]+):\d+\//.exec(file) ?? [];
		if (storage === undefined || volumes.has(file)) continue;
		const format = file.split('.').pop() ?? 'raw';
		const ctime = Math.floor(clock.now() / 1000);
		volumes.set(file, {
			volid: file,
			storage,
			content: type === 'qemu' ? 'images' : 'rootdir',
			format,
			size: Number(size ?? 0),
			used: 0,
			ctime,
			vmid,
		});
	}
	state.vms.set(vmid, vm);
	return vm;
}

function removeVm({ emulator: { state } }: Session, vmid: number): void {
	const vm = state.vms.get(vmid);
	if (!vm) return;
	state.vms.delete(vmid);
	const volumes = volumesOn(state, vm.node);
	for (const volume of [...volumes.values()])
		if (volume.vmid === vmid && isDisk(volume)) volumes.delete(volume.volid);
}

/** A container that was made by other means, with a start, before its tasks were listed: as the line's name says. */
export async function stageStarted(
	{ group, name, request }: Exchange,
	session: Session,
): Promise<void> {
	const [, node, vmid] = /\/nodes\/([^/]+)\/tasks\?vmid=(\d+)/.exec(request.path) ?? [];
	const { emulator } = session;
	if (group !== 'lxc-create' || vmid === undefined) return;
	if (emulator.tasks.all().some(({ id }) => id === vmid)) return;
	const form = {
		vmid,
		ostemplate: 'local:vztmpl/debian-13-tiny_13.1-1_amd64.tar.zst',
		rootfs: 'local:0.1',
		start: '1',
		...(name.includes('template=1') ? { template: '1' } : {}),
	};
	const { tokenId, secret } = emulator.token;
	await session.send({
		method: 'POST',
		path: `/api2/json/nodes/${node}/lxc`,
		headers: {
			Authorization: `PVEAPIToken=${tokenId}=${secret}`,
			'Content-Type': 'application/x-www-form-urlencoded',
		},
		body: new URLSearchParams(form).toString(),
	});
	await session.pass(3_000);
}

/** Clones of a container were removed by other means before the next one was made. */
export function stageClones({ group, name, request }: Exchange, session: Session): void {
	if (group !== 'lxc-life' || !name.startsWith('lxc-life: clone:')) return;
	for (const vmid of session.cloned) removeVm(session, vmid);
	session.cloned.clear();
	if (request.form?.newid === undefined) return;
	const newid = Number(request.form.newid);
	if (!session.emulator.state.vms.has(newid)) session.cloned.add(newid);
}

/** What an answer proves of a VM that it was found on the node that was asked. */
function wasThere({ request, responses }: Exchange, place: Place): boolean {
	const isFound = responses[0]?.statusLine.startsWith('HTTP/1.1 200') === true;
	// A task is started whether there is a VM or not.
	return isFound && (request.method === 'GET' || place.rest === '/migrate');
}

/**
 * In a cluster some VMs were stopped, moved, removed and made anew between the recorded exchanges. What an answer proves
 * of the state before it is brought about: one that was started, or removed, did not run; an ID that was given out was
 * free; one that was found somewhere was there, and no longer on its way.
 */
export async function stageProven(exchange: Exchange, session: Session): Promise<void> {
	const { group, request, configAfter } = exchange;
	if (!group.startsWith('cluster-')) return;
	const { vms } = session.emulator.state;
	const place = placeOf(exchange);
	if (!place) {
		const isCreate =
			request.method === 'POST' &&
			/\/qemu$/.test(request.path) &&
			request.form?.archive === undefined;
		if (isCreate && wentWell(exchange)) removeVm(session, Number(request.form?.vmid));
		return;
	}
	const isStart = place.rest === '/status/start';
	const isMigration = request.method === 'POST' && place.rest === '/migrate';
	if (isMigration && wentWell(exchange)) await session.waitForTasks();
	const isMoving = session.emulator.tasks.all().some(({ type, id, state }) => {
		return type === 'qmigrate' && id === String(place.vmid) && state === 'running';
	});
	const vm = vms.get(place.vmid);
	const isFound = wasThere(exchange, place) || (wentWell(exchange) && exchange.task !== undefined);
	if (vm && isFound && !isMoving) vm.node = place.node;
	// It was started by other means for that.
	if (vm && /online, slow/.test(exchange.name)) Object.assign(vm, { status: 'running', pid: 1 });
	if (!wentWell(exchange)) return;
	if (vm && (isStart || (request.method === 'DELETE' && place.rest === ''))) vm.status = 'stopped';
	// Under another name it is another one.
	if (
		isStart &&
		configAfter &&
		!('_status' in configAfter) &&
		configAfter.name !== vm?.config.name
	) {
		putVm(session, place.vmid, place.node, toConfig(configAfter));
	}
}

/** Puts a token there that asks and that nothing recorded made: one without rights where it is refused, else with those that it is answered to have on a VM. */
export function stageAccount(
	{ group, request, responses }: Exchange,
	{ emulator: { state } }: Session,
): void {
	const [, userid = '', name = '', secret = ''] =
		/^PVEAPIToken=([^!]+)!([^=]+)=(.+)$/.exec(request.headers?.Authorization ?? '') ?? [];
	const user = state.users.get(userid);
	if (!user || user.tokens.has(name)) return;
	const isRefused =
		group === 'new-agent' && responses[0]?.statusLine.startsWith('HTTP/1.1 403') === true;
	const isAnswered = group === 'new-acl' && request.path.includes('/access/permissions');
	if (!isRefused && !isAnswered) return;
	user.tokens.set(name, { privsep: isRefused, expire: 0, secret });
	const body = responses[0]?.body;
	const [privileges] = isRecord(body) && isRecord(body.data) ? Object.values(body.data) : [];
	if (!isRecord(privileges)) return;
	state.roles.set('Unrecorded', new Set(Object.keys(privileges)));
	state.acl = [
		...state.acl.filter(({ ugid }) => ugid !== userid),
		{ path: '/', type: 'user', ugid: userid, roleid: 'Unrecorded', propagate: true },
	];
}

/** A task whose worker does not start, as the answer says; a VM and an archive that it was to be restored from are put there. */
export function stageFailedStart(
	{ request, responses, configAfter }: Exchange,
	session: Session,
): void {
	if (!responses[0]?.statusLine.includes('got no worker upid')) return;
	const { state, faults, clock } = session.emulator;
	faults.onTask({ noWorker: true });
	const { archive, vmid } = request.form ?? {};
	if (typeof archive !== 'string' || !configAfter) return;
	const vm = putVm(session, Number(vmid), state.localNode, toConfig(configAfter));
	delete vm.config.lock;
	const ctime = Math.floor(clock.now() / 1000);
	const [storage = ''] = archive.split(':');
	const backup = { config: { ...vm.config }, drives: {}, ctime };
	state.volumes.set(archive, {
		volid: archive,
		storage,
		content: 'backup',
		format: 'vma.zst',
		size: 1,
		used: 1,
		ctime,
		vmid: 8001,
		backup,
	});
}
