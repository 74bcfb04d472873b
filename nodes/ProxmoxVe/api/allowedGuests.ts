import { isOutcomeUnknown, PveError } from './errors';

/** Which guests the node may touch. A guest must match each limit that is set: of several pools, one. */
export interface AllowedGuests {
	/** As the user wrote it. */
	readonly text: string;
	readonly ids?: ReadonlyArray<{ readonly lowest: number; readonly highest: number }>;
	readonly pools?: readonly string[];
	/** In lower case. */
	readonly tags?: readonly string[];
	readonly nodes?: readonly string[];
}

/** A request that Allowed Guests of the node forbids. It was not sent. */
export class NotAllowedError extends Error {
	/** @param advice what else may be used */
	constructor(
		message: string,
		readonly advice?: string,
	) {
		super(message);
		this.name = 'NotAllowedError';
	}
}

/** The parameters of a request. */
export type Values = Readonly<Record<string, unknown>>;

/** Checks requests against Allowed Guests. */
export interface Guard {
	/**
	 * @param isFree the user chooses the path: it must be about a guest
	 * @throws NotAllowedError
	 */
	check(method: string, path: string, parameters: Values, isFree?: boolean): Promise<void>;
	/** Sends a request if it is allowed. @throws NotAllowedError */
	send<Answer>(
		method: string,
		path: string,
		parameters: Values,
		request: () => Promise<Answer>,
	): Promise<Answer>;
	/** Those of a list whose guest is allowed. */
	only<Row>(rows: readonly Row[], guestOf: (row: Row) => number | undefined): Promise<Row[]>;
}

/** A guest in the cluster's list, which has its pool and tags of this moment. */
export interface GuestRow {
	readonly vmid?: number;
	readonly node?: string;
	readonly pool?: string;
	readonly tags?: string;
}

const ID = /^\d+$/;
/** Values whose texts are the user's own: a name in them is no reference. */
const TEXTS =
	/^(?:description|notes|notes-template|url|sshkeys|ssh-public-keys|cipassword|password|env|entrypoint|name|hostname|tags|snapname)$/;
/** Values that hold a volume. */
const DRIVE = /^(?:ide|sata|scsi|virtio|efidisk|tpmstate|unused|rootfs|mp)\d*$/;
/** For a volume that is named by a path. */
const VOLUME = 'volume';
/** Volumes that belong to no guest: a new one, a cloud-init drive, media; and the slots of the guest itself. */
const NO_GUESTS =
	/^(?:none|cdrom|rootfs|mp\d+|unused\d+|[^:/]+:(?:[\d.]+|cloudinit|(?:iso|import|vztmpl|snippets)\/.+))$/;
/** A VM of an ESXi host, or its disk: a guest that no list can name, even if its folder looks like an ID. */
const OF_ESXI = /^[^:/]+:(?!backup\/|\d+\/)[^/]+\/[^/]+\/.+\.(?:vmx|vmdk)$/;
/** Requests under the path of a guest that reach beyond it: the host's files, another cluster. */
const BEYOND = /^(?:monitor|mtunnel.*|remote_migrate)$/;
/** Tasks that are about files of a storage. */
const STORAGE_TASKS = ['download', 'imgcopy', 'imgdel', 'ociregistrypull'];
/** What shows no more than whether a guest exists. Proxmox itself requires VM.Audit for it, as for its row in the list. */
const EXISTENCE = /^(?:config|status\/current)$/;

/**
 * The only place that decides what Allowed Guests permit: the client asks it about every request, so it holds for each
 * operation. A request that is not known to be about allowed guests only is refused, unless it just reads.
 * @param readRows `GET /cluster/resources?type=vm`, now
 */
