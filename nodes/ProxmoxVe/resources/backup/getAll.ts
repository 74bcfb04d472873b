import { splitList } from '../../wire/values';
import { list, text } from '../../catalogue/fields';
import { listBackups, vmidOfBackup, type BackupFilter } from '../../api/backups';
import { escapeHtml } from '../../runtime/errorText';
import type { Form } from '../../form/Form';
import type { Execute } from '../../runtime/operation';
import type { Run } from '../../runtime/run';
import { backupFacts } from './backupFacts';

/** Source: `GET /nodes/{node}/storage/{storage}/content`. */
export const execute: Execute = async ({ run, kind, form }) => {
	const node = form.node();
	const limit = form.limit();
	const filter = readFilter(form);
	form.check();

	const { backups, offline } = await listBackups(run.client, kind, node, filter);
	if (offline.length > 0) tellOffline(run, node, offline);
	const shown = await run.client.onlyAllowed(backups, ({ volid }) => vmidOfBackup(volid));
	return shown.slice(0, limit).map((backup) => ({ json: { ...backupFacts(backup), node } }));
};

function readFilter(form: Form): BackupFilter {
	const { storage, vm } = form.filters(filterFields);
	return {
		...(storage === undefined ? {} : { storages: splitList(storage) }),
		...(vm === undefined
			? {}
			: { vmid: form.readGuestId(vm, { parameter: 'vm', label: 'Filters → Virtual Machine' }) }),
	};
}

const filterFields = {
	storage: list({ label: 'Storage', separator: ',', items: 'pve-storage-id' }),
	vm: text({ label: 'Virtual Machine' }),
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
