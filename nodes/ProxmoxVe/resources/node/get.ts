import { segment } from '../../api/client';
import { pageUrl } from '../../api/pageUrl';
import { note } from '../../runtime/context';
import { emit, type Execute } from '../../runtime/operation';

interface Amount {
	readonly total: number;
	readonly used: number;
	readonly free: number;
}

interface Status {
	readonly cpu: number;
	/** Of one, five and fifteen minutes. */
	readonly loadavg: readonly string[];
	readonly memory: Amount & { readonly available?: number };
	readonly swap: Amount;
	readonly rootfs: Amount & { readonly avail?: number };
	readonly cpuinfo: { readonly cpus: number; readonly model?: string };
	readonly uptime: number;
	readonly pveversion: string;
	readonly kversion: string;
}

/** Source: `GET /nodes/{node}/status`. */
export const execute: Execute = async ({ run, form, trace }) => {
	const node = form.node();
	form.check();
	note(trace, { node });
	const { data } = await run.client.get<Status>(`/nodes/${segment(node)}/status`);
	const { cpu, loadavg, memory, swap, rootfs, cpuinfo, uptime, pveversion, kversion } = data;
	return emit({
		node,
		cpus: cpuinfo.cpus,
		cpuUsage: cpu,
		cpuModel: cpuinfo.model ?? null,
		load: loadavg.map(Number),
		memoryTotal: memory.total,
		memoryUsed: memory.used,
		memoryFree: memory.available ?? memory.free,
		swapTotal: swap.total,
		swapUsed: swap.used,
		diskTotal: rootfs.total,
		diskFree: rootfs.avail ?? rootfs.free,
		uptime,
		version: pveversion.split('/')[1] ?? pveversion,
		kernel: kversion,
		url: await pageUrl(run.client, `node/${node}`),
	});
};
