import { choice, device, flag, group, integer } from './fields';

export const memory = group({
	name: 'memory',
	label: 'Memory',
	fields: {
		memory: device({
			label: 'Memory',
			help: 'The memory of the VM',
			defaultKey: 'current',
			primary: ['current'],
			fields: {
				current: integer({
					label: 'Memory (MiB)',
					help: 'The most memory that the VM can have',
					required: true,
					min: 16,
					default: 512,
					initial: 2048,
				}),
			},
		}),
		balloon: integer({
			label: 'Minimum Memory (MiB)',
			help: 'What the VM keeps when the host runs short and takes memory back. 0 turns ballooning off.',
			min: 0,
		}),
		shares: integer({
			label: 'Memory Shares',
			help: 'Weight of the VM, in relation to others, when the host shares out memory by ballooning. 0 leaves this VM out.',
			min: 0,
			max: 50000,
			default: 1000,
		}),
		'allow-ksm': flag({
			label: 'Memory Deduplication (KSM)',
			help: 'Whether the host may keep equal memory pages of several VMs only once. Turn it off where VMs must not learn of each other.',
			since: '9.2',
			default: true,
		}),
		hugepages: choice({
			label: 'Huge Pages',
			help: 'The size of the huge pages that back the memory. Needs NUMA.',
			rootOnly: true,
			options: { any: 'Any (1 GiB if Possible)', '2': '2 MiB', '1024': '1 GiB' },
		}),
		keephugepages: flag({
			label: 'Keep Huge Pages',
			help: 'Whether huge pages stay reserved for the next start when the VM shuts down',
			rootOnly: true,
			default: false,
		}),
	},
});
