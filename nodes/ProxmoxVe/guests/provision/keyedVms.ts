import type { VmRequest } from '../../form/readRequest';
import type { PveClient } from '../../api/client';
import { forgetGuests, listGuests, type ListedGuest } from '../../api/findGuest';
import { guestPath } from '../../api/paths';
import { isNoVm, isTransient, PveError } from '../../api/errors';
import { messageOf } from '../../api/messageOf';
import { sleep, stopwatch } from '../../api/sleep';
import { pollInterval } from '../../api/tasks/pollInterval';
import { privilegesOn } from '../../api/privilegesOn';
import { isRunning, readTasks, type ListedTask } from '../../api/tasks/readTasks';
import { createGate, type Gate } from '../../runtime/concurrency';
import { idsOfKey, markIn, markOf } from './idempotency';
import type { GuestLocation } from '../locateGuest';
import { note } from '../../runtime/context';
import type { Item } from '../../runtime/operation';
import { isConfigComplete, type VmConfig } from './guestState';
import { nodeNamedIn, type Accepted, type VmIdSource } from './submit';

/** The VM of a key, and where to look for it and to make it. */
export interface KeyedVms {
	/**
	 * The VM with the key, if it should be returned. Waits for VMs that may become it: an incomplete one does
	 * not show its notes yet.
	 * @returns undefined if it is certain that there is none
	 * @throws Error if it is not to be returned; PveError or Error if that cannot be found out: another VM might be the second one
	 */
	find(): Promise<Accepted | undefined>;
	/** Looks again, without what is remembered, before a VM is overwritten. @throws as `find`, but for a VM that it finds */
	lookAgain(): Promise<Found | undefined>;
	/** What `find` makes of a VM that `lookAgain` has found. @throws Error if it is not to be returned */
	accept(found: Found): Promise<Accepted | undefined>;
	/** The IDs to try: those of the key that no guest has, in the key's order. */
	readonly ids: VmIdSource;
	/** Call it with an ID under which a create of this item left an empty, locked VM that no task works on. */
	markLeftBehind(vmid: number): void;
	/** The same as `find` for one ID, which Proxmox says is taken. */
	findById(vmid: number, error: PveError): Promise<Accepted | undefined>;
}

type Rows = ReadonlyMap<number, Pick<ListedGuest, 'type' | 'node'>>;

/** A VM that is being made and does not show yet whose it is. */
interface Doubt {
	/** When it became unreadable, by the clock of n8n; undefined while it can be read. */
	silentSince?: number;
	/** How often in a row nothing was at work on it. */
	idle: number;
	/** What to say where it is never resolved. */
	reason: string;
}

/** A complete VM: the mark in its notes, and its name. */
interface Marked {
	readonly mark: string | undefined;
	readonly name: string | undefined;
}
/** The VM of a key. */
type Found = GuestLocation & Pick<Marked, 'name'>;

/** `unsure`: to be looked at again; `other`: not of this key. */
type Seen =
	| ({ readonly is: 'complete' } & Marked)
	| { readonly is: 'nothing' | 'other' | 'unsure' };

/** Configurations read at a time, in the whole run. */
const READS_AT_ONCE = 8;
/** How long the look at a VM counts that has an earlier ID of the key than the one to be tried, in milliseconds. */
const FRESH_MS = 2_000;
/** How long a VM may be unreadable because of a failure that passes, in milliseconds. */
const LONGEST_SILENCE_MS = 30_000;
/** How long a VM is waited for that may join the pool though no task of it can be seen, in milliseconds. */
const UNSEEN_MS = 15_000;
/** Looks at an incomplete VM that no task works on, before it counts as left behind. */
const IDLE_LOOKS = 3;
/** A VM being made is not the key's where more of the key's earlier IDs are free: the key would have got one of them. */
const MOST_FREED = 3;
/** How often one ID is tried that Proxmox says is taken though no guest can be seen there. */
const MOST_REFUSALS = 3;

/** What the items of a run know of VMs already. */
interface Memory {
	readonly gate: Gate;
	/** Marks of VMs that were complete, and when they were read. */
	readonly known: Map<number, Marked & { readonly at: number }>;
	/** Reads that are under way, by path. */
	readonly reads: Map<string, Promise<{ data: VmConfig }>>;
	readonly privileges: Map<string, Promise<ReadonlySet<string> | undefined>>;
}

