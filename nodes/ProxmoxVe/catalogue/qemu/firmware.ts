import { importFrom, volume, volumeAliases } from './drive';
import { base64, choice, decimal, device, flag, group, text } from '../fields';

const BASE64 = '[A-Za-z0-9+\\/]+={0,2}';

const machine = device({
	label: 'Machine',
	defaultKey: 'type',
	primary: ['type'],
	fields: {
		type: text({
			label: 'Machine Type',
			help: 'q35 has PCI Express, pc does not. Or a version, such as pc-q35-9.2+pve1.',
			pattern:
				'(pc|pc(-i440fx)?-\\d+(\\.\\d+)+(\\+pve\\d+)?(\\.pxe)?|q35|pc-q35-\\d+(\\.\\d+)+(\\+pve\\d+)?(\\.pxe)?|virt(?:-\\d+(\\.\\d+)+)?(\\+pve\\d+)?)',
			maxLength: 40,
			picker: 'searchMachines',
			placeholder: 'q35',
		}),
		viommu: choice({
			label: 'Virtual IOMMU',
			help: 'Intel needs q35',
			options: { intel: 'Intel', virtio: 'VirtIO' },
		}),
		'aw-bits': decimal({
			label: 'Virtual IOMMU Address Bits',
			help: '39 or 48 for Intel, 32 to 64 for VirtIO',
			since: '9.2',
			min: 32,
			max: 64,
			initial: 48,
		}),
		'enable-s3': flag({
			label: 'Sleep State S3',
		}),
		'enable-s4': flag({
			label: 'Sleep State S4',
		}),
	},
});

const smbios1 = device({
	label: 'System Identity',
	help: 'Hardware information that the guest can read (SMBIOS type 1)',
	fields: {
		uuid: text({
			label: 'System UUID',
			help: 'By default generated',
			pattern: '[a-fA-F0-9]{8}(?:-[a-fA-F0-9]{4}){3}-[a-fA-F0-9]{12}',
			placeholder: '11111111-2222-3333-4444-555555555555',
		}),
		manufacturer: base64({
			label: 'System Manufacturer',
			pattern: BASE64,
		}),
		product: base64({
			label: 'System Product',
			pattern: BASE64,
		}),
		version: base64({
			label: 'System Version',
			pattern: BASE64,
		}),
		serial: base64({
			label: 'System Serial Number',
			pattern: BASE64,
		}),
		sku: base64({
			label: 'System SKU',
			pattern: BASE64,
		}),
		family: base64({
			label: 'System Family',
			pattern: BASE64,
		}),
		base64: flag({
			label: 'System Fields Are Base64',
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
			help: 'A storage for a new one, or a volume. Without it UEFI loses its settings.',
			picker: 'searchImageStorages',
			newVolume: true,
			placeholder: 'local-lvm',
		}),
		efitype: choice({
			label: 'EFI Disk Type',
			help: '4 MB is needed for Secure Boot',
			options: { '4m': '4 MB', '2m': '2 MB' },
			default: '2m',
			initial: '4m',
		}),
		'pre-enrolled-keys': flag({
			label: 'EFI Disk Pre-Enrolled Keys',
			help: 'Whether Secure Boot is on. Needs 4 MB.',
			default: false,
		}),
		'ms-cert': choice({
			label: 'EFI Disk Microsoft Certificates',
			help: 'Records which ones are enrolled, and enrolls none',
			since: '9.2',
			options: { '2011': '2011', '2023': '2023', '2023w': '2023w', '2023k': '2023k' },
			default: '2011',
		}),
		format: choice({ ...volume.format, label: 'EFI Disk Format' }),
		'import-from': text({
			...importFrom['import-from'],
			label: 'EFI Disk Import From',
			help: 'The EFI disk to copy to STORAGE:0. Set Pre-Enrolled Keys too.',
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
			help: 'A storage for a new one, or a volume',
			picker: 'searchImageStorages',
			newVolume: true,
			placeholder: 'local-lvm',
		}),
		version: choice({
			label: 'TPM Version',
			help: 'Cannot be changed later. Windows 11 needs 2.0.',
			options: { 'v2.0': '2.0', 'v1.2': '1.2' },
			default: 'v1.2',
			initial: 'v2.0',
		}),
		format: choice({
			label: 'TPM Disk Format',
			help: 'By default that of the storage',
			since: '9.2',
			options: { raw: 'Raw', qcow2: 'QCOW2', vmdk: 'VMware VMDK' },
		}),
		'import-from': text({
			...importFrom['import-from'],
			label: 'TPM Disk Import From',
			help: 'The TPM state to copy to STORAGE:0',
		}),
		size: text({ ...volume.size, label: 'TPM Disk Size Note', placeholder: '4M' }),
	},
});

const settings = {
	bios: choice({
		label: 'BIOS',
		help: 'UEFI should have an EFI disk',
		options: { seabios: 'SeaBIOS (Legacy BIOS)', ovmf: 'OVMF (UEFI)' },
		default: 'seabios',
		initial: 'ovmf',
	}),
	machine,
	smbios1,
	vmgenid: text({
		label: 'VM Generation ID',
		help: '1 generates one, 0 disables it',
		rootOnly: true,
		pattern: '(?:[a-fA-F0-9]{8}(?:-[a-fA-F0-9]{4}){3}-[a-fA-F0-9]{12}|[01])',
		placeholder: '1',
	}),
	acpi: flag({
		label: 'ACPI',
		help: 'Whether to shut down without the agent',
		default: true,
	}),
	localtime: flag({
		label: 'Clock in Local Time',
		help: 'Whether the clock is not UTC. Default for Windows.',
	}),
	startdate: text({
		label: 'Clock at Start',
		help: 'now, YYYY-MM-DD or YYYY-MM-DDTHH:MM:SS',
		pattern: '(now|\\d{4}-\\d{1,2}-\\d{1,2}(T\\d{1,2}:\\d{1,2}:\\d{1,2})?)',
		default: 'now',
	}),
	tdf: flag({
		label: 'Time Drift Fix',
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
