import { choice, decimal, device, family, flag, group, integer, list } from '../fields';

const numaNode = device({
	label: 'NUMA Node',
	primary: ['cpus', 'memory'],
	fields: {
		cpus: list({
			label: 'CPUs',
			help: 'The virtual CPUs in this node, as numbers and ranges separated by semicolons',
			required: true,
			separator: ';',
			pattern: '\\d+(?:-\\d+)?(?:;\\d+(?:-\\d+)?)*',
			placeholder: '0-3',
		}),
		memory: decimal({
			label: 'Memory (MiB)',
			help: 'Memory of this node, without which the VM does not start. The nodes must add up to the memory of the VM.',
			initial: 1024,
		}),
		hostnodes: list({
			label: 'Host Nodes',
			help: 'NUMA nodes of the host to take the memory from, as numbers and ranges separated by semicolons. Needs a policy.',
			separator: ';',
			pattern: '\\d+(?:-\\d+)?(?:;\\d+(?:-\\d+)?)*',
			placeholder: '0',
		}),
		policy: choice({
			label: 'Policy',
			help: 'How to allocate from the host nodes: there if possible, only there, or spread evenly',
			options: { preferred: 'Preferred', bind: 'Bind', interleave: 'Interleave' },
		}),
	},
});

export const memory = group({
	name: 'memory',
	label: 'Memory',
	help: 'Ballooning, huge pages, NUMA nodes',
	fields: {
		memory: device({
			label: 'Memory',
			help: 'The memory of the VM',
			defaultKey: 'current',
			primary: ['current'],
			fields: {
				current: integer({
					label: 'Memory (MiB)',
					help: 'Memory of the VM. With ballooning this is the upper limit.',
					required: true,
					min: 16,
					default: 512,
					initial: 2048,
				}),
			},
		}),
		balloon: integer({
			label: 'Minimum Memory (MiB)',
			help: 'The memory that the VM keeps when the host is short of it and reclaims some by ballooning. 0 turns ballooning off.',
			min: 0,
		}),
		shares: integer({
			label: 'Memory Shares',
			help: 'Priority relative to other VMs when memory is distributed by ballooning. 0 turns automatic ballooning off for this VM.',
			min: 0,
			max: 50000,
			default: 1000,
		}),
		'allow-ksm': flag({
			label: 'Memory Deduplication (KSM)',
			help: 'Whether the host may merge identical memory pages of VMs (kernel same-page merging). Turn it off to isolate the VM better.',
			since: '9.2',
			default: true,
		}),
		hugepages: choice({
			label: 'Huge Pages',
			help: 'Back the memory with huge pages of this size. Needs NUMA.',
			rootOnly: true,
			options: { any: 'Any (1 GiB if Possible)', '2': '2 MiB', '1024': '1 GiB' },
		}),
		keephugepages: flag({
			label: 'Keep Huge Pages',
			help: 'Whether to keep huge pages after shutdown, for the next start',
			rootOnly: true,
			default: false,
		}),
		'numa[n]': family({
			label: 'NUMA Node',
			help: 'A custom NUMA topology instead of one node per socket',
			count: 8,
			item: numaNode,
		}),
	},
});
