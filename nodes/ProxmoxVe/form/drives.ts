import type { Problem } from '../wire/problem';
import { isRecord } from '../wire/values';

/** A disk or CD drive as it was read, with the sub-options that rules look at. */
export interface Drive {
	readonly file?: string;
	readonly media?: string;
	readonly iothread?: boolean;
	readonly 'import-from'?: string;
	readonly size?: string;
}

/** A disk and the size that it is to have, such as `32G`. */
export interface DiskSize {
	readonly disk: string;
	readonly size: string;
}

const DRIVE = /^(?:ide|sata|scsi|virtio)\d+$/;
export const isDrive = (name: string): boolean => DRIVE.test(name);

/** Whether a text is a URL of what could be downloaded. */
export const isUrl = (text: string): boolean => /^(?:https?|ftp):\/\//i.test(text);

/** A new cloud-init drive, or one that was made before. */
const CLOUD_INIT_VOLUME = /[:/-]cloudinit(?:\.\w+)?$/;

/** The drives of a request in the order in which the user gave them; `cdrom` is another name of ide2. */
export const drivesOf = (parameters: object): Array<[string, Drive]> =>
	Object.entries(parameters)
		.filter(([name, value]) => (DRIVE.test(name) || name === 'cdrom') && isRecord(value))
		.map(([name, drive]) => [name === 'cdrom' ? 'ide2' : name, drive as Drive]);

export const isCloudInitDrive = ({ file = '' }: Drive): boolean => CLOUD_INIT_VOLUME.test(file);

/** Volumes that Proxmox accepts by their form, and cannot use. */
export const volumeProblems = (parameters: object): Problem[] =>
	Object.entries(parameters)
		.filter(([name, value]) => isRecord(value) && /^(?:[a-z]+\d+|cdrom)$/.test(name))
		.flatMap(([parameter, drive]) =>
			(['file', 'import-from'] as const).flatMap((sub) => {
				const volume = (drive as Drive)[sub];
				const message =
					typeof volume === 'string' ? volumeProblem(volume, sub === 'import-from') : undefined;
				return message === undefined ? [] : [{ parameter, sub, message }];
			}),
		);

/**
 * Why a text that looks like a volume cannot be one.
 * @param isImport whether a disk is made of it
 */
function volumeProblem(text: string, isImport: boolean): string | undefined {
	if (isUrl(text))
		return 'is a URL. Choose the source Image From URL in Create, or store the file with Image → Download and enter its volume';
	if (!isImport) return undefined;
	if (/^[^/:]+:iso\//.test(text))
		return 'is stored as an ISO image, which cannot become a disk. Store the file again with Image → Download or Upload, with the content type Disk Image';
	if (/^[^/:]+:import\/[^/]+\.ova$/i.test(text))
		return 'is an OVA, which contains a whole VM: use the operation Import. Or enter the disk in it: STORAGE:import/NAME.ova/DISK.vmdk';
	return undefined;
}

/** Whether an I/O thread has an effect on a drive: on SCSI only with a controller per disk. */
export const takesIoThread = (name: string, scsihw: unknown): boolean =>
	name.startsWith('virtio') || (name.startsWith('scsi') && scsihw === 'virtio-scsi-single');

/**
 * Takes the size out of each drive that is a copy of an image: Proxmox ignores it, and gives the disk the size of
 * the image. So the disk is grown afterwards.
 */
export function takeGrowth<Parameters extends object>(
	parameters: Parameters,
): { readonly parameters: Parameters; readonly growth: readonly DiskSize[] } {
	const growth: DiskSize[] = [];
	const rest: Record<string, unknown> = Object.fromEntries(Object.entries(parameters));
	for (const [disk, { size, ...drive }] of drivesOf(parameters)) {
		if (size === undefined || drive['import-from'] === undefined) continue;
		growth.push({ disk, size });
		rest[disk] = drive;
	}
	return growth.length === 0 ? { parameters, growth } : { parameters: rest as Parameters, growth };
}

/**
 * A CD drive that a guest does not have yet. Linux cloud kernels have the IDE driver of i440fx, but not all have that of
 * q35: there it is SCSI.
 * @param values of the guest by the API's names, as they are sent or as Proxmox reports them
 */
export function unusedCdSlot(values: Readonly<Record<string, unknown>>): string {
	const slots = hasIde(values) ? ['ide2', 'ide0', 'ide1', 'ide3'] : [];
	const scsi = Array.from({ length: 30 }, (_, index) => `scsi${index + 1}`);
	return [...slots, ...scsi].find((name) => values[name] === undefined) ?? 'scsi30';
}

/** Whether a machine has the IDE controller that every Linux kernel has a driver for: q35 has another, ARM none. */
export function hasIde({
	machine,
	arch,
}: {
	readonly machine?: unknown;
	readonly arch?: unknown;
}): boolean {
	const type = isRecord(machine)
		? String(machine.type ?? '')
		: String(machine ?? '').replace(/^type=|,.*$/g, '');
	return (type === '' || /^pc(?:-i440fx|$)/.test(type)) && arch !== 'aarch64';
}
