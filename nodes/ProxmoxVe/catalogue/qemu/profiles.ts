import type { Profile } from '../catalogue';
import type { ValuesOf } from '../fields';
import type { parameters } from './parameters';

const scsi = { scsihw: 'virtio-scsi-single' } as const;
const fast = { bus: 'scsi', discard: 'on', iothread: true } as const;
/** API default kvm64 does not start systems that need x86-64-v2, such as RHEL 9; Proxmox's wizard sets this one. */
const cpu = { cputype: 'x86-64-v2-AES' } as const;
const agent = { enabled: true } as const;
const uefi = { bios: 'ovmf', machine: { type: 'q35' } } as const;
const efidisk0 = { efitype: '4m', 'pre-enrolled-keys': true } as const;

/**
 * Profiles by the value of the editor's choice.
 * Source: what Proxmox's own wizard sets for these guests (pve-manager, www/manager6/qemu), and
 * https://pve.proxmox.com/wiki/Cloud-Init_Support for cloud images.
 */
export const profiles = {
	linuxCloudImage: {
		label: 'Linux Cloud Image',
		help: 'A disk image of a distribution that cloud-init sets up at the first boot',
		parameters: {
			ostype: 'l26',
			...scsi,
			cpu,
			agent,
			// Cloud images write their console to the serial port, and some do not boot without one.
			serial0: 'socket',
			vga: { type: 'serial0' },
		},
		disk: fast,
		card: 'virtio',
		needsDriversIso: false,
		volumes: {},
		hasCloudInit: true,
	},
	linuxIso: {
		label: 'Linux From ISO',
		help: 'A Linux system that is installed from an ISO image',
		parameters: { ostype: 'l26', ...scsi, cpu, agent },
		disk: fast,
		card: 'virtio',
		needsDriversIso: false,
		volumes: {},
		hasCloudInit: false,
	},
	windows11: {
		label: 'Windows 11 / Server 2022+',
		help: 'UEFI with Secure Boot and TPM 2.0. Setup needs the VirtIO drivers: choose their ISO image too.',
		parameters: { ostype: 'win11', ...scsi, cpu, agent, ...uefi },
		disk: fast,
		card: 'virtio',
		needsDriversIso: true,
		volumes: { efidisk0, tpmstate0: { version: 'v2.0' } },
		hasCloudInit: false,
	},
	windows10: {
		label: 'Windows 10 / Server 2016+',
		help: 'UEFI with Secure Boot. Setup needs the VirtIO drivers: choose their ISO image too.',
		parameters: { ostype: 'win10', ...scsi, cpu, agent, ...uefi },
		disk: fast,
		card: 'virtio',
		needsDriversIso: true,
		volumes: { efidisk0 },
		hasCloudInit: false,
	},
	other: {
		label: 'Other',
		help: 'A system without VirtIO drivers',
		parameters: { ostype: 'other', ...scsi },
		disk: { bus: 'sata' },
		card: 'e1000',
		needsDriversIso: false,
		volumes: {},
		hasCloudInit: false,
	},
} as const satisfies Record<string, Profile<ValuesOf<typeof parameters>>>;
