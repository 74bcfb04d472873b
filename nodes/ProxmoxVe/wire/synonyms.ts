import { getOwn } from './values';

/**
 * Words that other tools (Terraform, Ansible, cloud APIs) have for what Proxmox calls otherwise, in lower case and
 * without - and _. They come before the comparison by letters, which would suggest a wrong word for many of them.
 * An empty one means that Proxmox has no single name for it. Those for parameters are in each catalogue.
 */

/** Words for options of a device; one that the device does not have is passed over. */
export const optionSynonyms: Readonly<Record<string, string>> = {
	address: 'ip',
	fileid: 'file',
	gateway: 'gw',
	gateway6: 'gw6',
	hardwareaddress: 'macaddr',
	hwaddr: 'macaddr',
	id: '',
	ipaddress: 'ip',
	ipv4: 'ip',
	ipv6: 'ip6',
	mac: 'macaddr',
	macaddress: 'macaddr',
	nictype: 'model',
	slot: '',
	storage: 'file',
	type: 'model',
	vlan: 'tag',
	vlanid: 'tag',
	vlantag: 'tag',
	vmid: '',
};

/** Words for values of a choice; one that the choice does not have is passed over. */
export const valueSynonyms: Readonly<Record<string, string>> = {
	archlinux: 'l26',
	centos: 'l26',
	debian: 'l26',
	efi: 'ovmf',
	false: 'ignore',
	legacy: 'seabios',
	linux: 'l26',
	off: 'ignore',
	rhel: 'l26',
	true: 'on',
	ubuntu: 'l26',
	uefi: 'ovmf',
	virtionet: 'virtio',
	virtioscsi: 'virtio-scsi-pci',
	windows: 'win11',
	windows10: 'win10',
	windows11: 'win11',
	yes: 'on',
};

/**
 * Proxmox's name for a word of another tool.
 * @returns one of `known`; '' if nothing is meant by one name; undefined if the word is in no table
 */
export function synonymOf(
	table: Readonly<Record<string, string>>,
	word: string,
	known: readonly string[],
): string | undefined {
	const found = getOwn(table, word.toLowerCase().replace(/[\s_-]/g, ''));
	return found === undefined || found === '' || known.includes(found) ? found : undefined;
}
