import type { IpVersion } from '../form/readReadiness';
import type { PveClient } from '../api/client';
import { askAgent } from './guestAgent';
import { readOfVm } from './powerOf';
import type { GuestLocation } from './locateGuest';
import { describeNoAnswer, pollGuest, type GuestConfig as Config, type Started } from './pollGuest';

/** A network interface of the guest. */
export type GuestInterface = {
	/** The guest's name for it; null if it is none that a system gives. */
	name: string | null;
	/** In capitals, as Proxmox has it; null if there is none. */
	mac: string | null;
	/** The network card of the VM that it belongs to by its MAC, such as `net0`; null for docker0 and similar ones. */
	card: string | null;
	/** Addresses that others can reach. */
	addresses: string[];
};

/** What an operation emits of a VM's network. */
export type GuestNetwork = {
	/** Of the VM's own network cards, in their order. */
	ipAddresses: string[];
	networkInterfaces: GuestInterface[];
};

/** What the guest agent reports of a VM's network. */
export interface GuestAddresses {
	readonly network: GuestNetwork;
	/** Why there are none, or not all that were waited for. */
	readonly warnings: string[];
	/** Whether there are all that were waited for. */
	readonly isComplete: boolean;
}

/** Network interfaces that are kept, and addresses of each: the guest may report any number. */
const MOST_INTERFACES = 256;
const MOST_ADDRESSES = 50;

/**
 * Asks the guest agent for the addresses of a VM, and waits until each of its network cards has one. Only
 * IP addresses are emitted: root in the guest controls what the agent reports.
 * Source: `GET /nodes/{node}/qemu/{vmid}/config`, `GET …/agent/network-get-interfaces`.
 * @param seconds how long to wait; 0 asks once
 * @param ipVersion which addresses to wait for; a card that is configured for the other version only is waited for with that
 * @param started what is known of a VM that was just started
 * @returns what there was in the end, with warnings instead of errors: the VM itself is as it should be
 */
export async function guestAddresses(
	client: PveClient,
	place: GuestLocation,
	{
		seconds,
		ipVersion,
		started,
	}: { readonly seconds: number; readonly ipVersion: IpVersion; readonly started?: Started },
	signal?: AbortSignal,
): Promise<GuestAddresses> {
	const { answer, reason, isFinal, config } = await pollGuest(
		client,
		place,
		seconds,
		signal,
		async (given, timeoutMs) => {
			const result = await askInterfaces(client, place, timeoutMs);
			const read = readInterfaces(place, result, macsOf(given));
			const missing = cardsWithout(given, read.interfaces, ipVersion);
			return { answer: { ...read, missing }, isDone: missing.length === 0 };
		},
		started,
	);
	const { interfaces = [], leftOut = [], missing = [] } = answer ?? {};
	const lacking =
		reason !== undefined
			? [
					describeNoAnswer(
						place,
						reason,
						`The IP addresses of ${place.kind.label} ${place.vmid}`,
						place.kind.reporter === 'agent' ? 'VM.GuestAgent.Audit' : 'VM.Audit',
						isFinal ? 0 : seconds,
					),
				]
			: seconds === 0
				? []
				: waitedFor(place, config, missing, seconds);
	return {
		network: {
			ipAddresses: addressesOf(config, interfaces, ipVersion),
			networkInterfaces: interfaces,
		},
		warnings: [...lacking, ...leftOut],
		isComplete: lacking.length === 0,
	};
}

/** The interfaces of a guest: by its agent, or by the host of a container. */
async function askInterfaces(
	client: PveClient,
	place: GuestLocation,
	timeoutMs?: number,
): Promise<unknown> {
	if (place.kind.reporter === 'agent')
		return await askAgent(client, place, 'network-get-interfaces', timeoutMs);
	return listOf(await readOfVm(client, place, 'interfaces', timeoutMs)).map((one) => ({
		...one,
		'hardware-address': one['hardware-address'] ?? one.hwaddr,
		// Older hosts give the first address of each version.
		'ip-addresses':
			one['ip-addresses'] ??
			[one.inet, one.inet6].map((given) => ({ 'ip-address': String(given ?? '').split('/')[0] })),
	}));
}

