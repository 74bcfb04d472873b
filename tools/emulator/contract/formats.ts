import { parseSlot } from './families';
import { splitList, countCharacters } from './perl';

/** Checks one value: returns the error text (with its line feed), or undefined where the value is right. */
export type FormatCheck = (text: string) => string | undefined;

const ipv4Octet = '(?:25[0-5]|(?:2[0-4]|1[0-9]|[1-9])?[0-9])';
const ipv4 = `(?:(?:${ipv4Octet}\\.){3}${ipv4Octet})`;
const hextet = '[0-9a-fA-F]{1,4}';
const ipv6Tail = `(?:${ipv4}|${hextet}:${hextet})`;
/** All eight groups, or `::` with up to `before` groups before it and a fixed number after. */
const ipv6 = [
	`(?:${hextet}:){6}${ipv6Tail}`,
	...[5, 4, 3, 2, 1, 0].map(
		(after, before) => `${leadingGroups(before)}::(?:${hextet}:){${after}}${ipv6Tail}`,
	),
	`${leadingGroups(6)}::${hextet}`,
	`${leadingGroups(7)}::`,
].join('|');

function leadingGroups(atMost: number): string {
	return atMost === 0 ? '' : `(?:(?:${hextet}:){0,${atMost - 1}}${hextet})?`;
}

/** Anchors a pattern as Perl does: a last line feed is let through. */
function whole(source: string, flags = ''): RegExp {
	return new RegExp(`^(?:${source})\\n?$`, flags);
}

function matching(expression: RegExp, error: string | ((text: string) => string)): FormatCheck {
	return (text) => {
		if (expression.test(text)) return undefined;
		return typeof error === 'string' ? error : error(text);
	};
}

const hostLabel = '[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?';
const dnsName = whole(`(?:${hostLabel}\\.)*${hostLabel}`);
const ipv4Address = whole(ipv4);
const ipv6Address = whole(ipv6);
const ipv4Network = new RegExp(`^${ipv4}/(\\d+)\\n?$`);
const ipv6Network = new RegExp(`^(?:${ipv6})/(\\d+)\\n?$`);
const storageId = '[a-z][a-z0-9\\-_.]*[a-z0-9]';

function isNetwork(expression: RegExp, longestPrefix: number, text: string): boolean {
	const prefix = Number(expression.exec(text)?.[1]);
	return prefix > 7 && prefix <= longestPrefix;
}

const isIpv4Network = (text: string) => isNetwork(ipv4Network, 32, text);
const isIpv6Network = (text: string) => isNetwork(ipv6Network, 128, text);

const checkVolumeId = matching(
	whole(`${storageId}:[^\\n]+`, 'i'),
	(text) => `unable to parse volume ID '${text}'\n`,
);

const checkVolumeIdOrPath: FormatCheck = (text) =>
	text.startsWith('/') ? undefined : checkVolumeId(text);

function checkStorageId(text: string): string | undefined {
	if (text.length < 2) return `storage ID '${text}' cannot be shorter than 2 characters\n`;
	return whole(storageId, 'i').test(text)
		? undefined
		: `storage ID '${text}' contains illegal characters\n`;
}

/** Startup options are `[order=]N`, `up=N` and `down=N`; an empty text counts as none and is refused. */
function checkStartupOrder(text: string): string | undefined {
	const parts = text.split(',').filter((part) => part.trim() !== '');
	const wellFormed = parts.every((part) => whole('(?:order=)?\\d+|up=\\d+|down=\\d+').test(part));
	return text !== '' && text !== '0' && wellFormed
		? undefined
		: 'unable to parse startup options\n';
}

function checkCpuset(text: string): string | undefined {
	// Perl's split drops empty items at the end, and only there.
	const list = text.replace(/,+$/, '');
	const ranges = list === '' ? [] : list.split(',');
	const wellFormed = ranges.every((range) => {
		const [, first, last] = /^\s*(\d+)(?:-(\d+))?\s*$/.exec(range) ?? [];
		return first !== undefined && (last === undefined || Number(first) <= Number(last));
	});
	return wellFormed ? undefined : 'unable to parse cpuset option\n';
}

function checkHotplugFeatures(text: string): string | undefined {
	if (text === '0' || text === '1') return undefined;
	const unknown = splitList(text).find(
		(feature) => !/^(network|disk|cpu|memory|usb|cloudinit)$/.test(feature),
	);
	return unknown === undefined ? undefined : `invalid hotplug feature '${unknown}'\n`;
}

