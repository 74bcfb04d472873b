/** A template that the list of appliances offers, as the API shows it. */
export type Appliance = Record<
	| 'architecture'
	| 'description'
	| 'headline'
	| 'infopage'
	| 'location'
	| 'maintainer'
	| 'md5sum'
	| 'os'
	| 'package'
	| 'section'
	| 'sha512sum'
	| 'source'
	| 'template'
	| 'type'
	| 'version',
	string
>;

const SERVER = 'http://download.proxmox.com/images';

/** A row of the list; its checksums are made up, and those of the file that the state's web server may have. */
function appliance(os: string, name: string, version: string, headline: string): Appliance {
	const template = `${name}_${version}_amd64.tar.${os === 'alpine' ? 'xz' : 'zst'}`;
	const digit = String(template.length % 10);
	return {
		architecture: 'amd64',
		description: `${headline}.`,
		headline,
		infopage: 'https://pve.proxmox.com/wiki/Linux_Container#pct_supported_distributions',
		location: `${SERVER}/system/${template}`,
		maintainer: 'Proxmox Support Team <support@proxmox.com>',
		md5sum: digit.repeat(32),
		os,
		package: name,
		section: 'system',
		sha512sum: digit.repeat(128),
		source: SERVER,
		template,
		type: 'lxc',
		version,
	};
}

/** What the list of appliances of a node holds. */
export const appliances: readonly Appliance[] = [
	appliance('alpine', 'alpine-3.24-default', '20260714', 'LXC default image for alpine 3.24'),
	appliance('debian-12', 'debian-12-standard', '12.12-1', 'Debian 12 Bookworm (standard)'),
	appliance('debian-13', 'debian-13-standard', '13.6-1', 'Debian 13 Trixie (standard)'),
	appliance('ubuntu-24.04', 'ubuntu-24.04-standard', '24.04-2', 'Ubuntu 24.04 Noble (standard)'),
];