/** The number of a network card. */
const numberOf = (card: string): number => Number(card.slice('net'.length));
/** The VM's network cards in their order, with what they are set to. */
const cardsOf = (config: Config): Array<[card: string, value: string]> =>
	Object.entries(config)
		.filter(([name]) => /^net\d+$/.test(name))
		.map(([name, value]): [string, string] => [name, String(value)])
		.sort(([a], [b]) => numberOf(a) - numberOf(b));

const MAC = /(?:[0-9a-f]{2}:){5}[0-9a-f]{2}/i;
/** MAC -> card. */
const macsOf = (config: Config): ReadonlyMap<string, string> =>
	new Map(
		cardsOf(config)
			.reverse()
			.flatMap(([card, value]) => {
				const mac = MAC.exec(value)?.[0];
				return mac === undefined ? [] : [[mac.toUpperCase(), card] as const];
			}),
	);

/**
 * Reads what the agent reports, of which nothing is taken on trust.
 * @returns the first interfaces, those of the VM's network cards before others, and warnings about what is left out
 */
function readInterfaces(
	{ vmid }: GuestLocation,
	result: unknown,
	cards: ReadonlyMap<string, string>,
): { interfaces: GuestInterface[]; leftOut: string[] } {
	const reported = listOf(result).map((one) => {
		const text = (key: string): string => (typeof one[key] === 'string' ? one[key] : '');
		const name = /^\w[\w.:@ -]{0,63}$/.test(text('name')) ? text('name') : null;
		const given = text('hardware-address').slice(0, 32).replace(/-/g, ':').toUpperCase();
		const mac =
			new RegExp(`^${MAC.source}$`, 'i').test(given) && !/^00(?::00)+$/.test(given) ? given : null;
		const card = (mac === null ? undefined : cards.get(mac)) ?? null;
		return { name, mac, card, reports: one['ip-addresses'] };
	});
	const leftOut: string[] = [];
	const first = new Set(
		[
			...reported.filter(({ card }) => card !== null),
			...reported.filter(({ card }) => card === null),
		].slice(0, MOST_INTERFACES),
	);
	if (reported.length > first.size) {
		leftOut.push(
			`VM ${vmid} reports ${reported.length} network interfaces: ${reported.length - first.size} more than shown`,
		);
	}
	const interfaces = reported
		.filter((one) => first.has(one))
		.map(({ reports, ...one }): GuestInterface => {
			const addresses = new Set<string>();
			let more = 0;
			for (const report of listOf(reports)) {
				if (addresses.size >= MOST_ADDRESSES) more++;
				else for (const address of reachable(report['ip-address'])) addresses.add(address);
			}
			if (more > 0)
				leftOut.push(
					`${one.name ?? 'An interface'} of VM ${vmid} reports up to ${more} more addresses than shown`,
				);
			return { ...one, addresses: [...addresses] };
		});
	return { interfaces, leftOut };
}

const listOf = (value: unknown): Array<Record<string, unknown>> =>
	Array.isArray(value)
		? value.filter((one): one is Record<string, unknown> => typeof one === 'object' && one !== null)
		: [];

const isIpv6 = (address: string): boolean => address.includes(':');

const OCTET = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
const IPV4 = new RegExp(`^${OCTET}(?:\\.${OCTET}){3}$`);
/** Unspecified, loopback, link-local, multicast, reserved. */
const IPV4_FOR_ITSELF = /^(?:0|127|169\.254|22[4-9]|23\d|24\d|25[0-5])\./;
/** The same, and IPv4 addresses in the clothes of IPv6. */
const IPV6_FOR_ITSELF =
	/^(?:::(?:[0-9a-f]{1,4}(?::[0-9a-f]{1,4})?)?$|::ffff:|fe[89ab][0-9a-f]:|ff)/;

