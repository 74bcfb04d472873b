import { choice, list, text, type ValuesOf } from '../../catalogue/fields';
import { splitList } from '../../wire/values';
import { simplifyField } from './ownFields';
import { guestUrl } from '../../guests/guestUrl';
import type { Execute } from '../../runtime/operation';

/** A VM in the cluster's list, as far as it is used here. */
interface Row {
	readonly type: string;
	readonly vmid: number;
	readonly node: string;
	readonly status: string;
	readonly name?: string;
	readonly pool?: string;
	readonly lock?: string;
	readonly tags?: string;
	readonly template?: 0 | 1;
}

/** Source: `GET /cluster/resources?type=vm`, which is some seconds old. */
export const execute: Execute = async ({ run, kind, form }) => {
	const limit = form.limit();
	const { simplify } = form.fields(simplifyField, { simplify: true });
	const passes = filterOf(form.filters(filterFields));
	form.check();
	const { data } = await run.client.get<Row[]>('/cluster/resources', { type: 'vm' });
	const rows = (await run.client.onlyAllowed(data, ({ vmid }) => vmid))
		.filter((row) => row.type === kind.type && passes(row))
		.sort((a, b) => a.vmid - b.vmid)
		.slice(0, limit);
	return await Promise.all(
		rows.map(async ({ vmid, node, name, status, template, tags, pool, lock, ...others }) => ({
			json: {
				vmid,
				name: name ?? null,
				node,
				status,
				template: template === 1,
				tags: splitList(tags ?? ''),
				pool: pool ?? null,
				lock: lock ?? null,
				url: await guestUrl(run.client, kind, vmid),
				...(simplify === true ? {} : others),
			},
		})),
	);
};

const filterFields = {
	name: text({ label: 'Name Contains' }),
	node: text({ label: 'Node', format: 'pve-node' }),
	pool: text({ label: 'Resource Pool', format: 'pve-poolid' }),
	status: choice({
		label: 'Status',
		options: { running: 'Running', stopped: 'Stopped', unknown: 'Unknown' },
	}),
	tags: list({ label: 'Tags', separator: ',', format: 'pve-tag-list' }),
	templates: choice({
		label: 'Templates',
		options: { without: 'Exclude', only: 'Only Templates' },
	}),
};

const comparable = (tags = ''): string[] => splitList(tags.toLowerCase());

/** Whether a VM passes all filters that are set. */
function filterOf(filters: ValuesOf<typeof filterFields>): (row: Row) => boolean {
	const { name = '', node, pool, status, tags, templates } = filters;
	const wanted = comparable(tags);
	const equals = (filter: string | undefined, value: string | undefined): boolean =>
		filter === undefined || filter === value;
	return (row) =>
		equals(node, row.node) &&
		equals(pool, row.pool) &&
		equals(status, row.status) &&
		equals(templates, row.template === 1 ? 'only' : 'without') &&
		(row.name ?? '').toLowerCase().includes(name.trim().toLowerCase()) &&
		wanted.every((tag) => comparable(row.tags).includes(tag));
}
