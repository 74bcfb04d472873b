import type { Resource } from '../operation';
import { clone } from './clone';
import { convertToTemplate } from './convertToTemplate';
import { create } from './create';
import { deleteVm } from './delete';
import { get } from './get';
import { getMany } from './getMany';
import { reboot } from './reboot';
import { resizeDisk } from './resizeDisk';
import { restore } from './restore';
import { shutdown } from './shutdown';
import { start } from './start';
import { stop } from './stop';
import { update } from './update';

export const virtualMachine: Resource = {
	value: 'virtualMachine',
	name: 'Virtual Machine',
	operations: [
		create,
		restore,
		clone,
		get,
		getMany,
		update,
		start,
		shutdown,
		stop,
		reboot,
		resizeDisk,
		convertToTemplate,
		deleteVm,
	],
};
