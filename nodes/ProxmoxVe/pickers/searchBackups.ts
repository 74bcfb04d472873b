import { searchOf } from './list';
import { sizeOf, volumesOf, type Volume } from './storageContent';

/** Backups of VMs (not of containers), to be found by VM, date, size and notes. Source: `GET /nodes/{node}/storage/{storage}/content`. */
export const searchBackups = searchOf(async (asking) =>
	(await volumesOf(asking, 'backup')).filter(isOfVm).map((volume) => ({ name: nameOf(volume), value: volume.volid })),
);

/** Proxmox tells the kind of guest in `subtype`, older ones only in the volume's name. */
const isOfVm = ({ subtype, volid }: Volume): boolean =>
	subtype === undefined ? /vzdump-qemu-|[:/]vm\//.test(volid) : subtype === 'qemu';

function nameOf({ volid, vmid, ctime, size, notes, protected: isProtected }: Volume): string {
	const made = ctime === undefined ? undefined : new Date(ctime * 1000).toISOString().slice(0, 16).replace('T', ' ');
	const facts = [made, size === undefined ? undefined : sizeOf(size), isProtected ? 'protected' : undefined, notes?.split('\n')[0]];
	return `${vmid === undefined ? '' : `VM ${vmid}, `}${facts.filter((fact) => fact).join(', ')} (${volid})`;
}
