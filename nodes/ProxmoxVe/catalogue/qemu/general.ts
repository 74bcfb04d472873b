import { choice, device, flag, group, list, text } from '../fields';

const agent = device({
	label: 'Guest Agent',
	help: 'The QEMU guest agent, a service in the guest that Proxmox communicates with',
	defaultKey: 'enabled',
	primary: ['enabled'],
	aliases: { 'freeze-fs-on-backup': 'freeze-fs', 'guest-fsfreeze': 'freeze-fs' },
	fields: {
		enabled: flag({
			label: 'Guest Agent',
			help: 'Whether to use qemu-guest-agent, which must be in the guest',
			required: true,
			default: false,
		}),
		type: choice({
			label: 'Guest Agent Port',
			options: { virtio: 'VirtIO', isa: 'ISA' },
			default: 'virtio',
		}),
		fstrim_cloned_disks: flag({
			label: 'Guest Agent Trim After Clone',
			default: false,
		}),
		'freeze-fs': flag({
			label: 'Guest Agent Freeze File Systems',
			since: '9.2',
			default: true,
		}),
	},
});

export const general = group({
	name: 'general',
	label: 'General',
	help: 'Description, tags, pool, guest OS type, guest agent, start at boot, protection, template',
	fields: {
		name: text({
			label: 'Name',
			help: 'Letters, digits, hyphens, dots',
			format: 'dns-name',
			placeholder: 'web-01',
		}),
		description: text({
			label: 'Description',
			maxLength: 8192,
			rows: 4,
		}),
		tags: list({
			label: 'Tags',
			help: 'Separated by semicolons',
			separator: ';',
			format: 'pve-tag-list',
			placeholder: 'web;production',
		}),
		pool: text({
			label: 'Resource Pool',
			format: 'pve-poolid',
			picker: 'searchPools',
			placeholder: 'dev',
		}),
		ostype: choice({
			label: 'Guest OS Type',
			options: {
				l26: 'Linux 2.6 and Later',
				l24: 'Linux 2.4',
				win11: 'Windows 11, 2022, 2025',
				win10: 'Windows 10, 2016, 2019',
				win8: 'Windows 8, 2012, 2012 R2',
				win7: 'Windows 7, 2008 R2',
				wvista: 'Windows Vista',
				w2k8: 'Windows 2008',
				wxp: 'Windows XP',
				w2k3: 'Windows 2003',
				w2k: 'Windows 2000',
				solaris: 'Solaris, Illumos',
				other: 'Other',
			},
			default: 'other',
			initial: 'l26',
		}),
		start: flag({
			label: 'Start After Creation',
			help: 'Whether to start the VM as soon as it has been created',
			default: false,
		}),
		onboot: flag({
			label: 'Start at Boot',
			default: false,
		}),
		startup: text({
			label: 'Start and Shutdown Order',
			help: 'order, and up and down delays in seconds. Needs Sys.Modify on /.',
			format: 'pve-startup-order',
			placeholder: 'order=1,up=30,down=60',
		}),
		agent,
		protection: flag({
			label: 'Protection',
			help: 'Whether to forbid removal',
			default: false,
		}),
		template: flag({
			label: 'Template',
			help: 'Whether to make it a template, which never runs',
			default: false,
		}),
		'ha-managed': flag({
			label: 'High Availability',
			help: 'Whether to add it. Needs Sys.Console on /.',
			since: '9.2',
			default: false,
		}),
		hookscript: text({
			label: 'Hook Script',
			help: 'Run by the host at start and stop',
			rootOnly: true,
			format: 'pve-volume-id',
			picker: 'searchSnippets',
			placeholder: 'local:snippets/hook.pl',
		}),
		lock: choice({
			label: 'Lock',
			help: 'Blocks most operations',
			rootOnly: true,
			options: {
				backup: 'Backup',
				clone: 'Clone',
				create: 'Create',
				migrate: 'Migrate',
				rollback: 'Rollback',
				snapshot: 'Snapshot',
				'snapshot-delete': 'Snapshot Removal',
				suspending: 'Suspending',
				suspended: 'Suspended',
			},
		}),
	},
});
