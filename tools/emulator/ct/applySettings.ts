import { splitList } from '../contract/perl';
import type { Parameters } from '../endpoints/types';
import { failure } from '../errors';
import type { ClusterState, VmConfig } from '../state/types';
import { parseVolumeId } from '../storage/volumeId';
import { storeCt } from './config';
import { checkMtu, isNetKey, parseCtNet, storeNet } from './network';

type Value = Parameters[string];

/** Devices that a host has. */
const DEVICES =
	/^\/dev\/(?:fuse|full|kvm|null|random|urandom|zero|net\/tun|dri\/(?:card|renderD)\d+|tty\w+)$/;

/** Throws where a device of the host is not there. */
function checkDevice(text: string): void {
	const path = text
		.split(',')
		.map((part) => part.replace(/^path=/, ''))
		.find((part) => part.startsWith('/'));
	if (path === undefined) throw failure('Path is not defined');
	if (!DEVICES.test(path)) throw failure(`Device ${path} does not exist`);
}

/** One setting as it is kept, mount points aside; throws where it names what is not there. */
export function prepareSetting(state: ClusterState, key: string, value: Value): Value {
	const text = String(value ?? '');
	if (key === 'tags') {
		const tags = splitList(text).map((tag) => tag.toLowerCase());
		return [...new Set(tags)].sort().join(';');
	}
	if (key === 'nameserver' || key === 'searchdomain') return splitList(text).join(' ');
	if (key === 'hookscript') {
		const isThere = parseVolumeId(text) !== undefined && state.volumes.has(text);
		if (!isThere) throw failure(`script '${text}' does not exist`);
	}
	if (isNetKey(key)) {
		checkMtu(state, key, text);
		const { 'host-managed': isHostManaged, ip6, link_down: isDown } = parseCtNet(text) ?? {};
		if (isHostManaged && ip6 === 'auto' && !isDown)
			throw failure(`${key}: SLAAC is not supported for host-managed network configuration.`);
	}
	if (/^dev\d+$/.test(key)) checkDevice(text);
	return value;
}

/** The settings of a new container as its configuration keeps them, mount points aside. */
export function applySettings(state: ClusterState, settings: Parameters): VmConfig {
	const prepared: Parameters = {};
	for (const key of Object.keys(settings).sort()) {
		const value = prepareSetting(state, key, settings[key] ?? null);
		prepared[key] = isNetKey(key) ? storeNet(state, String(value)) : value;
	}
	return storeCt(prepared);
}
