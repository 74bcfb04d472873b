import { choice, decimal, device, family, flag, group, integer, list, text } from './fields';

const cpu = device({
	label: 'CPU',
	help: 'What the guest sees of its processor',
	defaultKey: 'cputype',
	primary: ['cputype'],
	fields: {
		cputype: text({
			label: 'CPU Type',
			help: 'The model that the guest sees: host for all that the host has, x86-64-v2-AES and others for VMs that migrate between different hosts, or custom- and the name of your own model. Must be set with any other CPU option.',
			required: true,
			format: 'pve-vm-cpu-type',
			default: 'kvm64',
			placeholder: 'host',
		}),
		flags: list({
			label: 'CPU Flags',
			help: 'Features to add (+) or take away (-), separated by semicolons. Proxmox takes a small set, such as aes, pcid, spec-ctrl, pdpe1gb and nested-virt.',
			separator: ';',
			pattern: '(?:([+-])([a-zA-Z0-9\\-_\\.]+))(;(?:([+-])([a-zA-Z0-9\\-_\\.]+)))*',
			placeholder: '+aes;-pcid',
		}),
		hidden: flag({
			label: 'Hide KVM',
			help: 'Whether the guest is kept from seeing that it runs under KVM',
			default: false,
		}),
		'hv-vendor-id': text({
			label: 'Hyper-V Vendor ID',
			help: 'Up to 12 letters and digits that Windows guests read as the vendor of the hypervisor. Some drivers insist on one.',
			pattern: '[a-zA-Z0-9]{1,12}',
			placeholder: 'proxmox',
		}),
		'phys-bits': text({
			label: 'Physical Address Bits',
			help: 'Width of physical memory addresses that the guest is told, 8 to 64 and not more than the host has. The value host takes over the width of the host, and ties the VM to hosts like it.',
			format: 'pve-phys-bits',
			placeholder: 'host',
		}),
		'guest-phys-bits': integer({
			label: 'Guest Physical Address Bits',
			help: 'Width of the physical memory addresses that the guest can use, in bits',
			min: 32,
			max: 64,
			initial: 40,
		}),
		level: integer({
			label: 'CPUID Level',
			help: 'The highest basic CPUID leaf that the guest can ask for; those above are hidden. 30 helps where Windows with Hyper-V does not boot on recent Intel hosts.',
			min: 0,
			max: 4294967295,
			initial: 30,
		}),
	},
});

const numaNode = device({
	label: 'NUMA Node',
	primary: ['cpus', 'memory'],
	fields: {
		cpus: list({
			label: 'CPUs',
			help: 'The virtual CPUs of this node, as numbers and ranges separated by semicolons',
			required: true,
			separator: ';',
			pattern: '\\d+(?:-\\d+)?(?:;\\d+(?:-\\d+)?)*',
			placeholder: '0-3',
		}),
		memory: decimal({
			label: 'Memory (MiB)',
			help: 'The memory of this node, without which the VM does not start. All nodes together must have the memory of the VM.',
			initial: 1024,
		}),
		hostnodes: list({
			label: 'Host Nodes',
			help: 'The NUMA nodes of the host that the memory is taken from, as numbers and ranges separated by semicolons. Needs a Policy.',
			separator: ';',
			pattern: '\\d+(?:-\\d+)?(?:;\\d+(?:-\\d+)?)*',
			placeholder: '0',
		}),
		policy: choice({
			label: 'Policy',
			help: 'How memory is taken from the host nodes: from these if possible, from these only, or spread over them',
			options: { preferred: 'Preferred', bind: 'Bind', interleave: 'Interleave' },
		}),
	},
});

export const processor = group({
	name: 'processor',
	label: 'Processor',
	fields: {
		cores: integer({
			label: 'Cores',
			help: 'Cores of each socket. The guest has cores times sockets CPUs.',
			min: 1,
			default: 1,
		}),
		sockets: integer({ label: 'Sockets', help: 'CPU sockets of the virtual board', min: 1, default: 1 }),
		cpu,
		vcpus: integer({
			label: 'CPUs at Start',
			help: 'How many of the CPUs are plugged in when the VM starts; the rest can be hot-plugged. Zero, the default, stands for all.',
			min: 1,
			default: 0,
			initial: 1,
		}),
		cpulimit: decimal({
			label: 'CPU Limit',
			help: 'How many CPUs of the host the VM may keep busy at most; 1.5 means one and a half. 0 sets no limit.',
			min: 0,
			max: 128,
			default: 0,
		}),
		cpuunits: integer({
			label: 'CPU Weight',
			help: 'Share of CPU time in relation to the weights of other VMs when the host is busy. Proxmox starts from 100 (1024 on hosts with cgroup v1) and stores 10000 at most.',
			min: 1,
			max: 262144,
			initial: 100,
		}),
		affinity: text({
			label: 'CPU Affinity',
			help: 'CPUs of the host that the VM may run on, as numbers and ranges separated by commas',
			rootOnly: true,
			format: 'pve-cpuset',
			placeholder: '0,5,8-11',
		}),
		numa: flag({
			label: 'NUMA',
			help: 'Whether the guest sees NUMA nodes, one a socket unless NUMA nodes are listed. Hot-plugging memory needs it.',
			default: false,
		}),
		'numa[n]': family({
			label: 'NUMA Node',
			help: 'Nodes of CPUs and memory that lie close together, in place of one node a socket',
			count: 8,
			item: numaNode,
		}),
		kvm: flag({
			label: 'KVM Hardware Virtualization',
			help: 'Whether the processor of the host runs the guest. Without it all is emulated, and very slow.',
			default: true,
		}),
		arch: choice({
			label: 'Architecture',
			help: 'The processor family of the VM; that of the host where it is not set',
			rootOnly: true,
			options: { x86_64: 'x86-64', aarch64: 'ARM 64-bit' },
		}),
		smp: integer({
			label: 'Sockets (Legacy Name)',
			help: 'The old name of Sockets, under which Proxmox stores it. Use Sockets.',
			min: 1,
			default: 1,
		}),
	},
});
