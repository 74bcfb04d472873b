import type { IDataObject, INodeParameters } from 'n8n-workflow';

import stateFile from '../../tools/facts/state-2.json';
import { loadState } from '../../tools/emulator';
import { openLab, readApi, type Lab, type LabOptions } from './lab';

/** A template that the state has. */
export const TEMPLATE = 'local:vztmpl/debian-13-tiny_13.1-1_amd64.tar.zst';

const named = (value: string) => ({ __rl: true, mode: 'name', value });

/** A new container on pve1, as its panel has it, with nothing added. */
export const newContainer: INodeParameters = {
	resource: 'container',
	operation: 'create',
	profile: 'standard',
	ostemplate: named(TEMPLATE),
	storage: named('local'),
	diskSize: 1,
	bridge: named('vmbr0'),
	ip: 'dhcp',
	// Every group is shown, as if all had been chosen.
	moreSettings: [
		'source',
		'general',
		'access',
		'resources',
		'volumes',
		'network',
		'isolation',
		'system',
		'additional',
	],
	options: { node: named('pve1') },
};

/** The container that is chosen by its ID. */
export const ct = (vmid: number): IDataObject => ({ __rl: true, mode: 'id', value: String(vmid) });

/** The node on n8n's engine, and a Proxmox VE with templates and containers. */
export const openContainerLab = async (options: LabOptions = {}): Promise<Lab> =>
	await openLab({ state: loadState(Math.floor(Date.now() / 1000), stateFile), ...options });

/** The configuration of a container, past the node. */
export const configOf = async (lab: Lab, vmid: unknown, node = 'pve1'): Promise<IDataObject> =>
	await readApi(lab.emulator, `/nodes/${node}/lxc/${String(vmid)}/config`);
