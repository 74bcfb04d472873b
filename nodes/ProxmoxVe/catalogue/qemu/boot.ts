import { device, flag, group, list, text } from '../fields';

const order = device({
	label: 'Boot',
	help: 'The devices that the VM boots from',
	defaultKey: 'legacy',
	primary: ['order'],
	fields: {
		order: list({
			label: 'Boot Order',
			help: 'Devices to boot from in this order, separated by semicolons. By default the first disk, CD drive and network card.',
			separator: ';',
			format: 'pve-qm-bootdev-list',
			placeholder: 'scsi0;ide2;net0',
		}),
		legacy: text({
			label: 'Boot Order (Legacy Form)',
			help: 'Letters for floppy (a), hard disk (c), CD drive (d) and network (n). Use Boot Order instead.',
			pattern: '[acdn]{1,4}',
			default: 'cdn',
		}),
	},
});

export const boot = group({
	name: 'boot',
	label: 'Boot and Hot-Plug',
	help: 'Boot order, hot-plug',
	fields: {
		boot: order,
		bootdisk: text({
			label: 'Boot Disk (Legacy Form)',
			help: 'The disk that the letter c means in the legacy boot order. Use Boot Order instead.',
			pattern: '(ide|sata|scsi|virtio)\\d+',
			format: 'pve-qm-bootdisk',
			placeholder: 'scsi0',
		}),
		hotplug: list({
			label: 'Hot-Plug',
			help: 'What can be added and removed while the VM is running. Memory needs NUMA.',
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
			help: 'Whether the guest can reboot. If off, the VM stops instead.',
			default: true,
		}),
		freeze: flag({
			label: 'Freeze CPU at Start',
			help: 'Whether the VM stays paused when started, until it is resumed',
		}),
		autostart: flag({
			label: 'Restart After Crash',
			help: 'Whether to start the VM again after a crash. Currently ignored by Proxmox.',
			default: false,
		}),
	},
});
