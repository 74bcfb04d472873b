import type { IDataObject } from 'n8n-workflow';

import { storageOf } from '../../api/backups';
import { isSecretName, MASK } from '../../api/redact';
import { fieldOf, type Catalogue } from '../../catalogue/catalogue';
import { downloadBody } from '../images/downloadImage';
import type { GuestKind } from '../kinds';
import { unusedCdSlot } from '../../form/drives';
import { startsLater, type VmRequest } from '../../form/readRequest';
import { idsOfKey, marked } from './idempotency';
import { UUID_PLACEHOLDER } from './recognise';
import { shellQuote } from '../../runtime/shellQuote';
import { seedName } from '../../wire/buildSeedIso';

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
	/** The requests that come before it, in their order, unless what they store is there. */
	beforehand?: ShownRequest[];
	/** The requests that follow once the VM exists, in their order. */
	afterwards?: ShownRequest[];
}

type ShownRequest = {
	method: 'POST' | 'PUT';
	path: string;
	body: Record<string, string>;
	command: string;
};

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
	const show = ({ method, of, body: values, command }: OtherRequest): ShownRequest => ({
		method,
		path: `/api2/json/nodes/${encodeURIComponent(node)}/${of}`,
		body: { ...values },
		command:
			command ??
			[
				method === 'PUT' ? 'pvesh set' : 'pvesh create',
				shellQuote(`/nodes/${node}/${of}`),
				...Object.entries(values).map(([name, value]) => `--${name} ${shellQuote(value)}`),
			].join(' '),
	});
	const before = earlierRequests(request).map(show);
	const later = laterRequests(request, { guest, vmid: body.vmid }).map(show);
	return {
		method: 'POST',
		path,
		body,
		command: ['pvesh create', shellQuote(`/nodes/${node}/${kind.type}`), ...words].join(' '),
		...(before.length === 0 ? {} : { beforehand: before }),
		...(later.length === 0 ? {} : { afterwards: later }),
	};
}

interface OtherRequest {
	readonly method: 'POST' | 'PUT';
	/** Below the path of the node. */
	readonly of: string;
	readonly body: Readonly<Record<string, string>>;
	/** The command, if it is no call of the API. */
	readonly command?: string;
}

/** What is sent before the VM is created, if its image is not stored yet. */
function earlierRequests({ download }: VmRequest): OtherRequest[] {
	if (download === undefined) return [];
	const storage = storageOf(download.placeholder);
	return [
		{
			method: 'POST',
			of: `storage/${storage}/download-url`,
			body: downloadBody({
				...download,
				content: 'import',
				name: download.placeholder.replace(/^.*\//, ''),
			}),
		},
	];
}

/** How the cloud-init ISO image is stored and attached. */
function seedRequests(
	{ seed, parameters }: VmRequest,
	{ guest, vmid }: { readonly guest: string; readonly vmid: string },
): OtherRequest[] {
	if (seed === undefined) return [];
	const storage = seed.storage ?? 'ISO_STORAGE';
	const filename = seedName(`${vmid}-${UUID_PLACEHOLDER}`);
	const volid = `${storage}:iso/${filename}`;
	const files = SEED_FILES.filter(([key]) => key === 'metaData' || seed[key] !== undefined);
	return [
		{
			method: 'POST',
			of: `storage/${storage}/upload`,
			body: { content: 'iso', filename },
			// The API has no command for an upload.
			command: `genisoimage -quiet -J -R -V cidata -o "$(pvesm path ${shellQuote(volid)})" ${files.map(([, name]) => name).join(' ')}`,
		},
		{
			method: 'POST',
			of: `${guest}/config`,
			body: { [unusedCdSlot(parameters)]: `${volid},media=cdrom` },
		},
	];
}

const SEED_FILES = [
	['userData', 'user-data'],
	['metaData', 'meta-data'],
	['networkConfig', 'network-config'],
	['vendorData', 'vendor-data'],
] as const;

/** What is sent once the VM exists, if nothing goes wrong. @param guest its path below that of the node */
const laterRequests = (
	request: VmRequest,
	{ guest, vmid }: { readonly guest: string; readonly vmid: string },
): OtherRequest[] => [
	...request.growth.map(
		(disk) => ({ method: 'PUT', of: `${guest}/resize`, body: { ...disk } }) as const,
	),
	...seedRequests(request, { guest, vmid }),
	...(startsLater(request) && request.parameters.start === true
		? [{ method: 'POST', of: `${guest}/status/start`, body: {} } as const]
		: []),
	...(request.parameters.template === true
		? [{ method: 'POST', of: `${guest}/template`, body: {} } as const]
		: []),
];

const isSecret = (catalogue: Catalogue, name: string): boolean => {
	const field = fieldOf(catalogue, name)?.field;
	return (field?.kind === 'text' && field.secret === true) || isSecretName(name);
};