/** Where the names of time zones begin that the API offers. */
const TIME_ZONE_AREAS =
	/^(?:Africa|America|Antarctica|Arctic|Asia|Atlantic|Australia|Europe|Indian|Pacific)(?:\/[A-Z][\w+-]*)+$/;

function checkTimeZone(text: string): string | undefined {
	if (text === 'host' || text === 'UTC') return undefined;
	try {
		if (TIME_ZONE_AREAS.test(text)) {
			new Intl.DateTimeFormat('en', { timeZone: text });
			return undefined;
		}
	} catch {
		// One that is not known.
	}
	return `invalid time zone '${text}'\n`;
}

/** An address, or a link-local one with its interface: `fe80::1%eth0`. */
function checkAddressOfLink(text: string): string | undefined {
	const [, linkLocal] = /^(fe80:[^%]+)%[a-zA-Z][a-zA-Z0-9_]{1,20}(?:[:.]\d+)?\n?$/.exec(text) ?? [];
	return ipv4Address.test(linkLocal ?? text) || ipv6Address.test(linkLocal ?? text)
		? undefined
		: 'value does not look like a valid IP address\n';
}

/** Where something is mounted: steps up, and the directory itself, are refused. */
const checkMountPoint: FormatCheck = (text) =>
	/(?:^|\/)\.\.\//.test(text) || /\/\.\//.test(text) || /\/\.{1,2}$/.test(text)
		? `${text} contains illegal character sequences\n`
		: undefined;

const diskBuses = ['ide', 'sata', 'scsi', 'virtio'];

function isSlotOf(families: string[], name: string): boolean {
	const family = parseSlot(name)?.family;
	return family !== undefined && families.includes(family);
}

function checkBootDevice(text: string): string | undefined {
	return isSlotOf([...diskBuses, 'net', 'usb', 'hostpci'], text)
		? undefined
		: `invalid boot device '${text}'\n`;
}

function checkBootDisk(text: string): string | undefined {
	const isDisk = isSlotOf(diskBuses, text) || text === 'efidisk0' || text === 'tpmstate0';
	return isDisk ? undefined : `invalid boot disk '${text}'\n`;
}

function checkPhysBits(text: string): string | undefined {
	const bits = /^\d{1,2}\n?$/.test(text) ? Number(text) : undefined;
	if (whole('host').test(text) || (bits !== undefined && bits >= 8 && bits <= 64)) return undefined;
	return "value must be an integer between 8 and 64 or 'host'\n";
}

function checkPool(text: string): string | undefined {
	// Empty levels at the end do not count.
	if (text.replace(/\/+$/, '').split('/').length > 3)
		return `pool name '${text}' nested too deeply (max levels = 3)\n`;
	const level = '[A-Za-z0-9.\\-_]+';
	return whole(`${level}(?:/${level})*`).test(text)
		? undefined
		: `pool name '${text}' contains invalid characters\n`;
}

function checkUserId(text: string): string | undefined {
	const length = countCharacters(text);
	if (length < 3) return `user name '${text}' is too short\n`;
	if (length > 64) return `user name '${text}' is too long (${length} > 64)\n`;
	const wellFormed = whole('[^\\s:/]+@[A-Za-z][A-Za-z0-9.\\-_]+').test(text);
	return wellFormed ? undefined : `value '${text}' does not look like a valid user name\n`;
}

const contentTypes = ['images', 'rootdir', 'vztmpl', 'iso', 'backup', 'snippets', 'none', 'import'];

