import { importFrom, volume, volumeAliases } from './drive';
import { base64, choice, decimal, device, flag, group, text } from '../fields';

const BASE64 = '[A-Za-z0-9+\\/]+={0,2}';

const machine = device({
	label: 'Machine',
	help: 'The virtual mainboard',
	defaultKey: 'type',
	primary: ['type'],
	fields: {
		type: text({
			label: 'Machine Type',
			help: 'The virtual mainboard: q35 has PCI Express, pc (i440fx) does not. A version, as in pc-q35-9.2+pve1, pins its behavior.',
			pattern:
				'(pc|pc(-i440fx)?-\\d+(\\.\\d+)+(\\+pve\\d+)?(\\.pxe)?|q35|pc-q35-\\d+(\\.\\d+)+(\\+pve\\d+)?(\\.pxe)?|virt(?:-\\d+(\\.\\d+)+)?(\\+pve\\d+)?)',
			maxLength: 40,
			picker: 'searchMachines',
			placeholder: 'q35',
		}),
		viommu: choice({
			label: 'Virtual IOMMU',
			help: 'An IOMMU for the guest, which lets it pass devices through to nested VMs. Intel needs the machine type q35.',
			options: { intel: 'Intel', virtio: 'VirtIO' },
		}),
		'aw-bits': decimal({
			label: 'Virtual IOMMU Address Bits',
			help: 'Address width of the virtual IOMMU: 39 or 48 for Intel, 32 to 64 for VirtIO',
			since: '9.2',
			min: 32,
			max: 64,
			initial: 48,
		}),
		'enable-s3': flag({
			label: 'Sleep State S3',
			help: 'Whether the guest can suspend to RAM. Off by default since machine version 9.2+pve1.',
		}),
		'enable-s4': flag({
			label: 'Sleep State S4',
			help: 'Whether the guest can suspend to disk. Off by default since machine version 9.2+pve1.',
		}),
	},
});

const smbios1 = device({
	label: 'System Identity',
	help: 'Hardware information that the guest can read (SMBIOS type 1)',
	fields: {
		uuid: text({
			label: 'System UUID',
			help: 'The hardware UUID that the guest sees. Proxmox generates one if no system field is set.',
			pattern: '[a-fA-F0-9]{8}(?:-[a-fA-F0-9]{4}){3}-[a-fA-F0-9]{12}',
			placeholder: '11111111-2222-3333-4444-555555555555',
		}),
		manufacturer: base64({
			label: 'System Manufacturer',
			help: 'The manufacturer that the guest sees, as plain text',
			pattern: BASE64,
		}),
		product: base64({
			label: 'System Product',
			help: 'The product name that the guest sees, as plain text',
			pattern: BASE64,
		}),
		version: base64({
			label: 'System Version',
			help: 'The hardware version that the guest sees, as plain text',
			pattern: BASE64,
		}),
		serial: base64({
			label: 'System Serial Number',
			help: 'The serial number that the guest sees, as plain text',
			pattern: BASE64,
		}),
		sku: base64({
			label: 'System SKU',
			help: 'The stock-keeping unit that the guest sees, as plain text',
			pattern: BASE64,
		}),
		family: base64({
			label: 'System Family',
			help: 'The product family that the guest sees, as plain text',
			pattern: BASE64,
		}),
		base64: flag({
			label: 'System Fields Are Base64',
			help: 'Whether the system fields above are already Base64-encoded. Leave it out to enter them as plain text.',
		}),
	},
	maxLength: 512,
});

