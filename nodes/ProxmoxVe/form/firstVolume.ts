import type { INodeProperties } from 'n8n-workflow';

import { text } from '../catalogue/fields';
import { readGib } from '../wire/volume';
import { isUnset } from '../wire/values';
import { JSON_PROFILE } from './applyProfile';
import { locator } from './describeField';
import type { Form } from './Form';
import { ENTRY_OPTIONS } from './names';
import { NO_VALUE, textOf } from './readFields';

const properties: readonly INodeProperties[] = [
	{
		displayName: 'Storage',
		name: 'storage',
		...locator('searchContainerStorages', 'local-lvm'),
		required: true,
		description: 'The storage for the root file system',
	},
	{
		displayName: 'Size (GiB)',
		name: 'diskSize',
		type: 'number',
		default: 8,
		description: 'Size of the root file system',
	},
	{
		displayName: 'Bridge',
		name: 'bridge',
		...locator('searchBridges', 'vmbr0'),
		default: { mode: 'name', value: 'vmbr0' },
		description: 'The bridge for the network card eth0; none if empty',
	},
	{
		displayName: 'IPv4 Address',
		name: 'ip',
		type: 'string',
		default: 'dhcp',
		placeholder: 'e.g. 192.0.2.10/24',
		description: 'The address with its prefix length, or dhcp. None if empty.',
	},
	{
		displayName: 'IPv4 Gateway',
		name: 'gateway',
		type: 'string',
		default: '',
		placeholder: 'e.g. 192.0.2.1',
		displayOptions: { hide: { ip: ['dhcp', ''] } },
	},
];

/** What nearly every new container has, as plain fields: its root file system and one network card. */
export const firstVolumeProperties = properties.map((property) => ({
	...property,
	displayOptions: { hide: { ...property.displayOptions?.hide, profile: [JSON_PROFILE] } },
}));

const fields = {
	storage: text({ label: 'Storage', format: 'pve-storage-id', required: true }),
	bridge: text({ label: 'Bridge', format: 'pve-bridge-id' }),
	ip: text({ label: 'IPv4 Address', format: 'pve-ipv4-config' }),
	gateway: text({ label: 'IPv4 Gateway', format: 'ipv4' }),
};

/** Reads them. @returns the volume as Proxmox makes it, and the card as an entry of the list Network Cards */
export function readFirstVolume(form: Form): {
	volume?: string;
	cards: Array<Record<string, unknown>>;
} {
	const wrong = (message: string): void =>
		void form.problems.push({ parameter: 'diskSize', label: 'Size (GiB)', message });
	const { storage } = form.fields({ storage: fields.storage });
	const given = form.raw('diskSize', '');
	const size = readGib(given);
	if (isUnset(given)) wrong(NO_VALUE);
	else if (textOf(given) === '') wrong('is needed');
	else if ('problem' in size) wrong(size.problem);
	const { bridge, ip, gateway } = form.fields(
		{ bridge: fields.bridge, ip: fields.ip, gateway: fields.gateway },
		{ bridge: '', ip: '', gateway: '' },
	);
	if (gateway !== undefined && (ip === undefined || ip === 'dhcp' || ip === 'manual'))
		form.problems.push({
			parameter: 'gateway',
			label: fields.gateway.label,
			message: 'needs an IPv4 Address with its prefix length',
		});
	return {
		...(storage !== undefined && 'value' in size ? { volume: `${storage}:${size.value}` } : {}),
		cards:
			bridge === undefined
				? []
				: [
						{
							name: 'eth0',
							bridge,
							ip,
							[ENTRY_OPTIONS]: gateway === undefined ? {} : { gw: gateway },
						},
					],
	};
}
