import { storageOf } from '../../api/backups';
import { segment } from '../../api/client';
import { downloadCall } from '../images/downloadImage';
import type { GuestKind } from '../kinds';
import type { GuestLocation } from '../locateGuest';
import { isCloudInitDrive, unusedCdSlot } from '../../form/drives';
import { startsLater, type VmRequest } from '../../form/readRequest';
import type { CurrentConfig } from '../../form/readChange';
import type { SeedRequest } from '../../form/readSeed';
import { encodeBody } from '../../wire/encodeBody';
import { isRecord } from '../../wire/values';
import type { Copy } from './cloneVm';
import { idsOfKey, marked, markFor } from './idempotency';
import { MAC_PLACEHOLDER, UUID_PLACEHOLDER } from './recognise';
import { previewRequest, type PveRequest, type ShownRequest } from '../../runtime/previewRequest';
import { shellQuote } from '../../runtime/shellQuote';
import { isSeed, seedName, type SeedFiles } from '../../wire/buildSeedIso';

/** Placeholder for an ID that is only known when the request is sent. */
const NEXT_ID = 'NEXT_FREE_ID';
/** Placeholder for the notes in a backup, to which the key's mark is added. */
const NOTES = 'NOTES_OF_THE_BACKUP';
/** Placeholder for the MAC address that a clone gets. */
const MAC = 'MAC_OF_THE_CLONE';

const UUID = `uuid=${UUID_PLACEHOLDER}`;
const MAC_OF_MARK = new RegExp(`,\\w+=${MAC_PLACEHOLDER}$`);

/** What would make a guest. Nothing of it was sent. */
export type Preview = ShownRequest & {
	/** Why it would be on this node, if that was chosen automatically. */
	placement?: string;
	/** The requests that come before it, in their order, unless what they store is there. */
	beforehand?: ShownRequest[];
	/** The requests that follow once the VM exists, in their order. */
	afterwards?: ShownRequest[];
};

/**
 * The request that would be sent, with secrets masked, and the equal `pvesh` command. The uuid by which the VM of a
 * create is recognised is made up for each request, so that a placeholder stands for it.
 * @param sent its body, but for the ID and what an idempotency key adds
 * @param isStopped whether a VM of this ID is turned off first
 */
export function previewOf(
	kind: GuestKind,
	request: VmRequest,
	sent: Readonly<Record<string, string>>,
	isStopped: boolean,
): Preview {
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
		earlier: [
			...earlierRequests(request),
			...(isStopped ? [powerRequest(`${kind.type}/${request.vmid}`, 'stop')] : []),
		],
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
			...(start ? [powerRequest(made.guest, 'start')] : []),
			...removalRequests(seed, cdSlotOf(present), made),
		],
	});
}

/** Nothing is sent where the VM of an idempotency key is returned. */
export const previewOfExisting = ({ vmid, node }: Pick<GuestLocation, 'vmid' | 'node'>) => ({
	requests: [],
	vmid,
	node,
	reused: true,
});

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
	// No command asks for the next ID of a range: there the placeholder is left, and refused.
	const asksForId = vmid === undefined && !hasRange;
	const first = previewRequest(
		{
			method: 'POST',
			path: `/nodes/${path.map(segment).join('/')}`,
			body: { [idName]: id, ...sent },
		},
		(name, value) => {
			if (name === idName && asksForId) return '"$(pvesh get /cluster/nextid)"';
			// Proxmox makes one up.
			if (/^net\d+$/.test(name)) return shellQuote(value.replace(MAC_OF_MARK, ''));
			if (name !== 'smbios1' || !value.startsWith(UUID)) return shellQuote(value);
			const others = value.slice(UUID.length);
			return `"uuid=$(cat /proc/sys/kernel/random/uuid)"${others === '' ? '' : shellQuote(others)}`;
		},
	);
	const show = ({ of, ...request }: OtherRequest): ShownRequest =>
		previewRequest({ ...request, path: `/nodes/${segment(node)}/${of}` });
	const beforehand = earlier.map(show);
	const afterwards = later({ guest: `${kind.type}/${id}`, vmid: id }).map(show);
	return {
		...first,
		...(beforehand.length === 0 ? {} : { beforehand }),
		...(afterwards.length === 0 ? {} : { afterwards }),
	};
}

interface OtherRequest extends Omit<PveRequest, 'path'> {
	/** Below the path of the node. */
	readonly of: string;
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
	const { storage, filename, volid } = seedFile(seed, vmid);
	return [
		{
			method: 'POST',
			of: `storage/${storage}/upload`,
			body: { content: 'iso', filename },
			command: seedCommand(volid, seed),
		},
		{
			method: 'POST',
			of: `${guest}/config`,
			body: { [drive]: `${volid},media=cdrom` },
		},
	];
}

/** How the cloud-init ISO image is removed after the first boot. */
function removalRequests(
	seed: SeedRequest | undefined,
	drive: string,
	{ guest, vmid }: MadeGuest,
): OtherRequest[] {
	if (seed?.removeAfterBoot !== true) return [];
	const { storage, volid } = seedFile(seed, vmid);
	return [
		{ method: 'POST', of: `${guest}/config`, body: { [drive]: 'none,media=cdrom' } },
		{ method: 'DELETE', of: `storage/${storage}/content/${segment(volid)}` },
	];
}

function seedFile({ storage = 'ISO_STORAGE' }: SeedRequest, vmid: string) {
	const filename = seedName(`${vmid}-${UUID_PLACEHOLDER}`);
	return { storage, filename, volid: `${storage}:iso/${filename}` };
}

/** What stores a cloud-init ISO image in a shell on a node: the API has no command for an upload. */
export function seedCommand(volid: string, seed: Partial<SeedFiles>): string {
	const files = SEED_FILES.filter(([key]) => key === 'metaData' || seed[key] !== undefined);
	return `genisoimage -quiet -J -R -V cidata -o "$(pvesm path ${shellQuote(volid)})" ${files.map(([, name]) => name).join(' ')}`;
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

const powerRequest = (guest: string, what: 'start' | 'stop'): OtherRequest => ({
	method: 'POST',
	of: `${guest}/status/${what}`,
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
	...(startsLater(request) && request.parameters.start === true
		? [powerRequest(guest, 'start')]
		: []),
	...removalRequests(request.seed, unusedCdSlot(request.parameters), { guest, vmid }),
	...(request.parameters.template === true
		? [{ method: 'POST', of: `${guest}/template`, body: {} } as const]
		: []),
];
