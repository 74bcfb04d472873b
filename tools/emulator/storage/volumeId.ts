import { failure } from '../errors';

export interface VolumeId {
	storage: string;
	name: string;
}

/** What a volume's name says about it. */
export interface VolumeName {
	type: 'images' | 'iso' | 'vztmpl' | 'backup' | 'snippets' | 'import';
	/** The VM it belongs to. */
	vmid?: number;
	format: string;
	isBase: boolean;
	/** The file's name alone. */
	file: string;
}

/** Whether a volume is a disk of a VM or a container, and no file that belongs to none. */
export const isDisk = ({ content }: { content: string }): boolean =>
	content === 'images' || content === 'rootdir';

/** `STORAGE:NAME`; undefined where the text is no volume ID. */
export function parseVolumeId(text: string): VolumeId | undefined {
	const [, storage, name] = /^([a-z][a-z0-9\-_.]*[a-z0-9]):(.+)$/i.exec(text) ?? [];
	return storage === undefined || name === undefined ? undefined : { storage, name };
}

function parseImage(file: string): Pick<VolumeName, 'format' | 'isBase'> {
	const [, base, format] = /^(base(?:vol)?-)?[^/\s]+\.(raw|qcow2|vmdk|subvol)$/.exec(file) ?? [];
	if (format === undefined) throw failure(`unable to parse volume filename '${file}'`);
	return { format, isBase: base !== undefined };
}

const FILES: Array<{ type: Exclude<VolumeName['type'], 'images'>; pattern: RegExp }> = [
	{ type: 'iso', pattern: /^iso\/([^/]+\.(?:iso|img))$/i },
	{ type: 'vztmpl', pattern: /^vztmpl\/([^/]+\.(?:tar|tar\.(?:gz|xz|zst|bz2)))$/i },
	{ type: 'backup', pattern: /^backup\/([^/]+\.(?:tgz|(?:tar|vma)(?:\.(?:gz|lzo|zst|bz2))?))$/ },
	{ type: 'snippets', pattern: /^snippets\/([^/]+)$/ },
	{
		type: 'import',
		pattern: /^import\/([ a-zA-Z0-9\-.+=_]+\.ova\/[ a-zA-Z0-9\-.+=_]+\.(?:qcow2|raw|vmdk))$/,
	},
	{ type: 'import', pattern: /^import\/([ a-zA-Z0-9\-.+=_]+\.(?:ova|ovf|qcow2|raw|vmdk))$/ },
];

/** Reads a volume's name, on a directory storage unless told; throws the API's text where it is none. */
export function parseVolumeName(name: string, storageType = 'dir'): VolumeName {
	const [, file, owner] =
		(storageType === 'pbs' ? /^backup\/(vm\/(\d+)\/\S+)$/.exec(name) : null) ?? [];
	if (file !== undefined)
		return { type: 'backup', file, format: 'pbs-vm', isBase: false, vmid: Number(owner) };
	if (storageType === 'esxi') return parseEsxiName(name);
	return storageType === 'lvmthin' ? parseLvmName(name) : parseDirectoryName(name);
}

/** A logical volume has no folder and no format in its name; a linked clone does not name its base. */
function parseLvmName(name: string): VolumeName {
	if (!/^[a-z0-9][a-z0-9\-_.]*[a-z0-9]$/i.test(name))
		throw failure(`lvm name '${name}' contains illegal characters`);
	const [, kind, vmid] = /^(vm|base)-(\d+)-\S+$/.exec(name) ?? [];
	if (kind === undefined) throw failure(`unable to parse lvm volume name '${name}'`);
	return {
		type: 'images',
		vmid: Number(vmid),
		format: 'raw',
		isBase: kind === 'base',
		file: name,
	};
}

/** `DATACENTER/DATASTORE/PATH`: a VM's description, or one of its disks, which belongs to no VM here. */
function parseEsxiName(name: string): VolumeName {
	const file = /^[^/]+\/[^/]+\/(.+)$/.exec(name)?.[1];
	if (file === undefined) throw failure(`failed to parse volname '${name}'`);
	if (file.endsWith('.vmx')) return { type: 'import', file, format: 'vmx', isBase: false };
	return { type: 'images', file, format: file.endsWith('.vmdk') ? 'vmdk' : 'raw', isBase: false };
}

function parseDirectoryName(name: string): VolumeName {
	const [, linkedVmid, linkedFile] = /^\d+\/\S+\/(\d+)\/(\S+)$/.exec(name) ?? [];
	const [, vmid = linkedVmid, file = linkedFile] =
		linkedVmid === undefined ? (/^(\d+)\/(\S+)$/.exec(name) ?? []) : [];
	if (vmid !== undefined && file !== undefined)
		return { type: 'images', vmid: Number(vmid), file, ...parseImage(file) };
	for (const { type, pattern } of FILES) {
		const found = pattern.exec(name)?.[1];
		if (found === undefined) continue;
		const owner =
			type === 'backup' ? /^vzdump-(?:openvz|lxc|qemu)-(\d+)-/.exec(found)?.[1] : undefined;
		const extension = found.split('.').pop() ?? 'raw';
		const format =
			type === 'import' ? (found.includes('/') ? `ova+${extension}` : extension) : 'raw';
		return {
			type,
			file: found,
			format,
			isBase: false,
			vmid: owner === undefined ? undefined : Number(owner),
		};
	}
	throw failure(`unable to parse directory volume name '${name}'`);
}

/** A request for a new disk: `STORAGE:GIGABYTES`, or the gigabytes alone. */
export function parseNewDisk(file: string): { storage?: string; gigabytes: number } | undefined {
	const [, storage, size] = /^(?:([^/:\s]+):)?(\d+(?:\.\d+)?)$/.exec(file) ?? [];
	return size === undefined ? undefined : { storage, gigabytes: Number(size) };
}
