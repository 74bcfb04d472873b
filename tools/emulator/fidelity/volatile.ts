type Mask = [pattern: RegExp, placeholder: string];

/** What the server makes up, and how it is recognised. */
const madeUp: Mask[] = [
	[
		/UPID:([^:\s]+):[0-9A-F]{8}:[0-9A-F]{8,9}:[0-9A-F]{8}:([^:\s]*):([^:\s]*):([^:\s'"]+):/g,
		'UPID:$1:<pid>:<pstart>:<time>:$2:$3:$4:',
	],
	[/\b[0-9A-F]{2}(?::[0-9A-F]{2}){31}\b/g, '<fingerprint>'],
	[/\b[0-9a-f]{40}\b/g, '<digest>'],
	[/\bctime=\d+/g, 'ctime=<time>'],
	// When a guest wrote a file, as its `ls` prints it.
	[/\b[A-Z][a-z]{2} [ \d]\d \d\d:\d\d(?= \/)/g, '<date>'],
	// The host's QEMU was another one in each set of recordings.
	[/\bcreation-qemu=[\d.]+/g, 'creation-qemu=<version>'],
	[/(failed to get address info for: [^:]+: ).*/g, '$1<resolver>'],
	[/(-state-suspend-)\d{4}-\d\d-\d\d/g, '$1<date>'],
	[/\bHASH\(0x[0-9a-f]+\)/g, 'HASH(<address>)'],
	// Of several tags that may not be set, Proxmox names one at random.
	[/(for modifying tag )'[^']*'/g, "$1'<tag>'"],
	[/(vzdumptmp|\.tmp\.|\.tmp_dwnl\.)\d+/g, '$1<pid>'],
	[/pveupload-[0-9a-f]{32}/g, 'pveupload-<id>'],
	[/\b127\.0\.0\.1:\d+\b/g, '<host>'],
	[/^\{\{\w+\}\}$/, '<issued>'],
	[/^PVE:[^:]+:[0-9A-F]{8}::\S+$/, '<issued>'],
	[/^[0-9A-F]{8}:[A-Za-z0-9+/=]{20,}$/, '<issued>'],
];

/** What the server makes up only where the request does not name it. */
const madeUpUnlessSent: Mask[] = [
	[/\b[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){5}\b/g, '<mac>'],
	// The address that a card gives itself, which is made from its MAC.
	[/\bfe80::[0-9a-f]{1,4}:[0-9a-f]{1,2}ff:fe[0-9a-f]{2}:[0-9a-f]{1,4}\b/g, '<link-local>'],
	[/\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b/g, '<uuid>'],
	[/\b\d{4}_\d{2}_\d{2}-\d{2}_\d{2}_\d{2}\b/g, '<date>'],
];

/**
 * Puts placeholders where a text differs from run to run: process IDs, times, MACs, UUIDs, digests, tickets …
 * What the request itself named (`sent`) is kept: a MAC that was asked for must be the one that is stored.
 */
export function maskVolatile(text: string, sent = ''): string {
	let masked = text;
	for (const [pattern, placeholder] of madeUp) masked = masked.replace(pattern, placeholder);
	for (const [pattern, placeholder] of madeUpUnlessSent) {
		masked = masked.replace(pattern, (part) => (sent.includes(part) ? part : placeholder));
	}
	return masked;
}

/** Names of what tells of the machine or the moment. In a VM's config `cpu` and `memory` are settings, and texts. */
const momentary =
	/^(avail|blockstat|boot-info|cpu|cpuinfo|ctime|current-kernel|disk|diskread|diskwrite|endtime|free|idle|ksm|loadavg|localtime|mem|memhost|memory|netin|netout|nics|pid|pressure\w+|pstart|rootfs|proxmox-support|size|snaptime|starttime|swap|time|total|uptime|used|used_fraction|version|wait)$/;

/** Whether a value tells of the machine or the moment, so that only its type can be compared. */
export function isMomentary(name: string, value: unknown): boolean {
	// Nanoseconds since 1970.
	if (typeof value === 'number' && value > 1e18) return true;
	return (
		/^(?:kversion|running-machine|running-qemu|runningcpu|runningmachine)$/.test(name) ||
		((typeof value !== 'string' || name.startsWith('pressure')) && momentary.test(name))
	);
}

/** Whether a value's name says that it is a list, separated by commas, that Proxmox prints in a random order. */
export function isUnordered(name: string): boolean {
	return name === 'content';
}
