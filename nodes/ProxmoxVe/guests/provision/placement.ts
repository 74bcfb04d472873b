import { storageOf } from '../../api/backups';
import { segment } from '../../api/client';
import { PveError } from '../../api/errors';
import { messageOf } from '../../api/messageOf';
import type { GuestParameters } from '../../catalogue/catalogue';
import { drivesOf } from '../../form/drives';
import { createGate, type Gate } from '../../runtime/concurrency';
import { PlacementError } from '../../runtime/errors';
import type { Run } from '../../runtime/run';
import { isRecord } from '../../wire/values';
import { meansNewDisk } from '../../wire/volume';

/** The node for a new guest, and why it was chosen. */
export interface Placement {
	readonly node: string;
	/** `Most memory left for guests: 24.0 of 32.0 GiB` */
	readonly reason: string;
	/** Says that Proxmox has accepted the guest: its memory is that of the cluster's list, once that has it. */
	accepted(vmid: number): void;
	/** Says that there is no new guest: the next list has what may be left of it. */
	ended(): void;
}

/** What a guest needs of its node. */
export interface Needs {
	/** Storages for new volumes. */
	readonly storages: readonly string[];
	/** What those must accept. */
	readonly content: string;
	/** Volumes that exist: images, ISO images, disks. */
	readonly volumes: readonly string[];
	readonly bridges: readonly string[];
	/** Files that will be stored: on this storage, or else on any that holds such files. */
	readonly files: ReadonlyArray<{ readonly content: string; readonly storage?: string }>;
	/** The node that has all volumes, if that is known. */
	readonly home?: string;
	/** Bytes. */
	readonly memory: number;
	readonly cpus: number;
}

/** What the cluster's list says; without Sys.Audit on a node its row has no memory. */
interface Row {
	readonly type: string;
	readonly node?: string;
	/** Of guests only. */
	readonly vmid?: number;
	readonly status?: string;
	readonly maxmem?: number;
	readonly mem?: number;
	readonly maxcpu?: number;
	/** Of a node: `maintenance`. */
	readonly hastate?: string;
	readonly storage?: string;
	readonly content?: string;
	readonly shared?: 0 | 1;
	readonly template?: 0 | 1;
}

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;
/** Proxmox's own default, in MiB. */
const DEFAULT_MEMORY = 512;
/** How long the cluster's list is used, in milliseconds. */
const LIST_AGE_MS = 60_000;

/** Memory for a guest that was placed, and is not in the cluster's list, or not with all of its memory yet. */
interface Reserved {
	readonly node: string;
	/** Bytes. */
	readonly memory: number;
	/** Once Proxmox has accepted the guest, however long that waits for others. */
	vmid?: number;
	/** There is no guest to wait for. */
	isOver?: boolean;
}

/** The cluster's list, as it is needed here. */
interface List {
	/** Of nodes and storages. */
	readonly rows: readonly Row[];
	/** Bytes of all guests of a node, running or not. Templates never run. */
	readonly promised: ReadonlyMap<string, number>;
	/** Bytes by guest. */
	readonly memory: ReadonlyMap<number, number>;
	readonly readAt: number;
}

/** What the items of a run share: each is placed after the other, so that they spread. */
interface Memory {
	readonly gate: Gate;
	readonly reserved: Set<Reserved>;
	/** Answers of nodes, by path. */
	readonly reads: Map<string, Promise<unknown>>;
	list?: List;
}
const memories = new WeakMap<Run, Memory>();
function memoryOf(run: Run): Memory {
	const found = memories.get(run) ?? {
		gate: createGate(1),
		reserved: new Set(),
		reads: new Map(),
	};
	memories.set(run, found);
	return found;
}

/**
 * What a guest needs of its node.
 * @param parameters by the names of the API; files that are stored before it is created are given apart
 * @param content what the storages of its volumes must accept
 */
