import { choice, decimal, device, group, integer, text } from '../fields';

const watchdog = device({
	label: 'Watchdog',
	help: 'A timer that the guest must reset regularly once it has started it',
	defaultKey: 'model',
	primary: ['model', 'action'],
	fields: {
		model: choice({
			label: 'Watchdog Model',
			options: { i6300esb: 'Intel 6300ESB (PCI)', ib700: 'iBASE 700 (ISA)' },
			default: 'i6300esb',
		}),
		action: choice({
			label: 'Watchdog Action',
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
	help: 'Watchdog, QEMU arguments, migration limits',
	fields: {
		watchdog,
		vmstatestorage: text({
			label: 'VM State Storage',
			format: 'pve-storage-id',
			picker: 'searchImageStorages',
			placeholder: 'local-lvm',
		}),
		migrate_downtime: decimal({
			label: 'Migration Downtime (s)',
			min: 0,
			default: 0.1,
		}),
		migrate_speed: integer({
			label: 'Migration Speed (MB/s)',
			help: '0 means no limit',
			min: 0,
			default: 0,
		}),
		args: text({
			label: 'QEMU Arguments',
			help: 'For experts only',
			rootOnly: true,
			rows: 2,
			placeholder: '-no-reboot',
		}),
	},
});
