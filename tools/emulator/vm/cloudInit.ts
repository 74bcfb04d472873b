import { createHash, randomBytes } from 'node:crypto';
import { subOptionsOf } from '../contract/facts';
import { parsePropertyString } from '../contract/propertyString';
import { unsupported } from '../errors';
import type { Vm } from '../state/types';

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

/** Whether the cloud-init image has something of a setting in it. */
const isInImage = (key: string): boolean =>
	isCloudInitKey(key) || key === 'name' || /^net\d+$/.test(key);

/** Keeps that a setting of a running VM is from now on another than in its cloud-init image, or the same again. */
export function recordChange(
	vm: Vm,
	key: string,
	before: string | number | undefined,
	after: string | number | undefined,
): void {
	if (!isInImage(key)) return;
	const { values, added } = (vm.imageDrift ??= { values: {}, added: new Set() });
	if (values[key] !== undefined) {
		if (after !== undefined && String(after) === String(values[key])) delete values[key];
	} else if (added.has(key)) {
		if (after === undefined) added.delete(key);
	} else if (before !== undefined) {
		values[key] = before;
	} else if (after !== undefined) {
		added.add(key);
	}
}

/** A password as a change stores it: as a hash, unless it is one already or the guest is Windows. A create stores it as it is. */
export function storedPassword(password: string, ostype: unknown): string {
	if (/^w/.test(String(ostype ?? '')) || /^\$(?:[156]|2[ay])(\$.+){2}/.test(password))
		return password;
	return `$5$${randomBytes(6).toString('base64url')}$${createHash('sha256').update(password).digest('base64url')}`;
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
