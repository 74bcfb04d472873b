import type { IDataObject } from 'n8n-workflow';

import { storageOf } from '../../api/backups';
import { isSecretName, MASK, withoutSecrets } from '../../api/redact';
import { fieldOf, type Catalogue } from '../../catalogue/catalogue';
import { downloadCall } from '../images/downloadImage';
import type { GuestKind } from '../kinds';
import { isCloudInitDrive, unusedCdSlot } from '../../form/drives';
import { startsLater, type VmRequest } from '../../form/readRequest';
import type { CurrentConfig } from '../../form/readChange';
import type { SeedRequest } from '../../form/readSeed';
import { encodeBody } from '../../wire/encodeBody';
import { isRecord } from '../../wire/values';
import type { GuestLocation } from '../locateGuest';
import type { Copy } from './cloneVm';
import { idsOfKey, marked, markFor } from './idempotency';
import { UUID_PLACEHOLDER } from './recognise';
import { shellQuote } from '../../runtime/shellQuote';
import { isSeed, seedName } from '../../wire/buildSeedIso';

/** Placeholder for an ID that is only known when the request is sent. */
const NEXT_ID = 'NEXT_FREE_ID';
/** Placeholder for the notes in a backup, to which the key's mark is added. */
const NOTES = 'NOTES_OF_THE_BACKUP';
/** Placeholder for the MAC address that a clone gets. */
const MAC = 'MAC_OF_THE_CLONE';

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
	const { idempotencyKey: key } = options;
	const notes = sent.description ?? (request.archive === undefined ? '' : NOTES);
	return preview(kind, {
		path: [node, kind.type],
		idName: 'vmid',
		node,
		vmid: idOf(request),
		hasRange: options.idRange !== undefined,
		body:
			key === ''
				? sent
				: { ...sent, description: markFor(request.later !== undefined)(notes, key) },
		earlier: earlierRequests(request),
		later: (made) => laterRequests(kind, request, notes, made),
	});
}

/**
 * The requests that Clone would send, as previewOf has them.
 * @param settings the body that changes the settings
 * @param present the configuration of the original: what the clone makes up anew is a placeholder
 */
export function previewOfClone(
	kind: GuestKind,
	{ original, node, vmid, body, notes, settings: hasSettings, growth, seed, start, options }: Copy,
	settings: Readonly<Record<string, string>>,
	present: CurrentConfig | undefined,
): Preview {
	const { idempotencyKey: key } = options;
	const change = Object.fromEntries(
		Object.entries(settings).map(([name, value]) => [name, withoutMac(present, name, value)]),
	);
	const mark = markFor(hasSettings !== undefined);
	return preview(kind, {
		path: [original.node, kind.type, String(original.vmid), 'clone'],
		idName: 'newid',
		node,
		vmid: idOf({ vmid, options }),
		hasRange: options.idRange !== undefined,
		body: key === '' ? body : { ...body, description: mark(notes, key) },
		earlier: [],
		later: (made) => [
			...(hasSettings === undefined
				? []
				: [
						configRequest(
							kind,
							made.guest,
							key === '' ? change : { ...change, description: marked(notes, key) },
						),
					]),
			...growthRequests(made.guest, growth),
			...seedRequests(seed, cdSlotOf(present), made),
			...(start ? [startRequest(made.guest)] : []),
		],
	});
}

/**
 * The requests that would update a VM; none where nothing differs.
 * @param body that changes the settings, if any differs
 */
export function previewOfUpdate(
	{ kind, vmid, node }: GuestLocation,
	body: Readonly<Record<string, string>> | undefined,
	growth: VmRequest['growth'],
): Partial<ShownRequest> & { afterwards?: ShownRequest[] } {
	const guest = `${kind.type}/${vmid}`;
	const [first, ...later] = [
		...(body === undefined ? [] : [configRequest(kind, guest, body)]),
		...growthRequests(guest, growth),
	].map((request) => shownRequest(kind, node, request));
	return { ...first, ...(later.length === 0 ? {} : { afterwards: later }) };
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
	const mac = isRecord(card) && /^net\d+$/.test(name) ? (card.macaddr ?? card.hwaddr) : undefined;
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
	readonly earlier: readonly OtherRequest[];
	later(made: MadeGuest): readonly OtherRequest[];
}

/** A VM that is made by then: its path below that of the node, and its ID. */
interface MadeGuest {
	readonly guest: string;
	readonly vmid: string;
}