export function createGuard(
	allowed: AllowedGuests,
	readRows: () => Promise<readonly GuestRow[]>,
): Guard {
	const { ids, pools, tags, nodes } = allowed;
	const needsRow = pools !== undefined || tags !== undefined || nodes !== undefined;
	/** Guests that this run creates: Proxmox adds them to their pool only at the end of the task. */
	const created = new Set<number>();
	/** Guests that may be read: pool and tags are not looked up again for each poll. */
	const readable = new Set<number>();

	const list = `Allowed Guests (${allowed.text})`;
	const idProblem = (vmid: number): string | undefined =>
		ids?.some(({ lowest, highest }) => vmid >= lowest && vmid <= highest) === false
			? `VM ${vmid} is not in ${list}`
			: undefined;
	const poolProblem = (pool: unknown): string | undefined =>
		pools?.includes(String(pool)) === false
			? `is not in ${list}: it is in ${pool === undefined ? 'no pool' : `the pool ${String(pool)}`}`
			: undefined;
	const tagProblem = (given: unknown): string | undefined =>
		tags !== undefined && !tagsOf(given).some((tag) => tags.includes(tag))
			? `is not in ${list}: it has none of these tags`
			: undefined;
	const nodeProblem = (node = ''): string | undefined =>
		nodes?.includes(node) === false ? `is not in ${list}: it is on ${node}` : undefined;
	const rowProblem = (row: GuestRow | undefined): string | undefined =>
		row === undefined
			? `is not in the list of guests, so whether it is in ${list} is unknown`
			: (poolProblem(row.pool) ?? tagProblem(row.tags) ?? nodeProblem(row.node));
	const rowOf = async (vmid: number): Promise<GuestRow | undefined> =>
		needsRow ? (await readRows()).find((row) => row.vmid === vmid) : undefined;

	const refuse = (problem: string | undefined, advice?: string): void => {
		if (problem !== undefined) throw new NotAllowedError(problem, advice);
	};
	const ofVm = (vmid: number | undefined, problem: string | undefined): string | undefined =>
		problem && `${vmid === undefined ? 'The new VM' : `VM ${vmid}`} ${problem}`;

	/** @param mayBeMissing whether a guest that does not exist is allowed */
	async function requireGuest(
		vmid: number,
		{ isRead = false, mayBeMissing = false } = {},
	): Promise<void> {
		refuse(idProblem(vmid), FREE_ID);
		if (!needsRow || created.has(vmid) || (isRead && readable.has(vmid))) return;
		const row = await rowOf(vmid);
		if (row === undefined && mayBeMissing) return;
		refuse(ofVm(vmid, rowProblem(row)));
		readable.add(vmid);
	}

	const requireNode = (node: unknown): void =>
		refuse(
			nodes?.includes(String(node)) === false
				? `The node ${String(node)} is not in ${list}`
				: undefined,
		);

	/** A guest that is to be created, or restored over one that exists. @param inherits whether it has the tags of an allowed one */
	async function requireNew(
		id: unknown,
		{ pool, tags: own, force }: Values,
		inherits = false,
	): Promise<void> {
		const isKnown = id !== undefined && id !== '';
		const vmid = isKnown && ID.test(String(id)) ? Number(id) : undefined;
		if (isKnown && vmid === undefined) refuse(`"${String(id)}" is not the ID of one VM`);
		if (vmid !== undefined) refuse(idProblem(vmid), FREE_ID);
		const row = vmid === undefined ? undefined : await rowOf(vmid);
		if (row !== undefined || (vmid !== undefined && needsRow && isYes(force)))
			refuse(ofVm(vmid, rowProblem(row)));
		if (row === undefined || pool !== undefined) refuse(ofVm(vmid, poolProblem(pool)));
		if (row === undefined && !inherits) refuse(ofVm(vmid, tagProblem(own)));
	}

	/** Disks, images and backups that a request names must belong to allowed guests, or to none. */
	async function requireVolumes(parameters: Values): Promise<void> {
		for (const [name, value] of Object.entries(parameters)) {
			if (TEXTS.test(name)) continue;
			for (const text of [value].flat().map(String)) {
				for (const owner of ownersIn(text)) await requireGuest(owner);
				const unclear = volumesOf(name, text).find(
					(one) => !NO_GUESTS.test(one) && (OF_ESXI.test(one) || ownersIn(one).length === 0),
				);
				if (unclear !== undefined)
					refuse(`${name}: whether "${unclear}" belongs to a guest outside ${list} is unknown`);
			}
		}
	}

	async function ofGuest(
		vmid: number,
		[command = '', ...rest]: string[],
		isRead: boolean,
		parameters: Values,
	): Promise<void> {
		const mayBeMissing = isRead && EXISTENCE.test([command, ...rest].join('/'));
		await requireGuest(vmid, { isRead, mayBeMissing });
		if (BEYOND.test(command)) refuse(`${command} can reach beyond ${list}, so it is refused`);
		if (command !== 'agent') await requireVolumes(parameters);
		const { newid, target, 'target-vmid': other } = parameters;
		if (command === 'clone') await requireNew(newid, parameters, true);
		if (other !== undefined) await requireGuest(Number(other));
		if (target !== undefined && !isRead) requireNode(target);
	}

	async function ofTask(upid: string, isRead: boolean): Promise<About> {
		const [, , , , , type = '', about = ''] = upid.split(':');
		// That of a volume is `100@local`.
		const [id = ''] = about.split('@');
		if (!ID.test(id)) return STORAGE_TASKS.includes(type) ? 'files' : 'other';
		await requireGuest(Number(id), { isRead });
		return 'guests';
	}

	async function ofNode(
		node: string,
		[area = '', name, ...rest]: string[],
		isRead: boolean,
		parameters: Values,
	): Promise<About> {
		if (!isRead) requireNode(node);
		if (name !== undefined && ID.test(name)) {
			await ofGuest(Number(name), rest, isRead, parameters);
			return 'guests';
		}
		if (area === 'tasks' && name !== undefined) return await ofTask(name, isRead);
		const [what, ...volume] = rest;
		const { volume: named } = parameters;
		await requireVolumes(
			area === 'storage' && named !== undefined
				? { ...parameters, [VOLUME]: inStorage(name ?? '', String(named)) }
				: parameters,
		);
		if (area === 'storage' && what === 'content' && volume.length > 0) {
			const volid = inStorage(name ?? '', volume.join('/'));
			await requireVolumes({ [VOLUME]: volid });
			return ownersIn(volid).length > 0 ? 'guests' : 'files';
		}
		const { vmid = '', all, pool } = parameters;
		// The backups of all guests, unless one is named; also where it only shows what it would remove.
		if (what === 'prunebackups' || (area === 'vzdump' && !isRead)) {
			const guests = [vmid]
				.flat()
				.join(',')
				.split(/[\s,;]+/);
			const isOfGuests = guests.every((one) => ID.test(one)) && !isYes(all) && !isYes(pool);
			if (!isOfGuests)
				refuse(`A backup or pruning of all guests is not for ${list} only`, NAME_GUESTS);
			for (const one of guests) await requireGuest(Number(one), { isRead });
			return 'guests';
		}
		if (isRead) {
			if (vmid !== '') await requireGuest(Number(vmid), { isRead, mayBeMissing: true });
			return 'other';
		}
		if (area === 'aplinfo') return 'files';
		if (area === 'storage') return FILES.includes(what ?? '') ? 'files' : 'other';
		if (name !== undefined || !Object.hasOwn(parameters, 'vmid')) return 'other';
		await requireNew(vmid, parameters);
		return 'guests';
	}

	/** A guest that may be changed can be moved to another pool, as it can be given other tags. */
	async function ofPool({ vms = '', ...others }: Values): Promise<About> {
		const guests = String(vms)
			.split(/[\s,;]+/)
			.filter(Boolean);
		const areGuests = guests.length > 0 && guests.every((one) => ID.test(one));
		if (!areGuests || 'storage' in others || 'comment' in others) return 'other';
		for (const one of guests) await requireGuest(Number(one));
		return 'guests';
	}

	const guard: Guard = {
		async check(method, path, parameters, isFree = false) {
			const isRead = method === 'GET';
			// Proxmox decodes a path before it splits it.
			const [root, node = '', ...names] = decodeURIComponent(path)
				.split('/')
				.filter((name) => name !== '');
			const about =
				root === 'nodes'
					? await ofNode(node, names, isRead, parameters)
					: root === 'pools' && method === 'PUT'
						? await ofPool(parameters)
						: 'other';
			if (about === 'guests' || (!isFree && (isRead || about === 'files'))) return;
			refuse(
				`${method} ${path} is not about guests in ${list} only, so it is refused`,
				'Use a path of a guest that is allowed, or another operation of this node.',
			);
		},
		async send(method, path, parameters, request) {
			await guard.check(method, path, parameters);
			const vmid = Number(parameters.newid ?? parameters.vmid);
			const isNew = method === 'POST' && Number.isInteger(vmid) && !created.has(vmid);
			if (!isNew || path.endsWith('/vzdump')) return await request();
			// Known from now on, because its response may be lost.
			created.add(vmid);
			return await request().catch((error: unknown) => {
				if (error instanceof PveError && !isOutcomeUnknown(error)) created.delete(vmid);
				throw error;
			});
		},
		async only(rows, guestOf) {
			const known = needsRow ? await readRows() : [];
			return rows.filter((row) => {
				const vmid = guestOf(row);
				if (vmid === undefined || idProblem(vmid) !== undefined) return false;
				return !needsRow || rowProblem(known.find((one) => one.vmid === vmid)) === undefined;
			});
		},
	};
	return guard;
}

