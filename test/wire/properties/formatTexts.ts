import fc from 'fast-check';
import { subOptionsOf } from '../../../tools/emulator/contract/facts';

type Texts = fc.Arbitrary<string>;

const joined = (item: Texts, separators: readonly string[] = [',', ';', ' ', ', ']): Texts =>
	fc
		.tuple(fc.array(item, { maxLength: 4 }), fc.constantFrom(...separators))
		.map(([items, separator]) => items.join(separator));
const matching = (expression: RegExp): Texts => fc.stringMatching(expression, { size: 'small' });

const storage = fc.oneof(
	fc.constantFrom('local', 'isoonly', 'small'),
	matching(/^[a-zA-Z][a-zA-Z0-9\-_.]{0,6}[a-zA-Z0-9]$/),
);
const hostName = matching(/^[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,6}[a-zA-Z0-9])?$/);
const dnsName = fc
	.array(hostName, { minLength: 1, maxLength: 3 })
	.map((labels) => labels.join('.'));
const volume = fc
	.tuple(
		storage,
		fc.constantFrom(
			'1',
			'0.5',
			'cloudinit',
			'iso/debian.iso',
			'import/a.qcow2',
			'100/vm-100-disk-0.raw',
			'a=b',
		),
	)
	.map((parts) => parts.join(':'));
const path = fc.constantFrom('/dev/sdb', '/tmp/disk.raw', '/a=b');
const disk = matching(/^(ide[0-4]|sata[0-6]|scsi([0-9]|[12][0-9]|3[01])|virtio([0-9]|1[0-6]))$/);
const bootDevice = fc.oneof(
	disk,
	matching(/^(net([0-9]|3[012])|usb[0-9]|usb1[0-4]|hostpci[0-9]|hostpci1[0-6])$/),
);
const range = fc
	.tuple(fc.nat(300), fc.nat(300))
	.map(([first, last]) => (last % 3 === 0 ? `${first}` : `${first}-${last}`));
const prefixed = (address: Texts): Texts =>
	fc.tuple(address, fc.nat(140)).map(([text, prefix]) => `${text}/${prefix}`);
const seconds = fc.nat(100_000);

/** Texts as the formats of Proxmox VE want them, most of them right, by the format's name in the facts. */
const formatTexts: Readonly<Record<string, Texts>> = {
	address: fc.oneof(fc.ipV4(), fc.ipV6(), dnsName),
	'disk-size': matching(/^\d{1,4}(\.\d{1,2})?[KMGT]?(iB)?$/),
	'dns-name': dnsName,
	ipv4: fc.ipV4(),
	'lxc-ip-with-ll-iface': fc.oneof(
		fc.ipV4(),
		fc.ipV6(),
		fc.constantFrom('fe80::1%eth0', 'fe80::1%', '192.0.2.1%eth0'),
	),
	ipv6: fc.ipV6(),
	'mac-addr': matching(/^[a-fA-F0-9][02468aceACE](:[a-fA-F0-9]{2}){5}$/),
	'pve-bridge-id': matching(/^[-_.\w]{1,8}$/),
	'pve-ct-timezone': fc.constantFrom(
		'UTC',
		'host',
		'Europe/Vienna',
		'Nowhere/City',
		'../UTC',
		'europe/vienna',
	),
	'pve-lxc-dev-string': fc.oneof(
		path,
		fc.constantFrom('/dev/dri/renderD128', '/dev/../sda', 'dev/sda'),
	),
	'pve-lxc-mp-string': fc.oneof(
		{ weight: 4, arbitrary: volume },
		path,
		fc.constantFrom('/srv', '/srv/../x', './srv', 'srv', '/a/./b'),
	),
	'pve-configid': matching(/^[a-zA-Z][a-zA-Z0-9_-]{1,6}$/),
	'pve-cpuset': joined(range, [',']),
	'pve-hotplug-features': fc.oneof(
		fc.constantFrom('0', '1'),
		joined(fc.constantFrom('network', 'disk', 'cpu', 'memory', 'usb', 'cloudinit')),
	),
	'pve-ipv4-config': fc.oneof(fc.constantFrom('dhcp', 'manual'), prefixed(fc.ipV4())),
	'pve-ipv6-config': fc.oneof(fc.constantFrom('auto', 'dhcp', 'manual'), prefixed(fc.ipV6())),
	'pve-node': hostName,
	'pve-phys-bits': fc.oneof(
		fc.constant('host'),
		fc.integer({ min: 7, max: 65 }).map(String),
		fc.constantFrom('08', '008'),
	),
	'pve-poolid': fc
		.array(matching(/^[A-Za-z0-9.\-_]{1,5}$/), { minLength: 1, maxLength: 4 })
		.map((levels) => levels.join('/')),
	'pve-qm-bootdev': bootDevice,
	'pve-qm-bootdisk': disk,
	'pve-startup-order': joined(
		fc
			.tuple(fc.constantFrom('', 'order=', 'up=', 'down='), seconds)
			.map(([key, value]) => `${key}${value}`),
		[',', ',,', ', '],
	),
	'pve-storage-id': storage,
	'pve-tag': matching(/^[a-zA-Z0-9_][a-zA-Z0-9_\-+.]{0,6}$/),
	'pve-vm-cpu-type': fc.constantFrom(
		'host',
		'x86-64-v2-AES',
		'custom-mine',
		...(subOptionsOf('cpu')['reported-model']?.enum ?? []),
	),
	'pve-vmid': fc.integer({ min: 100, max: 999_999_999 }).map(String),
	'pve-volume-id': volume,
	'pve-volume-id-or-absolute-path': fc.oneof(volume, path),
	'pve-volume-id-or-qm-path': fc.oneof(
		{ weight: 4, arbitrary: volume },
		path,
		fc.constantFrom('none', 'cdrom'),
	),
	urlencoded: fc.string().map(encodeURIComponent),
};

/** Texts in a format, most of them right; throws for one that has none here, so that a new format is not passed over. */
export function textsOf(format: string): Texts {
	const texts = formatTexts[format];
	if (texts) return texts;
	const item = format.endsWith('-list') ? formatTexts[format.slice(0, -'-list'.length)] : undefined;
	if (!item)
		throw new Error(`test/wire/properties/formatTexts.ts has no texts of the format '${format}'`);
	return joined(item);
}
