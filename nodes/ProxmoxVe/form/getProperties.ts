import type { INodeProperties } from 'n8n-workflow';

import { getFields } from '../catalogue/qemu/actions';
import { plainProperties } from './describeField';
import { optionsProperty, vmProperty } from './sharedProperties';

const ipAddresses: INodeProperties = {
	displayName: 'IP Addresses',
	name: 'ipAddresses',
	type: 'boolean',
	default: true,
	description:
		'Whether to ask the guest agent for the network interfaces and IP addresses of the VM. If it does not respond, none are returned and warnings give the reason.',
};

const rawConfig: INodeProperties = {
	displayName: 'Raw Config',
	name: 'rawConfig',
	type: 'boolean',
	default: true,
	description:
		'Whether to return the configuration as Proxmox stores it, with devices as property strings such as virtio,bridge=vmbr0',
};

export const getProperties: readonly INodeProperties[] = [
	vmProperty,
	optionsProperty([ipAddresses, rawConfig, ...plainProperties(Object.entries(getFields))]),
];
