import { pageUrl } from '../../api/pageUrl';
import type { Execute } from '../../runtime/operation';

/** A node in the cluster's list; without its load if it is offline, or Sys.Audit is missing. */
interface Row {
	readonly node: string;
	readonly status: string;
	readonly cpu?: number;
	readonly maxcpu?: number;
	readonly mem?: number;
	readonly maxmem?: number;
	readonly disk?: number;
	readonly maxdisk?: number;
	readonly uptime?: number;
}

/** Source: `GET /nodes`. */
export const execute: Execute = async ({ run, form }) => {
	const limit = form.limit();
	form.check();
	const { data } = await run.client.get<Row[]>('/nodes');
	return await Promise.all(
		data
			.sort((a, b) => (a.node < b.node ? -1 : 1))
			.slice(0, limit)
			.map(async ({ node, status, cpu, maxcpu, mem, maxmem, disk, maxdisk, uptime }) => ({
				json: {
					node,
					status,
					cpus: maxcpu ?? null,
					cpuUsage: cpu ?? null,
					memoryTotal: maxmem ?? null,
					memoryUsed: mem ?? null,
					memoryFree: mem === undefined || maxmem === undefined ? null : maxmem - mem,
					diskTotal: maxdisk ?? null,
					diskFree: disk === undefined || maxdisk === undefined ? null : maxdisk - disk,
					uptime: uptime ?? null,
					url: await pageUrl(run.client, `node/${node}`),
				},
			})),
	);
};
