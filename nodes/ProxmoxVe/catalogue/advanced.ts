import { choice, decimal, device, group, integer, text } from './fields';

const watchdog = device({
	label: 'Watchdog',
	help: 'A timer that the guest must feed once it has begun to; if it stops doing so, the action follows',
	defaultKey: 'model',
	primary: ['model', 'action'],
	fields: {
		model: choice({
			label: 'Watchdog Model',
			help: 'The watchdog that the guest sees. Once the guest feeds it, it must keep on.',
			options: { i6300esb: 'Intel 6300ESB (PCI)', ib700: 'iBASE 700 (ISA)' },
			default: 'i6300esb',
		}),
		action: choice({
			label: 'Watchdog Action',
			help: 'What happens to the VM when the guest no longer feeds the watchdog',
			options: {
				reset: 'Reset',
				shutdown: 'Shut Down',
				poweroff: 'Power Off',
				pause: 'Pause',
				debug: 'Debug',
				none: 'None',
			},
		}),
	},
});

export const advanced = group({
	name: 'advanced',
	label: 'Advanced',
	fields: {
		watchdog,
		vmstatestorage: text({
			label: 'VM State Storage',
			help: 'The storage for the memory of the VM when it is hibernated, or saved with a snapshot',
			format: 'pve-storage-id',
			picker: 'searchImageStorages',
			placeholder: 'local-lvm',
		}),
		migrate_downtime: decimal({
			label: 'Migration Downtime (s)',
			help: 'How long the VM may pause at the end of a live migration. Proxmox raises it step by step where the migration would not end otherwise.',
			min: 0,
			default: 0.1,
		}),
		migrate_speed: integer({
			label: 'Migration Speed (MB/s)',
			help: 'Upper limit for migrations of this VM. 0 means none.',
			min: 0,
			default: 0,
		}),
		args: text({
			label: 'QEMU Arguments',
			help: 'Arguments added to the command line of QEMU, for experts',
			rootOnly: true,
			rows: 2,
			placeholder: '-no-reboot',
		}),
	},
});
