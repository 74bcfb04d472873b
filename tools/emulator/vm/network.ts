import { subOptionsOf } from '../contract/facts';
import { parsePropertyString, printPropertyString } from '../contract/propertyString';
import type { PropertyValues } from '../contract/propertyString';
import type { ClusterState } from '../state/types';

/** A random unicast MAC address behind the datacenter's prefix. */
export function randomMac(state: ClusterState): string {
	const bytes = Array.from({ length: 6 }, () => Math.floor(Math.random() * 256));
	bytes[0] = ((bytes[0] ?? 0) & 0xfe) | 2;
	const address = bytes.map((byte) => byte.toString(16).toUpperCase().padStart(2, '0')).join(':');
	const prefix = state.options.mac_prefix.toUpperCase();
	return prefix + address.slice(prefix.length);
}

/** Reads a network card. */
export function parseNet(text: string): PropertyValues | undefined {
	return parsePropertyString(subOptionsOf('net[n]'), text).values;
}

/** A network card as it is stored: sorted, and with an address of its own. */
export function withMac(state: ClusterState, text: string, isNew = false): string {
	const values = parseNet(text);
	if (!values) return text;
	const macaddr =
		isNew && values.macaddr !== undefined ? randomMac(state) : (values.macaddr ?? randomMac(state));
	return printPropertyString(subOptionsOf('net[n]'), { ...values, macaddr });
}
