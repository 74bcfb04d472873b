import type { IDataObject } from 'n8n-workflow';

import { isSecretName, MASK } from '../../api/redact';
import { fieldOf, type Catalogue } from '../../catalogue/catalogue';
import type { GuestKind } from '../kinds';
import type { VmRequest } from '../../form/readRequest';
import type { CurrentConfig } from '../../form/readChange';
import { isRecord } from '../../wire/values';
import type { Copy } from './cloneVm';
import { idsOfKey, marked, markedUnfinished } from './idempotency';
import { UUID_PLACEHOLDER } from './recognise';
import { shellQuote } from '../../runtime/shellQuote';

/** Placeholder for an ID that is only known when the request is sent. */
const NEXT_ID = 'NEXT_FREE_ID';
/** Placeholder for the notes in a backup, to which the key's mark is added. */
const NOTES = 'NOTES_OF_THE_BACKUP';
/** Placeholder for the MAC address that a clone gets. */
const MAC = 'MAC_OF_THE_CLONE';

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
	const { idempotencyKey: key } = options;
	const notes = sent.description ?? (request.archive === undefined ? '' : NOTES);
	return preview(kind, {
		path: [node, kind.type],
		idName: 'vmid',
		node,
		vmid: idOf(request),
		hasRange: options.idRange !== undefined,
		body: key === '' ? sent : { ...sent, description: marked(notes, key) },
		later: laterRequests(request),
	});
}

/**
 * The requests that Clone would send, as previewOf has them.
 * @param settings the body that changes the settings
 * @param present the configuration of the original: what the clone makes up anew is a placeholder
 */
export function previewOfClone(
	kind: GuestKind,
	{ original, node, vmid, body, notes, settings: hasSettings, growth, start, options }: Copy,
	settings: Readonly<Record<string, string>>,
	present: CurrentConfig | undefined,
): Preview {
	const { idempotencyKey: key } = options;
	const change = Object.fromEntries(
		Object.entries(settings).map(([name, value]) => [name, withoutMac(present, name, value)]),
	);
	const mark = hasSettings === undefined ? marked : markedUnfinished;
	return preview(kind, {
		path: [original.node, kind.type, String(original.vmid), 'clone'],
		idName: 'newid',
		node,
		vmid: idOf({ vmid, options }),
		hasRange: options.idRange !== undefined,
		body: key === '' ? body : { ...body, description: mark(notes, key) },
		later: [
			...(hasSettings === undefined
				? []
				: [
						{
							method: 'POST',
							of: 'config',
							body: key === '' ? change : { ...change, description: marked(notes, key) },
						} as const,
					]),
			...growthRequests(growth),
			...(start ? [START] : []),
		],
	});
}

/** The ID that a VM gets, if it is known before. */
const idOf = ({
	vmid,
	options: { idempotencyKey: key, idRange },
}: Pick<VmRequest, 'vmid' | 'options'>): number | undefined =>
	vmid ?? (key === '' ? undefined : idsOfKey(key, idRange)[0]);

/** A network card without the MAC address of the original. */
function withoutMac(present: CurrentConfig | undefined, name: string, value: string): string {
	const card = present?.config[name];
	const mac = isRecord(card) && /^net\d+$/.test(name) ? card.macaddr : undefined;
	return typeof mac === 'string' ? value.replace(mac, MAC) : value;
}

interface Shown {
	/** Below `/nodes`. */
	readonly path: readonly string[];
	/** The parameter with the ID of the new VM. */
	readonly idName: string;
	/** Where the VM comes to be. */
	readonly node: string;
	readonly vmid: number | undefined;
	/** Whether the next free ID is one of a range. */
	readonly hasRange: boolean;
	readonly body: Readonly<Record<string, string>>;
	readonly later: readonly LaterRequest[];
}

function preview(
	kind: GuestKind,
	{ path, idName, node, vmid, hasRange, body: sent, later }: Shown,
): Preview {
	const id = vmid === undefined ? NEXT_ID : String(vmid);
	const body = { [idName]: id, ...masked(kind.catalogue, sent) };
	// No command asks for the next ID of a range: there the placeholder is left, and refused.
	const asksForId = vmid === undefined && !hasRange;
	const words = Object.entries(body).map(([name, value]) => {
		if (name === idName && asksForId) return `--${name} "$(pvesh get /cluster/nextid)"`;
		if (value === `uuid=${UUID_PLACEHOLDER}`)
			return `${shellQuote(`--${name}`)} "uuid=$(cat /proc/sys/kernel/random/uuid)"`;
		return `${shellQuote(`--${name}`)} ${shellQuote(value)}`;
	});
	const guest = `${kind.type}/${id}`;
	const afterwards = later.map(({ method, of, body: given }) => {
		const values = masked(kind.catalogue, given);
		return {
			method,
			path: `/api2/json/nodes/${encodeURIComponent(node)}/${guest}/${of}`,
			body: values,
			command: [
				method === 'PUT' ? 'pvesh set' : 'pvesh create',
				shellQuote(`/nodes/${node}/${guest}/${of}`),
				...Object.entries(values).map(([name, value]) => `--${name} ${shellQuote(value)}`),
			].join(' '),
		};
	});
	return {
		method: 'POST',
		path: `/api2/json/nodes/${path.map((part) => encodeURIComponent(part)).join('/')}`,
		body,
		command: ['pvesh create', shellQuote(`/nodes/${path.join('/')}`), ...words].join(' '),
		...(afterwards.length === 0 ? {} : { afterwards }),
	};
}

interface LaterRequest {
	readonly method: 'POST' | 'PUT';
	/** Below the guest's own path. */
	readonly of: string;
	readonly body: Readonly<Record<string, string>>;
}

const START: LaterRequest = { method: 'POST', of: 'status/start', body: {} };

const growthRequests = (growth: VmRequest['growth']): LaterRequest[] =>
	growth.map((disk) => ({ method: 'PUT', of: 'resize', body: { ...disk } }));

/** What is sent once the VM exists, if nothing goes wrong. */
const laterRequests = ({ parameters, growth }: VmRequest): LaterRequest[] => [
	...growthRequests(growth),
	...(growth.length > 0 && parameters.start === true ? [START] : []),
	...(parameters.template === true ? [{ method: 'POST', of: 'template', body: {} } as const] : []),
];

/** A body with its secrets masked. */
const masked = (
	catalogue: Catalogue,
	body: Readonly<Record<string, string>>,
): Record<string, string> =>
	Object.fromEntries(
		Object.entries(body).map(([name, value]) => [name, isSecret(catalogue, name) ? MASK : value]),
	);

const isSecret = (catalogue: Catalogue, name: string): boolean => {
	const field = fieldOf(catalogue, name)?.field;
	return (field?.kind === 'text' && field.secret === true) || isSecretName(name);
};
