import { flag, integer, text } from '../../catalogue/fields';

/** What the API takes for the guest agent, by its own names: one table an endpoint. */

const file = text({
	label: 'File Path',
	help: 'The full path of the file in the guest, in ASCII characters',
	required: true,
	placeholder: '/etc/hostname',
});

/** `POST …/agent/exec`. */
export const execFields = {
	'input-data': text({
		label: 'Input Data',
		help: 'Text that the command reads from its standard input, at most 64 KiB in UTF-8',
		rows: 4,
		maxLength: 65_536,
	}),
};

/** `GET …/agent/file-read`. */
export const readFileFields = {
	file,
	offset: integer({
		label: 'Offset (Bytes)',
		help: 'How many bytes at the start of the file to skip',
		min: 0,
		since: '9.2',
	}),
	count: integer({
		label: 'Max Size (Bytes)',
		help: 'How many bytes to read at most. If not set, at most 16 MiB are read.',
		min: 1,
		max: 16_777_216,
		initial: 1_048_576,
		since: '9.2',
	}),
};

/** `POST …/agent/file-write`. */
export const writeFileFields = { file };

/** `POST …/agent/set-user-password`. */
export const passwordFields = {
	username: text({
		label: 'User Name',
		help: 'A user that exists in the guest',
		required: true,
		placeholder: 'debian',
	}),
	password: text({
		label: 'Password',
		help: 'The new password, with at least 5 characters',
		required: true,
		secret: true,
		maxLength: 1024,
	}),
	crypted: flag({
		label: 'Already Hashed',
		help: 'Whether the password is already a hash, as in /etc/shadow',
	}),
};
