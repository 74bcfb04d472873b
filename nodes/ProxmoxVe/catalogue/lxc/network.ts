import { choice, decimal, device, family, flag, group, integer, list, text } from '../fields';

const IGNORED = 'Proxmox does not use the gateway then';

const networkCard = device({
	label: 'Network Card',
	primary: ['name', 'bridge', 'ip'],
	fields: {
		name: text({
			label: 'Name',
			help: 'In the container, such as eth1',
			required: true,
			pattern: '[-_.\\w\\d]+',
			placeholder: 'eth1',
		}),
		bridge: text({
			label: 'Bridge',
			help: 'Bridge or virtual network',
			pattern: '[-_.\\w\\d]+',
			picker: 'searchBridges',
			placeholder: 'vmbr0',
		}),
		ip: text({
			label: 'IPv4 Address',
			help: 'The address with its prefix length, or dhcp',
			format: 'pve-ipv4-config',
			placeholder: '192.0.2.10/24',
		}),
		gw: text({
			label: 'IPv4 Gateway',
			help: 'Not with dhcp',
			notWith: { field: 'ip', values: ['dhcp', 'manual'], because: IGNORED },
			format: 'ipv4',
			placeholder: '192.0.2.1',
		}),
		ip6: text({
			label: 'IPv6 Address',
			help: 'The address with its prefix length, dhcp or auto (SLAAC)',
			format: 'pve-ipv6-config',
			placeholder: '2001:db8::10/64',
		}),
		gw6: text({
			label: 'IPv6 Gateway',
			help: 'Not with dhcp or auto',
			notWith: { field: 'ip6', values: ['dhcp', 'auto', 'manual'], because: IGNORED },
			format: 'ipv6',
			placeholder: '2001:db8::1',
		}),
		hwaddr: text({
			label: 'MAC Address',
			format: 'mac-addr',
			placeholder: 'BC:24:11:00:00:01',
		}),
		tag: integer({ label: 'VLAN Tag', min: 1, max: 4094 }),
		trunks: list({
			label: 'VLAN Trunks',
			help: 'VLANs that the container may tag itself, separated by semicolons',
			separator: ';',
			pattern: '\\d+(?:;\\d+)*',
			placeholder: '10;20',
		}),
		firewall: flag({ label: 'Firewall' }),
		link_down: flag({ label: 'Disconnected' }),
		mtu: integer({ label: 'MTU', min: 64, max: 65535, initial: 1500 }),
		rate: decimal({ label: 'Rate Limit (MB/s)', initial: 0 }),
		'host-managed': flag({
			label: 'Host-Managed',
			help: 'Whether the host sets up the network and asks for DHCP, for containers that cannot',
			since: '9.1',
		}),
		type: choice({ label: 'Type', options: { veth: 'Virtual Ethernet' } }),
	},
});

export const network = group({
	name: 'network',
	label: 'Network',
	help: 'More network cards, VLAN, MAC address, firewall, DNS',
	fields: {
		'net[n]': family({ label: 'Network Card', count: 32, item: networkCard }),
		nameserver: list({
			label: 'DNS Servers',
			help: 'Separated by spaces; by default those of the host',
			separator: ' ',
			normalised: true,
			format: 'lxc-ip-with-ll-iface-list',
			placeholder: '192.0.2.53 2001:db8::53',
		}),
		searchdomain: list({
			label: 'DNS Search Domains',
			help: 'Separated by spaces; by default those of the host',
			separator: ' ',
			normalised: true,
			format: 'dns-name-list',
			placeholder: 'example.com',
		}),
	},
});
