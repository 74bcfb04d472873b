import type { INodeProperties } from 'n8n-workflow';

import { alwaysShownProperty, plainProperties } from '../../form/describeField';
import {
	maxPollInterval,
	optionsProperty,
	previewOption,
	vmProperty,
} from '../../form/sharedProperties';
import { execFields, passwordFields, readFileFields, writeFileFields } from './fields';
import { DEFAULT_COMMAND_SECONDS } from '../../form/limits';

const commandType: INodeProperties = {
	displayName: 'Command Type',
	name: 'commandType',
	type: 'options',
	options: [
		{
			name: 'PowerShell Command (Windows)',
			value: 'powershell',
			description: 'A script that PowerShell runs in the guest',
		},
		{
			name: 'Program and Arguments',
			value: 'program',
			description: 'A program that is run without a shell, so that nothing has to be quoted',
		},
		{
			name: 'Shell Command (Linux)',
			value: 'sh',
			description: 'A line or script that /bin/sh runs in the guest, with pipes and variables',
		},
	],
	default: 'sh',
};

const command: INodeProperties = {
	displayName: 'Command',
	name: 'command',
	type: 'string',
	typeOptions: { rows: 3 },
	required: true,
	default: '',
	placeholder: 'e.g. systemctl is-active nginx',
	description:
		'The command or script, run as root or SYSTEM. Do not build it from untrusted data: use Program and Arguments or Input Data for that.',
	displayOptions: { show: { commandType: ['sh', 'powershell'] } },
};

const program: INodeProperties = {
	displayName: 'Program',
	name: 'program',
	type: 'string',
	required: true,
	default: '',
	placeholder: 'e.g. /usr/bin/systemctl',
	description: 'The name or full path of the program in the guest',
	displayOptions: { show: { commandType: ['program'] } },
};

const programArguments: INodeProperties = {
	displayName: 'Arguments',
	name: 'arguments',
	type: 'string',
	typeOptions: { multipleValues: true, multipleValueButtonText: 'Add Argument' },
	default: [],
	placeholder: 'e.g. is-active',
	description:
		'Passed unchanged: spaces and quotes have no special meaning. An expression can return an array.',
	displayOptions: { show: { commandType: ['program'] } },
};

const failOnExitCode: INodeProperties = {
	displayName: 'Fail on Non-Zero Exit Code',
	name: 'failOnExitCode',
	type: 'boolean',
	default: true,
	description:
		'Whether the item fails if the exit code is not 0, or a signal ended the command. If off, the output has the exit code.',
};

const commandTimeout: INodeProperties = {
	displayName: 'Timeout (Seconds)',
	name: 'timeout',
	type: 'number',
	default: DEFAULT_COMMAND_SECONDS,
	description:
		'How long to wait for the command to end. When the time is up the item fails, but the command keeps running in the guest.',
};

export const executeProperties: readonly INodeProperties[] = [
	vmProperty,
	commandType,
	command,
	program,
	programArguments,
	failOnExitCode,
	optionsProperty([
		...plainProperties(Object.entries(execFields)),
		commandTimeout,
		maxPollInterval,
		previewOption,
	]),
];

const { file, ...partFields } = readFileFields;

const outputFormat: INodeProperties = {
	displayName: 'Output As',
	name: 'outputFormat',
	type: 'options',
	options: [
		{ name: 'Binary File', value: 'binary' },
		{ name: 'Text', value: 'text' },
	],
	default: 'text',
};

const inputFormat: INodeProperties = {
	displayName: 'Content From',
	name: 'inputFormat',
	type: 'options',
	options: [
		{ name: 'Binary File', value: 'binary' },
		{ name: 'Text', value: 'text' },
	],
	default: 'text',
};

const binaryField = (
	displayName: string,
	description: string,
	shownFor: string,
): INodeProperties => ({
	displayName,
	name: 'binaryPropertyName',
	type: 'string',
	required: true,
	default: 'data',
	description,
	displayOptions: { show: { [shownFor]: ['binary'] } },
});

export const readFileProperties: readonly INodeProperties[] = [
	vmProperty,
	alwaysShownProperty('file', file, ''),
	outputFormat,
	binaryField(
		'Put Output File in Field',
		'The name of the binary field of the output item for the file',
		'outputFormat',
	),
	optionsProperty(plainProperties(Object.entries(partFields))),
];

const content: INodeProperties = {
	displayName: 'Content',
	name: 'content',
	type: 'string',
	typeOptions: { rows: 4 },
	default: '',
	description: 'The content of the file, written as UTF-8. At most 60 KiB.',
	displayOptions: { show: { inputFormat: ['text'] } },
};

export const writeFileProperties: readonly INodeProperties[] = [
	vmProperty,
	alwaysShownProperty('file', writeFileFields.file, ''),
	inputFormat,
	content,
	binaryField(
		'Input Binary Field',
		'The name of the binary field of the input item with the file, of at most 60 KiB',
		'inputFormat',
	),
	optionsProperty([previewOption]),
];

const fileSystems: INodeProperties = {
	displayName: 'File Systems',
	name: 'fileSystems',
	type: 'boolean',
	default: true,
	description: 'Whether to also return the mounted file systems with their size and use',
};

const users: INodeProperties = {
	displayName: 'Logged-In Users',
	name: 'users',
	type: 'boolean',
	default: true,
	description: 'Whether to also return the users that are logged in, and since when',
};

export const getInfoProperties: readonly INodeProperties[] = [
	vmProperty,
	optionsProperty([fileSystems, users]),
];

const { crypted, ...shownPasswordFields } = passwordFields;

export const setPasswordProperties: readonly INodeProperties[] = [
	vmProperty,
	alwaysShownProperty('username', shownPasswordFields.username, ''),
	alwaysShownProperty('password', shownPasswordFields.password, ''),
	optionsProperty([...plainProperties([['crypted', crypted]]), previewOption]),
];
