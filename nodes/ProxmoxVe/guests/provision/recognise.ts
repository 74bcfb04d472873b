import { randomUUID } from 'node:crypto';

import type { PveClient } from '../../api/client';
import type { PveError } from '../../api/errors';
import type { VmConfig } from './guestState';

/** Placeholder for the uuid in a preview. */
export const UUID_PLACEHOLDER = 'RANDOM_UUID';

const UUID_LENGTH = 36;
/** Proxmox's own limit, in characters. */
const LONGEST_SMBIOS1 = 512;

/** By what the VM of a request is recognised in its config. */
export interface Mark {
	/** What it adds to the body. */
	body(): Readonly<Record<string, string>>;
	/** Whose a VM is; undefined where there is no mark. */
	whose(config: VmConfig): 'ours' | 'others' | undefined;
	/** Gives the mark up if Proxmox refuses it. @returns whether that was so */
	giveUp(refusal: PveError): boolean;
}

/** The clients whose user or token may not set the mark; it may create VMs all the same. */
const refused = new WeakSet<PveClient>();

/**
 * A mark for one VM to create: an SMBIOS uuid of our own, where the user sets none. Proxmox itself makes up a random
 * one if there is no `smbios1`, so the VM is the same as without it. It needs VM.Config.HWType.
 * @param sent what is sent without the mark
 */
export function createMark(client: PveClient, sent: Readonly<Record<string, string>>): Mark {
	const uuid = randomUUID();
	let isMarked = mayMark(sent) && !refused.has(client);
	return {
		body: () => (isMarked ? markBody(uuid, sent) : {}),
		whose({ smbios1 }) {
			if (smbios1?.toLowerCase().includes(`uuid=${uuid}`)) return 'ours';
			return isMarked ? 'others' : undefined;
		},
		giveUp({ failure }) {
			if (!isMarked || !failure.message.includes('VM.Config.HWType')) return false;
			refused.add(client);
			isMarked = false;
			return true;
		},
	};
}

/** Whether a create may get a mark: a restore has the uuid of the backup. */
export const mayMark = (sent: Readonly<Record<string, string>>): boolean =>
	sent.archive === undefined &&
	!/(?:^|,)uuid=/.test(sent.smbios1 ?? '') &&
	(sent.smbios1 ?? '').length + `uuid=,`.length + UUID_LENGTH <= LONGEST_SMBIOS1;

/** What the mark adds to a request. */
export const markBody = (
	uuid: string,
	{ smbios1 }: Readonly<Record<string, string>>,
): Record<string, string> => ({
	smbios1: smbios1 === undefined ? `uuid=${uuid}` : `uuid=${uuid},${smbios1}`,
});
