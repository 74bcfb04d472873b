import type { INodeParameters } from 'n8n-workflow';

const picked = (value: string) => ({ __rl: true, mode: 'list', value });

/** The VM that everybody makes here, as the API takes it: one disk, one network card. */
export const vmForm: Readonly<Record<string, string>> = {
	name: 'bench',
	cores: '2',
	memory: '2048',
	ostype: 'l26',
	scsihw: 'virtio-scsi-single',
	scsi0: 'local:1',
	net0: 'virtio,bridge=vmbr0',
};

/** The same VM as this node's parameters, with Next Free ID. */
export const vmParameters: INodeParameters = {
	resource: 'virtualMachine',
	operation: 'create',
	profile: 'none',
	diskSource: 'none',
	bridge: { __rl: true, mode: 'name', value: '' },
	name: 'bench',
	cores: 2,
	memory_current: 2048,
	general: { ostype: 'l26' },
	moreSettings: ['general', 'network', 'cloudInit', 'processor', 'disks'],
	disks: { scsihw: 'virtio-scsi-single' },
	diskList: {
		values: [{ source: 'new', storage: picked('local'), size: 1, options: { bus: 'scsi' } }],
	},
	netList: { values: [{ model: 'virtio', bridge: picked('vmbr0'), options: {} }] },
	options: { node: picked('pve1') },
};
