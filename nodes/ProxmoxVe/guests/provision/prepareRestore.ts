import { isoTime } from '../../api/isoTime';
import type { VmRequest } from '../../form/readRequest';
import { storageOf } from '../../api/backups';
import { segment, type PveClient } from '../../api/client';
import { checkOverwrite, guardOverwrite } from './guardOverwrite';
import { notesProblem } from './idempotency';
import { newestBackup } from './newestBackup';
import type { Item } from '../../runtime/operation';
import { BadInputError } from '../../form/BadInputError';
import type { Run } from '../../runtime/run';

/** A restore that is ready to be sent. */
export interface PreparedRestore {
	readonly request: VmRequest;
	/** What the restore emits beside what a create does. */
	readonly facts: { overwritten: boolean | null; archive: string; archiveCreatedAt?: string };
	readonly warnings: readonly string[];
	/** Starts the VM again that was stopped for the restore, if the error says that it was refused, or if none is given. */
	undo(error?: unknown): Promise<void>;
}

/**
 * Finds the backup, and makes sure, as far as that can be known before, that the restore can be done. Changes nothing
 * but to stop the VM to overwrite where that was chosen: the last thing before the restore is sent.
 * @throws BadInputError, Error or PveError that says why it cannot
 */
export async function prepareRestore(item: Item, asked: VmRequest): Promise<PreparedRestore> {
	const { run } = item;
	const { idempotencyKey: key } = asked.options;
	const found =
		asked.newest && (await newestBackup(run.client, item.kind, asked.node, asked.newest));
	const archive = found?.backup.volid ?? asked.archive ?? '';
	const parameters = { ...asked.parameters, [item.kind.catalogue.archive]: archive };
	// A mark under the notes must not replace those in the backup.
	if (key !== '')
		parameters.description ??= await notesOfBackup(run.client, asked.node, archive, key);
	const request = { ...asked, archive, parameters };
	await checkLiveRestore(run, request);
	const { overwritten, undo } = await guardOverwrite(item, request);
	const ctime = found?.backup.ctime;
	return {
		request,
		facts: {
			overwritten,
			archive,
			...(ctime === undefined ? {} : { archiveCreatedAt: isoTime(ctime) }),
		},
		warnings: found?.warnings ?? [],
		undo,
	};
}

/**
 * Whether a restore stops the VM that it overwrites, for a preview. What depends on the newest backup is not checked.
 * @throws as prepareRestore does
 */
export async function stopsFirst(item: Item, request: VmRequest): Promise<boolean> {
	const isKnown = request.newest === undefined;
	if (isKnown) await checkLiveRestore(item.run, request);
	return (await checkOverwrite(item, request, isKnown)).stops !== undefined;
}

/**
 * Proxmox finds only in its task that a live restore needs a Proxmox Backup Server.
 * Source: `GET /nodes/{node}/storage`.
 */
async function checkLiveRestore(
	{ client }: Run,
	{ node, archive = '', parameters }: VmRequest,
): Promise<void> {
	if (parameters['live-restore'] !== true) return;
	const storage = storageOf(archive);
	const { data: storages } = await client.get<Array<{ storage: string; type: string }>>(
		`/nodes/${segment(node)}/storage`,
	);
	const found = storages.find((one) => one.storage === storage);
	// A storage that may not be seen may be one.
	if (found === undefined || found.type === 'pbs') return;
	throw new BadInputError([
		{
			parameter: 'live-restore',
			message: `needs a backup on a Proxmox Backup Server, but storage ${storage} has the type ${found.type}`,
		},
	]);
}

/**
 * The notes in a backup. Source: `GET /nodes/{node}/vzdump/extractconfig`.
 * @throws Error if they are too long for the mark of the key
 */
async function notesOfBackup(
	client: PveClient,
	node: string,
	archive: string,
	key: string,
): Promise<string> {
	const { data } = await client.get<string>(`/nodes/${segment(node)}/vzdump/extractconfig`, {
		volume: archive,
	});
	const [current = ''] = data.split(/^\[/m);
	const notes = current
		.split('\n')
		.filter((line) => line.startsWith('#') && !line.startsWith('#qmdump#'))
		.map((line) => unescapeBytes(line.slice(1)))
		.join('\n')
		.trimEnd();
	const problem = notesProblem(notes, key);
	if (problem !== undefined)
		throw new Error(
			`The notes in the backup cannot be kept: Description (description) ${problem}. Set a shorter Description in the restore. Nothing was done`,
		);
	return notes;
}

/**
 * A line of notes as Proxmox reads it: each `%` with two hexadecimal digits is a byte, anything else stays, and the
 * bytes are UTF-8. What is not UTF-8 is read as Latin-1: the file was edited by hand.
 */
export function unescapeBytes(text: string): string {
	const bytes = text.replace(/%([0-9a-f]{2})/gi, (_match, hex: string) =>
		String.fromCharCode(parseInt(hex, 16)),
	);
	const escaped = bytes.replace(
		/[\0-\xff]/g,
		(byte) => `%${byte.charCodeAt(0).toString(16).padStart(2, '0')}`,
	);
	try {
		return decodeURIComponent(escaped);
	} catch {
		return bytes;
	}
}
