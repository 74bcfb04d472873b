import { device, family, flag, group, integer, list, text } from '../fields';

const features = device({
	label: 'Features',
	help: 'Only nesting may be set by others than root@pam',
	// Of a privileged container root@pam alone may set any.
	rootOnlyWith: { parameter: 'unprivileged', value: false },
	fields: {
		nesting: flag({
			label: 'Nesting',
			help: 'Whether it can run containers itself. Recent systemd needs it. Exposes /proc and /sys of the host.',
			default: false,
		}),
		keyctl: flag({
			label: 'Keyctl',
			help: 'Whether the keyctl() system call works. Docker needs it.',
			rootOnly: true,
			default: false,
		}),
		fuse: flag({ label: 'FUSE', rootOnly: true, default: false }),
		mknod: flag({ label: 'Create Device Nodes', rootOnly: true, default: false }),
		mount: list({
			label: 'Mount File Systems',
			help: 'Types of file systems that it may mount, separated by semicolons',
			rootOnly: true,
			separator: ';',
			pattern: '[a-zA-Z0-9_; ]+',
			placeholder: 'nfs;cifs',
		}),
		force_rw_sys: flag({
			label: 'Writable Sysfs',
			help: 'Whether an unprivileged container can write to /sys',
			rootOnly: true,
			default: false,
		}),
	},
});

export const isolation = group({
	name: 'isolation',
	label: 'Isolation and Devices',
	help: 'Unprivileged, nesting and other features, devices of the host',
	fields: {
		unprivileged: flag({
			label: 'Unprivileged',
			help: 'Whether root in the container is an ordinary user of the host. If off, it needs Sys.Modify on /.',
			default: false,
		}),
		features,
		'dev[n]': family({
			label: 'Device',
			since: '8.4',
			rootOnly: true,
			count: 256,
			item: device({
				label: 'Device',
				defaultKey: 'path',
				primary: ['path'],
				fields: {
					path: text({
						label: 'Path',
						help: 'The device of the host',
						format: 'pve-lxc-dev-string',
						placeholder: '/dev/dri/renderD128',
					}),
					mode: text({
						label: 'Access Mode',
						help: 'Octal, with four digits',
						pattern: '0[0-7]{3}',
						placeholder: '0660',
					}),
					uid: integer({ label: 'User ID', help: 'In the container', min: 0 }),
					gid: integer({ label: 'Group ID', help: 'In the container', min: 0 }),
					'deny-write': flag({ label: 'Deny Writing', default: false }),
				},
			}),
		}),
	},
});
