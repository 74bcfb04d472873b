import { choice, decimal, device, flag, group, integer, list, text } from '../fields';

const cpu = device({
	label: 'CPU',
	help: 'The processor model that the guest sees',
	defaultKey: 'cputype',
	primary: ['cputype'],
	fields: {
		cputype: text({
			label: 'CPU Type',
			help: 'The processor model that the guest sees: host for everything the host offers, a generic one such as x86-64-v2-AES to migrate between different hosts, or custom-NAME for a custom model. Required with any other CPU option.',
			required: true,
			format: 'pve-vm-cpu-type',
			picker: 'searchCpuTypes',
			default: 'kvm64',
			placeholder: 'host',
		}),
		flags: list({
			label: 'CPU Flags',
			help: 'Flags to turn on (+) or off (-), separated by semicolons. Proxmox allows only some, such as aes, pcid, spec-ctrl, pdpe1gb and nested-virt.',
			separator: ';',
			pattern: '(?:([+-])([a-zA-Z0-9\\-_\\.]+))(;(?:([+-])([a-zA-Z0-9\\-_\\.]+)))*',
			placeholder: '+aes;-pcid',
		}),
		hidden: flag({
			label: 'Hide KVM',
			help: 'Whether to hide from the guest that it runs under KVM',
			default: false,
		}),
		'hv-vendor-id': text({
			label: 'Hyper-V Vendor ID',
			help: 'The hypervisor vendor that Windows guests see: up to 12 letters and digits. Some drivers and programs need a certain one.',
			pattern: '[a-zA-Z0-9]{1,12}',
			placeholder: 'proxmox',
		}),
		'phys-bits': text({
			label: 'Physical Address Bits',
			help: 'Width of physical memory addresses reported to the guest: 8 to 64, but not more than the host has. The value host copies that of the host, which can break live migration.',
			format: 'pve-phys-bits',
			placeholder: 'host',
		}),
		'guest-phys-bits': integer({
			label: 'Guest Physical Address Bits',
			help: 'Number of physical address bits available to the guest',
			min: 32,
			max: 64,
			initial: 40,
		}),
		level: integer({
			label: 'CPUID Level',
			help: 'The highest basic CPUID leaf that the guest can query. Setting 30 helps Windows guests with Hyper-V that fail to boot on recent Intel hosts.',
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
			help: 'Number of cores per socket. The VM has cores times sockets CPUs.',
			min: 1,
			default: 1,
		}),
		sockets: integer({ label: 'Sockets', help: 'Number of CPU sockets', min: 1, default: 1 }),
		cpu,
		vcpus: integer({
			label: 'CPUs at Start',
			help: 'Number of CPUs that are plugged in at start; the others can be hot-plugged later. If not set, all are.',
			min: 1,
			default: 0,
			initial: 1,
		}),
		cpulimit: decimal({
			label: 'CPU Limit',
			help: 'Upper limit for CPU time, in CPUs of the host: 1.5 means one and a half. 0 means no limit.',
			min: 0,
			max: 128,
			default: 0,
		}),
		cpuunits: integer({
			label: 'CPU Weight',
			help: 'Share of CPU time relative to other VMs when the host is busy. The usual weight is 100 (1024 with cgroup v1); values above 10000 are reduced to 10000.',
			min: 1,
			max: 262144,
			initial: 100,
		}),
		affinity: text({
			label: 'CPU Affinity',
			help: 'CPUs of the host on which the VM may run, as numbers and ranges separated by commas',
			rootOnly: true,
			format: 'pve-cpuset',
			placeholder: '0,5,8-11',
		}),
		numa: flag({
			label: 'NUMA',
			help: 'Whether the guest sees a NUMA topology: one node per socket, unless nodes are listed. Needed for memory hot-plug and huge pages.',
			default: false,
		}),
		kvm: flag({
			label: 'KVM Hardware Virtualization',
			help: 'Whether to use hardware virtualization. Without it the processor is emulated, which is very slow.',
			default: true,
		}),
		arch: choice({
			label: 'Architecture',
			help: 'The processor architecture; by default that of the host',
			rootOnly: true,
			options: { x86_64: 'x86-64', aarch64: 'ARM 64-bit' },
		}),
		smp: integer({
			label: 'Sockets (Legacy Name)',
			help: 'Old name for Sockets, and stored as such. Use Sockets instead.',
			min: 1,
			default: 1,
		}),
	},
});