export function needsOf(
	parameters: GuestParameters,
	files: Needs['files'] = [],
	content = 'images',
): Needs {
	const {
		memory,
		cores = 1,
		sockets = 1,
		'import-working-storage': working,
		ostemplate,
	} = parameters as Readonly<Record<string, unknown>>;
	const volumes = typeof ostemplate === 'string' ? [ostemplate] : [];
	const storages = typeof working === 'string' ? [working] : [];
	const drives = [
		...drivesOf(parameters).map(([, drive]) => drive),
		...Object.entries(parameters)
			.filter(([name, value]) => /^(?:efidisk|tpmstate)\d+$/.test(name) && isRecord(value))
			.map(([, value]) => value as Record<string, string>),
		...Object.entries(parameters)
			.filter(([name, value]) => /^(?:rootfs|mp\d+)$/.test(name) && isRecord(value))
			.map(([, value]) => ({ file: String((value as Record<string, unknown>).volume) })),
	];
	for (const { file = '', 'import-from': image = '' } of drives as Array<Record<string, string>>) {
		const isNew = image !== '' || meansNewDisk(file) || file.endsWith(':cloudinit');
		if (file.includes(':') && !file.startsWith('/')) {
			if (isNew) storages.push(storageOf(file));
			else volumes.push(file);
		}
		if (image.includes(':') && !image.startsWith('/')) volumes.push(image);
	}
	const bridges = Object.entries(parameters).flatMap(([name, card]) =>
		/^net\d+$/.test(name) && isRecord(card) && typeof card.bridge === 'string' ? [card.bridge] : [],
	);
	const given = isRecord(memory) ? memory.current : memory;
	return {
		storages: [...new Set(storages)],
		content,
		volumes: [...new Set(volumes)],
		bridges: [...new Set(bridges)],
		files,
		memory: (typeof given === 'number' ? given : DEFAULT_MEMORY) * MIB,
		cpus: Number(cores) * Number(sockets),
	};
}

/**
 * Chooses the node for a new guest: of those that are online and have what it needs, the one with the most memory that
 * is not promised to guests yet. The items of one run spread.
 * Source: `GET /cluster/resources`, and for nodes in question `GET /nodes/{node}/network` and
 * `GET /nodes/{node}/storage/{storage}/content`.
 * @param allowed nodes to choose from; all if it is empty
 * @throws PlacementError with what is missing on each node; PveError
 */
export async function placeGuest(
	run: Run,
	needs: Needs,
	allowed: readonly string[],
): Promise<Placement> {
	const memory = memoryOf(run);
	return await memory.gate('', async () => {
		const list = await readList(run, memory);
		const { rows } = list;
		const left = (node: string, total: number): number =>
			total - promisedOn(list, node) - reservedOn(memory, list, node);
		const nodes = rows
			.filter((row) => row.type === 'node' && row.node !== undefined)
			.map(({ node = '', maxmem, ...row }) => ({
				...row,
				node,
				maxmem,
				left: maxmem === undefined ? undefined : left(node, maxmem),
			}))
			.sort((a, b) => (b.left ?? -Infinity) - (a.left ?? -Infinity) || (a.node < b.node ? -1 : 1));
		const lacking: string[] = allowed
			.filter((name) => !nodes.some(({ node }) => node === name))
			.map((name) => `${name}: is not a node of this cluster`);
		const fitting: typeof nodes = [];
		for (const row of nodes) {
			if (allowed.length > 0 && !allowed.includes(row.node)) continue;
			const reason =
				wrongOf(row, rows, needs) ?? (await missingOn(run, memory, row.node, rows, needs));
			if (reason !== undefined) lacking.push(`${row.node}: ${reason}`);
			else fitting.push(row);
			// Sorted by memory, so the first is the best; one alone needs no comparison.
			if (row.left !== undefined && fitting.length > 0) break;
		}
		const [best] = fitting;
		if (best === undefined) throw new PlacementError(lacking);
		if (best.left === undefined && fitting.length > 1)
			throw new PlacementError([
				...fitting.map(
					({ node }) => `${node}: its memory cannot be read without Sys.Audit on /nodes/${node}`,
				),
				...lacking,
			]);
		const reserved: Reserved = { node: best.node, memory: needs.memory };
		memory.reserved.add(reserved);
		return {
			node: best.node,
			accepted: (vmid) => void (reserved.vmid = vmid),
			ended: () => void (reserved.isOver = true),
			reason:
				best.left === undefined
					? 'The only node that fits'
					: `Most memory left for guests: ${gib(best.left)} of ${gib(best.maxmem ?? 0)} GiB`,
		};
	});
}

const gib = (bytes: number): string => (bytes / GIB).toFixed(1);

/** The cluster's list, read again if it is too old. What it has in the meantime is reserved no more. */
async function readList(run: Run, memory: Memory): Promise<List> {
	if (memory.list !== undefined && Date.now() - memory.list.readAt <= LIST_AGE_MS)
		return memory.list;
	const over = new Set([...memory.reserved].filter(({ isOver }) => isOver));
	const { data } = await run.client.get<Row[]>('/cluster/resources');
	const promised = new Map<string, number>();
	const memoryOfGuests = new Map<number, number>();
	for (const { vmid, node = '', maxmem = 0, template } of data) {
		if (vmid === undefined || template === 1) continue;
		promised.set(node, (promised.get(node) ?? 0) + maxmem);
		memoryOfGuests.set(vmid, maxmem);
	}
	const rows = data.filter(({ vmid }) => vmid === undefined);
	memory.list = { rows, promised, memory: memoryOfGuests, readAt: Date.now() };
	memory.reads.clear();
	for (const reserved of memory.reserved)
		if (over.has(reserved) || missingOf(reserved, memory.list) === 0)
			memory.reserved.delete(reserved);
	return memory.list;
}

