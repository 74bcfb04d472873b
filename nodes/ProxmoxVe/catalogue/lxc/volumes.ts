import { device, family, flag, group, list, text } from '../fields';

const VOLUME = 'STORAGE:SIZE in GiB for a new volume, such as local-lvm:8, or an existing volume';

/** The options of the root file system and of mount points. @param prefix of labels, in a list with other settings */
const mountOf = (prefix = '') => ({
	volume: text({
		label: `${prefix}Volume`,
		help: VOLUME,
		required: true,
		pathRootOnly: true,
		format: 'pve-lxc-mp-string',
		placeholder: 'local-lvm:8',
	}),
	size: text({
		label: `${prefix}Size`,
		help: 'Of an existing volume, for display only',
		format: 'disk-size',
		placeholder: '8G',
	}),
	ro: flag({ label: `${prefix}Read-Only` }),
	acl: flag({ label: `${prefix}ACLs` }),
	quota: flag({
		label: `${prefix}Quota`,
		help: 'Whether users in the container can have quotas. Only for privileged containers.',
	}),
	replicate: flag({
		label: `${prefix}Replicate`,
		help: 'Whether replication jobs include it',
		default: true,
	}),
	shared: flag({
		label: `${prefix}Shared`,
		help: 'Whether all nodes have it already, so that migration does not copy it',
		default: false,
	}),
	mountoptions: list({
		label: `${prefix}Mount Options`,
		separator: ';',
		pattern:
			'(?:(discard|lazytime|noatime|nodev|noexec|nosuid))(;(?:(discard|lazytime|noatime|nodev|noexec|nosuid)))*',
		placeholder: 'discard;noatime',
	}),
	idmap: text({
		label: `${prefix}ID Mapping`,
		help: 'passthrough, or TYPE:CONTAINER:DISK:RANGE, separated by semicolons',
		since: '9.2.11',
		pattern: 'passthrough|[ug]:[0-9]+:[0-9]+:[1-9][0-9]*(?:;[ug]:[0-9]+:[0-9]+:[1-9][0-9]*)*',
		placeholder: 'u:0:100000:65536',
	}),
});

const mount = mountOf();

const mountPoint = device({
	label: 'Mount Point',
	defaultKey: 'volume',
	primary: ['volume', 'mp'],
	fields: {
		...mount,
		volume: text({
			...mount.volume,
			help: `${VOLUME}. A path of the host: only for root@pam with a password.`,
		}),
		mp: text({
			label: 'Path',
			help: 'Its path in the container',
			required: true,
			format: 'pve-lxc-mp-string',
			placeholder: '/mnt/data',
		}),
		backup: flag({ label: 'Backup', help: 'Whether backups include it' }),
		keepattrs: flag({
			label: 'Keep Attributes',
			help: 'Whether the mounted directory keeps its own owner and mode',
			since: '9.2',
			default: false,
		}),
	},
});

export const volumes = group({
	name: 'volumes',
	label: 'Volumes',
	help: 'Mount points, options of the root file system',
	fields: {
		rootfs: device({
			label: 'Root File System',
			defaultKey: 'volume',
			primary: ['volume'],
			fields: mountOf('Root '),
		}),
		'mp[n]': family({ label: 'Mount Point', count: 256, item: mountPoint }),
		'unused[n]': family({
			label: 'Unused Volume',
			help: 'Volumes of the container that are not mounted. Proxmox manages them itself.',
			count: 256,
			item: device({
				label: 'Unused Volume',
				defaultKey: 'volume',
				primary: ['volume'],
				fields: {
					volume: text({
						label: 'Volume',
						required: true,
						format: 'pve-volume-id',
						placeholder: 'local-lvm:vm-100-disk-1',
					}),
				},
			}),
		}),
	},
});
