import { importFrom, volume, volumeAliases } from './drive';
import { base64, choice, decimal, device, flag, group, text } from './fields';

const BASE64 = '[A-Za-z0-9+\\/]+={0,2}';

const machine = device({
	label: 'Machine',
	help: 'The board that the guest sees',
	defaultKey: 'type',
	primary: ['type'],
	fields: {
		type: text({
			label: 'Machine Type',
			help: 'The board: q35 with PCI Express, pc (i440fx) without. A version such as pc-q35-9.2+pve1 pins it.',
			pattern:
				'(pc|pc(-i440fx)?-\\d+(\\.\\d+)+(\\+pve\\d+)?(\\.pxe)?|q35|pc-q35-\\d+(\\.\\d+)+(\\+pve\\d+)?(\\.pxe)?|virt(?:-\\d+(\\.\\d+)+)?(\\+pve\\d+)?)',
			maxLength: 40,
			placeholder: 'q35',
		}),
		viommu: choice({
			label: 'Virtual IOMMU',
			help: 'An IOMMU for the guest, which lets it pass devices on to VMs of its own. Intel needs the machine type q35.',
			options: { intel: 'Intel', virtio: 'VirtIO' },
		}),
		'aw-bits': decimal({
			label: 'Virtual IOMMU Address Bits',
			help: 'Width of the addresses of the virtual IOMMU: 39 or 48 for Intel, 32 to 64 for VirtIO',
			since: '9.2',
			min: 32,
			max: 64,
			initial: 48,
		}),
		'enable-s3': flag({
			label: 'Sleep State S3',
			help: 'Whether the guest can suspend to RAM. Off from machine version 9.2+pve1 on, on before.',
		}),
		'enable-s4': flag({
			label: 'Sleep State S4',
			help: 'Whether the guest can suspend to disk. Off from machine version 9.2+pve1 on, on before.',
		}),
	},
});

const smbios1 = device({
	label: 'System Identity',
	help: 'What the guest reads about itself as a piece of hardware (SMBIOS type 1)',
	fields: {
		uuid: text({
			label: 'System UUID',
			help: 'The identity of the machine. Proxmox makes one up where none of the system fields is set.',
			pattern: '[a-fA-F0-9]{8}(?:-[a-fA-F0-9]{4}){3}-[a-fA-F0-9]{12}',
			placeholder: '11111111-2222-3333-4444-555555555555',
		}),
		manufacturer: base64({ label: 'System Manufacturer', help: 'Plain text: the node encodes it', pattern: BASE64 }),
		product: base64({ label: 'System Product', help: 'Plain text: the node encodes it', pattern: BASE64 }),
		version: base64({ label: 'System Version', help: 'Plain text: the node encodes it', pattern: BASE64 }),
		serial: base64({ label: 'System Serial Number', help: 'Plain text: the node encodes it', pattern: BASE64 }),
		sku: base64({ label: 'System SKU', help: 'Plain text: the node encodes it', pattern: BASE64 }),
		family: base64({ label: 'System Family', help: 'Plain text: the node encodes it', pattern: BASE64 }),
		base64: flag({
			label: 'System Fields Are Base64',
			help: 'Whether the texts are encoded already. Leave it out to give them as plain text.',
		}),
	},
	maxLength: 512,
});

