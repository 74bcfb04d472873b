import { choice, decimal, device, family, flag, group, integer, list, text } from '../fields';

const networkCard = device({
	label: 'Network Card',
	defaultKey: 'model',
	primary: ['model', 'bridge'],
	keyAlias: { names: 'model', value: 'macaddr' },
	fields: {
		model: choice({
			label: 'Model',
			required: true,
			help: 'VirtIO is the fastest. Windows needs a driver.',
			options: {
				virtio: 'VirtIO (Paravirtualized)',
				e1000: 'Intel E1000',
				'e1000-82540em': 'Intel E1000 (82540EM)',
				'e1000-82544gc': 'Intel E1000 (82544GC)',
				'e1000-82545em': 'Intel E1000 (82545EM)',
				e1000e: 'Intel E1000E',
				i82551: 'Intel I82551',
				i82557b: 'Intel I82557B',
				i82559er: 'Intel I82559ER',
				ne2k_isa: 'NE2000 (ISA)',
				ne2k_pci: 'NE2000 (PCI)',
				pcnet: 'AMD PCnet',
				rtl8139: 'Realtek RTL8139',
				vmxnet3: 'VMware VMXNET3',
			},
		}),
		bridge: text({
			label: 'Bridge',
			help: 'If empty, a private network with NAT',
			format: 'pve-bridge-id',
			picker: 'searchBridges',
			placeholder: 'vmbr0',
		}),
		macaddr: text({
			label: 'MAC Address',
			help: 'By default generated',
			format: 'mac-addr',
			placeholder: 'BC:24:11:00:00:01',
		}),
		tag: integer({
			label: 'VLAN Tag',
			min: 1,
			max: 4094,
		}),
		trunks: list({
			label: 'VLAN Trunks',
			help: 'Separated by semicolons',
			separator: ';',
			pattern: '\\d+(?:-\\d+)?(?:;\\d+(?:-\\d+)?)*',
			placeholder: '10;20-29',
		}),
		firewall: flag({
			label: 'Firewall',
		}),
		link_down: flag({
			label: 'Disconnected',
		}),
		mtu: integer({
			label: 'MTU',
			help: 'VirtIO only. 1 means that of the bridge.',
			min: 1,
			max: 65520,
			initial: 1,
		}),
		queues: integer({
			label: 'Queues',
			help: 'At most one per CPU. VirtIO only.',
			min: 0,
			max: 64,
		}),
		rate: decimal({
			label: 'Rate Limit (MB/s)',
			min: 0,
		}),
		'host-tunnel': flag({
			label: 'Host Tunnel Offload',
			help: 'Whether the host segments packets. VirtIO only.',
			since: '9.2.11',
		}),
	},
});

export const network = group({
	name: 'network',
	label: 'Network',
	help: 'More network cards, VLAN, MAC address, firewall',
	fields: {
		'net[n]': family({
			label: 'Network Card',
			count: 32,
			item: networkCard,
		}),
	},
});
