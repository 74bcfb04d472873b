/** How the backup of a guest went, in figures of the task's log; null if the log does not have them. */
export type BackupSummary = {
	/** The mode that was used: a stopped guest is always backed up in mode `stop`. */
	mode: string | null;
	seconds: number | null;
	/** Rounded, as the log has it. */
	transferredBytes: number | null;
	bytesPerSecond: number | null;
	warnings: string[];
};

/** What the log of a backup task says of one of its guests. */
export interface LoggedBackup {
	/** `unknown` as long as the log has no end of it. */
	readonly status: 'ok' | 'failed' | 'unknown';
	/** Why it failed. */
	readonly reason?: string;
	/** The name of the archive: a file, or a snapshot on a Proxmox Backup Server. */
	readonly archive?: string;
	readonly summary: BackupSummary;
}

const SIZE = '([\\d.]+) ?([KMGTP]?)i?B';
const START = /^INFO: Starting Backup of VM (\d+) \(/;
const DONE = /^INFO: Finished Backup of VM (\d+) \((?:(\d+):)?(\d+):(\d+)\)/;
const FAILED = /^ERROR: Backup of VM (\d+) failed - (.*)/;
const ARCHIVE = /^INFO: creating .{0,200}?\barchive '(?:[^']*\/)?([^/']+)'/;
const MODE = /^INFO: backup mode: (\w+)/;
/** Of a VM's disks, and of a container's archive. */
const TRANSFERRED = new RegExp(`^INFO: transferred ${SIZE} in <?\\d+ seconds(?: \\(${SIZE}/s\\))?`);
const WRITTEN = new RegExp(`^INFO: Total bytes written: (\\d+) \\([^,]*, ${SIZE}/s\\)`);
const WARNING = /^WARN(?:ING)?: (.*)/;

/**
 * What the log of a backup task says, by guest. Lines that are not known are skipped.
 * Source: pve-manager `VZDump.pm`, qemu-server `VZDump/QemuServer.pm`.
 */
export function readBackupLog(lines: readonly string[]): ReadonlyMap<number, LoggedBackup> {
	const found = new Map<number, LoggedBackup>();
	let current: number | undefined;
	for (const line of lines) {
		const [, started] = START.exec(line) ?? [];
		const [, failed, reason] = FAILED.exec(line) ?? [];
		// One that does not exist is not started.
		if (started !== undefined || failed !== undefined) current = Number(started ?? failed);
		if (current === undefined) continue;
		const before = found.get(current) ?? NOTHING;
		const after = failed === undefined ? added(before, line, current) : failure(before, reason);
		found.set(current, after);
		if (after.status !== 'unknown') current = undefined;
	}
	return found;
}

const NOTHING: LoggedBackup = {
	status: 'unknown',
	summary: {
		mode: null,
		seconds: null,
		transferredBytes: null,
		bytesPerSecond: null,
		warnings: [],
	},
};

const failure = (before: LoggedBackup, reason: string | undefined): LoggedBackup => ({
	...before,
	status: 'failed',
	reason,
});

/** What is known with one more line. */
function added(before: LoggedBackup, line: string, vmid: number): LoggedBackup {
	const { summary } = before;
	const [, ended, hours = 0, minutes, seconds] = DONE.exec(line) ?? [];
	if (Number(ended) === vmid)
		return {
			...before,
			status: 'ok',
			summary: {
				...summary,
				seconds: (Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds),
			},
		};
	const [, mode] = MODE.exec(line) ?? [];
	const [, size, unit = '', speed, per = ''] = TRANSFERRED.exec(line) ?? [];
	const [, written, rate, of = ''] = WRITTEN.exec(line) ?? [];
	const [, warning] = WARNING.exec(line) ?? [];
	return {
		...before,
		archive: before.archive ?? ARCHIVE.exec(line)?.[1],
		summary: {
			...summary,
			mode: mode ?? summary.mode,
			transferredBytes: bytes(size, unit) ?? bytes(written, '') ?? summary.transferredBytes,
			bytesPerSecond: bytes(speed, per) ?? bytes(rate, of) ?? summary.bytesPerSecond,
			warnings: warning === undefined ? summary.warnings : [...summary.warnings, warning],
		},
	};
}

const bytes = (amount: string | undefined, unit: string): number | undefined =>
	amount === undefined
		? undefined
		: Math.round(Number(amount) * 1024 ** ' KMGTP'.indexOf(unit || ' '));
