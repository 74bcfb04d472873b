import { unwrap } from '../../form/readForm';
import { readLimit } from '../../form/readLimit';
import type { Problem } from '../../wire/problem';
import { isRecord } from '../../wire/values';
import { splitList } from '../../wire/splitList';
import type { Execute } from '../operation';
import { BadInputError } from '../report';

/** A VM in the cluster's list, as far as it is used here. */
interface Row {
	readonly type: string;
	readonly vmid: number;
	readonly node: string;
	readonly status: string;
	readonly name?: string;
	readonly pool?: string;
	readonly tags?: string;
	readonly template?: 0 | 1;
}

/** Source: `GET /cluster/resources?type=vm`, which is some seconds old. */
export const execute: Execute = async ({ run, get }) => {
	const problems: Problem[] = [];
	const limit = readLimit(get, problems);
	if (problems.length > 0) throw new BadInputError(problems);
	const passes = filterOf(unwrap(get('filters', {})));
	const { data } = await run.client.get<Row[]>('/cluster/resources', { type: 'vm' });
	return data
		.filter((row) => row.type === 'qemu' && passes(row))
		.sort((a, b) => a.vmid - b.vmid)
		.slice(0, limit)
		.map(({ vmid, node, name, status, template, tags, ...others }) => ({
			json: { vmid, node, name: name ?? null, status, template: template === 1, tags: splitList(tags ?? ''), ...others },
		}));
};

const comparable = (tags: string | undefined): string[] => splitList((tags ?? '').toLowerCase());

/** @param given filters; what is empty filters nothing */
function filterOf(given: unknown): (row: Row) => boolean {
	const text = (name: string): string => (isRecord(given) ? String(given[name] ?? '').trim() : '');
	const equals = (name: string, value: string | undefined): boolean => text(name) === '' || text(name) === value;
	const tags = comparable(text('tags'));
	return (row) =>
		equals('node', row.node) &&
		equals('pool', row.pool) &&
		equals('status', row.status) &&
		equals('templates', row.template === 1 ? 'only' : 'without') &&
		(row.name ?? '').toLowerCase().includes(text('name').toLowerCase()) &&
		tags.every((tag) => comparable(row.tags).includes(tag));
}
