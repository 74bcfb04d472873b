import type { IDataObject } from 'n8n-workflow';

import { segment, type PveClient } from '../../api/client';
import { splitList } from '../../wire/values';

interface Row {
	readonly storage: string;
	readonly type: string;
	readonly content?: string;
	readonly shared?: 0 | 1;
	readonly enabled?: 0 | 1;
	readonly active?: 0 | 1;
	readonly total?: number;
	readonly used?: number;
	readonly avail?: number;
}

/** A storage as the operations of this resource emit it. */
export type StorageFacts = IDataObject & { storage: string };

/**
 * The storages of a node. Of one that is offline the space is null.
 * Source: `GET /nodes/{node}/storage`.
 * @param query `storage` or `content`, to read only some
 * @throws PveError
 */
export async function readStorages(
	client: PveClient,
	node: string,
	query: Readonly<Record<string, string>> = {},
): Promise<StorageFacts[]> {
	const { data } = await client.get<Row[]>(`/nodes/${segment(node)}/storage`, query);
	return data
		.map(({ storage, type, content, shared, enabled, active, total, used, avail }) => {
			const isActive = active !== 0;
			return {
				storage,
				node,
				type,
				content: splitList(content ?? ''),
				shared: shared === 1,
				enabled: enabled !== 0,
				active: isActive,
				total: isActive ? (total ?? null) : null,
				used: isActive ? (used ?? null) : null,
				free: isActive ? (avail ?? null) : null,
			};
		})
		.sort((a, b) => (a.storage < b.storage ? -1 : 1));
}
