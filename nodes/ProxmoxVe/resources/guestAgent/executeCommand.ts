import { choice, decimal, flag } from '../../catalogue/fields';
import type { Form } from '../../form/Form';
import { readGuestText, readGuestTexts, readOptionBytes } from '../../form/guestTexts';
import { DEFAULT_COMMAND_SECONDS } from '../../form/limits';
import { execForm, execInGuest, type CommandEnd } from '../../guests/execInGuest';
import { agentRequest } from '../../guests/guestAgent';
import { emitGuest } from '../../guests/emitGuest';
import { locateVm } from '../../guests/locateGuest';
import { AdvisedError } from '../../runtime/errors';
import type { Execute } from '../../runtime/operation';
import { emitPreview } from '../../runtime/previewRequest';
import { textOfBytes } from '../../wire/agentText';
import { execFields } from './fields';

const INPUT = { parameter: 'input-data', label: execFields['input-data'].label };
/** The most that a command can read, in bytes. */
const MOST_INPUT_BYTES = 65_536;
/** The most that Windows takes on a command line, less what comes before the script. */
const MOST_POWERSHELL_CHARACTERS = 32_000;
/** Lines of the output in an error. */
const SHOWN_LINES = 10;

const commandFields = {
	commandType: choice({
		label: 'Command Type',
		options: { sh: 'Shell Command', powershell: 'PowerShell Command', program: 'Program' },
	}),
	failOnExitCode: flag({ label: 'Fail on Non-Zero Exit Code' }),
};
const waitFields = {
	timeout: decimal({ label: 'Timeout (Seconds)', min: 1 }),
	maxPollInterval: decimal({ label: 'Max Poll Interval (Seconds)', min: 0.1 }),
};

/** Source: `POST /nodes/{node}/qemu/{vmid}/agent/exec`, `GET …/agent/exec-status`. */
export const execute: Execute = async (item) => {
	const { run, form } = item;
	const guest = form.guest();
	const { commandType = 'sh', failOnExitCode = true } = form.fields(commandFields, {
		commandType: 'sh',
		failOnExitCode: true,
	});
	const command = commandType === 'program' ? readProgram(form) : readScript(form, commandType);
	const input = readOptionBytes(form, INPUT, MOST_INPUT_BYTES);
	const { timeout, maxPollInterval } = form.options(waitFields);
	const isPreview = form.previewing();
	form.check();

	const place = await locateVm(item, guest);
	if (isPreview)
		return await emitPreview(item, [agentRequest(place, 'exec', execForm({ command, input }))]);
	const end = await execInGuest(
		run.client,
		place,
		{
			command,
			input,
			timeoutSeconds: timeout ?? DEFAULT_COMMAND_SECONDS,
			maxPollSeconds: maxPollInterval ?? Infinity,
		},
		run.context.getExecutionCancelSignal(),
	);
	if (failOnExitCode && end.exitCode !== 0) throw failed(place.vmid, end);
	const { stdout, stderr, ...rest } = end;
	return await emitGuest(item, place, {
		...rest,
		stdout: textOfBytes(stdout, rest.stdoutTruncated),
		stderr: textOfBytes(stderr, rest.stderrTruncated),
	});
};

/** Program and Arguments. */
const readProgram = (form: Form): string[] => [
	readGuestText(form, { parameter: 'program', label: 'Program' }),
	...readGuestTexts(form, { parameter: 'arguments', label: 'Arguments' }),
];

const COMMAND = { parameter: 'command', label: 'Command' };

/** Command, for the shell that runs it. */
function readScript(form: Form, shell: 'sh' | 'powershell'): string[] {
	if (shell === 'sh') return ['/bin/sh', '-c', readGuestText(form, COMMAND)];
	const script = readGuestText(form, COMMAND, () => undefined);
	// In this form no character has a meaning for Windows, and none is changed on the way.
	const encoded = Buffer.from(`$ProgressPreference='SilentlyContinue';${script}`, 'utf16le');
	const line = encoded.toString('base64');
	if (line.length > MOST_POWERSHELL_CHARACTERS)
		form.problems.push({
			...COMMAND,
			message: `is too long for a Windows command line, with ${script.length} characters. Save it with Write File, and run the file`,
		});
	const options = ['-NoProfile', '-NonInteractive', '-OutputFormat', 'Text'];
	return ['powershell.exe', ...options, '-EncodedCommand', line];
}

/** What a command that failed printed last. */
function failed(vmid: number, { exitCode, signal, stdout, stderr }: CommandEnd): AdvisedError {
	const how =
		exitCode === null ? `was ended by signal ${signal}` : `ended with exit code ${exitCode}`;
	const shown = textOfBytes(stderr.length > 0 ? stderr : stdout)
		.trimEnd()
		.split('\n')
		.slice(-SHOWN_LINES);
	const lines = shown.some((line) => line !== '') ? ['Last lines of its output:', ...shown] : [];
	const advice = 'To continue with the exit code instead, turn off Fail on Non-Zero Exit Code.';
	return new AdvisedError(
		new Error(`The command in VM ${vmid} ${how}`),
		[...lines, advice].join('\n'),
	);
}
