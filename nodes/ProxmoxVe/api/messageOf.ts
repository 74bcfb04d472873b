import { adviseConnection, describeConnection } from '../../../credentials/connectionFailure';
import type { PveFailure } from './errors';

/** What happened to a request, in one line for the user. */
export function messageOf(failure: PveFailure): string {
	const { status, message } = failure;
	// n8n replaces a message that contains a code such as ECONNRESET with its own text, so the code is in the description.
	if (status === undefined) return describeConnection(failure);
	return status < 400 ? `${message} (HTTP ${status})` : `Proxmox VE answered ${status}: ${message}`;
}

/** What to do about a request that could not be sent or was not accepted with this credential; undefined for others. */
export function connectionAdvice(failure: PveFailure): string | undefined {
	const { status, code } = failure;
	if (status === 401) return 'Check the credential: it may be wrong, expired or disabled.';
	if (status !== undefined) return undefined;
	return `${adviseConnection(failure)}${code === undefined ? '' : ` (${code})`}`;
}

/** Longest reason of a task in one line, for a title. */
const LONGEST_REASON = 120;
/** Exit statuses that only say that something failed: the log has the reason. */
const SAYS_NOTHING = /^(?:job errors|migration (?:aborted|problems))$/;
/** Around a command that Proxmox ran, with all its arguments. */
const COMMAND = "command '";
const FAILED = "' failed: ";
const TIME = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d /;

/**
 * Why a task failed, in one short line: its exit status may be thousands of characters long, or say nothing.
 * @param exitStatus Proxmox's own reason
 * @param log the last lines of its log
 * @returns at most 120 characters
 */
export function reasonOf(exitStatus: string, log: readonly string[]): string {
	const lines = log
		.filter((line) => !/^TASK |^\s*$/.test(line))
		.map((line) => line.replace(TIME, ''));
	return shortened(
		SAYS_NOTHING.test(exitStatus)
			? (reasonInLog(lines) ?? exitStatus)
			: withoutCommand(exitStatus, lines),
		LONGEST_REASON,
	);
}

/** The first `ERROR: …` of a backup or a migration, or what the other node said just before it. */
function reasonInLog(lines: readonly string[]): string | undefined {
	const at = lines.findIndex((line) => line.startsWith('ERROR: '));
	const error = lines[at]?.slice('ERROR: '.length).replace(/ \(duration [\d:]+\)/, '');
	if (error === undefined || !error.includes('remote command failed')) return error;
	const reason = lines
		.slice(0, at)
		.reverse()
		.find((line) => /^\[[\w.-]+\] /.test(line));
	return reason ?? error;
}

/** A failed command by its name, with its own words where the status has only a number. */
function withoutCommand(exitStatus: string, lines: readonly string[]): string {
	const [begin, end] = [exitStatus.indexOf(COMMAND), exitStatus.lastIndexOf(FAILED)];
	const isCommand = begin >= 0 && end > begin;
	const [path = ''] = exitStatus
		.slice(begin + COMMAND.length)
		.replace('set -o pipefail && ', '')
		.split(/[\s'|]/, 1);
	const program = path.slice(path.lastIndexOf('/') + 1);
	const what = isCommand ? exitStatus.slice(0, begin) : '';
	const how = isCommand
		? `${program} failed: ${exitStatus.slice(end + FAILED.length)}`
		: exitStatus;
	const [number] = /(?:exit code|got signal) \d{1,5}$/.exec(how) ?? [];
	const words = lines
		.map(withoutProcess)
		.find(
			(line) =>
				/^[a-z][\w.-]*: (?!Child returned|Exiting with)|\bERROR\b/.test(line) &&
				!line.includes('failed: exit code'),
		);
	if (number === undefined || words === undefined) return what + how;
	return (
		what + (isCommand && words.startsWith(`${program}: `) ? words : how.replace(number, words))
	);
}

/** QEMU's tools put their process and the time before an error. */
const withoutProcess = (line: string): string =>
	line.replace(/^\(process:\d+\): (ERROR) \*\*: (?:[\d:.]+: )?/, '$1: ');

/** Cuts a text at a word, to at most the given number of characters, in one line. */
export function shortened(text: string, longest: number): string {
	const line = text.replace(/\s+/g, ' ').trim();
	if (line.length <= longest) return line;
	const cut = line.slice(0, longest - 2);
	const lastBlank = cut.lastIndexOf(' ');
	return `${(lastBlank > longest / 2 ? cut.slice(0, lastBlank) : cut).replace(/[\s,;:.(]+$/, '')} …`;
}
