import type { IDataObject } from 'n8n-workflow';

import { fieldOf } from '../catalogue';
import type { VmRequest } from '../form/readRequest';

/** Stands for an ID that only the run itself would learn. */
const NEXT_ID = 'NEXT_FREE_ID';
const MASK = '********';

/** A request as the preview shows it. Nothing of it was sent. */
export interface Preview extends IDataObject {
	method: 'POST';
	path: string;
	body: Record<string, string>;
	/** The same as a command for a shell on a node. */
	command: string;
	/** The request that comes after it, where it is to be a template. */
	afterwards?: string;
}

/** Quoted for a POSIX shell, where it needs to be. */
const quoted = (text: string): string => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replace(/'/g, `'\\''`)}'`);

/** The request that would be sent, with secrets masked, and the equal `pvesh` command. */
export function previewOf({ node, vmid, parameters }: VmRequest, sent: Readonly<Record<string, string>>): Preview {
	const shown = Object.fromEntries(Object.entries(sent).map(([name, value]) => [name, isSecret(name) ? MASK : value]));
	const body = { vmid: vmid === undefined ? NEXT_ID : String(vmid), ...shown };
	const options = Object.entries(body).map(([name, value]) =>
		name === 'vmid' && vmid === undefined ? '--vmid "$(pvesh get /cluster/nextid)"' : `--${name} ${quoted(value)}`,
	);
	const path = `/api2/json/nodes/${encodeURIComponent(node)}/qemu`;
	return {
		method: 'POST',
		path,
		body,
		command: ['pvesh create', quoted(`/nodes/${node}/qemu`), ...options].join(' '),
		...(parameters.template === true ? { afterwards: `POST ${path}/${body.vmid}/template` } : {}),
	};
}

const isSecret = (name: string): boolean => {
	const field = fieldOf(name)?.field;
	return field?.kind === 'text' && field.secret === true;
};