/** @returns the address in its shortest form; nothing, if it is none that others can reach */
function reachable(address: unknown): string[] {
	if (typeof address !== 'string') return [];
	if (IPV4.test(address)) return IPV4_FOR_ITSELF.test(address) ? [] : [address];
	// WHATWG URLs have a full IPv6 parser. A zone ID means something in the guest only.
	if (!/^[0-9a-f:.]{2,45}$/i.test(address) || !URL.canParse(`http://[${address}]/`)) return [];
	const short = new URL(`http://[${address}]/`).hostname.slice(1, -1);
	return IPV6_FOR_ITSELF.test(short) ? [] : [short];
}

const addressesOfCard = (card: string, interfaces: readonly GuestInterface[]): string[] =>
	interfaces.filter((one) => one.card === card).flatMap(({ addresses }) => addresses);

/** The addresses of the VM's own cards, in the order of the cards; of each those of the chosen version first. */
function addressesOf(
	config: Config,
	interfaces: readonly GuestInterface[],
	ipVersion: IpVersion,
): string[] {
	const isFirst = (address: string): boolean => isIpv6(address) === (ipVersion === 'ipv6');
	const all = cardsOf(config).flatMap(([card]) => {
		const addresses = addressesOfCard(card, interfaces);
		return [...addresses.filter(isFirst), ...addresses.filter((address) => !isFirst(address))];
	});
	return [...new Set(all)];
}

/** A card without an address of the versions that are waited for. */
interface Missing {
	readonly card: string;
	readonly versions: ReadonlyArray<'ipv4' | 'ipv6'>;
}

/** The cards that ask for an address, and for which of them it is waited. */
function askingCards(config: Config, ipVersion: IpVersion): Missing[] {
	return cardsOf(config).flatMap(([card, value]) => {
		// A container has its addresses in the card itself.
		const isContainer = /(?:^|,)name=/.test(value);
		const wanted = versionsOf(isContainer ? value : config[`ipconfig${numberOf(card)}`]);
		if (wanted.length === 0 || /(?:^|,)link_down=(?:1|on|yes|true)(?:,|$)/i.test(value)) return [];
		const chosen = wanted.filter((one) => ipVersion === 'either' || one === ipVersion);
		return [{ card, versions: chosen.length > 0 ? chosen : wanted }];
	});
}

/** Those of them that have none yet. */
const cardsWithout = (
	config: Config,
	interfaces: readonly GuestInterface[],
	ipVersion: IpVersion,
): Missing[] =>
	askingCards(config, ipVersion).filter(
		({ card, versions }) =>
			!addressesOfCard(card, interfaces).some((address) =>
				versions.includes(isIpv6(address) ? 'ipv6' : 'ipv4'),
			),
	);

/** What there is to say after a wait that had answers. */
function waitedFor(
	{ vmid }: GuestLocation,
	config: Config,
	missing: readonly Missing[],
	seconds: number,
): string[] {
	if (askingCards(config, 'either').length === 0)
		return [`VM ${vmid} has no network card that requests an IP address`];
	return missing.map(({ card, versions }) => {
		const [version] = versions.length === 1 ? versions : [];
		const name = version === 'ipv4' ? 'IPv4' : version === 'ipv6' ? 'IPv6' : 'IP';
		return `${card} of VM ${vmid} had no ${name} address after ${seconds} s`;
	});
}

/** For which versions a card is configured. Without cloud-init's configuration it may get either, by DHCP or from the guest itself. */
function versionsOf(ipconfig: unknown): Array<'ipv4' | 'ipv6'> {
	const both: Array<'ipv4' | 'ipv6'> = ['ipv4', 'ipv6'];
	const text = String(ipconfig ?? '').trim();
	if (text === '') return both;
	return both.filter((version) =>
		new RegExp(`(?:^|,)${version === 'ipv4' ? 'ip' : 'ip6'}=(?!manual(?:,|$))`).test(text),
	);
}