const efiDisk = device({
	label: 'EFI Disk',
	help: 'Where UEFI keeps its settings and the keys of Secure Boot',
	defaultKey: 'file',
	primary: ['file'],
	aliases: volumeAliases,
	fields: {
		file: text({
			...volume.file,
			label: 'EFI Disk',
			help: 'STORAGE:1 makes a new one; its size is set by Proxmox. UEFI forgets its settings without it.',
			placeholder: 'local-lvm:1',
		}),
		efitype: choice({
			label: 'EFI Disk Type',
			help: 'The size of the settings. 4 MB is the newer one, and needed for Secure Boot.',
			options: { '4m': '4 MB', '2m': '2 MB' },
			default: '2m',
		}),
		'pre-enrolled-keys': flag({
			label: 'EFI Disk Pre-Enrolled Keys',
			help: 'Whether the keys of Microsoft and the distributions are there from the start, which turns Secure Boot on. Needs the type 4 MB.',
			default: false,
		}),
		'ms-cert': choice({
			label: 'EFI Disk Microsoft Certificates',
			help: 'Notes which generation of the certificates the EFI disk has. Proxmox sets it itself; 2023 and 2023w are kept for old VMs.',
			since: '9.2',
			options: { '2011': '2011', '2023': '2023', '2023w': '2023w', '2023k': '2023k' },
			default: '2011',
		}),
		format: choice({ ...volume.format, label: 'EFI Disk Format' }),
		'import-from': text({
			...importFrom['import-from'],
			label: 'EFI Disk Import From',
			help: 'Image to copy into the new EFI disk, whose volume is then STORAGE:0. Say too whether it has pre-enrolled keys.',
		}),
		size: text({ ...volume.size, label: 'EFI Disk Size Note', placeholder: '4M' }),
	},
});

const tpmState = device({
	label: 'TPM State',
	help: 'A virtual TPM, which Windows 11 needs, and the disk where it keeps its state',
	defaultKey: 'file',
	primary: ['file'],
	aliases: volumeAliases,
	fields: {
		file: text({
			...volume.file,
			label: 'TPM Disk',
			help: 'STORAGE:1 adds a TPM with a new disk; its size is set by Proxmox',
			placeholder: 'local-lvm:1',
		}),
		version: choice({
			label: 'TPM Version',
			help: 'The version of the TPM, which cannot be changed later. 2.0 is the one to take.',
			options: { 'v2.0': '2.0', 'v1.2': '1.2' },
			default: 'v1.2',
		}),
		format: choice({
			label: 'TPM Disk Format',
			help: 'The image format of the new disk. The storage chooses where it is not set.',
			since: '9.2',
			options: { raw: 'Raw', qcow2: 'QCOW2', vmdk: 'VMware VMDK' },
		}),
		'import-from': text({
			...importFrom['import-from'],
			label: 'TPM Disk Import From',
			help: 'State to copy into the new disk, whose volume is then STORAGE:0',
		}),
		size: text({ ...volume.size, label: 'TPM Disk Size Note', placeholder: '4M' }),
	},
});

const settings = {
	bios: choice({
		label: 'BIOS',
		help: 'The firmware. UEFI wants an EFI disk, where it keeps its settings.',
		options: { seabios: 'SeaBIOS (Legacy BIOS)', ovmf: 'OVMF (UEFI)' },
		default: 'seabios',
	}),
	machine,
	smbios1,
	vmgenid: text({
		label: 'VM Generation ID',
		help: 'A UUID that tells the guest when it was copied or rolled back: 1 makes one up, 0 leaves it out',
		rootOnly: true,
		pattern: '(?:[a-fA-F0-9]{8}(?:-[a-fA-F0-9]{4}){3}-[a-fA-F0-9]{12}|[01])',
		placeholder: '1',
	}),
	acpi: flag({
		label: 'ACPI',
		help: 'Whether the guest has ACPI, which shutting down without the guest agent needs',
		default: true,
	}),
	localtime: flag({
		label: 'Clock in Local Time',
		help: 'Whether the hardware clock shows local time rather than UTC. It does for Windows where it is not set.',
	}),
	startdate: text({
		label: 'Clock at Start',
		help: 'The date and time that the hardware clock shows at first: now, YYYY-MM-DD or YYYY-MM-DDTHH:MM:SS',
		pattern: '(now|\\d{4}-\\d{1,2}-\\d{1,2}(T\\d{1,2}:\\d{1,2}:\\d{1,2})?)',
		default: 'now',
	}),
	tdf: flag({
		label: 'Time Drift Fix',
		help: 'Whether timer ticks that the guest missed are made up for',
		default: false,
	}),
};

export const firmware = group({
	name: 'firmware',
	label: 'Firmware and Machine',
	fields: { ...settings, efidisk0: efiDisk, tpmstate0: tpmState },
});

/** With an archive the API refuses disks, and so the EFI disk and the TPM state: the backup has them. */
export const firmwareOnRestore = group({ ...firmware, fields: settings });
