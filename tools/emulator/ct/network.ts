import { createContainerEndpoint } from '../contract/facts';
import { parsePropertyString, printPropertyString } from '../contract/propertyString';
import type { PropertyValues } from '../contract/propertyString';
import { failure } from '../errors';
import type { ClusterState, Vm } from '../state/types';
import { randomMac } from '../vm/network';

const schema = createContainerEndpoint.parameters['net[n]']?.subOptions ?? {};

/** Whether a setting is a network card: `net0` … */
export const isNetKey = (key: string): boolean => /^net\d+$/.test(key);

/** Reads a container's network card. */
export const parseCtNet = (text: string): PropertyValues | undefined =>
	parsePropertyString(schema, text).values;

/** A network card as it is stored: sorted, with its type, and with an address: a new one where `isNew` says so. */
export function storeNet(state: ClusterState, text: string, isNew = false): string {
	const values = parseCtNet(text);
	if (!values) return text;
	const hwaddr =
		isNew && values.hwaddr !== undefined ? randomMac(state) : (values.hwaddr ?? randomMac(state));
	return printPropertyString(schema, { ...values, hwaddr, type: values.type ?? 'veth' });
}

const bridgesOf = (state: ClusterState): Map<string, number> =>
	new Map(
		(state.nodes.get(state.localNode)?.network ?? [])
			.filter(({ type }) => /bridge/i.test(type))
			.map(({ iface, mtu }) => [iface, Number(mtu ?? 1500)]),
	);

/** Throws where a card's packets are larger than those of its bridge. */
export function checkMtu(state: ClusterState, key: string, text: string): void {
	const { mtu, bridge } = parseCtNet(text) ?? {};
	const most = bridge === undefined ? undefined : bridgesOf(state).get(String(bridge));
	if (mtu === undefined || most === undefined || Number(mtu) <= most) return;
	throw failure(`${key}: MTU size '${mtu}' is bigger than bridge MTU '${most}'`);
}

/** Throws where a card's bridge is not there. */
export function checkBridges(state: ClusterState, { config }: Vm): void {
	const bridges = bridgesOf(state);
	for (const key of Object.keys(config).filter(isNetKey).sort()) {
		const bridge = parseCtNet(String(config[key]))?.bridge;
		if (bridge !== undefined && !bridges.has(String(bridge)))
			throw failure(`bridge '${bridge}' does not exist`);
	}
}

/** IPv6 address that a card gives itself, from its hardware address. */
function linkLocal(hwaddr: string): string {
	const bytes = hwaddr.split(':').map((byte) => Number.parseInt(byte, 16));
	const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = bytes;
	const groups = [((a ^ 2) << 8) | b, (c << 8) | 0xff, 0xfe00 | d, (e << 8) | f];
	return `fe80::${groups.map((group) => group.toString(16)).join(':')}`;
}

interface Address {
	'ip-address': string;
	'ip-address-type': 'inet' | 'inet6';
	prefix: string;
}

function interfaceRow(name: string, hwaddr: string, addresses: Address[]): Record<string, unknown> {
	const first = (type: Address['ip-address-type']) =>
		addresses.find((address) => address['ip-address-type'] === type);
	const shown = (address: Address | undefined) =>
		address && `${address['ip-address']}/${address.prefix}`;
	const [inet, inet6] = [shown(first('inet')), shown(first('inet6'))];
	return {
		name,
		'hardware-address': hwaddr,
		hwaddr,
		'ip-addresses': addresses,
		...(inet === undefined ? {} : { inet }),
		...(inet6 === undefined ? {} : { inet6 }),
	};
}

/** Seconds after its start in which a container has its lease. */
const LEASE_AFTER = 2;

/** The address of a card: what its configuration says, or, a little after the start, one by DHCP. */
function addressOf(ct: Vm, index: number, ip: string, now: number): string | undefined {
	const given = ct.addresses?.[index];
	if (given !== undefined) return given.includes('/') ? given : `${given}/24`;
	const hasLease = now - (ct.startedAt ?? 0) >= LEASE_AFTER;
	if (ip === 'dhcp' && hasLease) return `198.51.100.${((ct.vmid + index * 50) % 250) + 1}/24`;
	return ip.includes('/') ? ip : undefined;
}

/** The interfaces of a running container, loopback first. No agent is needed for them. `now` is in seconds since 1970. */
export function interfacesOf(ct: Vm, now: number): unknown {
	if (ct.guestInterfaces) return ct.guestInterfaces();
	const loopback = interfaceRow('lo', '00:00:00:00:00:00', [
		{ 'ip-address': '127.0.0.1', 'ip-address-type': 'inet', prefix: '8' },
		{ 'ip-address': '::1', 'ip-address-type': 'inet6', prefix: '128' },
	]);
	const cards = Object.keys(ct.config).filter(isNetKey).sort();
	const rows = cards.map((key, index) => {
		const card = parseCtNet(String(ct.config[key])) ?? {};
		const hwaddr = String(card.hwaddr ?? '').toLowerCase();
		const [ip, prefix] = addressOf(ct, index, String(card.ip ?? ''), now)?.split('/') ?? [];
		const [ip6, prefix6] = String(card.ip6 ?? '').split('/');
		const addresses: Address[] = [
			...(ip === undefined || prefix === undefined
				? []
				: [{ 'ip-address': ip, 'ip-address-type': 'inet' as const, prefix }]),
			...(ip6 === undefined || prefix6 === undefined
				? []
				: [{ 'ip-address': ip6, 'ip-address-type': 'inet6' as const, prefix: prefix6 }]),
			{ 'ip-address': linkLocal(hwaddr), 'ip-address-type': 'inet6', prefix: '64' },
		];
		return interfaceRow(String(card.name ?? key), hwaddr, addresses);
	});
	return [loopback, ...rows];
}
