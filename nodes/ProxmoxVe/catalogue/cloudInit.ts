import { choice, device, family, flag, group, list, sshKeys, text } from './fields';

const ipConfig = device({
	label: 'IP Configuration',
	primary: ['ip', 'gw'],
	fields: {
		ip: text({
			label: 'IPv4 Address',
			help: 'The address with its prefix, or dhcp',
			format: 'pve-ipv4-config',
			default: 'dhcp',
			placeholder: '192.0.2.10/24',
		}),
		gw: text({
			label: 'IPv4 Gateway',
			help: 'The router of the IPv4 network; not with dhcp',
			requires: 'ip',
			format: 'ipv4',
			placeholder: '192.0.2.1',
		}),
		ip6: text({
			label: 'IPv6 Address',
			help: 'The address with its prefix, dhcp, or auto for stateless configuration',
			format: 'pve-ipv6-config',
			default: 'dhcp',
			placeholder: '2001:db8::10/64',
		}),
		gw6: text({
			label: 'IPv6 Gateway',
			help: 'The router of the IPv6 network; not with dhcp or auto',
			requires: 'ip6',
			format: 'ipv6',
			placeholder: '2001:db8::1',
		}),
	},
});

const custom = device({
	label: 'Custom Cloud-Init Files',
	help: 'Snippets that take the place of what Proxmox would make',
	fields: {
		user: text({
			label: 'Custom User Data',
			help: 'A snippet in place of user, password, keys and upgrade set here. It must be on every node that the VM can run on.',
			format: 'pve-volume-id',
			picker: 'searchSnippets',
			placeholder: 'local:snippets/user.yaml',
		}),
		network: text({
			label: 'Custom Network Data',
			help: 'A snippet in place of the IP configurations and DNS set here',
			format: 'pve-volume-id',
			picker: 'searchSnippets',
			placeholder: 'local:snippets/network.yaml',
		}),
		meta: text({
			label: 'Custom Meta Data',
			help: 'A snippet in place of the instance ID and host name that Proxmox makes. Its form depends on the Configuration Type.',
			format: 'pve-volume-id',
			picker: 'searchSnippets',
			placeholder: 'local:snippets/meta.yaml',
		}),
		vendor: text({
			label: 'Custom Vendor Data',
			help: 'A snippet that is read before the user data, which can override it',
			format: 'pve-volume-id',
			picker: 'searchSnippets',
			placeholder: 'local:snippets/vendor.yaml',
		}),
	},
});

export const cloudInit = group({
	name: 'cloudInit',
	label: 'Cloud-Init',
	help: 'What the guest sets up at its first boot. Needs a cloud-init drive among the disks.',
	fields: {
		ciuser: text({
			label: 'User',
			help: 'The account that password and keys are for; that of the image where it is not set',
			placeholder: 'admin',
		}),
		cipassword: text({
			label: 'Password',
			help: 'The password of the user. Keys are safer; a hash is taken as well.',
			secret: true,
		}),
		sshkeys: sshKeys({
			label: 'SSH Keys',
			help: 'Public keys that may log in as the user, one a line. They are given as they are: the node encodes them.',
			placeholder: 'ssh-ed25519 AAAA… admin@example.com',
		}),
		'ipconfig[n]': family({
			label: 'IP Configuration',
			help: 'One for each network card, in the same slot. What has none is left to the guest.',
			count: 32,
			item: ipConfig,
		}),
		nameserver: list({
			label: 'DNS Servers',
			help: 'IP addresses separated by spaces; those of the host where neither servers nor domains are set',
			separator: ' ',
			format: 'address-list',
			placeholder: '192.0.2.53 2001:db8::53',
		}),
		searchdomain: list({
			label: 'DNS Search Domains',
			help: 'Domains that short host names are looked up in, separated by spaces',
			separator: ' ',
			placeholder: 'example.com',
		}),
		ciupgrade: flag({
			label: 'Upgrade Packages',
			help: 'Whether the guest upgrades its packages at the first boot',
			since: '8.4',
			default: true,
		}),
		citype: choice({
			label: 'Configuration Type',
			help: 'The form in which the data reaches the guest. Proxmox takes nocloud, and configdrive2 for Windows, where it is not set.',
			options: { nocloud: 'NoCloud', configdrive2: 'Config Drive 2', opennebula: 'OpenNebula' },
		}),
		cicustom: custom,
	},
});
