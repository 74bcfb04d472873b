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
			help: 'The card that the guest sees. VirtIO is the fastest, but needs a driver in the guest; Linux has it.',
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
			help: 'The bridge or virtual network to connect the card to. If empty, the guest gets a private network with NAT.',
			format: 'pve-bridge-id',
			picker: 'searchBridges',
			placeholder: 'vmbr0',
		}),
		macaddr: text({
			label: 'MAC Address',
			help: 'Proxmox generates one if none is given',
			format: 'mac-addr',
			placeholder: 'BC:24:11:00:00:01',
		}),
		tag: integer({
			label: 'VLAN Tag',
			help: 'The VLAN that the traffic of this card belongs to',
			min: 1,
			max: 4094,
		}),
		trunks: list({
			label: 'VLAN Trunks',
			help: 'VLANs that the guest may tag itself, as numbers and ranges separated by semicolons',
			separator: ';',
			pattern: '\\d+(?:-\\d+)?(?:;\\d+(?:-\\d+)?)*',
			placeholder: '10;20-29',
		}),
		firewall: flag({
			label: 'Firewall',
			help: 'Whether the Proxmox firewall filters the traffic of this card',
		}),
		link_down: flag({
			label: 'Disconnected',
			help: 'Whether the card is disconnected, as if its cable were unplugged',
		}),
		mtu: integer({
			label: 'MTU',
			help: 'The largest packet in bytes, for VirtIO only. 1 uses the MTU of the bridge.',
			min: 1,
			max: 65520,
			initial: 1,
		}),
		queues: integer({
			label: 'Queues',
			help: 'Number of packet queues that the guest can use in parallel, at most one per CPU. For VirtIO only.',
			min: 0,
			max: 64,
		}),
		rate: decimal({
			label: 'Rate Limit (MB/s)',
			help: 'Upper limit for the traffic, in megabytes per second',
			min: 0,
		}),
		'host-tunnel': flag({
			label: 'Host Tunnel Offload',
			help: 'Whether the guest may leave the segmentation of UDP-tunneled packets (VXLAN, Geneve) to the host. For VirtIO only.',
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
			help: 'Cards that connect the VM to a network',
			count: 32,
			item: networkCard,
		}),
	},
});
