import type { IDataObject } from 'n8n-workflow';

import { isRecord } from '../ProxmoxVe/wire/values';

/** The header that has the secret. n8n gives the names of headers in lower case. */
export const SECRET_HEADER = 'x-n8n-secret';

/** What is stored of the target in Proxmox, in the workflow's static data. */
export interface Stored {
	readonly secret: string;
	/** The comment of target and matcher, which no other activation has. */
	readonly comment: string;
}

/** @returns undefined if there is none */
export function readStored({ target }: IDataObject): Stored | undefined {
	if (!isRecord(target)) return undefined;
	const { secret, comment } = target;
	return typeof secret === 'string' && secret !== '' && typeof comment === 'string'
		? { secret, comment }
		: undefined;
}
