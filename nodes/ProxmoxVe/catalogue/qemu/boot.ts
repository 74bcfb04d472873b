import { device, flag, group, list, text } from '../fields';

const order = device({
	label: 'Boot',
	help: 'The devices that the VM boots from',
	defaultKey: 'legacy',
	primary: ['order'],
	fields: {
		order: list({
			label: 'Boot Order',
			separator: ';',
			format: 'pve-qm-bootdev-list',
			placeholder: 'scsi0;ide2;net0',
		}),
		legacy: text({
			label: 'Boot Order (Legacy Form)',
			help: 'Old: use Boot Order',
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
			help: 'Old: use Boot Order',
			pattern: '(ide|sata|scsi|virtio)\\d+',
			format: 'pve-qm-bootdisk',
			placeholder: 'scsi0',
		}),
		hotplug: list({
			label: 'Hot-Plug',
			help: 'Memory needs NUMA',
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
