import type { PveClient } from '../../api/client';
import { PveError } from '../../api/errors';

/** Rows of a request. */
const PAGE = 5_000;
const MOST_ROWS = 50_000;

/** The parameters by which Proxmox reads a page. */
export const PAGING = ['start', 'limit'] as const;

/**
 * Reads a whole list, also one of which Proxmox returns only some rows unless asked: tasks and logs. A row that moves
 * to the next page meanwhile is given once.
 * @returns the `data` of the response, if it is no list @throws PveError; Error if there are too many rows
 */
export async function readPages(
	client: PveClient,
	path: string,
	query: Readonly<Record<string, string>>,
): Promise<unknown> {
	const rows = new Map<string, unknown>();
	for (let start = 0; ; start += PAGE) {
		const { data } = await client
			.get<unknown>(path, { ...query, start, limit: PAGE })
			.catch(async (error: unknown) => {
				if (isPaged(error)) throw error;
				return await client.get<unknown>(path, query);
			});
		if (!Array.isArray(data)) return data;
		const before = rows.size;
		for (const row of data) rows.set(JSON.stringify(row), row);
		// One that does not know pages gives all of its rows each time.
		if (data.length < PAGE || rows.size === before) return [...rows.values()];
		if (rows.size >= MOST_ROWS)
			throw new Error(
				`${path} has more than ${MOST_ROWS} rows. Turn off Return All, and set start and limit under Parameters`,
			);
	}
}

/** Whether a failure says nothing against reading in pages. */
const isPaged = (error: unknown): boolean =>
	!(error instanceof PveError) ||
	error.failure.status !== 400 ||
	!PAGING.some((name) => error.failure.errors?.[name] !== undefined);
