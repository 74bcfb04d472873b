import { device, flag, group, list, text } from './fields';

const order = device({
	label: 'Boot',
	help: 'What the VM boots from',
	defaultKey: 'legacy',
	primary: ['order'],
	fields: {
		order: list({
			label: 'Boot Order',
			help: 'Devices to try, the first one first, separated by semicolons. Proxmox takes the first disk, CD drive and network card where it is not set.',
			separator: ';',
			format: 'pve-qm-bootdev-list',
			placeholder: 'scsi0;ide2;net0',
		}),
		legacy: text({
			label: 'Boot Order (Legacy Form)',
			help: 'Letters for floppy (a), hard disk (c), CD drive (d) and network (n). Use Boot Order.',
			pattern: '[acdn]{1,4}',
			default: 'cdn',
		}),
	},
});

export const boot = group({
	name: 'boot',
	label: 'Boot and Hot-Plug',
	fields: {
		boot: order,
		bootdisk: text({
			label: 'Boot Disk (Legacy Form)',
			help: 'The disk that the letter c of the legacy boot order stands for. Use Boot Order.',
			pattern: '(ide|sata|scsi|virtio)\\d+',
			format: 'pve-qm-bootdisk',
			placeholder: 'scsi0',
		}),
		hotplug: list({
			label: 'Hot-Plug',
			help: 'What can be plugged in and out while the VM runs. Memory needs NUMA.',
			separator: ',',
			format: 'pve-hotplug-features',
			choices: {
				network: 'Network',
				disk: 'Disk',
				usb: 'USB',
				cpu: 'CPU',
				memory: 'Memory',
				cloudinit: 'Cloud-Init',
				'0': 'Nothing',
			},
			default: 'network,disk,usb',
		}),
		reboot: flag({
			label: 'Allow Reboot',
			help: 'Whether the guest can reboot. If not, the VM stops instead.',
			default: true,
		}),
		freeze: flag({
			label: 'Freeze CPU at Start',
			help: 'Whether the VM waits when it is started, until it is told to go on in its monitor',
		}),
		autostart: flag({
			label: 'Restart After Crash',
			help: 'Whether the VM is started again after a crash. Proxmox stores it and does not act on it.',
			default: false,
		}),
	},
});
