/** One value on which the node and Proxmox's own validator disagree. */
export interface DisputedValue {
	/** The API's parameter, such as `net0`. */
	readonly parameter: string;
	/** What was sent for it. */
	readonly text: string;
	/** The validator's text, where it refuses the value. */
	readonly error?: string;
}

/** Where the node means to differ from Proxmox's validator, and why that serves the user. */
export interface VerdictDifference {
	readonly reason: string;
	readonly node: 'accepts' | 'refuses';
	/** The node sends the value as it is, for only the cluster can judge it; all else it accepts it sends in a right form. */
	readonly leftToCluster?: true;
	/** Parameters, besides node and VM ID, that show it. */
	readonly example: Readonly<Record<string, string>>;
	applies(value: DisputedValue): boolean;
}

/** Whether a value, or an option of a property string, is a number that JavaScript does not hold exactly. */
const hasHugeNumber = (text: string): boolean =>
	text.split(/[=,]/).some((part) => Math.abs(Number(part)) > Number.MAX_SAFE_INTEGER);

/** Every difference between the node's JSON mode and Proxmox's validator that is meant; there must be no other. */
export const verdictDifferences: readonly VerdictDifference[] = [
	{
		reason:
			'Webhooks and tables bring the words true and false for a flag; the node sends 1 and 0 for them',
		node: 'accepts',
		example: { onboot: 'true' },
		applies: ({ text, error }) =>
			['true', 'false'].includes(text) && error?.startsWith("type check ('boolean')") === true,
	},
	{
		reason:
			'The node takes SSH keys plain and percent-encodes them itself, so plain text is no mistake',
		node: 'accepts',
		example: { sshkeys: 'ssh-ed25519 AAAA admin@example.com' },
		applies: ({ parameter }) => parameter === 'sshkeys',
	},
	{
		reason:
			'The node sends the number that a VM ID says, so a plus sign or zeros before it do no harm',
		node: 'accepts',
		example: { vmid: '0100' },
		applies: ({ parameter, text }) => parameter === 'vmid' && /^\+?0*[1-9]\d{2,8}$/.test(text),
	},
	{
		reason:
			'Blanks around a number or a name come from tables and forms; the node sends the value without them',
		node: 'accepts',
		example: { name: ' web-01 ' },
		applies: ({ text }) => text !== text.trim(),
	},
	{
		reason: 'Which custom CPU models there are, only the cluster knows',
		node: 'accepts',
		leftToCluster: true,
		example: { cpu: 'custom-mine' },
		applies: ({ error }) => error?.includes("Custom cputype '") === true,
	},
	{
		reason:
			'Which CPU flags a VM may set changes from release to release; the cluster says so before it makes anything',
		node: 'accepts',
		leftToCluster: true,
		example: { cpu: 'host,flags=+avx' },
		applies: ({ error }) => error?.includes('VM-specific CPU flags must be a subset of') === true,
	},
	{
		reason:
			'Percent signs that are no percent-encoding: Proxmox stores them and the guest gets a broken key',
		node: 'refuses',
		example: { sshkeys: 'a%zz' },
		applies: ({ parameter, text }) => parameter === 'sshkeys' && text.includes('%'),
	},
	{
		reason:
			'Whole numbers beyond 2^53 cannot be held exactly in a workflow, and no amount is that large',
		node: 'refuses',
		example: { cores: '99999999999999999999' },
		applies: ({ text }) => hasHugeNumber(text),
	},
	{
		reason:
			"Proxmox's pattern holds the first kind of port only at its start and the second only at its end",
		node: 'refuses',
		example: { parallel0: '/dev/parport0x' },
		applies: ({ parameter }) => /^parallel\d$/.test(parameter),
	},
	{
		reason:
			"Perl's patterns let a line feed at the end through, and a device's bare value may hold one; the VM's config has no room for it",
		node: 'refuses',
		example: { net0: 'virtio,bridge=vmbr0\n' },
		applies: ({ text }) => text.includes('\n'),
	},
	{
		reason:
			'Proxmox splits lists at NUL too, a character that no list in a workflow is meant to hold',
		node: 'refuses',
		example: { tags: 'web\0production' },
		applies: ({ text }) => text.includes('\0'),
	},
	{
		reason:
			"Perl's patterns take letters and digits of every script for the name of a bridge; Proxmox makes none with such a name",
		node: 'refuses',
		example: { net0: 'virtio,bridge=brücke' },
		applies: ({ parameter, text }) => /^net\d+$/.test(parameter) && /[^\0-\x7f]/.test(text),
	},
	{
		reason:
			'Proxmox passes a number with an exponent, and then fails in the task; who writes one means another field',
		node: 'refuses',
		example: { cpulimit: '1e1' },
		applies: ({ text }) => /(?:^|[=,])[+-]?[\d.]+e[+-]?\d+(?:,|$)/i.test(text),
	},
	{
		reason: 'A fraction that JavaScript writes with an exponent would be sent with one',
		node: 'refuses',
		example: { cpulimit: '0.0000001' },
		applies: ({ text }) => text.split(/[=,]/).some((part) => String(Number(part)).includes('e-')),
	},
	{
		reason: 'Proxmox ignores the whole IP configuration, with a warning in its log only',
		node: 'refuses',
		example: { ipconfig0: 'ip=dhcp,gw=192.0.2.1' },
		applies: ({ parameter, text }) =>
			/^ipconfig\d+$/.test(parameter) &&
			/(?:^|,)gw6?=/.test(text) &&
			/(?:^|,)ip6?=(?:dhcp|auto|manual)/.test(text),
	},
	{
		reason:
			'A device without host and mapping is refused once the schema is checked, or (by root@pam) made and never works',
		node: 'refuses',
		example: { hostpci0: 'pcie=1' },
		applies: ({ parameter, text }) =>
			/^(?:usb|hostpci)\d+$/.test(parameter) &&
			text.split(',').every((part) => part.trim() === '' || /^(?!host=|mapping=)[^=]+=/.test(part)),
	},
	{
		reason:
			'A disk of no size, a negative one or one with an exponent is a slip; what is meant as a size is never taken for the name of a volume',
		node: 'refuses',
		example: { scsi0: 'local:0' },
		applies: ({ parameter, text }) =>
			/^(?:ide|sata|scsi|virtio|efidisk|tpmstate)\d+$|^cdrom$/.test(parameter) &&
			/:[+-]?\.?\d[\d.]*(?:e[+-]?\d+)?[a-z]{0,3}(?:,|$)/i.test(text),
	},
	{
		reason: 'Each search domain reaches the guest as it is, so each must be a domain',
		node: 'refuses',
		example: { searchdomain: 'exa_mple' },
		applies: ({ parameter }) => parameter === 'searchdomain',
	},
];