/** The checks of single values, by the format's name; `-list` formats apply them to each item. */
const checks: Readonly<Record<string, FormatCheck>> = {
	// The host name '0' passes its own check, but counts as false where an address is looked for.
	address: (text) =>
		ipv4Address.test(text) || ipv6Address.test(text) || (dnsName.test(text) && text !== '0')
			? undefined
			: `value does not look like a valid address: ${text}\n`,
	CIDR: (text) =>
		isIpv4Network(text) || isIpv6Network(text)
			? undefined
			: 'value does not look like a valid CIDR network\n',
	'disk-size': matching(
		whole('\\d+(?:\\.\\d+)?(?:[KMGT](?:iB)?)?'),
		(text) => `value does not look like a valid disk size: ${text}\n`,
	),
	'dns-name': matching(dnsName, 'value does not look like a valid DNS name\n'),
	'email-or-username': matching(
		whole('[\\w+\\-~]+(?:\\.[\\w+\\-~]+)*(?:@[a-zA-Z0-9-]+(?:\\.[a-zA-Z0-9-]+)*)?'),
		'value does not look like a valid email address or user name\n',
	),
	ipv4: matching(ipv4Address, 'value does not look like a valid IPv4 address\n'),
	ipv6: matching(ipv6Address, 'value does not look like a valid IPv6 address\n'),
	'lxc-ip-with-ll-iface': checkAddressOfLink,
	'mac-addr': matching(
		whole('[a-f0-9][02468ace](?::[a-f0-9]{2}){5}', 'i'),
		'value does not look like a valid unicast MAC address\n',
	),
	// Letters and digits of any script, as Perl's \w is.
	'pve-bridge-id': matching(
		/^[-.\p{L}\p{M}\p{N}\p{Pc}]+\n?$/u,
		(text) => `invalid bridge ID '${text}'\n`,
	),
	'pve-configid': matching(
		whole('[a-z][a-z0-9_-]+', 'i'),
		(text) => `invalid configuration ID '${text}'\n`,
	),
	'pve-cpuset': checkCpuset,
	'pve-ha-resource-or-vm-id': matching(
		whole('(?:[a-z]+:)?\\S+'),
		'value does not look like a valid ha resource id\n',
	),
	'pve-ct-timezone': checkTimeZone,
	'pve-hotplug-features': checkHotplugFeatures,
	'pve-ipv4-config': (text) =>
		whole('dhcp|manual').test(text) || isIpv4Network(text)
			? undefined
			: 'value does not look like a valid ipv4 network configuration\n',
	'pve-ipv6-config': (text) =>
		whole('auto|dhcp|manual').test(text) || isIpv6Network(text)
			? undefined
			: 'value does not look like a valid ipv6 network configuration\n',
	'pve-lxc-dev-string': (text) =>
		text.startsWith('/dev/') && checkMountPoint(text) === undefined
			? undefined
			: `${text} is not a valid device path\n`,
	'pve-lxc-mp-string': checkMountPoint,
	'pve-node': matching(whole(hostLabel), 'value does not look like a valid node name\n'),
	'pve-phys-bits': checkPhysBits,
	'pve-poolid': checkPool,
	'pve-priv': matching(
		/^[A-Z][A-Za-z]*(?:\.[A-Z][A-Za-z]*)+$/,
		(text) => `invalid privilege '${text}'\n`,
	),
	'pve-qm-bootdev': checkBootDevice,
	'pve-qm-bootdisk': checkBootDisk,
	'pve-realm': matching(
		whole('[A-Za-z][A-Za-z0-9.\\-_]+'),
		'value does not look like a valid realm\n',
	),
	'pve-startup-order': checkStartupOrder,
	'pve-storage-content': (text) =>
		contentTypes.includes(text) ? undefined : `invalid content type '${text}'\n`,
	'pve-storage-id': checkStorageId,
	'pve-tag': matching(whole('[a-z0-9_][a-z0-9_\\-+.]*', 'i'), 'invalid characters in tag\n'),
	'pve-task-status-type': matching(
		whole('ok|error|warning|unknown', 'i'),
		(text) => `invalid status '${text}'\n`,
	),
	'pve-userid': checkUserId,
	'pve-vmid': matching(whole('[1-9][0-9]{2,8}'), 'value does not look like a valid VM ID\n'),
	'pve-volume-id': checkVolumeId,
	'pve-volume-id-or-absolute-path': checkVolumeIdOrPath,
	'pve-volume-id-or-qm-path': (text) =>
		text === 'none' || text === 'cdrom' ? undefined : checkVolumeIdOrPath(text),
	'storage-pair': (text) => {
		const ids = text === '1' ? [] : text.split(':');
		const error = ids.map(checkStorageId).find((found) => found !== undefined);
		return error && `entry '${text}' contains invalid ID - ${error}\n`;
	},
	string: () => undefined,
	urlencoded: matching(
		/^[-%a-zA-Z0-9_.!~*'()]*\n?$/,
		(text) => `invalid urlencoded string: ${text}\n`,
	),
};

/**
 * The check of a named format, e.g. `pve-vmid` or `pve-tag-list`; undefined where the emulator knows no such format.
 * Property strings are not among them: `parsePropertyString` reads those.
 */
export function findFormat(name: string): FormatCheck | undefined {
	const single = checks[name];
	if (single || !name.endsWith('-list')) return single;
	const ofItem = checks[name.slice(0, -'-list'.length)];
	return (
		ofItem &&
		((text) =>
			splitList(text)
				.map(ofItem)
				.find((error) => error !== undefined))
	);
}

/** Checks a value against a named format; throws where there is no such format, for that is a fault of the emulator. */
export function checkFormat(name: string, text: string): string | undefined {
	const check = findFormat(name);
	if (!check) throw new Error(`The emulator does not know the format '${name}'`);
	return check(text);
}