const memories = new WeakMap<PveClient, Memory>();
function memoryOf(client: PveClient): Memory {
	const memory = memories.get(client) ?? {
		gate: createGate(READS_AT_ONCE),
		known: new Map(),
		reads: new Map(),
		privileges: new Map(),
	};
	memories.set(client, memory);
	return memory;
}

/**
 * Looks for the VM of an item's key among those that have one of its IDs, and nowhere else: what is made for the key
 * gets the first free one of them, and the others may have been free or in use at another time.
 * Source: `GET /cluster/resources`, `GET /nodes/{node}/qemu/{vmid}/config`, `GET /nodes/{node}/tasks`, `GET /access/permissions`.
 * @param taskThatMade finds the task that made a VM, if Proxmox does not list it under the VM's ID
 */
export function createKeyedVms(
	{ run: { client, context }, kind, trace }: Item,
	{ node: asked, vmid: fixed, parameters, options }: KeyedRequest,
	taskThatMade?: (guest: GuestLocation) => Promise<string | undefined>,
): KeyedVms {
	const { idempotencyKey: key, idRange } = options;
	const memory = memoryOf(client);
	const mark = markOf(key);
	const isFixed = fixed !== undefined && options.ifExists !== 'useAnotherId';
	const ids = isFixed
		? [fixed]
		: [...new Set([...(fixed === undefined ? [] : [fixed]), ...idsOfKey(key, idRange)])];
	const makerTypes = [kind.taskTypes.create, kind.taskTypes.restore];
	const isMaker = ({ type }: ListedTask): boolean => makerTypes.includes(type);
	/** How often Proxmox said that an ID is taken. */
	const taken = new Map<number, number>();
	/** IDs of VMs that are incomplete and will stay so. */
	const leftBehind = new Set<number>();
	/** IDs of guests of the other kind, which the list may not show. */
	const others = new Set<number>();

	const listed = async (): Promise<Rows> => await listGuests(client);

	async function mayOn(path: string, privilege: string): Promise<boolean | undefined> {
		const found = memory.privileges.get(path) ?? privilegesOn(client, path);
		memory.privileges.set(path, found);
		return (await found)?.has(privilege);
	}

	/** The tasks of a VM's ID that can be seen, the newest first. */
	async function tasksOf(node: string, vmid: number): Promise<ListedTask[] | undefined> {
		const tasks = await readTasks(client, node, { source: 'all', vmid }).catch(() => undefined);
		return tasks?.sort((a, b) => b.startedAt.getTime() - a.startedAt.getTime());
	}

	/** Whether no task works on an incomplete VM, and that is certain: it was left behind. */
	async function isIdle(node: string, vmid: number, { lock }: VmConfig): Promise<boolean> {
		// The task of a clone is listed under the original.
		if (lock === 'clone') return false;
		const tasks = await tasksOf(node, vmid);
		if (!tasks || tasks.some(isRunning) || (await mayOn(`/nodes/${node}`, 'Sys.Audit')) !== true)
			return false;
		// A create takes the ID before its task is listed.
		return lock === undefined || tasks.some(isMaker);
	}

	/** Whether a VM that may not be looked at may become one that may: it joins the pool when its task ends. */
	async function mayAppear(node: string, vmid: number, elapsed: number): Promise<boolean> {
		const { pool } = parameters;
		if (typeof pool !== 'string' || (await mayOn(`/pool/${pool}`, 'VM.Audit')) === false)
			return false;
		const tasks = (await tasksOf(node, vmid)) ?? [];
		if (tasks.some(isRunning)) return true;
		return !tasks.some(isMaker) && elapsed < UNSEEN_MS;
	}

	/** Items that look at the same moment share the answer. */
	async function readConfig(path: string): Promise<{ data: VmConfig }> {
		const reading =
			memory.reads.get(path) ??
			memory
				.gate('', async () => await client.get<VmConfig>(path))
				.finally(() => memory.reads.delete(path));
		memory.reads.set(path, reading);
		return await reading;
	}

	/** Looks once. @throws PveError or Error if whose the VM is will not become known */
	async function look(
		{ kind, node, vmid }: GuestLocation,
		doubt: Doubt,
		elapsed: number,
	): Promise<Seen> {
		const place = `VM ${vmid} on ${node}`;
		const read = await readConfig(`${guestPath({ kind, node, vmid })}/config`).catch(
			(error: unknown) => {
				if (error instanceof PveError) return error;
				throw error;
			},
		);
		if (!(read instanceof PveError)) {
			delete doubt.silentSince;
			if (isConfigComplete(read.data)) {
				const { description, name, hostname = name } = read.data;
				const found = { mark: markIn(description), name: hostname };
				memory.known.set(vmid, { ...found, at: Date.now() });
				return { is: 'complete', ...found };
			}
			doubt.reason = `${place} is still being created${read.data.lock === undefined ? '' : ` (lock ${read.data.lock})`}`;
			doubt.idle = (await isIdle(node, vmid, read.data)) ? doubt.idle + 1 : 0;
			return { is: doubt.idle >= IDLE_LOOKS ? 'other' : 'unsure' };
		}
		memory.known.delete(vmid);
		if (isNoVm(read)) return { is: 'nothing' };
		const { failure } = read;
		if (failure.status === 403 && !isTransient(read)) {
			doubt.reason = `${place} cannot be read without VM.Audit`;
			// The first refusal may be of the moment before the task ended.
			if ((await mayAppear(node, vmid, elapsed)) || doubt.idle++ === 0) return { is: 'unsure' };
			const message = `${failure.message}. ${place} may belong to this Idempotency Key, but reading it needs VM.Audit on /vms/${vmid} or on its pool. No other VM was created`;
			throw new PveError({ ...failure, message });
		}
		if (!isTransient(read) || failure.status === 401) throw read;
		doubt.silentSince ??= Date.now();
		doubt.reason = `${place} could not be read: ${messageOf(failure)}`;
		if (Date.now() - doubt.silentSince < LONGEST_SILENCE_MS) return { is: 'unsure' };
		throw new Error(unknownText(doubt.reason));
	}

	/**
	 * Looks at the guests that have some IDs until it is known whose they are.
	 * @returns the one with the mark, or the first ID that is free
	 */
	async function resolve(
		window: readonly number[],
		rowsOf: () => Promise<Rows>,
	): Promise<{ found?: Found; free?: number }> {
		const sinceStart = stopwatch();
		/** Those that are waited for. */
		const doubts = new Map<number, Doubt>();
		for (let round = 0; ; round++) {
			const elapsed = sinceStart();
			const rows = await rowsOf();
			const hadDoubts = doubts.size > 0;
			const unused = new Set<number>();
			const looks = window.flatMap((vmid) => {
				const row = rows.get(vmid);
				if (row === undefined && !others.has(vmid)) unused.add(vmid);
				if (row?.type !== kind.type || leftBehind.has(vmid)) return [];
				// What is waited for in later rounds can only be made by a run that found no earlier ID free.
				const mustWait = doubts.has(vmid) || unused.size <= (round === 0 ? MOST_FREED : 0);
				return [lookFor({ kind, vmid, node: row.node }, mustWait, unused.size > 0, elapsed)];
			});
			const settled = await Promise.allSettled(looks);
			const seen = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));

			const found = seen.flatMap((one) =>
				one.is === 'complete' && one.mark === mark ? [one] : [],
			);
			if (found.length > 1) throw new Error(ambiguousText(found, mark));
			if (found[0]) return { found: found[0] };
			const failed = settled.find((one) => one.status === 'rejected');
			if (failed) throw failed.reason;

			if (doubts.size === 0) {
				// While something was waited for, IDs may have become free or taken.
				if (hadDoubts) continue;
				const gone = seen.filter((one) => one.is === 'nothing').map(({ vmid }) => vmid);
				return { free: window.find((vmid) => unused.has(vmid) || gone.includes(vmid)) };
			}
			const left = options.timeoutSeconds * 1000 - elapsed;
			const [first] = doubts.values();
			if (left <= 0)
				throw new Error(unknownText(`${first?.reason}, after ${options.timeoutSeconds} s`));
			await sleep(
				Math.min(pollInterval(elapsed, [], options.maxPollSeconds * 1000), left),
				context.getExecutionCancelSignal(),
			);
		}

		/** Looks at a VM, unless what is known of it still counts. @param isLater a free ID comes before it: it will not be skipped for another */
		async function lookFor(
			place: GuestLocation,
			mustWait: boolean,
			isLater: boolean,
			elapsed: number,
		): Promise<GuestLocation & Seen> {
			const { vmid } = place;
			const known = memory.known.get(vmid);
			const isFresh = known !== undefined && Date.now() - known.at < FRESH_MS;
			if (known && (isFresh || (isLater && known.mark !== mark))) {
				// Another item has seen it complete.
				doubts.delete(vmid);
				return { ...place, is: 'complete', mark: known.mark, name: known.name };
			}
			const doubt = doubts.get(vmid) ?? { idle: 0, reason: '' };
			const seen = await look(place, doubt, elapsed);
			if (seen.is === 'unsure' && mustWait) doubts.set(vmid, doubt);
			else doubts.delete(vmid);
			if (seen.is === 'other') leftBehind.add(vmid);
			return { ...place, ...seen };
		}
	}

	/** @throws Error if it is not to be returned: under another ID it would be a second VM for the same key */
	async function accepted(found: Found | undefined): Promise<Accepted | undefined> {
		if (found === undefined) return undefined;
		const { vmid, node, name } = found;
		const upid = await (taskThatMade ?? makerOf)(found);
		if (options.ifExists === 'return' || options.ifExists === 'update')
			return { vmid, node, name, upid, existing: true };
		note(trace, { vmid, node, upid });
		throw new Error(
			`VM ${vmid} already exists on ${node}, created with this Idempotency Key. To get it, choose Options → If VM Exists → Return Existing VM. Nothing was created`,
		);
	}

	/** The newest task of this user or token that made the VM, or may have done so, if Proxmox still knows it. */
	async function makerOf({ node, vmid }: GuestLocation): Promise<string | undefined> {
		const identity = await client.identity();
		return (await tasksOf(node, vmid))?.find(
			(task) => isMaker(task) && !changedNothing(task) && task.user === identity,
		)?.upid;
	}

	return {
		find: async () => await accepted((await resolve(ids, listed)).found),
		accept: accepted,
		async lookAgain() {
			forgetGuests(client);
			for (const vmid of ids) memory.known.delete(vmid);
			return (await resolve(ids, listed)).found;
		},
		ids: {
			hasOthers: !isFixed,
			async next() {
				if (isFixed) return taken.size === 0 ? fixed : undefined;
				// One that was made meanwhile is returned as well: Proxmox says that its ID is taken, and `whoHas` finds it.
				const { found, free } = await resolve(ids, listed);
				if (found) return found.vmid;
				if (free !== undefined) return free;
				throw new Error(
					`All ${ids.length} VM IDs of this Idempotency Key are in use. Set a wider range with Options → Lowest VM ID and Highest VM ID. Nothing was created`,
				);
			},
			wasTaken(vmid) {
				forgetGuests(client);
				taken.set(vmid, (taken.get(vmid) ?? 0) + 1);
			},
		},
		markLeftBehind: (vmid) => void leftBehind.add(vmid),
		async findById(vmid, error) {
			const [, named] =
				new RegExp(`\\b(VM|CT) ${vmid} already exists`).exec(error.failure.message) ?? [];
			if (named !== undefined && named !== kind.label) {
				others.add(vmid);
				return undefined;
			}
			forgetGuests(client);
			const node = nodeNamedIn(kind, error) ?? (await listed()).get(vmid)?.node ?? asked;
			memory.known.delete(vmid);
			const { found } = await resolve(
				[vmid],
				async () => new Map([[vmid, { type: kind.type, node }]]),
			);
			if (found === undefined && (taken.get(vmid) ?? 0) >= MOST_REFUSALS) {
				throw new Error(
					unknownText(
						`Proxmox VE reports that VM ID ${vmid} is in use, but no guest with this ID can be seen`,
					),
				);
			}
			return await accepted(found);
		},
	};
}

/** The part of a request that looking for the VM of its key needs. */
export type KeyedRequest = Pick<VmRequest, 'node' | 'vmid' | 'options'> & {
	readonly parameters: Readonly<Record<string, unknown>>;
};

/** Whether a restore was refused by its task, before it touched the VM to overwrite. */
const changedNothing = ({ status = '' }: ListedTask): boolean =>
	/^unable to restore VM \d+ - vm is running|^can't lock file /.test(status);

const ambiguousText = (found: readonly GuestLocation[], mark: string): string =>
	`VMs ${found.map(({ vmid, node }) => `${vmid} on ${node}`).join(' and ')} have the mark of this Idempotency Key, so all but one are copies. Remove ${mark} from the notes of the copies. Nothing was created`;

const unknownText = (what: string): string =>
	`${what}. Whether it is the VM of this Idempotency Key is unknown, so no other was created. Run it again later`;
