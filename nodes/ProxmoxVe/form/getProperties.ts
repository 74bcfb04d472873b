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
		'Whether to ask the guest agent for the network interfaces and IP addresses of the VM. Where it does not answer there are none, and warnings say why.',
};

const rawConfig: INodeProperties = {
	displayName: 'Raw Config',
	name: 'rawConfig',
	type: 'boolean',
	default: true,
	description:
		'Whether to leave the configuration as Proxmox writes it, with devices as texts such as virtio,bridge=vmbr0',
};

export const getProperties: readonly INodeProperties[] = [
	vmProperty,
	optionsProperty([ipAddresses, rawConfig, ...plainProperties(Object.entries(getFields))]),
];
