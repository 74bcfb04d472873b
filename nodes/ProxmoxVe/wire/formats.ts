import { splitList } from './values';
import type { FormatName } from '../catalogue/fields';
import { cpuModels } from './cpuModels';
import { didYouMean, nearest } from './nearest';
import { shown } from './shown';

/** Says what is wrong with a value ("must be …"), or nothing if it is right. */
type Check = (value: string) => string | undefined;

const STORAGE_ID = '[a-zA-Z][a-zA-Z0-9\\-_.]*[a-zA-Z0-9]';
const NODE_NAME = '[a-zA-Z0-9](?:[a-zA-Z0-9\\-]*[a-zA-Z0-9])?';
const DNS_NAME = `(?:${NODE_NAME}\\.)*${NODE_NAME}`;
const OCTET = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
const IPV4 = `${OCTET}(?:\\.${OCTET}){3}`;
const DRIVE = '(?:ide[0-3]|sata[0-5]|scsi(?:[0-9]|[12]\\d|30)|virtio(?:[0-9]|1[0-5]))';
const BOOT_DEVICE = `(?:${DRIVE}|net(?:[0-9]|[12]\\d|3[01])|usb(?:[0-9]|1[0-3])|hostpci(?:[0-9]|1[0-5]))`;

const matches = (source: string, text: string): boolean => new RegExp(`^(?:${source})$`).test(text);
const mustMatch =
	(source: string, message: string): Check =>
	(value) =>
		matches(source, value) ? undefined : message;

const eachMust =
	(isRight: (item: string) => boolean, message: string): Check =>
	(value) => {
		const wrong = splitList(value).find((item) => !isRight(item));
		return wrong === undefined ? undefined : `${message}, and "${shown(wrong)}" is not`;
	};

const isIpv6 = (value: string): boolean =>
	// WHATWG URLs have a full IPv6 parser, which n8n's rules leave us in place of node:net.
	/^[0-9a-fA-F:.]+$/.test(value) && URL.canParse(`http://[${value}]/`);
const isVolumeId = (value: string): boolean => matches(`${STORAGE_ID}:[^\\n]+`, value);
/** Whether no part of a path leads elsewhere. */
const hasNoDots = (value: string): boolean => !/^\.\.\/|\/\.\.?(?:\/|$)/.test(value);
const isPath = (value: string): boolean => value.startsWith('/');
const isCidr = (
	value: string,
	isAddress: (address: string) => boolean,
	longest: number,
): boolean => {
	const [address, prefix, ...rest] = value.split('/');
	if (address === undefined || prefix === undefined || rest.length > 0 || !/^\d+$/.test(prefix))
		return false;
	return isAddress(address) && Number(prefix) > 7 && Number(prefix) <= longest;
};
const isIpv4 = (value: string): boolean => matches(IPV4, value);
/** The host name 0 is one by its letters, but Proxmox takes it for none. */
const isHost = (value: string): boolean =>
	isIpv4(value) || isIpv6(value) || (matches(DNS_NAME, value) && value !== '0');
const isCpuRange = (range: string): boolean => {
	const [, first, last = first] = /^\s*(\d+)(?:-(\d+))?\s*$/.exec(range) ?? [];
	return first !== undefined && Number(first) <= Number(last);
};
/** Commas at the end are passed over. */
const isCpuSet = (value: string): boolean => {
	const ranges = value.replace(/(?<!,),+$/, '');
	return ranges === '' || ranges.split(',').every(isCpuRange);
};
/** Proxmox takes a bare 0 for no order at all. */
const isStartupOrder = (value: string): boolean =>
	value !== '' &&
	value !== '0' &&
	value
		.split(',')
		.filter((part) => part.trim() !== '')
		.every((part) => matches('(?:order=)?\\d+|(?:up|down)=\\d+', part));

/**
 * A check for each format of Proxmox VE that is more than a pattern. They agree with Proxmox's own
 * validator on every verdict in tools/facts/validation.jsonl.
 * Source: `register_format` in pve-common `JSONSchema.pm`, pve-storage and qemu-server.
 */