/** What the list does not have of a guest's memory: while a guest is created, its row has only a part of it. */
const missingOf = ({ vmid, memory }: Reserved, list: List): number =>
	Math.max(0, memory - (vmid === undefined ? 0 : (list.memory.get(vmid) ?? 0)));

const reservedOn = ({ reserved }: Memory, list: List, node: string): number =>
	[...reserved]
		.filter((one) => one.node === node)
		.reduce((sum, one) => sum + missingOf(one, list), 0);

/** The memory of all guests of a node, and at least what is in use. */
function promisedOn({ rows, promised }: List, node: string): number {
	const used = rows.find((row) => row.type === 'node' && row.node === node)?.mem ?? 0;
	return Math.max(promised.get(node) ?? 0, used);
}

/** What the cluster's list says against a node. */
function wrongOf(
	{ node, status, hastate, maxmem, maxcpu }: Row,
	rows: readonly Row[],
	{ storages, content: needed, volumes, files, memory, cpus }: Needs,
): string | undefined {
	if (status !== 'online') return `is ${status ?? 'unknown'}`;
	if (hastate === 'maintenance') return 'is in maintenance mode';
	if (maxmem !== undefined && memory > maxmem) return `has only ${gib(maxmem)} GiB of memory`;
	if (maxcpu !== undefined && cpus > maxcpu) return `has only ${maxcpu} CPUs`;
	const own = rows.filter((row) => row.type === 'storage' && row.node === node);
	const isAvailable = (name: string): boolean =>
		own.some(({ storage, status: state }) => storage === name && state === 'available');
	const named = files.flatMap(({ storage }) => (storage === undefined ? [] : [storage]));
	const missing = [...storages, ...volumes.map(storageOf), ...named].find(
		(name) => !isAvailable(name),
	);
	if (missing !== undefined) return `has no storage ${missing}, or it is not available there`;
	const unfit = storages.find(
		(name) =>
			own
				.find(({ storage }) => storage === name)
				?.content?.split(',')
				.includes(needed) === false,
	);
	if (unfit !== undefined)
		return `its storage ${unfit} does not accept ${needed === 'images' ? 'disk images' : 'containers'}`;
	const notHeld = files.find(
		({ content, storage: name }) =>
			!own.some(
				({ storage = '', content: held }) =>
					(name === undefined ? isAvailable(storage) : storage === name) &&
					held?.split(',').includes(content) !== false,
			),
	);
	return notHeld === undefined
		? undefined
		: notHeld.storage === undefined
			? `has no storage with the content ${notHeld.content} that is available`
			: `its storage ${notHeld.storage} does not accept the content ${notHeld.content}`;
}

/** What the node itself says against it: a bridge or a volume is not there. */
async function missingOn(
	run: Run,
	{ reads }: Memory,
	node: string,
	rows: readonly Row[],
	{ bridges, volumes, home }: Needs,
): Promise<string | undefined> {
	const read = async <Found>(path: string, query: Record<string, string> = {}): Promise<Found> => {
		const whole = `/nodes/${segment(node)}/${path}`;
		const found = reads.get(whole) ?? run.client.get<Found>(whole, query).then(({ data }) => data);
		reads.set(whole, found);
		return (await found) as Found;
	};
	const missing = async (): Promise<string | undefined> => {
		if (bridges.length > 0) {
			const found = await read<Array<{ iface: string }>>('network', { type: 'any_bridge' });
			const bridge = bridges.find((wanted) => !found.some(({ iface }) => iface === wanted));
			if (bridge !== undefined) return `has no bridge ${bridge}, or it may not be used (SDN.Use)`;
		}
		for (const volume of volumes) {
			const storage = storageOf(volume);
			const isShared = rows.some((row) => row.storage === storage && row.shared === 1);
			if (isShared || node === home) continue;
			const found = await read<Array<{ volid: string }>>(`storage/${segment(storage)}/content`);
			if (!found.some(({ volid }) => volid === volume)) return `has no volume ${volume}`;
		}
		return undefined;
	};
	return await missing().catch((error: unknown) => {
		if (error instanceof PveError) return messageOf(error.failure);
		throw error;
	});
}
