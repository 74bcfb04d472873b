/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a test tool, neither shipped nor scanned */
import axios from 'axios';
import { Agent } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';

import { vmForm } from './vm';

/** Where an emulated cluster is, and a token with all rights. */
export interface Access {
	readonly url: string;
	readonly ca: string;
	readonly tokenId: string;
	readonly tokenSecret: string;
}

/** How another tool makes VMs, as far as Proxmox and the clock can tell: its calls and its pauses. */
export interface Schedule {
	readonly name: string;
	/** How many VMs it makes at a time. */
	readonly atOnce: number;
	/** Begins a run. What it gives makes one VM, and resolves when its user has it. */
	begin(api: Api, taskSeconds: number): () => Promise<void>;
}

/** The API as these tools reach it: connections are kept, which n8n's HTTP helper does not do. */
export interface Api {
	get<Data>(path: string): Promise<Data>;
	post<Data>(path: string, form: Readonly<Record<string, string>>): Promise<Data>;
	close(): void;
}

const NODE = '/nodes/pve1';
const TASK_OVER = 'stopped';

export function openApi({ url, ca, tokenId, tokenSecret }: Access): Api {
	const httpsAgent = new Agent({ ca, keepAlive: true });
	const client = axios.create({
		baseURL: `${url}/api2/json`,
		httpsAgent,
		headers: { Authorization: `PVEAPIToken=${tokenId}=${tokenSecret}` },
	});
	return {
		get: async <Data>(path: string) => (await client.get<{ data: Data }>(path)).data.data,
		post: async <Data>(path: string, form: Readonly<Record<string, string>>) =>
			(await client.post<{ data: Data }>(path, new URLSearchParams(form))).data.data,
		close: () => httpsAgent.destroy(),
	};
}

const create = async (api: Api, vmid: number | string): Promise<string> =>
	await api.post<string>(`${NODE}/qemu`, { vmid: String(vmid), ...vmForm });

const isOver = async (api: Api, upid: string): Promise<boolean> =>
	(await api.get<{ status: string }>(`${NODE}/tasks/${encodeURIComponent(upid)}/status`)).status ===
	TASK_OVER;

/**
 * proxmoxer 2.2.0: `proxmoxer/tools/tasks.py`, `Tasks.blocking_status`, by default (polling_interval=1). It
 * pauses after each look, after the last one too. The ID and the create are the caller's, as its README has them.
 */
const proxmoxer: Schedule = {
	name: 'proxmoxer 2.2.0',
	atOnce: 1,
	begin: (api) => async () => {
		const upid = await create(api, await api.get<string>('/cluster/nextid'));
		for (let over = false; !over; ) {
			over = await isOver(api, upid);
			await sleep(1000);
		}
	},
};

/**
 * community.proxmox 2.1.0: `plugins/modules/proxmox_kvm.py`, `main` (state=present, no vmid), `create_vm`,
 * `wait_for_task` and `get_vminfo`; `plugins/module_utils/proxmox.py`, `ProxmoxAnsible`. A second passes between
 * looks, and one more after the last. A loop over VMs on one host runs one after the other.
 */
const ansible: Schedule = {
	name: 'Ansible community.proxmox 2.1.0',
	atOnce: 1,
	begin: (api) => async () => {
		await api.get('/version');
		await api.get('/cluster/resources?type=vm');
		const vmid = await api.get<string>('/cluster/nextid');
		await api.get('/cluster/resources?type=vm');
		await api.get('/nodes');
		await api.get('/version');
		const upid = await create(api, vmid);
		while (!(await isOver(api, upid))) await sleep(1000);
		await sleep(1000);
		await api.get(`${NODE}/qemu/${vmid}/config`);
	},
};

/**
 * terraform-provider-proxmox 0.111.1: `proxmoxtf/resource/vm/vm.go`, `vmCreateCustom`, then `vmRead` (started=false)
 * with `findPoolForVM`; `proxmox/cluster/id_generator.go`, `NextID`, which holds a lock and asks for the ID after its
 * last one, or 0.2 s later for another; `proxmox/nodes/tasks/tasks.go`, `WaitForTask`: a second between looks. Terraform makes ten at a time.
 */
const bpg: Schedule = {
	name: 'Terraform bpg/proxmox 0.111.1',
	atOnce: 10,
	begin(api) {
		const free = async (vmid?: number): Promise<number> =>
			Number(await api.get<string>(`/cluster/nextid${vmid === undefined ? '' : `?vmid=${vmid}`}`));
		const after = async (last: number | undefined): Promise<number> => {
			let wanted = last === undefined ? undefined : last + 1;
			for (;;) {
				const found = await free(wanted).catch(() => undefined);
				if (found !== undefined) return found;
				wanted = await free();
				await sleep(200);
			}
		};
		let last: Promise<number | undefined> = Promise.resolve(undefined);
		const nextId = async (): Promise<number> => {
			const found = last.then(after);
			last = found;
			return await found;
		};
		return async () => {
			const vmid = await nextId();
			const upid = await create(api, vmid);
			while (!(await isOver(api, upid))) await sleep(1000);
			await api.get('/cluster/resources?type=vm');
			await api.get(`${NODE}/qemu/${vmid}/config`);
			await api.get(`${NODE}/qemu/${vmid}/status/current`);
			for (const { poolid } of await api.get<Array<{ poolid: string }>>('/pools'))
				await api.get(`/pools?poolid=${poolid}`);
		};
	},
};

/** What cannot be undercut: the ID is known, and so is the moment at which the task ends. */
const limit: Schedule = {
	name: 'The limit',
	atOnce: 25,
	begin(api, taskSeconds) {
		let vmid = 10_000;
		return async () => {
			const upid = await create(api, ++vmid);
			await sleep(taskSeconds * 1000);
			while (!(await isOver(api, upid))) await sleep(1);
		};
	},
};

/** The other tools. */
export const others: readonly Schedule[] = [proxmoxer, ansible, bpg];

export const schedules: readonly Schedule[] = [...others, limit];

/** Processes that each make so many VMs by a schedule at the same time. @returns how many VMs were made */
export async function race(
	schedule: Schedule,
	access: Access,
	processes: number,
	each: number,
): Promise<number> {
	let made = 0;
	const oneProcess = async (): Promise<void> => {
		const api = openApi(access);
		const make = schedule.begin(api, 0);
		let left = each;
		const loop = async (): Promise<void> => {
			while (left-- > 0)
				await make().then(
					() => made++,
					// Its user gets the error.
					() => {},
				);
		};
		await Promise.all(Array.from({ length: schedule.atOnce }, loop));
		api.close();
	};
	await Promise.all(Array.from({ length: processes }, oneProcess));
	return made;
}

/** Makes so many VMs by a schedule. */
export async function follow(
	schedule: Schedule,
	access: Access,
	count: number,
	taskSeconds: number,
): Promise<void> {
	const api = openApi(access);
	try {
		const make = schedule.begin(api, taskSeconds);
		let left = count;
		const worker = async (): Promise<void> => {
			while (left-- > 0) await make();
		};
		await Promise.all(Array.from({ length: schedule.atOnce }, worker));
	} finally {
		api.close();
	}
}
