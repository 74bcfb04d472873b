import { device, flag, group, list, text } from '../fields';

const order = device({
	label: 'Boot',
	help: 'The devices that the VM boots from',
	defaultKey: 'legacy',
	primary: ['order'],
	fields: {
		order: list({
			label: 'Boot Order',
			help: 'Devices, separated by semicolons. By default first disk, CD drive, network card.',
			separator: ';',
			format: 'pve-qm-bootdev-list',
			placeholder: 'scsi0;ide2;net0',
		}),
		legacy: text({
			label: 'Boot Order (Legacy Form)',
			help: 'a floppy, c disk, d CD drive, n network. Use Boot Order instead.',
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
			help: 'The disk of the letter c. Use Boot Order instead.',
			pattern: '(ide|sata|scsi|virtio)\\d+',
			format: 'pve-qm-bootdisk',
			placeholder: 'scsi0',
		}),
		hotplug: list({
			label: 'Hot-Plug',
			help: 'What can change while the VM runs. Memory needs NUMA.',
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
			help: 'Whether the guest can reboot, or stops',
			default: true,
		}),
		freeze: flag({
			label: 'Freeze CPU at Start',
		}),
		autostart: flag({
			label: 'Restart After Crash',
			help: 'Whether to restart the VM. Ignored by Proxmox.',
			default: false,
		}),
	},
});
