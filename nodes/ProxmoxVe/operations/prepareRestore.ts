import type { VmRequest } from '../form/readRequest';
import { storageOf } from '../pve/backups';
import { segment } from '../pve/client';
import { guardOverwrite } from './guardOverwrite';
import { newestBackup } from './newestBackup';
import type { Item } from './operation';
import { BadInputError } from './report';
import type { Run } from './run';

/** A restore that is ready to be sent. */
export interface PreparedRestore {
	readonly request: VmRequest;
	/** What the restore emits beside what a create does. */
	readonly facts: { archive: string; archiveCreatedAt?: string };
	readonly warnings: readonly string[];
}

/**
 * Finds the backup where it is to be looked for, and makes sure, as far as that can be known before,
 * that the restore can be done. Changes nothing but to turn off the VM to overwrite where that was chosen.
 * @throws BadInputError, Error or PveError that says why it cannot
 */
export async function prepareRestore(item: Item, asked: VmRequest): Promise<PreparedRestore> {
	const { run } = item;
	const found = asked.newest && (await newestBackup(run.client, asked.node, asked.newest));
	const archive = found?.backup.volid ?? asked.parameters.archive ?? '';
	const request = { ...asked, parameters: { ...asked.parameters, archive } };
	await checkLiveRestore(run, request);
	await guardOverwrite(item, request);
	const ctime = found?.backup.ctime;
	return {
		request,
		facts: { archive, ...(ctime === undefined ? {} : { archiveCreatedAt: new Date(ctime * 1000).toISOString() }) },
		warnings: found?.warnings ?? [],
	};
}

/**
 * Proxmox finds only in its task that a live restore needs a Proxmox Backup Server.
 * Source: `GET /nodes/{node}/storage`.
 */
async function checkLiveRestore({ client }: Run, { node, parameters }: VmRequest): Promise<void> {
	if (parameters['live-restore'] !== true) return;
	const storage = storageOf(parameters.archive ?? '');
	const { data: storages } = await client.get<Array<{ storage: string; type: string }>>(`/nodes/${segment(node)}/storage`);
	const found = storages.find((one) => one.storage === storage);
	// A storage that may not be seen may be one.
	if (found === undefined || found.type === 'pbs') return;
	throw new BadInputError([
		{ parameter: 'live-restore', message: `needs a backup on a Proxmox Backup Server, and ${storage} is a storage of the type ${found.type}` },
	]);
}
