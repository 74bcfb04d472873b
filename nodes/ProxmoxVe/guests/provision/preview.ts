import type { IDataObject } from 'n8n-workflow';

import { isSecretName, MASK } from '../../api/redact';
import { fieldOf, type Catalogue } from '../../catalogue/catalogue';
import type { GuestKind } from '../kinds';
import type { VmRequest } from '../../form/readRequest';
import { idsOfKey, marked } from './idempotency';
import { UUID_PLACEHOLDER } from './recognise';
import { shellQuote } from '../../runtime/shellQuote';

/** Placeholder for an ID that is only known when the request is sent. */
const NEXT_ID = 'NEXT_FREE_ID';
/** Placeholder for the notes in a backup, to which the key's mark is added. */
const NOTES = 'NOTES_OF_THE_BACKUP';

const UUID = `uuid=${UUID_PLACEHOLDER}`;

/** A request as the preview shows it. Nothing of it was sent. */
export interface Preview extends IDataObject {
	method: 'POST';
	path: string;
	body: Record<string, string>;
	/** The same as a command for a shell on a node. */
	command: string;
	/** Why it would be on this node, if that was chosen automatically. */
	placement?: string;
	/** The requests that follow once the VM exists, in their order. */
	afterwards?: Array<{
		method: 'POST' | 'PUT';
		path: string;
		body: Record<string, string>;
		command: string;
	}>;
}

/**
 * The request that would be sent, with secrets masked, and the equal `pvesh` command. The uuid by which the VM of a
 * create is recognised is made up for each request, so that a placeholder stands for it.
 * @param sent its body, but for the ID and what an idempotency key adds
 */
export async function previewOf(
	kind: GuestKind,
	request: VmRequest,
	sent: Readonly<Record<string, string>>,
): Promise<Preview> {
	const { node, options } = request;
	const { catalogue } = kind;
	const { idempotencyKey: key, idRange } = options;
	const vmid = request.vmid ?? (key === '' ? undefined : idsOfKey(key, idRange)[0]);
	const notes = sent.description ?? (request.archive === undefined ? '' : NOTES);
	const whole = key === '' ? sent : { ...sent, description: marked(notes, key) };

	const shown = Object.fromEntries(
		Object.entries(whole).map(([name, value]) => [name, isSecret(catalogue, name) ? MASK : value]),
	);
	const body = { vmid: vmid === undefined ? NEXT_ID : String(vmid), ...shown };
	// No command asks for the next ID of a range: there the placeholder is left, and refused.
	const asksForId = vmid === undefined && idRange === undefined;
	const words = Object.entries(body).map(([name, value]) => {
		if (name === 'vmid' && asksForId) return '--vmid "$(pvesh get /cluster/nextid)"';
		if (name === 'smbios1' && value.startsWith(UUID)) {
			const others = value.slice(UUID.length);
			return `--smbios1 "uuid=$(cat /proc/sys/kernel/random/uuid)"${others === '' ? '' : shellQuote(others)}`;
		}
		return `${shellQuote(`--${name}`)} ${shellQuote(value)}`;
	});
	const path = `/api2/json/nodes/${encodeURIComponent(node)}/${kind.type}`;
	const guest = `${kind.type}/${body.vmid}`;
	const later = laterRequests(request).map(({ method, of, body: values }) => ({
		method,
		path: `/api2/json/nodes/${encodeURIComponent(node)}/${guest}/${of}`,
		body: { ...values },
		command: [
			method === 'PUT' ? 'pvesh set' : 'pvesh create',
			shellQuote(`/nodes/${node}/${guest}/${of}`),
			...Object.entries(values).map(([name, value]) => `--${name} ${shellQuote(value)}`),
		].join(' '),
	}));
	return {
		method: 'POST',
		path,
		body,
		command: ['pvesh create', shellQuote(`/nodes/${node}/${kind.type}`), ...words].join(' '),
		...(later.length === 0 ? {} : { afterwards: later }),
	};
}

interface LaterRequest {
	readonly method: 'POST' | 'PUT';
	/** Below the guest's own path. */
	readonly of: string;
	readonly body: Readonly<Record<string, string>>;
}

/** What is sent once the VM exists, if nothing goes wrong. */
const laterRequests = ({ parameters, growth }: VmRequest): LaterRequest[] => [
	...growth.map((disk) => ({ method: 'PUT', of: 'resize', body: { ...disk } }) as const),
	...(growth.length > 0 && parameters.start === true
		? [{ method: 'POST', of: 'status/start', body: {} } as const]
		: []),
	...(parameters.template === true ? [{ method: 'POST', of: 'template', body: {} } as const] : []),
];

const isSecret = (catalogue: Catalogue, name: string): boolean => {
	const field = fieldOf(catalogue, name)?.field;
	return (field?.kind === 'text' && field.secret === true) || isSecretName(name);
};