/** The differences that are the same for every kind of guest, by the start of their reasons. */
const SHARED = /^(?:Webhooks and tables|The node sends the number|Proxmox passes a number)/;

/** The same of a container. */
export const containerDifferences: readonly VerdictDifference[] = [
	...verdictDifferences.filter(({ reason }) => SHARED.test(reason)),
	{
		reason:
			'Blanks around a number or a name come from tables and forms; the node sends the value without them',
		node: 'accepts',
		example: { hostname: ' web-01 ' },
		applies: ({ text }) => text !== text.trim(),
	},
	{
		reason: 'One variable per line is how people write an environment; NUL is sent between them',
		node: 'accepts',
		example: { env: 'A=b\nC=d' },
		applies: ({ parameter, text }) => parameter === 'env' && text.includes('\n'),
	},
	{
		reason: 'Which time zones there are, only the node knows',
		node: 'accepts',
		leftToCluster: true,
		example: { timezone: 'Nowhere/City' },
		applies: ({ parameter, text }) => parameter === 'timezone' && text.includes('/'),
	},
	{
		reason: 'Whether an ID and a template are needed is decided where the request is put together',
		node: 'accepts',
		example: { ostemplate: undefined as never },
		applies: ({ error }) => error === 'property is missing and it is not optional',
	},
	{
		reason:
			"Whole numbers beyond 2^53, and digits of other scripts that Perl's patterns let through, are slips",
		node: 'refuses',
		example: { swap: '99999999999999999999' },
		applies: ({ text }) => hasHugeNumber(text) || /(?!\d)\p{Nd}/u.test(text),
	},
	{
		reason: 'A text of blanks only is a slip: the container would not start with it',
		node: 'refuses',
		example: { entrypoint: '\t' },
		applies: ({ text }) => text !== '' && text.trim() === '',
	},
	{
		reason: 'Proxmox uses no gateway beside DHCP, without a word',
		node: 'refuses',
		example: { net0: 'name=eth0,ip=dhcp,gw=192.0.2.1' },
		applies: ({ parameter, text }) =>
			/^net\d+$/.test(parameter) &&
			/(?:^|,)gw6?=/.test(text) &&
			/(?:^|,)ip6?=(?:dhcp|auto|manual)/.test(text),
	},
	{
		reason:
			'A size, or a word, without a storage is a path of the host for Proxmox, which only root@pam may use',
		node: 'refuses',
		example: { rootfs: '8' },
		applies: ({ parameter, text }) =>
			/^(?:rootfs|mp\d+)$/.test(parameter) &&
			!/(?:^|,)(?:volume=)?(?:\/|\s*[a-zA-Z][\w.-]*:[^,])/.test(text),
	},
	{
		reason: 'What is meant as a size is never taken for the name of a volume',
		node: 'refuses',
		example: { rootfs: 'local:1e3' },
		applies: ({ parameter, text }) =>
			/^(?:rootfs|mp\d+)$/.test(parameter) &&
			/:[+-]?\.?\d[\d.]*(?:e[+-]?\d+)?[a-z]{0,3}(?:,|$)/i.test(text),
	},
];
