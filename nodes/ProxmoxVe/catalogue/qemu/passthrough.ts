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
			help: 'A PCI device by the name of its resource mapping. Either this or Raw Device is required.',
			format: 'pve-configid',
			picker: 'searchPciMappings',
			placeholder: 'gpu',
		}),
		host: list({
			label: 'Raw Device',
			help: 'A PCI device of the host by its address; several are separated by semicolons. Only root@pam may use devices without a mapping.',
			separator: ';',
			pattern: `${PCI_ADDRESS}(;${PCI_ADDRESS})*`,
			placeholder: '0000:01:00.0',
		}),
		pcie: flag({
			label: 'PCI Express',
			help: 'Whether to attach the device to PCI Express instead of PCI. Needs the machine type q35.',
			default: false,
		}),
		'x-vga': flag({
			label: 'Primary GPU',
			help: 'Whether the device becomes the primary graphics card, which disables the console in Proxmox',
			default: false,
		}),
		mdev: text({
			label: 'Mediated Device Type',
			help: 'The type of mediated device to use, such as a virtual GPU. It is created when the VM starts and removed when it stops.',
			pattern: '[^/\\.:]+',
			placeholder: 'nvidia-63',
		}),
		rombar: flag({
			label: 'ROM-BAR',
			help: 'Whether the ROM of the device is visible to the guest',
			default: true,
		}),
		romfile: text({
			label: 'ROM File',
			help: 'A file in /usr/share/kvm on the host to use as the ROM of the device',
			pattern: '[^,;]+',
			placeholder: 'vbios.bin',
		}),
		'legacy-igd': flag({
			label: 'Legacy Intel Graphics',
			help: 'Whether to pass an Intel GPU through as the only graphics card. Needs the machine type pc (i440fx) and the graphics card None.',
			default: false,
		}),
		driver: choice({
			label: 'Driver',
			help: 'With Keep, Proxmox neither resets the device nor binds it to vfio-pci, for devices that already have the right driver',
			options: { vfio: 'VFIO', keep: 'Keep' },
			default: 'vfio',
		}),
		'vendor-id': text({
			label: 'Vendor ID',
			help: 'PCI vendor ID to show to the guest instead of the real one',
			pattern: HEX_ID,
			placeholder: '0x10de',
		}),
		'device-id': text({
			label: 'Device ID',
			help: 'PCI device ID to show to the guest instead of the real one',
			pattern: HEX_ID,
			placeholder: '0x1b80',
		}),
		'sub-vendor-id': text({
			label: 'Subsystem Vendor ID',
			help: 'PCI subsystem vendor ID to show to the guest instead of the real one',
			pattern: HEX_ID,
			placeholder: '0x10de',
		}),
		'sub-device-id': text({
			label: 'Subsystem Device ID',
			help: 'PCI subsystem device ID to show to the guest instead of the real one',
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
			help: 'A USB device by the name of its resource mapping. Either this or Raw Device is required.',
			since: '8.4',
			format: 'pve-configid',
			picker: 'searchUsbMappings',
			placeholder: 'dongle',
		}),
		host: text({
			label: 'Raw Device',
			help: 'A device as vendor:product, a port as bus-port, or spice for devices of the SPICE viewer. Only root@pam may use real devices without a mapping.',
			pattern:
				'(?:(?:(0x)?([0-9A-Fa-f]{4}):(0x)?([0-9A-Fa-f]{4})))|(?:(?:(\\d+)\\-(\\d+(\\.\\d+)*)))|[Ss][Pp][Ii][Cc][Ee]',
			placeholder: '0529:0001',
		}),
		usb3: flag({
			label: 'USB 3',
			help: 'Whether the device is a USB 3 device. No effect for current guests, which use USB 3 anyway.',
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
			help: 'A directory of the host by the name of its resource mapping. The guest uses this name to mount it.',
			required: true,
			format: 'pve-configid',
			picker: 'searchDirectoryMappings',
			placeholder: 'share',
		}),
		cache: choice({
			label: 'Cache',
			help: 'How the guest may cache files and metadata',
			options: { auto: 'Auto', always: 'Always', metadata: 'Metadata', never: 'Never' },
			default: 'auto',
		}),
		'direct-io': flag({
			label: 'Direct I/O',
			help: 'Whether to honor direct I/O (O_DIRECT) requested by programs in the guest',
			default: false,
		}),
		'expose-xattr': flag({
			label: 'Extended Attributes',
			help: 'Whether the guest can use extended file attributes',
			default: false,
		}),
		'expose-acl': flag({
			label: 'POSIX ACLs',
			help: 'Whether the guest can use POSIX access control lists, and with them extended attributes. Not for Windows guests.',
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
			help: 'PCI devices of the host, such as graphics cards and network functions',
			count: 16,
			item: pciDevice,
		}),
		'usb[n]': family({
			label: 'USB Device',
			help: 'USB devices and ports of the host, or of the SPICE viewer. Old guests support only the first five.',
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
			help: 'A memory region that VMs on the same host can share',
			rootOnly: true,
			primary: ['size'],
			fields: {
				size: integer({
					label: 'Shared Memory Size (MiB)',
					help: 'Size of a memory region that VMs on the same host can share',
					required: true,
					min: 1,
					initial: 32,
				}),
				name: text({
					label: 'Shared Memory Name',
					help: 'VMs with the same name share the same memory region. By default the VM ID.',
					pattern: '[a-zA-Z0-9\\-]+',
					placeholder: 'cluster-a',
				}),
			},
		}),
	},
});
