import { choice, flag, group, integer, text } from '../fields';

export const system = group({
	name: 'system',
	label: 'System',
	help: 'Command, environment, time zone, OS type, console',
	fields: {
		entrypoint: text({
			label: 'Command',
			help: 'What the container runs. By default that of its OCI image.',
			since: '9.1',
			pattern: '[^\\x00-\\x08\\x0a-\\x1F\\x7F]+',
			default: '/sbin/init',
			placeholder: '/usr/bin/app --port 80',
		}),
		env: text({
			label: 'Environment',
			help: 'NAME=value, one per line. A new container keeps the others of its OCI image.',
			since: '9.1',
			pattern:
				'(?:\\w+=[^\\x00-\\x08\\x0a-\\x1F\\x7F]*)(?:\\0\\w+=[^\\x00-\\x08\\x0a-\\x1F\\x7F]*)*',
			nulLines: true,
			secret: true,
			rows: 3,
			placeholder: 'TZ=UTC',
		}),
		timezone: text({
			label: 'Time Zone',
			help: 'host means that of the host',
			format: 'pve-ct-timezone',
			placeholder: 'Europe/Berlin',
		}),
		ostype: choice({
			label: 'OS Type',
			help: 'The system that Proxmox sets up inside. By default detected in the template.',
			options: {
				alpine: 'Alpine',
				archlinux: 'Arch Linux',
				centos: 'CentOS, Rocky, Alma',
				debian: 'Debian',
				devuan: 'Devuan',
				fedora: 'Fedora',
				gentoo: 'Gentoo',
				nixos: 'NixOS',
				opensuse: 'openSUSE',
				ubuntu: 'Ubuntu',
				unmanaged: 'Unmanaged',
			},
		}),
		cmode: choice({
			label: 'Console Mode',
			options: { tty: 'TTY', console: 'Console', shell: 'Shell' },
			default: 'tty',
		}),
		console: flag({
			label: 'Console Device',
			help: 'Whether the container has /dev/console',
			default: true,
		}),
		tty: integer({ label: 'TTYs', min: 0, max: 6, default: 2 }),
		debug: flag({
			label: 'Debug',
			help: 'Whether to log starts in more detail',
			default: false,
		}),
	},
});
