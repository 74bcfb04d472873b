/** A guest in the cluster's list. */
export interface GuestRow {
	readonly vmid: number;
	readonly type: string;
	readonly node: string;
	/** `running` or `stopped`; anything else is no news. */
	readonly status?: string;
	readonly name?: string;
	readonly lock?: string;
	readonly pool?: string;
	/** Separated by semicolons. */
	readonly tags?: string;
}

/** What is stored of a guest. */
export interface KnownGuest {
	readonly vmid: number;
	readonly type: string;
	readonly node: string;
	readonly name: string;
	/** Undefined until Proxmox has said it once. */
	readonly status?: Power;
	/** Whether it passed the filters; a guest that is gone has no tags and no pool. */
	readonly isWatched: boolean;
	/** It exists, and is no longer shown to this user or token. */
	readonly isHidden: boolean;
}

type Power = 'running' | 'stopped';

export const CHANGES = ['created', 'migrated', 'removed', 'started', 'stopped'] as const;
export type Change = (typeof CHANGES)[number];

/** One change of a guest, as it is now. */
export interface GuestChange {
	readonly change: Change;
	readonly guest: KnownGuest;
	/** Undefined for a guest that is gone. */
	readonly row?: GuestRow;
	/** The node before a migration. */
	readonly previousNode?: string;
}

/** While a guest has one of these locks, a task starts and stops it for its own purposes. */
const BUSY = ['backup', 'clone', 'create', 'migrate', 'rollback'];

const isPower = (status: string | undefined): status is Power =>
	status === 'running' || status === 'stopped';

/** The status of a guest, if Proxmox knows it and no task is at work on the guest. */
const powerOf = ({ status, lock = '' }: GuestRow): Power | undefined =>
	isPower(status) && !BUSY.includes(lock) ? status : undefined;

/** The known guests that the list no longer has. */
export const missingGuests = (
	known: readonly KnownGuest[],
	rows: readonly GuestRow[],
): KnownGuest[] => {
	const listed = new Set(rows.map(({ vmid }) => vmid));
	return known.filter(({ vmid, isHidden }) => !isHidden && !listed.has(vmid));
};

/**
 * What has changed since the last poll, and what to store now. Without news of a guest (its node is down, or a task is at
 * work on it) what was known of it stays. A guest is new once its status is known.
 * @param known undefined at the first poll: nothing has changed then
 * @param passes whether a guest passes the filters
 * @param fates of the missing guests, as far as they are known: a guest that is only hidden is not removed
 */
export function compareGuests(
	known: readonly KnownGuest[] | undefined,
	rows: readonly GuestRow[],
	passes: (row: GuestRow) => boolean,
	fates: ReadonlyMap<number, 'gone' | 'hidden'>,
): { known: KnownGuest[]; changes: GuestChange[] } {
	const before = new Map((known ?? []).map((guest) => [guest.vmid, guest]));
	const next: KnownGuest[] = [];
	const changes: GuestChange[] = [];
	for (const row of rows) {
		const { vmid, type, node, name } = row;
		const listed = before.get(vmid);
		before.delete(vmid);
		// Its ID was given to a guest of the other kind.
		const old = listed?.type === type ? listed : undefined;
		if (listed && !old) changes.push({ change: 'removed', guest: listed });
		const power = powerOf(row);
		if (!old && known && power === undefined) continue;
		const status = power ?? old?.status;
		const guest: KnownGuest = {
			vmid,
			type,
			node,
			name: name ?? old?.name ?? '',
			...(status ? { status } : {}),
			isWatched: passes(row),
			isHidden: false,
		};
		next.push(guest);
		if (!known) continue;
		const changed = (change: Change, previousNode?: string): void =>
			void changes.push({ change, guest, row, ...(previousNode ? { previousNode } : {}) });
		if (!old) changed('created');
		if (old && old.node !== node) changed('migrated', old.node);
		const isChanged = old ? old.status !== undefined && old.status !== status : true;
		if (isChanged && status === 'running') changed('started');
		if (isChanged && old && status === 'stopped') changed('stopped');
	}
	for (const guest of before.values()) {
		const fate = fates.get(guest.vmid);
		if (fate === 'gone') changes.push({ change: 'removed', guest });
		else next.push(fate === 'hidden' ? { ...guest, isHidden: true } : guest);
	}
	return { known: next, changes };
}

const KINDS: Readonly<Record<string, string>> = { q: 'qemu', l: 'lxc' };
const POWERS: Readonly<Record<string, Power | undefined>> = {
	r: 'running',
	s: 'stopped',
	u: undefined,
};

/** Guests as texts by node, some 10 bytes and the name for each: n8n writes them to its database. */
export function packGuests(guests: readonly KnownGuest[]): Record<string, string> {
	const nodes = new Map<string, string[]>();
	for (const { vmid, type, node, name, status, isWatched, isHidden } of guests) {
		const marks = `${type[0]}${status?.[0] ?? 'u'}${isHidden ? '?' : isWatched ? '+' : '-'}`;
		const texts = nodes.get(node) ?? [];
		texts.push(`${vmid}${marks}${name.replace(/,/g, ' ')}`);
		nodes.set(node, texts);
	}
	return Object.fromEntries([...nodes].map(([node, texts]) => [node, texts.join(',')]));
}

/** The guests in such texts; what is not of this form is left out. */
export const unpackGuests = (nodes: Readonly<Record<string, unknown>>): KnownGuest[] =>
	Object.entries(nodes).flatMap(([node, texts]) =>
		String(texts)
			.split(',')
			.flatMap((text): KnownGuest[] => {
				const [, vmid, kind = '', power = '', mark, name = ''] =
					/^(\d+)([ql])([rsu])([+?-])(.*)$/.exec(text) ?? [];
				if (vmid === undefined) return [];
				const status = POWERS[power];
				return [
					{
						vmid: Number(vmid),
						type: KINDS[kind] ?? kind,
						node,
						name,
						...(status ? { status } : {}),
						isWatched: mark === '+',
						isHidden: mark === '?',
					},
				];
			}),
	);
