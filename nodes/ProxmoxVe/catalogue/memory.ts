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
	},
});
