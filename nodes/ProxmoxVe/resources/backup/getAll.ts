import { list, text } from '../../catalogue/fields';
import { readLimit } from '../../form/readLimit';
import { readNode } from '../../form/readNode';
import { readFilters } from '../../form/readFilters';
import { readVmId } from '../../form/readVmId';
import { listBackups, type BackupFilter } from '../../api/backups';
import type { Problem } from '../../wire/problem';
import { splitList } from '../../wire/splitList';
import { escapeHtml } from '../../runtime/errorText';
import type { Item, Execute } from '../../runtime/operation';
import { BadInputError } from '../../runtime/errors';
import type { Run } from '../../runtime/run';
import { backupFacts } from './backupFacts';

/** Source: `GET /nodes/{node}/storage/{storage}/content`. */
export const execute: Execute = async ({ run, get }) => {
	const problems: Problem[] = [];
	const node = readNode(get, problems);
	const limit = readLimit(get, problems);
	const filter = readFilter(get, problems);
	if (problems.length > 0) throw new BadInputError(problems);

	const { backups, offline } = await listBackups(run.client, node, filter);
	if (offline.length > 0) tellOffline(run, node, offline);
	return backups.slice(0, limit).map((backup) => ({ json: { ...backupFacts(backup), node } }));
};

function readFilter(get: Item['get'], problems: Problem[]): BackupFilter {
	const { storage, vmid } = readFilters(filterFields, get, problems);
	return {
		...(storage === undefined ? {} : { storages: splitList(storage) }),
		...(vmid === undefined
			? {}
			: {
					vmid: readVmId(vmid, { parameter: 'vmid', label: 'Filters → Virtual Machine' }, problems),
				}),
	};
}

const filterFields = {
	storage: list({ label: 'Storage', separator: ',', items: 'pve-storage-id' }),
	vmid: text({ label: 'Virtual Machine' }),
};

/** A list that is not whole must not look as if it were. */
function tellOffline({ context }: Run, node: string, offline: readonly string[]): void {
	const message = `Backups on storages that are offline on ${node} are not in the list: ${offline.join(', ')}`;
	context.logger.warn(message);
	// n8n renders a hint as HTML.
	context.addExecutionHints({
		message: escapeHtml(message),
		type: 'warning',
		location: 'outputPane',
	});
}
