import type { Catalogue } from '../../../nodes/ProxmoxVe/catalogue/catalogue';
import { lxc } from '../../../nodes/ProxmoxVe/catalogue/lxc';
import { qemu } from '../../../nodes/ProxmoxVe/catalogue/qemu';
import {
	createContainerEndpoint,
	createEndpoint,
	type EndpointFacts,
} from '../../../tools/emulator/contract/facts';
import {
	containerDifferences,
	verdictDifferences,
	type VerdictDifference,
} from '../verdictDifferences';

/** A kind of guest, as the requests that create one are drawn and judged. */
export interface Kind {
	readonly label: string;
	readonly resource: string;
	readonly catalogue: Catalogue;
	readonly endpoint: EndpointFacts;
	readonly differences: readonly VerdictDifference[];
	/** What every request has besides node and ID. */
	readonly always: Readonly<Record<string, string>>;
}

export const vms: Kind = {
	label: 'VMs',
	resource: 'virtualMachine',
	catalogue: qemu,
	endpoint: createEndpoint,
	differences: verdictDifferences,
	always: {},
};

export const containers: Kind = {
	label: 'containers',
	resource: 'container',
	catalogue: lxc,
	endpoint: createContainerEndpoint,
	differences: containerDifferences,
	always: { ostemplate: 'local:vztmpl/debian-13-tiny_13.1-1_amd64.tar.zst' },
};
