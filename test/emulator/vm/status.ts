import { subOptionsOf } from '../contract/facts';
import { parsePropertyString } from '../contract/propertyString';
import type { ClusterState, Vm } from '../state/types';
import { seconds } from '../world';
import type { World } from '../world';
import { bootableDrives, isCdrom, parseDrive } from './drives';

const MEGABYTE = 1024 ** 2;
const DEFAULT_MEMORY = 512;

/** A VM's memory in bytes. */
export function memoryOf({ config }: Pick<Vm, 'config'>): number {
	const { current } = parsePropertyString(subOptionsOf('memory'), String(config.memory ?? '')).values ?? {};
	return Number(current ?? DEFAULT_MEMORY) * MEGABYTE;
}

/** The size of the disk that a VM boots from; 0 where there is none. */
export function bootDiskSize({ config }: Pick<Vm, 'config'>): number {
	const order = /order=([^,]*)/.exec(String(config.boot ?? ''))?.[1]?.split(';') ?? [];
	const listed = order.length > 0 ? order : config.bootdisk === undefined ? bootableDrives : [String(config.bootdisk)];
	for (const key of listed) {
		const drive = config[key] === undefined ? undefined : parseDrive(key, String(config[key]));
		if (drive && !isCdrom(drive)) return Number(drive.size ?? 0);
	}
	return 0;
}

/** How many CPUs a VM has; no more than the host, unless `vcpus` says so. */
export function cpusOf({ config }: Pick<Vm, 'config'>, hostCpus: number): number {
	const cpus = Number(config.sockets ?? 1) * Number(config.cores ?? 1);
	return Number(config.vcpus ?? Math.min(cpus, hostCpus));
}

const PRESSURES = ['cpusome', 'cpufull', 'iosome', 'iofull', 'memorysome', 'memoryfull'];

/** Bytes that the first broadcast of a guest's firmware takes. */
const FIRST_PACKET = 110;

/** A VM as /nodes/{node}/qemu lists it; `full` adds what only QEMU itself knows. */
export function vmStatus(world: World, vm: Vm, full: boolean): Record<string, unknown> {
	const { config } = vm;
	const isRunning = vm.status === 'running';
	const cards = isRunning ? Object.keys(config).filter((key) => /^net\d+$/.test(key)) : [];
	const netin = cards.length * FIRST_PACKET;
	const balloon = Number(config.balloon ?? 0);
	return {
		vmid: vm.vmid,
		status: vm.status,
		name: config.name ?? `VM ${vm.vmid}`,
		cpus: cpusOf(vm, hostCpus(world.state)),
		maxmem: memoryOf(vm),
		...(balloon > 0 ? { balloon_min: balloon * MEGABYTE, shares: Number(config.shares ?? 1000) } : {}),
		disk: 0,
		maxdisk: bootDiskSize(vm),
		uptime: isRunning ? seconds(world) - (vm.startedAt ?? 0) : 0,
		cpu: 0,
		mem: 0,
		memhost: 0,
		netin,
		netout: 0,
		...(config.template ? { template: 1 } : {}),
		...(Object.keys(config).some((key) => /^serial\d+$/.test(key)) ? { serial: 1 } : {}),
		...(config.lock ? { lock: config.lock } : {}),
		...(config.tags === undefined ? {} : { tags: config.tags }),
		...(isRunning ? { pid: vm.pid, ...Object.fromEntries(PRESSURES.map((name) => [`pressure${name}`, 0])) } : {}),
		...(full && cards.length > 0
			? {
					nics: Object.fromEntries(
						cards.map((key) => [`tap${vm.vmid}i${key.slice(3)}`, { netin: FIRST_PACKET, netout: 0 }]),
					),
				}
			: {}),
		...(full ? { qmpstatus: isRunning ? (vm.paused ? 'paused' : 'running') : 'stopped' } : {}),
	};
}

/** How many CPUs the node has that is asked. */
export function hostCpus(state: ClusterState): number {
	return state.nodes.get(state.localNode)?.cpus ?? 1;
}

/** A VM as /cluster/resources lists it. */
export function vmResource(world: World, vm: Vm): Record<string, unknown> {
	const { state } = world;
	const pool = [...state.pools.values()].find(({ vms }) => vms.has(vm.vmid))?.poolid;
	const common = { id: `${vm.type}/${vm.vmid}`, type: vm.type, vmid: vm.vmid, node: vm.node, ...(pool ? { pool } : {}) };
	if (vm.node !== state.localNode) return { ...common, status: 'unknown' };
	const status = vmStatus(world, vm, false);
	return {
		...common,
		status: vm.status,
		name: status.name,
		template: vm.config.template ? 1 : 0,
		...(vm.config.lock ? { lock: vm.config.lock } : {}),
		...(vm.config.tags === undefined ? {} : { tags: vm.config.tags }),
		...(vm.haManaged === undefined ? {} : { hastate: vm.haManaged }),
		maxcpu: status.cpus,
		maxmem: status.maxmem,
		maxdisk: status.maxdisk,
		uptime: status.uptime,
		cpu: 0,
		mem: 0,
		memhost: 0,
		disk: 0,
		diskread: 0,
		diskwrite: 0,
		netin: status.netin,
		netout: 0,
	};
}
