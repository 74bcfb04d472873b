import { NodeApiError, NodeOperationError, type IDataObject, type INode } from 'n8n-workflow';

import { labelOf, sentenceOf } from '../form/labels';
import { PveError, TaskError, TaskTimeoutError } from '../pve/errors';
import type { Problem } from '../wire/problem';

/** What an error must not lose: where the VM is, and the task that made it. Filled in as it becomes known. */
export interface Trace {
	node?: string;
	vmid?: number;
	upid?: string;
}

/** Bad input, found before any request. */
export class BadInputError extends Error {
	constructor(readonly problems: readonly Problem[]) {
		super(problems.map(sentenceOf).join('; '));
		this.name = 'BadInputError';
	}
}

/** n8n shows a description as HTML, where a line break needs a tag. */
const lines = (...parts: Array<string | undefined | false>): string =>
	parts.filter((part): part is string => typeof part === 'string' && part !== '').join('<br>\n');

const traced = ({ upid, vmid, node }: Trace): string | undefined =>
	upid === undefined ? undefined : `Task of VM ${vmid} on ${node}: ${upid}`;

/**
 * An error as n8n shows it: what happened, which field of which item, and what to do next.
 * @param reason what an operation threw
 * @param trace what was known of the VM by then
 * @param itemIndex the item it was about
 */
export function toNodeError(
	{ ...node }: INode,
	reason: unknown,
	trace: Trace,
	itemIndex: number,
): NodeApiError | NodeOperationError {
	// n8n stores the node with its error; its parameters may hold a password of the guest.
	node.parameters = {};
	if (reason instanceof BadInputError) {
		const sentences = reason.problems.map(sentenceOf);
		const [first = 'The parameters are not valid'] = sentences;
		return new NodeOperationError(node, more(first, sentences.length - 1), {
			itemIndex,
			description: lines(...(sentences.length > 1 ? sentences : []), 'Nothing was sent to Proxmox VE.'),
		});
	}
	if (reason instanceof PveError) return apiError(node, reason, trace, itemIndex);
	if (reason instanceof TaskError) {
		return new NodeApiError(node, {}, {
			message: `Proxmox VE could not finish the task of VM ${trace.vmid}: ${reason.exitStatus}`,
			description: lines('The last lines of its log:', ...reason.log, traced(trace)),
			itemIndex,
		});
	}
	if (reason instanceof TaskTimeoutError) {
		return new NodeApiError(node, {}, {
			message: `VM ${trace.vmid}: ${reason.message}. It goes on in Proxmox VE`,
			description: lines('Look at the task there, or raise Options → Timeout.', traced(trace)),
			itemIndex,
		});
	}
	if (reason instanceof NodeApiError || reason instanceof NodeOperationError) return reason;
	return new NodeOperationError(node, reason instanceof Error ? reason : String(reason), { itemIndex, description: traced(trace) });
}

const more = (first: string, others: number): string => (others > 0 ? `${first} (and ${others} more)` : first);

function apiError(node: INode, { failure }: PveError, trace: Trace, itemIndex: number): NodeApiError {
	const refused = Object.entries(failure.errors ?? {}).map(([name, text]) => `${labelOf(name)}: ${text.replace(/\n/g, ' ')}`);
	const [first] = refused;
	return new NodeApiError(node, {}, {
		message: first === undefined ? messageOf(failure) : `Proxmox VE refused ${more(first, refused.length - 1)}`,
		description: lines(...(refused.length > 1 ? refused : []), adviceOn(failure), failure.request, traced(trace)),
		...(failure.status === undefined ? {} : { httpCode: String(failure.status) }),
		itemIndex,
	});
}

function messageOf({ status, code, message }: PveError['failure']): string {
	if (status === undefined) return `Proxmox VE could not be reached: ${code ?? message}`;
	return `Proxmox VE answered ${status}: ${message}`;
}

/** The next step, for what users meet most. */
function adviceOn({ status, code, message }: PveError['failure']): string | undefined {
	if (status === 401) return 'Check the credential: the token may be wrong, expired or disabled.';
	if (status === 403) {
		return 'The token lacks the privilege on the path named above. A token with privilege separation needs permissions of its own.';
	}
	if (code && /CERT|SIGNED|ISSUER|ALTNAME/.test(code)) {
		return 'The certificate is not trusted: paste the CA of the cluster into CA Certificate of the credential.';
	}
	if (status === undefined) return `Check Cluster URL of the credential, and that n8n can reach the host. ${message}`;
	return undefined;
}

/**
 * What an item of the error output holds: the message, and what was known of the VM.
 * n8n takes an item for a failed one, and keeps what is in it, only with these keys and no others.
 */
export const errorJson = (error: NodeApiError | NodeOperationError, trace: Trace): IDataObject => ({
	error: error.message,
	details: {
		...(error.description ? { description: error.description.replace(/<br>/g, '') } : {}),
		...trace,
	},
});
