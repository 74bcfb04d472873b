import { choice, decimal, device, family, flag, group, integer, list } from '../fields';

const numaNode = device({
	label: 'NUMA Node',
	primary: ['cpus', 'memory'],
	fields: {
		cpus: list({
			label: 'CPUs',
			required: true,
			separator: ';',
			pattern: '\\d+(?:-\\d+)?(?:;\\d+(?:-\\d+)?)*',
			placeholder: '0-3',
		}),
		memory: decimal({
			label: 'Memory (MiB)',
			initial: 1024,
		}),
		hostnodes: list({
			label: 'Host Nodes',
			help: 'NUMA nodes of the host. Needs a policy.',
			separator: ';',
			pattern: '\\d+(?:-\\d+)?(?:;\\d+(?:-\\d+)?)*',
			placeholder: '0',
		}),
		policy: choice({
			label: 'Policy',
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
					required: true,
					min: 16,
					default: 512,
					initial: 2048,
				}),
			},
		}),
		balloon: integer({
			label: 'Minimum Memory (MiB)',
			help: '0 turns ballooning off',
			min: 0,
		}),
		shares: integer({
			label: 'Memory Shares',
			help: '0 turns automatic ballooning off',
			min: 0,
			max: 50000,
			default: 1000,
		}),
		'allow-ksm': flag({
			label: 'Memory Deduplication (KSM)',
			help: 'Whether to merge equal pages of VMs',
			since: '9.2',
			default: true,
		}),
		hugepages: choice({
			label: 'Huge Pages',
			help: 'Needs NUMA',
			rootOnly: true,
			options: { any: 'Any (1 GiB if Possible)', '2': '2 MiB', '1024': '1 GiB' },
		}),
		keephugepages: flag({
			label: 'Keep Huge Pages',
			rootOnly: true,
			default: false,
		}),
		'numa[n]': family({
			label: 'NUMA Node',
			help: 'Instead of one node per socket',
			count: 8,
			item: numaNode,
		}),
	},
});
