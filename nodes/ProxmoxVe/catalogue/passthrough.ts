import { choice, device, family, flag, group, integer, list, text } from './fields';

const HEX_ID = '0x[0-9a-fA-F]{4}';
const PCI_ADDRESS = '(?:(?:[a-f0-9]{4,}:)?[a-f0-9]{2}:[a-f0-9]{2}(?:\\.[a-f0-9])?)';

const pciDevice = device({
	label: 'PCI Device',
	defaultKey: 'host',
	primary: ['mapping'],
	fields: {
		mapping: text({
			label: 'Mapped Device',
			help: 'A PCI device by its resource mapping of the datacenter. Either this or Raw Device is needed.',
			format: 'pve-configid',
			picker: 'searchPciMappings',
			placeholder: 'gpu',
		}),
		host: list({
			label: 'Raw Device',
			help: 'A PCI device of the host by its address; several functions separated by semicolons. Only root@pam may pass a device that is not mapped.',
			separator: ';',
			pattern: `${PCI_ADDRESS}(;${PCI_ADDRESS})*`,
			placeholder: '0000:01:00.0',
		}),
		pcie: flag({
			label: 'PCI Express',
			help: 'Whether the guest sees it on PCI Express rather than PCI. Needs the machine type q35.',
			default: false,
		}),
		'x-vga': flag({
			label: 'Primary GPU',
			help: 'Whether it is the graphics card of the VM. The console is lost then.',
			default: false,
		}),
		mdev: text({
			label: 'Mediated Device Type',
			help: 'A share of a device that can be divided, such as a virtual GPU. It is made at start and removed at stop.',
			pattern: '[^/\\.:]+',
			placeholder: 'nvidia-63',
		}),
		rombar: flag({
			label: 'ROM-BAR',
			help: 'Whether the guest sees the ROM of the device',
			default: true,
		}),
		romfile: text({
			label: 'ROM File',
			help: 'A file in /usr/share/kvm of the host that is used as ROM of the device',
			pattern: '[^,;]+',
			placeholder: 'vbios.bin',
		}),
		'legacy-igd': flag({
			label: 'Legacy Intel Graphics',
			help: 'Whether an Intel GPU becomes the only graphics card. Needs the machine type pc (i440fx) and no other graphics card.',
			default: false,
		}),
		driver: choice({
			label: 'Driver',
			help: 'Keep leaves the device with the driver it has on the host, without a reset',
			options: { vfio: 'VFIO', keep: 'Keep' },
			default: 'vfio',
		}),
		'vendor-id': text({
			label: 'Vendor ID',
			help: 'Another PCI vendor ID for the guest to see',
			pattern: HEX_ID,
			placeholder: '0x10de',
		}),
		'device-id': text({
			label: 'Device ID',
			help: 'Another PCI device ID for the guest to see',
			pattern: HEX_ID,
			placeholder: '0x1b80',
		}),
		'sub-vendor-id': text({
			label: 'Subsystem Vendor ID',
			help: 'Another PCI subsystem vendor ID for the guest to see',
			pattern: HEX_ID,
			placeholder: '0x10de',
		}),
		'sub-device-id': text({
			label: 'Subsystem Device ID',
			help: 'Another PCI subsystem device ID for the guest to see',
			pattern: HEX_ID,
			placeholder: '0x119e',
		}),
	},
});

const usbDevice = device({
	label: 'USB Device',
	defaultKey: 'host',
	primary: ['mapping'],
	fields: {
		mapping: text({
			label: 'Mapped Device',
			help: 'A USB device by its resource mapping of the datacenter. Either this or Raw Device is needed.',
			since: '8.4',
			format: 'pve-configid',
			picker: 'searchUsbMappings',
			placeholder: 'dongle',
		}),
		host: text({
			label: 'Raw Device',
			help: 'A device as vendor:product, a port as bus-port, or spice for a device of the viewer. Only root@pam may pass a real device that is not mapped.',
			pattern:
				'(?:(?:(0x)?([0-9A-Fa-f]{4}):(0x)?([0-9A-Fa-f]{4})))|(?:(?:(\\d+)\\-(\\d+(\\.\\d+)*)))|[Ss][Pp][Ii][Cc][Ee]',
			placeholder: '0529:0001',
		}),
		usb3: flag({
			label: 'USB 3',
			help: 'Whether it is a USB 3 device. Current guests find that out themselves.',
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
			help: 'A directory of the host by its resource mapping of the datacenter. The guest mounts it by this name.',
			required: true,
			format: 'pve-configid',
			picker: 'searchDirectoryMappings',
			placeholder: 'share',
		}),
		cache: choice({
			label: 'Cache',
			help: 'What the guest may keep in memory of the directory',
			options: { auto: 'Auto', always: 'Always', metadata: 'Metadata', never: 'Never' },
			default: 'auto',
		}),
		'direct-io': flag({
			label: 'Direct I/O',
			help: 'Whether programs of the guest that ask for direct I/O (O_DIRECT) get it',
			default: false,
		}),
		'expose-xattr': flag({
			label: 'Extended Attributes',
			help: 'Whether the guest can use extended attributes of files',
			default: false,
		}),
		'expose-acl': flag({
			label: 'POSIX ACLs',
			help: 'Whether the guest can use access lists, and with them extended attributes. Not for Windows.',
			default: false,
		}),
	},
});

export const passthrough = group({
	name: 'passthrough',
	label: 'Passthrough and Sharing',
	help: 'Devices and directories of the host that the guest may use. A VM that has real ones can hardly be migrated.',
	fields: {
		'hostpci[n]': family({
			label: 'PCI Device',
			help: 'PCI devices of the host: graphics cards, network functions, controllers',
			count: 16,
			item: pciDevice,
		}),
		'usb[n]': family({
			label: 'USB Device',
			help: 'USB devices and ports of the host, or of the SPICE viewer. Old guests can have five.',
			count: 14,
			item: usbDevice,
		}),
		'virtiofs[n]': family({
			label: 'Directory Share',
			help: 'Directories of the host that the guest can mount (virtio-fs)',
			since: '8.4',
			count: 10,
			item: directoryShare,
		}),
		ivshmem: device({
			label: 'Shared Memory',
			help: 'Memory that VMs of the same host share',
			rootOnly: true,
			primary: ['size'],
			fields: {
				size: integer({
					label: 'Shared Memory Size (MiB)',
					help: 'Memory that VMs of the same host share, by a file of this size',
					required: true,
					min: 1,
					initial: 32,
				}),
				name: text({
					label: 'Shared Memory Name',
					help: 'VMs with the same name share the same memory; the VM ID where it is not set',
					pattern: '[a-zA-Z0-9\\-]+',
					placeholder: 'cluster-a',
				}),
			},
		}),
	},
});
