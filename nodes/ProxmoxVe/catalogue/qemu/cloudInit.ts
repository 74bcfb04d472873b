import { choice, device, family, flag, group, list, sshKeys, text } from '../fields';

const DROPPED = 'Proxmox would then ignore the whole IP configuration';

const ipConfig = device({
	label: 'IP Configuration',
	primary: ['ip', 'gw'],
	fields: {
		ip: text({
			label: 'IPv4 Address',
			help: 'ADDRESS/PREFIX or dhcp',
			format: 'pve-ipv4-config',
			default: 'dhcp',
			placeholder: '192.0.2.10/24',
		}),
		gw: text({
			label: 'IPv4 Gateway',
			help: 'Not with dhcp',
			requires: 'ip',
			notWith: { field: 'ip', values: ['dhcp', 'manual'], because: DROPPED },
			format: 'ipv4',
			placeholder: '192.0.2.1',
		}),
		ip6: text({
			label: 'IPv6 Address',
			help: 'ADDRESS/PREFIX, dhcp or auto',
			format: 'pve-ipv6-config',
			default: 'dhcp',
			placeholder: '2001:db8::10/64',
		}),
		gw6: text({
			label: 'IPv6 Gateway',
			help: 'Not with dhcp or auto',
			requires: 'ip6',
			notWith: { field: 'ip6', values: ['dhcp', 'auto', 'manual'], because: DROPPED },
			format: 'ipv6',
			placeholder: '2001:db8::1',
		}),
	},
});

const custom = device({
	label: 'Custom Cloud-Init Files',
	help: 'Snippets to use instead of the data that Proxmox generates',
	fields: {
		user: text({
			label: 'Custom User Data',
			format: 'pve-volume-id',
			picker: 'searchSnippets',
			placeholder: 'local:snippets/user.yaml',
		}),
		network: text({
			label: 'Custom Network Data',
			format: 'pve-volume-id',
			picker: 'searchSnippets',
			placeholder: 'local:snippets/network.yaml',
		}),
		meta: text({
			label: 'Custom Meta Data',
			format: 'pve-volume-id',
			picker: 'searchSnippets',
			placeholder: 'local:snippets/meta.yaml',
		}),
		vendor: text({
			label: 'Custom Vendor Data',
			format: 'pve-volume-id',
			picker: 'searchSnippets',
			placeholder: 'local:snippets/vendor.yaml',
		}),
	},
});

export const cloudInit = group({
	name: 'cloudInit',
	label: 'Cloud-Init',
	help: 'IP addresses, user, SSH keys, DNS, custom files. Needs a cloud-init drive.',
	fields: {
		ciuser: text({
			label: 'User',
			help: 'By default that of the image',
			placeholder: 'admin',
		}),
		cipassword: text({
			label: 'Password',
			help: 'Plain text or hashed',
			secret: true,
		}),
		sshkeys: sshKeys({
			label: 'SSH Keys',
			help: 'Public keys in OpenSSH format, one per line',
			placeholder: 'ssh-ed25519 AAAA… admin@example.com',
		}),
		'ipconfig[n]': family({
			label: 'IP Configuration',
			help: 'Slot 0 is for net0, and so on',
			count: 32,
			item: ipConfig,
		}),
		nameserver: list({
			label: 'DNS Servers',
			help: "By default the host's",
			separator: ' ',
			normalised: true,
			format: 'address-list',
			placeholder: '192.0.2.53 2001:db8::53',
		}),
		searchdomain: list({
			label: 'DNS Search Domains',
			help: "By default the host's",
			separator: ' ',
			normalised: true,
			items: 'dns-name',
			placeholder: 'example.com',
		}),
		ciupgrade: flag({
			label: 'Upgrade Packages',
			since: '8.4',
			default: true,
		}),
		citype: choice({
			label: 'Configuration Type',
			options: { nocloud: 'NoCloud', configdrive2: 'Config Drive 2', opennebula: 'OpenNebula' },
		}),
		cicustom: custom,
	},
});
