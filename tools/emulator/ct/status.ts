import type { Vm } from '../state/types';
import { seconds } from '../world';
import type { World } from '../world';
import { parseVolumeId } from '../storage/volumeId';
import { hostCpus } from '../vm/status';
import { parseMount } from './mountPoints';

const MEGABYTE = 1024 ** 2;
/** What is taken for the size of a root file system that has no limit. */
const UNLIMITED = 4 * 1024 ** 3;
/** What an ext4 file system has for its own tables, bytes. */
const FILE_SYSTEM = 12_489_728;
const PRESSURES = ['cpusome', 'cpufull', 'iosome', 'iofull', 'memorysome', 'memoryfull'];

function diskSize({ state }: World, { config, status }: Vm): number {
	const root = parseMount('rootfs', String(config.rootfs ?? ''));
	const size = Number(root?.size ?? 0);
	const storage = state.storages.get(parseVolumeId(root?.volume ?? '')?.storage ?? '');
	if (size === 0) return status === 'running' ? (storage?.total ?? UNLIMITED) : UNLIMITED;
	return status === 'running' ? Math.max(0, size - FILE_SYSTEM) : size;
}

/** A container as /nodes/{node}/lxc lists it. */
export function ctStatus(world: World, ct: Vm): Record<string, unknown> {
	const { config } = ct;
	const isRunning = ct.status === 'running';
	const used = (bytes: number) => (isRunning ? bytes : 0);
	return {
		vmid: ct.vmid,
		type: 'lxc',
		status: ct.status,
		name: config.hostname ?? `CT${ct.vmid}`,
		cpus: Number(config.cores ?? 0) || Number(config.cpulimit ?? 0) || hostCpus(world.state),
		cpu: 0,
		maxmem: Number(config.memory ?? 512) * MEGABYTE,
		mem: used(1_523_712),
		maxswap: Number(config.swap ?? 512) * MEGABYTE,
		swap: 0,
		maxdisk: diskSize(world, ct),
		disk: used(2_119_680),
		diskread: used(1_249_280),
		diskwrite: used(49_152),
		netin: 0,
		netout: 0,
		uptime: isRunning ? seconds(world) - (ct.startedAt ?? 0) : 0,
		...(config.template ? { template: 1 } : {}),
		...(config.lock ? { lock: config.lock } : {}),
		...(config.tags === undefined ? {} : { tags: config.tags }),
		...(isRunning
			? { pid: ct.pid, ...Object.fromEntries(PRESSURES.map((name) => [`pressure${name}`, '0.00'])) }
			: {}),
	};
}

/** What the node of a container tells the cluster of it. */
export function ctReport(world: World, ct: Vm): Record<string, unknown> {
	const status = ctStatus(world, ct);
	const same = ['status', 'name', 'maxmem', 'maxdisk', 'mem', 'disk', 'diskread', 'diskwrite'];
	return {
		...Object.fromEntries(same.map((name) => [name, status[name]])),
		template: ct.config.template ? 1 : 0,
		maxcpu: status.cpus,
		uptime: status.uptime,
		cpu: 0,
		memhost: 0,
		netin: 0,
		netout: 0,
	};
}
