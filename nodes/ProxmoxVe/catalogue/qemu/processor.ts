import { choice, decimal, device, flag, group, integer, list, text } from '../fields';

const cpu = device({
	label: 'CPU',
	defaultKey: 'cputype',
	primary: ['cputype'],
	fields: {
		cputype: text({
			label: 'CPU Type',
			help: 'host, or x86-64-v2-AES to migrate between hosts',
			required: true,
			format: 'pve-vm-cpu-type',
			picker: 'searchCpuTypes',
			default: 'kvm64',
			placeholder: 'host',
		}),
		flags: list({
			label: 'CPU Flags',
			help: 'Such as +aes;-pcid',
			separator: ';',
			pattern: '(?:([+-])([a-zA-Z0-9\\-_\\.]+))(;(?:([+-])([a-zA-Z0-9\\-_\\.]+)))*',
			placeholder: '+aes;-pcid',
		}),
		hidden: flag({
			label: 'Hide KVM',
			default: false,
		}),
		'hv-vendor-id': text({
			label: 'Hyper-V Vendor ID',
			help: 'Up to 12 letters and digits',
			pattern: '[a-zA-Z0-9]{1,12}',
			placeholder: 'proxmox',
		}),
		'phys-bits': text({
			label: 'Physical Address Bits',
			help: '8 to 64, or host',
			format: 'pve-phys-bits',
			placeholder: 'host',
		}),
		'guest-phys-bits': integer({
			label: 'Guest Physical Address Bits',
			min: 32,
			max: 64,
			initial: 40,
		}),
		level: integer({
			label: 'CPUID Level',
			help: '30 helps Hyper-V on recent Intel hosts',
			min: 0,
			max: 4294967295,
			initial: 30,
		}),
	},
});

export const processor = group({
	name: 'processor',
	label: 'Processor',
	help: 'CPU type, sockets, CPU limit, NUMA, architecture',
	fields: {
		cores: integer({
			label: 'Cores',
			help: 'Cores per socket',
			min: 1,
			default: 1,
		}),
		sockets: integer({ label: 'Sockets', min: 1, default: 1 }),
		cpu,
		vcpus: integer({
			label: 'CPUs at Start',
			help: 'Others can be hot-plugged',
			min: 1,
			default: 0,
			initial: 1,
		}),
		cpulimit: decimal({
			label: 'CPU Limit',
			help: 'In CPUs of the host, such as 1.5',
			min: 0,
			max: 128,
			default: 0,
		}),
		cpuunits: integer({
			label: 'CPU Weight',
			help: 'Share of CPU time on a busy host. Usual: 100.',
			min: 1,
			max: 262144,
			initial: 100,
		}),
		affinity: text({
			label: 'CPU Affinity',
			help: 'CPUs of the host, such as 0,2-3',
			rootOnly: true,
			format: 'pve-cpuset',
			placeholder: '0,5,8-11',
		}),
		numa: flag({
			label: 'NUMA',
			help: 'Whether the guest sees NUMA nodes',
			default: false,
		}),
		kvm: flag({
			label: 'KVM Hardware Virtualization',
			help: 'Whether to use it. Slow without.',
			default: true,
		}),
		arch: choice({
			label: 'Architecture',
			rootOnly: true,
			options: { x86_64: 'x86-64', aarch64: 'ARM 64-bit' },
		}),
		smp: integer({
			label: 'Sockets (Legacy Name)',
			help: 'Old: use Sockets',
			min: 1,
			default: 1,
		}),
	},
});
