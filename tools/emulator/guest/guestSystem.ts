/** What a program leaves behind. */
export interface Ran {
	stdout: Buffer;
	stderr: Buffer;
	exitcode?: number;
	/** The signal that ended it, in place of an exit code. */
	signal?: number;
	/** How long it runs. */
	seconds: number;
}

/** A program within a guest: its arguments without its own name, and what it reads. */
export type Program = (
	args: string[],
	stdin: Buffer,
	guest: GuestSystem,
) => Partial<Omit<Ran, 'stdout' | 'stderr'>> & {
	stdout?: Buffer | string;
	stderr?: Buffer | string;
};

export interface Process extends Ran {
	/** Milliseconds since 1970. */
	endsAt: number;
}

/** The system within a VM, as far as its guest agent can reach it. Live: a test may change all of it. */
export interface GuestSystem {
	hostname: string;
	/** What get-osinfo says. */
	os: Record<string, string>;
	/** By absolute path; what holds one is a directory. */
	files: Map<string, Buffer>;
	/** Those that are empty, too. */
	directories: Set<string>;
	/** Passwords by user. */
	users: Map<string, string>;
	/** Programs by name or path; they win over those that are built in. */
	programs: Map<string, Program>;
	/** Where file systems are mounted that can be frozen. */
	mounts: string[];
	isFrozen: boolean;
	/** Commands that the agent refuses, such as `exec`: some distributions turn off all that reach into the guest. */
	disabled: Set<string>;
	/** Programs that were started and not asked for since they ended. */
	processes: Map<number, Process>;
	nextPid: number;
	/** Until when the agent does not answer, milliseconds since 1970. */
	deafUntil: number;
	/** For which instance cloud-init has set it up last. */
	instanceId?: string;
}

/** What cloud-init does in a first boot. */
export interface CloudInit {
	/** When it ends, in seconds after the guest agent's first answer; never if left out. */
	seconds?: number;
	/** As its result names it; that of Proxmox's own drive if left out. */
	datasource?: string;
	/** What its result lists. */
	errors?: string[];
	/** What only its status lists, by level: `{ WARNING: ['…'] }`. Versions before 23.4 have none. */
	recoverableErrors?: Record<string, string[]>;
	/** It found no datasource, and did nothing. */
	isDisabled?: boolean;
	/** Its behavior: 25.1.4 unless given. */
	version?: '22.4.2' | '25.1.4';
}

/** What happens in a guest after its VM was started. Times are of the emulator's clock. */
export interface Boot {
	/** When the guest agent answers, in seconds after the start; never if left out. */
	agentSeconds?: number;
	/** No such program is in the guest if left out. */
	cloudInit?: CloudInit;
}

const DIRECTORIES =
	'/ /bin /etc /home /mnt /opt /root /run /run/cloud-init /tmp /usr /usr/bin /usr/local/bin /var /var/lib /var/log /var/tmp';

const DEBIAN = {
	id: 'debian',
	'kernel-release': '6.12.118+deb13-cloud-amd64',
	'kernel-version': '#1 SMP PREEMPT_DYNAMIC Debian 6.12.118-1 (2026-11-20)',
	machine: 'x86_64',
	name: 'Debian GNU/Linux',
	'pretty-name': 'Debian GNU/Linux 13 (trixie)',
	version: '13 (trixie)',
	'version-id': '13',
};

/** A Debian as it is after its first boot. */
export function newGuest(hostname: string): GuestSystem {
	return {
		hostname,
		os: { ...DEBIAN },
		files: new Map([
			['/etc/hostname', Buffer.from(`${hostname}\n`)],
			[
				'/etc/os-release',
				Buffer.from('ID=debian\nVERSION_ID="13"\nPRETTY_NAME="Debian GNU/Linux 13 (trixie)"\n'),
			],
		]),
		directories: new Set(DIRECTORIES.split(' ')),
		users: new Map([
			['root', '*'],
			['user', '*'],
		]),
		programs: new Map(),
		mounts: ['/'],
		isFrozen: false,
		disabled: new Set(),
		processes: new Map(),
		nextPid: 150,
		deafUntil: 0,
	};
}

/** The system within a VM; it is made when it is first asked for. */
export function guestOf(vm: {
	readonly config: { readonly name?: unknown };
	guest?: GuestSystem;
}): GuestSystem {
	return (vm.guest ??= newGuest(String(vm.config.name ?? 'guest')));
}

/** A path as the agent reads it, from the root on. */
export function absolutePath(path: string): string {
	const parts: string[] = [];
	for (const part of path.split('/')) {
		if (part === '..') parts.pop();
		else if (part !== '' && part !== '.') parts.push(part);
	}
	return `/${parts.join('/')}`;
}

/** Whether a path is a directory of the guest. */
export function isDirectory(guest: GuestSystem, path: string): boolean {
	if (guest.directories.has(path)) return true;
	return [...guest.files.keys()].some((file) => file.startsWith(`${path}/`));
}
