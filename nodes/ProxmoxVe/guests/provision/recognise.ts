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
	/** Whose a VM is; undefined where there is no mark. */
	whose(config: VmConfig): 'ours' | 'others' | undefined;
	/** Gives the mark up if Proxmox refuses it. @returns whether that was so */
	giveUp(refusal: PveError): boolean;
}

type Body = Readonly<Record<string, string>>;

/** The clients whose user or token may not set the mark; it may create VMs all the same. */
const refused = new WeakSet<PveClient>();

/**
 * A mark for one guest to create: a value of our own for what Proxmox makes up at random if the user sets nothing, so
 * that the guest is no other than without it. Of a VM it is the SMBIOS uuid, which needs VM.Config.HWType; of a
 * container the MAC address of its first card.
 * @param sent what is sent without the mark
 */
export async function createMark(client: PveClient, kind: GuestKind, sent: Body): Promise<Mark> {
	return kind.mark === 'mac' ? await macMark(client, sent) : uuidMark(client, sent);
}

function uuidMark(client: PveClient, sent: Body): Mark {
	const uuid = randomUUID();
	let isMarked = mayMark(sent) && !refused.has(client);
	return {
		body: () => (isMarked ? markBody(uuid, sent) : {}),
		whose({ smbios1 }) {
			if (smbios1?.toLowerCase().includes(`uuid=${uuid}`)) return 'ours';
			return isMarked ? 'others' : undefined;
		},
		giveUp({ failure }) {
			if (!isMarked || !failure.message.includes('VM.Config.HWType')) return false;
			refused.add(client);
			isMarked = false;
			return true;
		},
	};
}

async function macMark(client: PveClient, sent: Body): Promise<Mark> {
	const isMarked = mayMarkMac(sent);
	const mac = isMarked ? await randomMac(client) : '';
	return {
		body: () => (isMarked ? macBody(mac, sent) : {}),
		whose({ net0: found = '' }) {
			if (!isMarked) return undefined;
			return found.toUpperCase().includes(`HWADDR=${mac}`) ? 'ours' : 'others';
		},
		giveUp: () => false,
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
	const prefix = (await read).toUpperCase().split(':');
	const rest = [...randomBytes(6 - Math.min(prefix.length, 6))].map((byte) =>
		byte.toString(16).toUpperCase().padStart(2, '0'),
	);
	return [...prefix, ...rest].slice(0, 6).join(':');
}

/** What a preview shows of the mark. */
export const shownMark = ({ mark }: GuestKind, sent: Body): Body =>
	mark === 'mac'
		? mayMarkMac(sent)
			? macBody(MAC_PLACEHOLDER, sent)
			: {}
		: mayMark(sent)
			? markBody(UUID_PLACEHOLDER, sent)
			: {};

const mayMarkMac = ({ restore, net0 }: Body): boolean =>
	restore === undefined && net0 !== undefined && !/\bhwaddr=/.test(net0);

const macBody = (mac: string, { net0 }: Body): Body => ({ net0: `${net0},hwaddr=${mac}` });

/** Whether a create of a VM may get a mark: a restore has the uuid of the backup. */
const mayMark = (sent: Body): boolean =>
	sent.archive === undefined &&
	!/(?:^|,)uuid=/.test(sent.smbios1 ?? '') &&
	(sent.smbios1 ?? '').length + `uuid=,`.length + UUID_LENGTH <= LONGEST_SMBIOS1;

/** What the mark adds to a request. */
const markBody = (
	uuid: string,
	{ smbios1 }: Readonly<Record<string, string>>,
): Record<string, string> => ({
	smbios1: smbios1 === undefined ? `uuid=${uuid}` : `uuid=${uuid},${smbios1}`,
});
