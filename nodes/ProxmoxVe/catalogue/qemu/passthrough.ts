import { choice, device, family, flag, group, integer, list, text } from '../fields';

const HEX_ID = '0x[0-9a-fA-F]{4}';
const PCI_ADDRESS = '(?:(?:[a-f0-9]{4,}:)?[a-f0-9]{2}:[a-f0-9]{2}(?:\\.[a-f0-9])?)';

const pciDevice = device({
	label: 'PCI Device',
	defaultKey: 'host',
	primary: ['mapping'],
	oneOf: ['mapping', 'host'],
	fields: {
		mapping: text({
			label: 'Mapped Device',
			help: 'Its resource mapping, or use Raw Device',
			format: 'pve-configid',
			picker: 'searchPciMappings',
			placeholder: 'gpu',
		}),
		host: list({
			label: 'Raw Device',
			help: 'Addresses on the host, separated by semicolons. Only root@pam.',
			separator: ';',
			pattern: `${PCI_ADDRESS}(;${PCI_ADDRESS})*`,
			placeholder: '0000:01:00.0',
		}),
		pcie: flag({
			label: 'PCI Express',
			help: 'Whether to use PCI Express. Needs q35.',
			default: false,
		}),
		'x-vga': flag({
			label: 'Primary GPU',
			default: false,
		}),
		mdev: text({
			label: 'Mediated Device Type',
			pattern: '[^/\\.:]+',
			placeholder: 'nvidia-63',
		}),
		rombar: flag({
			label: 'ROM-BAR',
			default: true,
		}),
		romfile: text({
			label: 'ROM File',
			help: 'In /usr/share/kvm on the host',
			pattern: '[^,;]+',
			placeholder: 'vbios.bin',
		}),
		'legacy-igd': flag({
			label: 'Legacy Intel Graphics',
			help: 'Whether it is the only graphics card',
			default: false,
		}),
		driver: choice({
			label: 'Driver',
			help: 'Keep for devices with the right driver',
			options: { vfio: 'VFIO', keep: 'Keep' },
			default: 'vfio',
		}),
		'vendor-id': text({
			label: 'Vendor ID',
			pattern: HEX_ID,
			placeholder: '0x10de',
		}),
		'device-id': text({
			label: 'Device ID',
			pattern: HEX_ID,
			placeholder: '0x1b80',
		}),
		'sub-vendor-id': text({
			label: 'Subsystem Vendor ID',
			pattern: HEX_ID,
			placeholder: '0x10de',
		}),
		'sub-device-id': text({
			label: 'Subsystem Device ID',
			pattern: HEX_ID,
			placeholder: '0x119e',
		}),
	},
});

const usbDevice = device({
	label: 'USB Device',
	defaultKey: 'host',
	primary: ['mapping'],
	oneOf: ['mapping', 'host'],
	fields: {
		mapping: text({
			label: 'Mapped Device',
			help: 'Its resource mapping, or use Raw Device',
			since: '8.4',
			format: 'pve-configid',
			picker: 'searchUsbMappings',
			placeholder: 'dongle',
		}),
		host: text({
			label: 'Raw Device',
			help: 'vendor:product, bus-port or spice',
			pattern:
				'(?:(?:(0x)?([0-9A-Fa-f]{4}):(0x)?([0-9A-Fa-f]{4})))|(?:(?:(\\d+)\\-(\\d+(\\.\\d+)*)))|[Ss][Pp][Ii][Cc][Ee]',
			placeholder: '0529:0001',
		}),
		usb3: flag({
			label: 'USB 3',
			default: false,
		}),
	},
});

const directoryShare = device({
	label: 'Directory Share',
	defaultKey: 'dirid',
	primary: ['dirid'],
	fields: {
		dirid: text({
			label: 'Mapped Directory',
			help: 'Its resource mapping, which the guest mounts',
			required: true,
			format: 'pve-configid',
			picker: 'searchDirectoryMappings',
			placeholder: 'share',
		}),
		cache: choice({
			label: 'Cache',
			options: { auto: 'Auto', always: 'Always', metadata: 'Metadata', never: 'Never' },
			default: 'auto',
		}),
		'direct-io': flag({
			label: 'Direct I/O',
			default: false,
		}),
		'expose-xattr': flag({
			label: 'Extended Attributes',
			default: false,
		}),
		'expose-acl': flag({
			label: 'POSIX ACLs',
			default: false,
		}),
	},
});

export const passthrough = group({
	name: 'passthrough',
	label: 'Passthrough and Sharing',
	help: 'GPU and other PCI devices, USB, directories of the host',
	fields: {
		'hostpci[n]': family({
			label: 'PCI Device',
			count: 16,
			item: pciDevice,
		}),
		'usb[n]': family({
			label: 'USB Device',
			help: 'Of the host or the SPICE viewer',
			count: 14,
			item: usbDevice,
		}),
		'virtiofs[n]': family({
			label: 'Directory Share',
			since: '8.4',
			count: 10,
			item: directoryShare,
		}),
		ivshmem: device({
			label: 'Shared Memory',
			help: 'Memory that VMs on the same host share',
			rootOnly: true,
			primary: ['size'],
			fields: {
				size: integer({
					label: 'Shared Memory Size (MiB)',
					required: true,
					min: 1,
					initial: 32,
				}),
				name: text({
					label: 'Shared Memory Name',
					help: 'VMs with the same name share it',
					pattern: '[a-zA-Z0-9\\-]+',
					placeholder: 'cluster-a',
				}),
			},
		}),
	},
});
