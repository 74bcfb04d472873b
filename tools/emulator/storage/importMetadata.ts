import { failure } from '../errors';
import type { ForeignDisk, ForeignGuest } from '../state/foreignGuest';
import type { ClusterState, Volume } from '../state/types';
import { parseVolumeId } from './volumeId';

type Warning = Record<string, string>;

/** What Proxmox makes of a VM of another system, for a create. */
export interface ImportMetadata {
	type: 'vm';
	source: string;
	'create-args': Record<string, string | number>;
	disks: Record<string, unknown>;
	net: Record<string, Record<string, string>>;
	warnings: Warning[];
}

const MODELS_OF_OVF = new Set(['e1000', 'e1000e', 'vmxnet3']);

/** The volume ID of a disk of such a VM. */
const diskOf = ({ volid, storage, format }: Volume, { file }: ForeignDisk): string => {
	if (format === 'ova') return `${volid}/${file}`;
	return format === 'vmx' ? volid.replace(/[^/]*$/, file) : `${storage}:import/${file}`;
};

const cardsOf = (cards: ForeignGuest['cards'] = []): ImportMetadata['net'] =>
	Object.fromEntries(cards.map((card, index) => [`net${index}`, { ...card }]));

const disksOf = (volume: Volume, { disks }: ForeignGuest): ImportMetadata['disks'] =>
	Object.fromEntries(
		disks.map((disk) => [
			disk.slot,
			{ volid: diskOf(volume, disk), ...(disk.isSizeUnknown ? {} : { size: disk.size }) },
		]),
	);

const EFI_WARNING: Warning = { type: 'efi-state-lost', key: 'bios', value: 'ovmf' };

/** Of an OVA or OVF: its numbers are text, and what is not in it is empty. Source: `PVE::GuestImport::OVF`. */
function ofOvf(volume: Volume, guest: ForeignGuest): ImportMetadata {
	const { name, cores = '', memory = '', ostype = 'other', isEfi, disks, cards = [] } = guest;
	return {
		type: 'vm',
		source: parseVolumeId(volume.volid)?.name ?? '',
		'create-args': {
			...(name === undefined
				? {}
				: { name: name.replace(/\s+/g, '-').replace(/[^a-zA-Z0-9\-.]/g, '') }),
			cores: String(cores),
			memory: String(memory),
			ostype,
			...(isEfi ? { bios: 'ovmf' } : {}),
			...(disks.length === 0 ? {} : { boot: `order=${disks.map(({ slot }) => slot).join(';')}` }),
		},
		disks: { ...disksOf(volume, guest), ...(isEfi ? { efidisk0: 1 } : {}) },
		net: cardsOf(
			cards.map(({ model }) => ({
				model: MODELS_OF_OVF.has(model.toLowerCase()) ? model.toLowerCase() : 'e1000',
			})),
		),
		warnings: [
			...(volume.format === 'ova' ? [{ type: 'ova-needs-extracting' }] : []),
			...(isEfi ? [EFI_WARNING] : []),
		],
	};
}

/** Of a VM of an ESXi host. Source: `PVE::Storage::ESXiPlugin`. */
function ofEsxi(volume: Volume, guest: ForeignGuest): ImportMetadata {
	const { name, cores = 1, sockets = 1, memory, ostype = 'l26', isEfi, uuid, disks } = guest;
	const { cards = [], cdroms = {}, runs } = guest;
	const given = guest.scsihw ?? (ostype === 'l26' ? 'virtio-scsi-single' : undefined);
	const hasNoDriver = isEfi === true && (given === undefined || given.startsWith('lsi'));
	const scsihw = hasNoDriver ? (ostype.startsWith('w') ? 'pvscsi' : 'virtio-scsi-single') : given;
	const clean = name
		?.replace(/\s/g, '-')
		.replace(/[^a-zA-Z0-9\-.]/g, '')
		.replace(/^[.-]+|[.-]+$/g, '');
	const order = [...disks.map(({ slot }) => slot), ...Object.keys(cdroms)];
	return {
		type: 'vm',
		source: 'esxi',
		'create-args': {
			...(cores === 1 ? {} : { cores }),
			...(sockets === 1 ? {} : { sockets }),
			bios: isEfi ? 'ovmf' : 'seabios',
			...(memory === undefined ? {} : { memory: String(memory) }),
			ostype,
			...(scsihw === undefined ? {} : { scsihw }),
			boot: `order=${order.join(';')}`,
			...(uuid === undefined ? {} : { smbios1: `uuid=${uuid}` }),
			...(clean ? { name: clean } : {}),
			...Object.fromEntries(Object.keys(cdroms).map((slot) => [slot, 'none,media=cdrom'])),
		},
		disks: { ...(isEfi ? { efidisk0: 1 } : {}), ...disksOf(volume, guest) },
		net: cardsOf(cards),
		warnings: [
			...(isEfi ? [EFI_WARNING] : []),
			...Object.entries(cdroms).map(([key, value]) => ({
				type: 'cdrom-image-ignored',
				key,
				value,
			})),
			...(hasNoDriver
				? [{ type: 'ovmf-with-lsi-unsupported', key: 'scsihw', value: scsihw ?? '' }]
				: []),
			...(runs ? [{ type: 'guest-is-running' }] : []),
		],
	};
}

/** What is in an OVA or OVF, or in a VM of an ESXi host. Throws where the file holds none. */
export function importMetadataOf(volume: Volume): ImportMetadata {
	const { guest, format } = volume;
	if (guest === undefined || volume.damage !== undefined)
		throw failure(`OVF parser terminated unexpectedly trying to parse ${volume.volid}`);
	return format === 'vmx' ? ofEsxi(volume, guest) : ofOvf(volume, guest);
}

/** A disk within an OVA or of an ESXi host, by its volume ID, and the volume that describes its VM. */
export function findForeignDisk(
	{ volumes }: ClusterState,
	volid: string,
): { volume: Volume; disk: ForeignDisk } | undefined {
	for (const volume of volumes.values()) {
		if (volume.format === 'ovf') continue;
		const disk = volume.guest?.disks.find((one) => diskOf(volume, one) === volid);
		if (disk) return { volume, disk };
	}
	return undefined;
}
