import { segment } from './client';

/** What the API calls a kind of guest; `guests/kinds.ts` has the rows. */
export interface GuestType {
	/** In paths, in the cluster's list of guests, and in the names of backups. */
	readonly type: string;
	/** In messages, after an article: `virtual machine`. */
	readonly noun: string;
	/** A guest of the other kind, with its article: the two share their IDs. */
	readonly other: string;
	/** What a Proxmox Backup Server calls its backups. */
	readonly backupGroup: string;
	/** Of a guest that may be of several kinds: those. */
	readonly kinds?: readonly GuestType[];
}

/** The kinds that a guest may be of. */
export const kindsOf = (kind: GuestType): readonly GuestType[] => kind.kinds ?? [kind];

/** The path under which a node has all its guests of a kind. */
export const guestsPath = ({ type }: Pick<GuestType, 'type'>, node: string): string =>
	`/nodes/${segment(node)}/${type}`;

/** The path of a guest. */
export const guestPath = (guest: {
	readonly kind: Pick<GuestType, 'type'>;
	readonly node: string;
	readonly vmid: number;
}): string => `${guestsPath(guest.kind, guest.node)}/${guest.vmid}`;
