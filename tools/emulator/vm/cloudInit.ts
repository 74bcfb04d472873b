import { subOptionsOf } from '../contract/facts';
import { parsePropertyString } from '../contract/propertyString';
import { unsupported } from '../errors';
import type { Vm, VmConfig } from '../state/types';

const KEYS = new Set([
	'cicustom',
	'cipassword',
	'citype',
	'ciuser',
	'ciupgrade',
	'nameserver',
	'searchdomain',
	'sshkeys',
]);

/** Whether a parameter is for cloud-init alone, and for no single network card. */
export const isOwnCloudInitKey = (key: string): boolean => KEYS.has(key);

/** Whether a parameter is for cloud-init alone. */
export function isCloudInitKey(key: string): boolean {
	return isOwnCloudInitKey(key) || /^ipconfig\d+$/.test(key);
}

/** The values that a cloud-init image is made from. */
export function cloudInitValues(config: VmConfig): VmConfig {
	return Object.fromEntries(
		Object.entries(config).filter(
			([key]) => isCloudInitKey(key) || key === 'name' || /^net\d+$/.test(key),
		),
	);
}

/** The cloud-init data that a VM is given; `type` is `user`, `network` or `meta`. */
export function cloudInitData(vm: Vm, type: string): string {
	if (type === 'user') return userData(vm);
	if (type === 'network') return networkData(vm);
	throw unsupported(`the cloud-init data '${type}'`);
}

function userData({ vmid, config }: Vm): string {
	const name = String(config.name ?? `VM${vmid}`);
	const [hostname = name] = name.split('.', 1);
	const domain = String(config.searchdomain ?? '').split(' ', 1)[0] ?? '';
	const fqdn = name.includes('.') || domain === '' ? name : `${name}.${domain}`;
	const keys = decodeURIComponent(String(config.sshkeys ?? ''))
		.split('\n')
		.filter((line) => line.trim() !== '');
	return [
		'#cloud-config',
		`hostname: ${hostname}`,
		'manage_etc_hosts: true',
		`fqdn: ${fqdn}`,
		...(config.ciuser === undefined ? [] : [`user: ${config.ciuser}`]),
		...(config.cipassword === undefined ? [] : [`password: ${config.cipassword}`]),
		...(keys.length > 0 ? ['ssh_authorized_keys:', ...keys.map((key) => `  - ${key}`)] : []),
		'chpasswd:',
		'  expire: False',
		...(config.ciuser === 'root' ? [] : ['users:', '  - default']),
		...(config.ciupgrade === 0 ? [] : ['package_upgrade: true']),
		'',
	].join('\n');
}

function networkData({ config }: Vm): string {
	const lines = ['version: 1', 'config:'];
	for (const key of Object.keys(config)
		.filter((name) => /^net\d+$/.test(name))
		.sort()) {
		const mac = parsePropertyString(subOptionsOf('net[n]'), String(config[key])).values?.macaddr;
		const settings = config[`ipconfig${key.slice(3)}`];
		const { ip, gw, ip6, gw6 } =
			parsePropertyString(subOptionsOf('ipconfig[n]'), String(settings ?? '')).values ?? {};
		lines.push(
			'    - type: physical',
			`      name: eth${key.slice(3)}`,
			`      mac_address: '${String(mac).toLowerCase()}'`,
			'      subnets:',
		);
		if (ip === 'dhcp') lines.push('      - type: dhcp4');
		else if (ip !== undefined)
			lines.push(
				'      - type: static',
				`        address: '${ip}'`,
				...(gw ? [`        gateway: '${gw}'`] : []),
			);
		if (ip6 === 'dhcp') lines.push('      - type: dhcp6');
		else if (ip6 === 'auto') lines.push('      - type: ipv6_slaac');
		else if (ip6 !== undefined)
			lines.push(
				'      - type: static6',
				`        address: '${ip6}'`,
				...(gw6 ? [`        gateway: '${gw6}'`] : []),
			);
	}
	return `${lines.join('\n')}\n`;
}
