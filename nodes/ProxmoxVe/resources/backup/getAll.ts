import { splitList } from '../../wire/values';
import { text } from '../../catalogue/fields';
import { listBackups, vmidOfBackup, type BackupFilter } from '../../api/backups';
import type { Form } from '../../form/Form';
import type { Execute } from '../../runtime/operation';
import { warnIncomplete } from '../../runtime/warnIncomplete';
import { backupFacts } from './backupFacts';
import { filterFields } from './ownFields';

/** Source: `GET /nodes/{node}/storage/{storage}/content`. */
export const execute: Execute = async ({ run, kind, form }) => {
	const node = form.node();
	const limit = form.limit();
	const { type, ...filter } = readFilters(form);
	form.check();

	const of = kind.kinds?.find((one) => one.type === type) ?? kind;
	const { backups, offline } = await listBackups(run.client, of, node, filter);
	if (offline.length > 0)
		warnIncomplete(
			run,
			`Backups on storages that are offline on ${node} are not in the list: ${offline.join(', ')}`,
		);
	const shown = await run.client.onlyAllowed(backups, ({ volid }) => vmidOfBackup(volid));
	return shown.slice(0, limit).map((backup) => ({ json: { ...backupFacts(backup), node } }));
};

function readFilters(form: Form): BackupFilter & { readonly type?: string } {
	const { storage, vm, type } = form.filters({ ...filterFields, vm: text({ label: 'Guest' }) });
	return {
		type,
		...(storage === undefined ? {} : { storages: splitList(storage) }),
		...(vm === undefined
			? {}
			: { vmid: form.readGuestId(vm, { parameter: 'vm', label: 'Filters → Guest' }) }),
	};
}
