import { choice, decimal, group, integer } from '../fields';

export const resources = group({
	name: 'resources',
	label: 'CPU and Memory',
	help: 'Swap, CPU limit and weight, architecture',
	fields: {
		cores: integer({
			label: 'Cores',
			help: 'By default all of the host',
			min: 1,
			max: 8192,
		}),
		memory: integer({ label: 'Memory (MiB)', min: 16, default: 512, initial: 2048 }),
		swap: integer({ label: 'Swap (MiB)', min: 0, default: 512 }),
		cpulimit: decimal({
			label: 'CPU Limit',
			help: 'In CPUs of the host, such as 1.5. 0 means no limit.',
			min: 0,
			max: 8192,
			default: 0,
		}),
		cpuunits: integer({
			label: 'CPU Weight',
			help: 'Share of CPU time on a busy host. Usual: 100 (1024 with cgroup v1). At most 10000 count.',
			min: 0,
			max: 500000,
			initial: 100,
		}),
		arch: choice({
			label: 'Architecture',
			help: 'By default that of the template',
			options: {
				amd64: 'x86-64',
				i386: 'x86 32-bit',
				arm64: 'ARM 64-bit',
				armhf: 'ARM 32-bit',
				riscv32: 'RISC-V 32-bit',
				riscv64: 'RISC-V 64-bit',
			},
			default: 'amd64',
		}),
	},
});
