import type { BackupContent, VmConfig, Volume } from './types';

/** The VM within the archives of the starting state: the facts list the files, not what is in them. */
const ARCHIVED: BackupContent = {
	config: {
		agent: '1',
		boot: 'order=scsi0;ide2;net0',
		cores: 1,
		memory: '512',
		meta: 'creation-qemu=10.0.13,ctime=1795435345',
		name: 'frombackup',
		net0: 'virtio=BC:24:11:00:00:01,bridge=vmbr0',
		ostype: 'l26',
		scsi0: 'local:100/vm-100-disk-0.raw,iothread=1,size=1G',
		scsihw: 'virtio-scsi-single',
		serial0: 'socket',
		smbios1: 'uuid=35ac12a0-bf85-4221-a511-cfacbb61713b',
		tags: 'a;b',
		vmgenid: '627fb490-5ede-4979-8b6b-5cf12a1020bc',
	},
	drives: { scsi0: { size: 1024 ** 3, format: 'raw', storage: 'local' } },
	ctime: 1_795_435_348,
};

/** An archive much smaller than its like was cut off; one of a few bytes is none at all. */
const WHOLE_ARCHIVE = 200_000;
const ANY_ARCHIVE = 512;

/** What is in a backup file of the starting state, told from its form and size. */
export function archivedVm(volume: Volume): Pick<Volume, 'backup' | 'damage'> {
	if (volume.format.startsWith('tar')) return { damage: 'no config' };
	if (volume.size < ANY_ARCHIVE) return { damage: 'garbage' };
	const backup = { ...ARCHIVED, config: { ...ARCHIVED.config }, drives: { ...ARCHIVED.drives } };
	return volume.size < WHOLE_ARCHIVE ? { backup, damage: 'truncated' } : { backup };
}

/** The smallest archive of a container that has a configuration in it. */
const ANY_CT_ARCHIVE = 20_000;

/** What is in a backup of a container of the starting state: the container as it is, if it is there. */
export function archivedCt(
	volume: Volume,
	config: VmConfig | undefined,
): Pick<Volume, 'backup' | 'damage'> {
	if (volume.size < ANY_ARCHIVE) return { damage: 'garbage' };
	if (volume.size < ANY_CT_ARCHIVE || !config) return { damage: 'no config' };
	return { backup: { config: { ...config }, drives: {}, ctime: volume.ctime } };
}
