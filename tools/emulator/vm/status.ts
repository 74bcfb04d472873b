import { subOptionsOf } from '../contract/facts';
import { parsePropertyString } from '../contract/propertyString';
import type { ClusterState, Vm } from '../state/types';
import { seconds } from '../world';
import type { World } from '../world';
import { bootableDrives, drivesOf, isCdrom, parseDrive } from './drives';
import { QEMU_VERSION, runningMachine } from './machine';

const MEGABYTE = 1024 ** 2;
const DEFAULT_MEMORY = 512;

/** A VM's memory in bytes. */
export function memoryOf({ config }: Pick<Vm, 'config'>): number {
	const { current } =
		parsePropertyString(subOptionsOf('memory'), String(config.memory ?? '')).values ?? {};
	return Number(current ?? DEFAULT_MEMORY) * MEGABYTE;
}

/** The size of the disk that a VM boots from; 0 where there is none. */
export function bootDiskSize({ config }: Pick<Vm, 'config'>): number {
	const order = /order=([^,]*)/.exec(String(config.boot ?? ''))?.[1]?.split(';') ?? [];
	const listed =
		order.length > 0
			? order
			: config.bootdisk === undefined
				? bootableDrives
				: [String(config.bootdisk)];
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

/** What QEMU counts of each drive. */
const DRIVE_COUNTERS = [
	...['rd', 'wr', 'flush', 'unmap', 'zone_append'].flatMap((action) => [
		`${action}_operations`,
		`${action}_total_time_ns`,
		`failed_${action}_operations`,
		`invalid_${action}_operations`,
		...(action === 'flush' ? [] : [`${action}_bytes`, `${action}_merged`]),
	]),
	'idle_time_ns',
	'wr_highest_offset',
];

/** What the running QEMU is able to do for backups. */
const SUPPORT = {
	'backup-access-api': true,
	'backup-fleecing': true,
	'backup-max-workers': true,
	'pbs-dirty-bitmap': true,
	'pbs-dirty-bitmap-migration': true,
	'pbs-dirty-bitmap-savevm': true,
	'pbs-library-version': '1.5.2 (UNKNOWN)',
	'pbs-masterkey': true,
	'query-bitmap-info': true,
};

/** What only a running QEMU itself knows. */
function qemuStatus(vm: Vm): Record<string, unknown> {
	const memory = memoryOf(vm);
	const drives = drivesOf(vm.config);
	const counters = () => ({
		...Object.fromEntries(DRIVE_COUNTERS.map((name) => [name, 0])),
		account_failed: true,
		account_invalid: true,
		timed_stats: [],
	});
	return {
		...(vm.config.balloon === 0
			? {}
			: { balloon: memory, ballooninfo: { actual: memory, max_mem: memory } }),
		...(drives.length > 0
			? { blockstat: Object.fromEntries(drives.map(([key]) => [key, counters()])) }
			: {}),
		diskread: 0,
		diskwrite: 0,
		'proxmox-support': SUPPORT,
		'running-machine': runningMachine(vm.config.machine),
		'running-qemu': QEMU_VERSION,
	};
}

function qmpStatus({ status, paused, wasReset }: Vm): string {
	if (status !== 'running') return 'stopped';
	return paused ? (wasReset ? 'prelaunch' : 'paused') : 'running';
}

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
		...(balloon > 0
			? { balloon_min: balloon * MEGABYTE, shares: Number(config.shares ?? 1000) }
			: {}),
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
		...(isRunning
			? { pid: vm.pid, ...Object.fromEntries(PRESSURES.map((name) => [`pressure${name}`, 0])) }
			: {}),
		...(full && cards.length > 0
			? {
					nics: Object.fromEntries(
						cards.map((key) => [
							`tap${vm.vmid}i${key.slice(3)}`,
							{ netin: FIRST_PACKET, netout: 0 },
						]),
					),
				}
			: {}),
		...(full && isRunning ? qemuStatus(vm) : {}),
		...(full ? { qmpstatus: qmpStatus(vm) } : {}),
	};
}

/** How many CPUs the node has that does the work. */
export function hostCpus(state: ClusterState): number {
	return state.nodes.get(state.localNode)?.cpus ?? 1;
}

/** What the node of a VM tells the cluster of it. */
export function vmReport(world: World, vm: Vm): Record<string, unknown> {
	const status = vmStatus(world, vm, false);
	return {
		status: vm.status,
		name: status.name,
		template: vm.config.template ? 1 : 0,
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