function preview(
	kind: GuestKind,
	{ path, idName, node, vmid, hasRange, body: sent, earlier, later }: Shown,
): Preview {
	const id = vmid === undefined ? NEXT_ID : String(vmid);
	const body = { [idName]: id, ...masked(kind.catalogue, sent) };
	// No command asks for the next ID of a range: there the placeholder is left, and refused.
	const asksForId = vmid === undefined && !hasRange;
	const words = Object.entries(body).map(([name, value]) => {
		if (name === idName && asksForId) return `--${name} "$(pvesh get /cluster/nextid)"`;
		if (name === 'smbios1' && value.startsWith(UUID)) {
			const others = value.slice(UUID.length);
			return `--smbios1 "uuid=$(cat /proc/sys/kernel/random/uuid)"${others === '' ? '' : shellQuote(others)}`;
		}
		return `${shellQuote(`--${name}`)} ${shellQuote(value)}`;
	});
	const show = (request: OtherRequest): ShownRequest => shownRequest(kind, node, request);
	const beforehand = earlier.map(show);
	const afterwards = later({ guest: `${kind.type}/${id}`, vmid: id }).map(show);
	return {
		method: 'POST',
		path: `/api2/json/nodes/${path.map((part) => encodeURIComponent(part)).join('/')}`,
		body,
		command: ['pvesh create', shellQuote(`/nodes/${path.join('/')}`), ...words].join(' '),
		...(beforehand.length === 0 ? {} : { beforehand }),
		...(afterwards.length === 0 ? {} : { afterwards }),
	};
}

function shownRequest(
	{ catalogue }: GuestKind,
	node: string,
	{ method, of, body, command }: OtherRequest,
): ShownRequest {
	const values = masked(catalogue, body);
	return {
		method,
		path: `/api2/json/nodes/${encodeURIComponent(node)}/${of}`,
		body: values,
		command:
			command ??
			[
				method === 'PUT' ? 'pvesh set' : 'pvesh create',
				shellQuote(`/nodes/${node}/${of}`),
				...Object.entries(values).map(([name, value]) => `--${name} ${shellQuote(value)}`),
			].join(' '),
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

/** What is sent before the VM is created, as far as its images are not stored yet. */
const earlierRequests = ({ downloads }: VmRequest): OtherRequest[] =>
	downloads.map((download) => ({
		method: 'POST',
		...downloadCall({
			...download,
			storage: storageOf(download.placeholder),
			name: download.placeholder.replace(/^.*\//, ''),
		}),
	}));

/** How the cloud-init ISO image is stored and attached. */
function seedRequests(
	seed: SeedRequest | undefined,
	drive: string,
	{ guest, vmid }: MadeGuest,
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
			body: { [drive]: `${volid},media=cdrom` },
		},
	];
}

/** The CD drive for the ISO image of a clone: that of its cloud-init data, else one that is free. */
function cdSlotOf(present: CurrentConfig | undefined): string {
	const config = present?.config ?? {};
	const [slot] =
		Object.entries(config).find(
			([, drive]) =>
				isRecord(drive) && (isCloudInitDrive(drive) || isSeed(String(drive.file ?? ''))),
		) ?? [];
	return slot ?? unusedCdSlot(config);
}

const SEED_FILES = [
	['userData', 'user-data'],
	['metaData', 'meta-data'],
	['networkConfig', 'network-config'],
	['vendorData', 'vendor-data'],
] as const;

const startRequest = (guest: string): OtherRequest => ({
	method: 'POST',
	of: `${guest}/status/start`,
	body: {},
});

const configRequest = (
	{ changes }: GuestKind,
	guest: string,
	body: OtherRequest['body'],
): OtherRequest => ({
	// Of a container it has no task.
	method: changes === 'atOnce' ? 'PUT' : 'POST',
	of: `${guest}/config`,
	body,
});

const growthRequests = (guest: string, growth: VmRequest['growth']): OtherRequest[] =>
	growth.map((disk) => ({ method: 'PUT', of: `${guest}/resize`, body: { ...disk } }));

/** What is sent once the VM exists, if nothing goes wrong. */
const laterRequests = (
	kind: GuestKind,
	request: VmRequest,
	notes: string,
	{ guest, vmid }: MadeGuest,
): OtherRequest[] => [
	...(request.later === undefined
		? []
		: [
				configRequest(kind, guest, {
					...encodeBody(kind.catalogue, request.later),
					...(request.options.idempotencyKey === ''
						? {}
						: { description: marked(notes, request.options.idempotencyKey) }),
				}),
			]),
	...growthRequests(guest, request.growth),
	...seedRequests(request.seed, unusedCdSlot(request.parameters), { guest, vmid }),
	...(startsLater(request) && request.parameters.start === true ? [startRequest(guest)] : []),
	...(request.parameters.template === true
		? [{ method: 'POST', of: `${guest}/template`, body: {} } as const]
		: []),
];

/** A body with its secrets masked. */
const masked = (
	catalogue: Catalogue,
	body: Readonly<Record<string, string>>,
): Record<string, string> =>
	Object.fromEntries(
		Object.entries(body).map(([name, value]) => [
			name,
			isSecret(catalogue, name) ? MASK : name === 'url' ? withoutSecrets(value) : value,
		]),
	);

const isSecret = (catalogue: Catalogue, name: string): boolean => {
	const field = fieldOf(catalogue, name)?.field;
	return (field?.kind === 'text' && field.secret === true) || isSecretName(name);
};
