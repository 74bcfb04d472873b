import { randomBytes, randomUUID } from 'node:crypto';

import type { PveClient } from '../../api/client';
import type { PveError } from '../../api/errors';
import type { GuestKind } from '../kinds';
import type { VmConfig } from './guestState';

/** Placeholders in a preview. */
export const UUID_PLACEHOLDER = 'RANDOM_UUID';
export const MAC_PLACEHOLDER = 'RANDOM_MAC';

const UUID_LENGTH = 36;
/** Proxmox's own limit, in characters. */
const LONGEST_SMBIOS1 = 512;

/** By what the VM of a request is recognised in its config. */
export interface Mark {
	/** What it adds to the body. */
	body(): Readonly<Record<string, string>>;
	/** Whose a VM is; undefined if there is no mark. */
	whose(config: VmConfig): 'ours' | 'others' | undefined;
	/** Takes another mark, or none, if Proxmox refuses it. @returns whether that was so */
	giveUp(refusal: PveError): Promise<boolean>;
}

type Body = Readonly<Record<string, string>>;

/** The clients whose user or token may not set a uuid; it may create VMs all the same. */
const refused = new WeakSet<PveClient>();

/**
 * A mark for one guest to create: a value of our own for what Proxmox makes up at random if the user sets nothing, so
 * that the guest is no other than without it. Of a VM it is the SMBIOS uuid, which needs VM.Config.HWType; where that
 * is not ours, and of a container, it is the MAC address of a card.
 * @param sent what is sent without the mark
 */
export async function createMark(client: PveClient, kind: GuestKind, sent: Body): Promise<Mark> {
	const isUuid = kind.mark === 'uuid' && mayHaveUuid(sent) && !refused.has(client);
	return isUuid ? uuidMark(client, kind, sent) : await macMark(client, kind, sent);
}

function uuidMark(client: PveClient, kind: GuestKind, sent: Body): Mark {
	const uuid = randomUUID();
	let other: Mark | undefined;
	return {
		body: () => (other ? other.body() : uuidBody(uuid, sent)),
		whose(config) {
			if (other) return other.whose(config);
			return config.smbios1?.toLowerCase().includes(`uuid=${uuid}`) ? 'ours' : 'others';
		},
		async giveUp({ failure }) {
			if (other || !failure.message.includes('VM.Config.HWType')) return false;
			refused.add(client);
			other = await macMark(client, kind, sent);
			return true;
		},
	};
}

async function macMark(client: PveClient, kind: GuestKind, sent: Body): Promise<Mark> {
	const card = cardToMark(kind, sent);
	const mac = card === undefined ? '' : await randomMac(client);
	return {
		body: () => macBody(kind, mac, sent),
		whose(config) {
			if (card === undefined) return undefined;
			return config[card]?.toUpperCase().includes(`=${mac}`) ? 'ours' : 'others';
		},
		giveUp: async () => false,
	};
}

/** What Proxmox's own MAC addresses begin with, unless the datacenter has another prefix. */
const PROXMOX_PREFIX = 'BC:24:11';
/** The prefixes of MAC addresses, by client. */
const prefixes = new WeakMap<PveClient, Promise<string>>();

/** A MAC address as Proxmox makes one up. Source: `GET /cluster/options` (mac_prefix). */
async function randomMac(client: PveClient): Promise<string> {
	const read =
		prefixes.get(client) ??
		client.get<{ mac_prefix?: string } | null>('/cluster/options').then(
			({ data }) => data?.mac_prefix ?? PROXMOX_PREFIX,
			() => PROXMOX_PREFIX,
		);
	prefixes.set(client, read);
	const prefix = (await read).toUpperCase();
	const random = [...randomBytes(6)].map((byte) =>
		byte.toString(16).toUpperCase().padStart(2, '0'),
	);
	// A prefix may end in a colon, or in the middle of a byte.
	return `${prefix}${random.join(':').slice(prefix.length)}`;
}

/** What a preview shows of the mark. */
export const shownMark = (kind: GuestKind, sent: Body): Body =>
	kind.mark === 'uuid' && mayHaveUuid(sent)
		? uuidBody(UUID_PLACEHOLDER, sent)
		: macBody(kind, MAC_PLACEHOLDER, sent);

const HAS_MAC = /=(?:[\da-f]{2}:){5}[\da-f]{2}(?:,|$)/i;

/** The first card that has no MAC address; none in a restore. */
function cardToMark(
	{ catalogue: { restoreFlag, archive } }: GuestKind,
	sent: Body,
): `net${number}` | undefined {
	if (sent[restoreFlag ?? archive] !== undefined) return undefined;
	const cards = Object.keys(sent).filter((name): name is `net${number}` => /^net\d+$/.test(name));
	return cards.find((name) => !HAS_MAC.test(String(sent[name])));
}

function macBody(kind: GuestKind, mac: string, sent: Body): Body {
	const card = cardToMark(kind, sent);
	return card === undefined ? {} : { [card]: `${sent[card]},${kind.macOption}=${mac}` };
}

/** Whether a create of a VM may get a uuid: a restore has that of the backup. */
const mayHaveUuid = (sent: Body): boolean =>
	sent.archive === undefined &&
	!/(?:^|,)uuid=/.test(sent.smbios1 ?? '') &&
	(sent.smbios1 ?? '').length + `uuid=,`.length + UUID_LENGTH <= LONGEST_SMBIOS1;

const uuidBody = (
	uuid: string,
	{ smbios1 }: Readonly<Record<string, string>>,
): Record<string, string> => ({
	smbios1: smbios1 === undefined ? `uuid=${uuid}` : `uuid=${uuid},${smbios1}`,
});
