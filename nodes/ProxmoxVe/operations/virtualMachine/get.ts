import type { INodeProperties } from 'n8n-workflow';

import { getFields } from '../../catalogue/actions';
import { plainProperties } from '../../form/describeField';
import { readFields } from '../../form/readFields';
import { optionValues } from '../../form/readOptions';
import { optionsProperty, vmProperty } from '../../form/sharedProperties';
import { decodeConfig } from '../../wire/decodeConfig';
import { encodeFields } from '../../wire/encodeFields';
import { splitList } from '../../wire/splitList';
import { guestAddresses } from '../guestAddresses';
import { locateVm, vmPath } from '../locateVm';
import { emit, type Operation } from '../operation';
import { BadInputError } from '../report';
import { vmUrl } from '../vmUrl';

const ipAddresses: INodeProperties = {
	displayName: 'IP Addresses',
	name: 'ipAddresses',
	type: 'boolean',
	default: true,
	description: 'Whether to ask the guest agent for the IP addresses of the VM. There are none where it does not answer.',
};

const rawConfig: INodeProperties = {
	displayName: 'Raw Config',
	name: 'rawConfig',
	type: 'boolean',
	default: true,
	description: 'Whether to leave the configuration as Proxmox writes it, with devices as texts such as virtio,bridge=vmbr0',
};

interface Current {
	readonly status: string;
	readonly name?: string;
	readonly tags?: string;
	readonly template?: 0 | 1;
	readonly lock?: string;
}

/** Source: `GET /nodes/{node}/qemu/{vmid}/config`, `GET …/status/current`. */
export const get: Operation = {
	value: 'get',
	name: 'Get',
	action: 'Get a virtual machine',
	description:
		'Read a virtual machine: its node, status, configuration with devices as objects, what it uses just now, and its IP addresses if that is asked for',
	properties: [vmProperty, optionsProperty([ipAddresses, rawConfig, ...plainProperties(Object.entries(getFields))])],
	async execute(item) {
		const { client, context } = item.run;
		const options = optionValues(item.get);
		const { values, problems } = readFields(getFields, options);
		if (problems.length > 0) throw new BadInputError(problems);

		const place = await locateVm(item);
		const [{ data: config }, { data: current }] = await Promise.all([
			client.get<Record<string, string | number>>(`${vmPath(place)}/config`, encodeFields(values)),
			client.get<Current>(`${vmPath(place)}/status/current`),
		]);
		const asked = options.ipAddresses === true ? guestAddresses(client, place.node, place.vmid, 0, context.getExecutionCancelSignal()) : undefined;
		return emit({
			...place,
			name: current.name ?? null,
			status: current.status,
			template: current.template === 1,
			tags: splitList(current.tags ?? ''),
			lock: current.lock ?? null,
			...(asked ? { ipAddresses: await asked } : {}),
			url: await vmUrl(client, place.vmid),
			config: options.rawConfig === true ? config : decodeConfig(config),
			current: { ...current },
		});
	},
};
