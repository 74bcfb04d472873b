import type { INodeProperties } from 'n8n-workflow';

import { locator } from '../../form/describeField';
import { unwrap } from '../../form/readForm';
import { readLimit } from '../../form/readLimit';
import { listProperties } from '../../form/sharedProperties';
import type { Problem } from '../../wire/problem';
import { isRecord } from '../../wire/readDevice';
import { splitList } from '../../wire/splitList';
import type { Operation } from '../operation';
import { BadInputError } from '../report';

const filters: INodeProperties = {
	displayName: 'Filters',
	name: 'filters',
	type: 'collection',
	placeholder: 'Add Filter',
	default: {},
	description: 'A VM must pass all of them',
	options: [
		{
			displayName: 'Name Contains',
			name: 'name',
			type: 'string',
			default: '',
			placeholder: 'web',
			description: 'Part of the name, in small or capital letters',
		},
		{ displayName: 'Node', name: 'node', ...locator('searchNodes', 'pve1') },
		{ displayName: 'Resource Pool', name: 'pool', ...locator('searchPools', 'dev') },
		{
			displayName: 'Status',
			name: 'status',
			type: 'options',
			options: [
				{ name: 'Running', value: 'running' },
				{ name: 'Stopped', value: 'stopped' },
				{ name: 'Unknown', value: 'unknown', description: 'The node does not answer' },
			],
			default: 'running',
		},
		{
			displayName: 'Tags',
			name: 'tags',
			type: 'string',
			default: '',
			placeholder: 'web,production',
			description: 'Tags that a VM must have, all of them, separated by commas',
		},
		{
			displayName: 'Templates',
			name: 'templates',
			type: 'options',
			options: [
				{ name: 'Leave Out', value: 'without' },
				{ name: 'Only These', value: 'only' },
			],
			default: 'without',
			description: 'What to do with templates, which are among the VMs otherwise',
		},
	],
};

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
export const getMany: Operation = {
	value: 'getAll',
	name: 'Get Many',
	action: 'Get many virtual machines',
	description:
		'List the virtual machines of the cluster by VM ID, one item each, with node, name, status, tags, pool and what they use, filtered if that is asked for. The list is up to ten seconds old.',
	properties: [...listProperties, filters],
	async execute({ run, get }) {
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
	},
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