const efiDisk = device({
	label: 'EFI Disk',
	help: 'The volume on which UEFI keeps its settings and Secure Boot keys',
	defaultKey: 'file',
	primary: ['file'],
	aliases: volumeAliases,
	fields: {
		file: text({
			...volume.file,
			label: 'EFI Disk',
			help: 'The storage for a new EFI disk, of which Proxmox decides the size, or an existing volume. Without an EFI disk, UEFI loses its settings.',
			picker: 'searchImageStorages',
			newVolume: true,
			placeholder: 'local-lvm',
		}),
		efitype: choice({
			label: 'EFI Disk Type',
			help: 'The size of the UEFI settings. 4 MB is recommended, and required for Secure Boot.',
			options: { '4m': '4 MB', '2m': '2 MB' },
			default: '2m',
			initial: '4m',
		}),
		'pre-enrolled-keys': flag({
			label: 'EFI Disk Pre-Enrolled Keys',
			help: 'Whether the keys of Microsoft and the distributions are enrolled from the start, which turns Secure Boot on. Needs the type 4 MB.',
			default: false,
		}),
		'ms-cert': choice({
			label: 'EFI Disk Microsoft Certificates',
			help: 'Records which Microsoft certificates are enrolled; it does not enroll any. 2023 and 2023w exist for compatibility only.',
			since: '9.2',
			options: { '2011': '2011', '2023': '2023', '2023w': '2023w', '2023k': '2023k' },
			default: '2011',
		}),
		format: choice({ ...volume.format, label: 'EFI Disk Format' }),
		'import-from': text({
			...importFrom['import-from'],
			label: 'EFI Disk Import From',
			help: 'The EFI disk to copy, into a volume that must be STORAGE:0. Set Pre-Enrolled Keys as well.',
		}),
		size: text({ ...volume.size, label: 'EFI Disk Size Note', placeholder: '4M' }),
	},
});

const tpmState = device({
	label: 'TPM State',
	help: 'A virtual TPM, which Windows 11 requires, and the volume for its state',
	defaultKey: 'file',
	primary: ['file'],
	aliases: volumeAliases,
	fields: {
		file: text({
			...volume.file,
			label: 'TPM Disk',
			help: 'The storage for the state of a new TPM, of which Proxmox decides the size, or an existing volume',
			picker: 'searchImageStorages',
			newVolume: true,
			placeholder: 'local-lvm',
		}),
		version: choice({
			label: 'TPM Version',
			help: 'The TPM version. It cannot be changed later; Windows 11 requires 2.0.',
			options: { 'v2.0': '2.0', 'v1.2': '1.2' },
			default: 'v1.2',
			initial: 'v2.0',
		}),
		format: choice({
			label: 'TPM Disk Format',
			help: 'The image format of the TPM volume; by default that of the storage',
			since: '9.2',
			options: { raw: 'Raw', qcow2: 'QCOW2', vmdk: 'VMware VMDK' },
		}),
		'import-from': text({
			...importFrom['import-from'],
			label: 'TPM Disk Import From',
			help: 'The TPM state to copy, into a volume that must be STORAGE:0',
		}),
		size: text({ ...volume.size, label: 'TPM Disk Size Note', placeholder: '4M' }),
	},
});

const settings = {
	bios: choice({
		label: 'BIOS',
		help: 'The firmware that boots the VM. UEFI should have an EFI disk for its settings.',
		options: { seabios: 'SeaBIOS (Legacy BIOS)', ovmf: 'OVMF (UEFI)' },
		default: 'seabios',
		initial: 'ovmf',
	}),
	machine,
	smbios1,
	vmgenid: text({
		label: 'VM Generation ID',
		help: 'A UUID by which the guest notices that it was copied or rolled back: 1 generates one, 0 disables it',
		rootOnly: true,
		pattern: '(?:[a-fA-F0-9]{8}(?:-[a-fA-F0-9]{4}){3}-[a-fA-F0-9]{12}|[01])',
		placeholder: '1',
	}),
	acpi: flag({
		label: 'ACPI',
		help: 'Whether the VM supports ACPI, which is needed to shut it down without the guest agent',
		default: true,
	}),
	localtime: flag({
		label: 'Clock in Local Time',
		help: 'Whether the hardware clock runs in local time instead of UTC. By default it does for Windows.',
	}),
	startdate: text({
		label: 'Clock at Start',
		help: 'The initial time of the hardware clock: now, YYYY-MM-DD or YYYY-MM-DDTHH:MM:SS',
		pattern: '(now|\\d{4}-\\d{1,2}-\\d{1,2}(T\\d{1,2}:\\d{1,2}:\\d{1,2})?)',
		default: 'now',
	}),
	tdf: flag({
		label: 'Time Drift Fix',
		help: 'Whether to make up for timer interrupts that the guest has missed',
		default: false,
	}),
};

export const firmware = group({
	name: 'firmware',
	label: 'Firmware and Machine',
	help: 'UEFI, Secure Boot, TPM, machine type (q35), system UUID',
	fields: { ...settings, efidisk0: efiDisk, tpmstate0: tpmState },
});

/** With an archive the API refuses disks, and so the EFI disk and the TPM state: the backup has them. */
export const firmwareOnRestore = group({ ...firmware, fields: settings });