/** Requests that store a file on a storage. */
const FILES = ['upload', 'download-url', 'oci-registry-pull'];

const NAME_GUESTS = 'Choose guests that are allowed.';

const FREE_ID =
	'Choose a guest that is allowed. For a new one, Options → Lowest VM ID and Highest VM ID set the range of its ID.';

/** What a request is about: guests that are allowed, files of a storage that belong to no guest, or anything else. */
type About = 'guests' | 'files' | 'other';

const isYes = (given: unknown): boolean => given !== undefined && given !== '' && given !== '0';

const tagsOf = (given: unknown): string[] =>
	String(given ?? '')
		.toLowerCase()
		.split(/[\s,;]+/);

/** A volume with its storage: Proxmox also takes one without. */
const inStorage = (storage: string, volume: string): string =>
	/^[^/]*:/.test(volume) ? volume : `${storage}:${volume}`;

/** The volumes and paths in a parameter, which must show their guest. */
function volumesOf(name: string, text: string): string[] {
	if (text === '') return [];
	if (name === 'args' || name === 'archive' || name === 'ostemplate' || name === VOLUME)
		return [text];
	if (!DRIVE.test(name)) return [];
	return text.split(',').flatMap((part, index) => {
		const [, option, value = ''] = /^([a-z-]+)=(.*)$/.exec(part) ?? [];
		if (option === undefined) return index === 0 ? [part] : [];
		return ['file', 'volume', 'import-from'].includes(option) ? [value] : [];
	});
}

/**
 * The guests that own what a text names: `local-lvm:vm-100-disk-0`, `local:100/any.qcow2`, `/dev/pve/vm-100-disk-0`,
 * `local:backup/vzdump-qemu-100-….vma`, `pbs:backup/vm/100/…`. Of a linked clone, the last one.
 */
function ownersIn(text: string): number[] {
	return text.split(/[\s,;=]+/).flatMap((word) => {
		if (!/[:/]/.test(word) || NO_GUESTS.test(word)) return [];
		const [folder = '', file = ''] = ['', ...word.replace(/^[^/:]*:/, '').split('/')].slice(-2);
		const [, named] = /^(?:vm|base|subvol|basevol|vzdump-[a-z]+)-(\d+)-/.exec(file) ?? [];
		return [...(ID.test(folder) ? [folder] : []), ...(named === undefined ? [] : [named])].map(
			Number,
		);
	});
}
