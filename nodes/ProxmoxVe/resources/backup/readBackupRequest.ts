import type { Form } from '../../form/Form';
import { encodeFields } from '../../wire/encodeFields';
import { backupFields } from './fields';

const { storage: storageField, mode, compress, ...optionFields } = backupFields;
const alwaysShown = { storage: storageField, mode, compress };

/** Reads where and how to back up. @returns what may be sent only after `form.check`, without the guests */
export function readBackupRequest(form: Form): {
	readonly storage: string;
	readonly body: Record<string, string>;
} {
	const { storage = '', ...always } = form.fields(alwaysShown, {
		mode: 'snapshot',
		compress: 'zstd',
	});
	const added = form.options(optionFields, withNotesInOneLine(form.rawOptions()));
	return { storage, body: encodeFields({ storage, ...always, ...added }) };
}

/** Proxmox wants notes in one line, with a line feed as `\n` and so a backslash as two. */
function withNotesInOneLine(
	options: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
	const { 'notes-template': notes } = options;
	return typeof notes === 'string'
		? {
				...options,
				'notes-template': notes.replace(/\\/g, '\\\\').replace(/\r?\n/g, '\\n'),
			}
		: options;
}