export const formatChecks: Readonly<Record<FormatName, Check>> = {
	'address-list': eachMust(isHost, 'must be IP addresses or host names'),
	'disk-size': mustMatch(
		'\\d+(?:\\.\\d+)?(?:[KMGT](?:iB)?)?',
		'must be a size such as 32G or 512M',
	),
	'dns-name': mustMatch(
		DNS_NAME,
		'must be a host name: letters, digits, hyphens and dots, no underscore, no hyphen at an end',
	),
	'dns-name-list': eachMust(
		(item) => matches(DNS_NAME, item),
		'must be domains such as example.com',
	),
	ipv4: mustMatch(IPV4, 'must be an IPv4 address'),
	ipv6: (value) => (isIpv6(value) ? undefined : 'must be an IPv6 address'),
	'lxc-ip-with-ll-iface-list': eachMust((item) => {
		const [, linkLocal] = /^(fe80:[^%]+)%[a-zA-Z]\w{1,20}(?:[:.]\d+)?$/.exec(item) ?? [];
		return linkLocal === undefined ? isIpv4(item) || isIpv6(item) : isIpv6(linkLocal);
	}, 'must be IP addresses'),
	'mac-addr': mustMatch(
		'[a-fA-F0-9][02468aceACE](?::[a-fA-F0-9]{2}){5}',
		'must be a unicast MAC address such as BC:24:11:00:00:01',
	),
	'pve-bridge-id': mustMatch('[-_.\\w]+', 'must be the name of a bridge, such as vmbr0'),
	'pve-configid': mustMatch(
		'[a-zA-Z][a-zA-Z0-9_-]+',
		'must be a name of letters, digits, - and _, at least two',
	),
	'pve-cpuset': (value) =>
		isCpuSet(value) ? undefined : 'must be CPU numbers and ranges such as 0,2-3',
	// Which zones there are, the node knows; it lists those of its zone1970.tab.
	'pve-ct-timezone': mustMatch(
		'host|UTC|[A-Z][A-Za-z]+(?:/[A-Z][A-Za-z0-9_+-]*)+',
		'must be host, UTC or a time zone such as Europe/Berlin',
	),
	'pve-hotplug-features': (value) =>
		value === '0' || value === '1'
			? undefined
			: eachMust(
					(item) => matches('network|disk|cpu|memory|usb|cloudinit', item),
					'must be 0, 1 or any of network, disk, cpu, memory, usb, cloudinit',
				)(value),
	'pve-ipv4-config': (value) =>
		matches('dhcp|manual', value) || isCidr(value, isIpv4, 32)
			? undefined
			: 'must be dhcp, manual or an IPv4 address with its prefix, such as 192.0.2.10/24',
	'pve-ipv6-config': (value) =>
		matches('auto|dhcp|manual', value) || isCidr(value, isIpv6, 128)
			? undefined
			: 'must be auto, dhcp, manual or an IPv6 address with its prefix, such as 2001:db8::10/64',
	'pve-lxc-dev-string': (value) =>
		value.startsWith('/dev/') && hasNoDots(value)
			? undefined
			: 'must be a device of the host such as /dev/dri/renderD128',
	'pve-lxc-mp-string': (value) =>
		hasNoDots(value) ? undefined : 'must be a path without . and .. in it',
	'pve-node': mustMatch(NODE_NAME, 'must be the name of a node: letters, digits and hyphens'),
	'pve-phys-bits': (value) =>
		value === 'host' || (/^\d{1,2}$/.test(value) && Number(value) >= 8 && Number(value) <= 64)
			? undefined
			: 'must be host or a whole number from 8 to 64',
	'pve-poolid': mustMatch(
		'[A-Za-z0-9.\\-_]+(?:/[A-Za-z0-9.\\-_]+){0,2}',
		'must be the name of a pool',
	),
	'pve-qm-bootdev-list': eachMust(
		(item) => matches(BOOT_DEVICE, item),
		'must be devices such as scsi0, net0, usb0 or hostpci0',
	),
	'pve-qm-bootdisk': mustMatch(DRIVE, 'must be a disk such as scsi0'),
	'pve-startup-order': (value) =>
		isStartupOrder(value)
			? undefined
			: 'must be an order and delays in seconds, such as order=1,up=30,down=60',
	'pve-storage-id': mustMatch(STORAGE_ID, 'must be the name of a storage'),
	'pve-tag-list': eachMust(
		(item) => matches('[a-zA-Z0-9_][a-zA-Z0-9_\\-+.]*', item),
		'must be tags of letters, digits and _ - + . that do not begin with - + or .',
	),
	'pve-vm-cpu-type': (value) => {
		if (cpuModels.includes(value) || matches('custom-.+', value)) return undefined;
		const hint = /^\d{1,4}$/.test(value)
			? '; the number of CPUs is cores'
			: didYouMean(nearest(value, cpuModels));
		return `must be a built-in CPU type such as host or x86-64-v2-AES, or custom-NAME${hint}`;
	},
	'pve-vmid': mustMatch('[1-9]\\d{2,8}', 'must be a VM ID from 100 to 999999999'),
	'pve-volume-id': (value) =>
		isVolumeId(value) ? undefined : 'must be a volume such as local:snippets/user.yaml',
	'pve-volume-id-or-absolute-path': (value) =>
		isPath(value) || isVolumeId(value)
			? undefined
			: 'must be a volume such as local:import/disk.qcow2 or a path',
	'pve-volume-id-or-qm-path': (value) =>
		matches('none|cdrom', value) || isPath(value) || isVolumeId(value)
			? undefined
			: 'must be STORAGE:SIZE in GiB for a new disk, a volume such as local:iso/debian.iso, or none',
	urlencoded: mustMatch("[-%a-zA-Z0-9_.!~*'()]*", 'must be percent-encoded'),
};
