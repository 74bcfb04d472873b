import { choice, flag, group, list, text } from '../fields';

export const general = group({
	name: 'general',
	label: 'General',
	help: 'Description, tags, pool, start at boot, protection, template',
	fields: {
		hostname: text({
			label: 'Host Name',
			help: 'Letters, digits, hyphens and dots. By default CT and the ID.',
			maxLength: 255,
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
			help: 'Separated by semicolons. Proxmox converts them to lower case.',
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
		start: flag({
			label: 'Start After Creation',
			help: 'Whether to start the container as soon as it has been created',
			default: false,
		}),
		onboot: flag({
			label: 'Start at Boot',
			help: 'Whether the container starts with its host',
			default: false,
		}),
		startup: text({
			label: 'Start and Shutdown Order',
			help: 'Position, and seconds to wait after its start (up) and for its shutdown (down)',
			format: 'pve-startup-order',
			placeholder: 'order=1,up=30,down=60',
		}),
		protection: flag({
			label: 'Protection',
			help: 'Whether the container and its volumes cannot be removed',
			default: false,
		}),
		template: flag({
			label: 'Convert to Template',
			help: 'Whether to convert the new container to a template, which never runs',
			default: false,
		}),
		'ha-managed': flag({
			label: 'High Availability',
			help: 'Whether to add the container to high availability. Needs Sys.Console on /.',
			since: '9.1',
			default: false,
		}),
		hookscript: text({
			label: 'Hook Script',
			help: 'A snippet that the host runs when the container starts and stops',
			rootOnly: true,
			format: 'pve-volume-id',
			picker: 'searchSnippets',
			placeholder: 'local:snippets/hook.pl',
		}),
		lock: choice({
			label: 'Lock',
			help: 'Blocks most other operations. Only pct unlock on the host removes it.',
			options: {
				backup: 'Backup',
				create: 'Create',
				destroyed: 'Destroyed',
				disk: 'Disk',
				fstrim: 'Trim',
				migrate: 'Migrate',
				mounted: 'Mounted',
				rollback: 'Rollback',
				snapshot: 'Snapshot',
				'snapshot-delete': 'Snapshot Removal',
			},
		}),
	},
});
