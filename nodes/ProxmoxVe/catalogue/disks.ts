import {
	ataOptions,
	drive,
	driveAliases,
	ideOptions,
	importFrom,
	paravirtualOptions,
	scsiOptions,
	volumeAliases,
} from './drive';
import { choice, device, family, group, text } from './fields';
import { bandwidthLimit, liveRestore } from './transfer';

const controller = {
	scsihw: choice({
		label: 'SCSI Controller',
		help: 'The controller that SCSI disks hang on. VirtIO SCSI Single gives each disk one of its own, and with I/O threads is the fastest.',
		options: {
			'virtio-scsi-single': 'VirtIO SCSI Single',
			'virtio-scsi-pci': 'VirtIO SCSI',
			lsi: 'LSI 53C895A',
			lsi53c810: 'LSI 53C810',
			megasas: 'MegaRAID SAS 8708EM2',
			pvscsi: 'VMware PVSCSI',
		},
		default: 'lsi',
	}),
};

const unused = {
	'unused[n]': family({
		label: 'Unused Disk',
		help: 'Volumes that belong to the VM and are plugged into nothing. Proxmox keeps this list itself.',
		count: 256,
		item: device({
			label: 'Unused Disk',
			defaultKey: 'file',
			primary: ['file'],
			aliases: volumeAliases,
			fields: {
				file: text({
					label: 'Volume',
					help: 'The volume, as Proxmox names it',
					required: true,
					format: 'pve-volume-id',
					placeholder: 'local-lvm:vm-100-disk-1',
				}),
			},
		}),
	}),
};

export const disks = group({
	name: 'disks',
	label: 'Disks',
	fields: {
		...controller,
		'scsi[n]': family({
			label: 'SCSI Disk',
			help: 'Disks and CD drives on the SCSI controller: the best choice for most guests',
			count: 31,
			item: device({
				label: 'SCSI Disk',
				defaultKey: 'file',
				primary: ['file'],
				aliases: driveAliases,
				fields: { ...drive, ...importFrom, ...scsiOptions },
			}),
		}),
		'virtio[n]': family({
			label: 'VirtIO Disk',
			help: 'Disks on a VirtIO block device each. The guest needs a driver, and none can be a CD drive.',
			count: 16,
			item: device({
				label: 'VirtIO Disk',
				defaultKey: 'file',
				primary: ['file'],
				aliases: driveAliases,
				fields: { ...drive, ...importFrom, ...paravirtualOptions },
			}),
		}),
		'sata[n]': family({
			label: 'SATA Disk',
			help: 'Disks and CD drives on SATA, which most guests know without a driver',
			count: 6,
			item: device({
				label: 'SATA Disk',
				defaultKey: 'file',
				primary: ['file'],
				aliases: driveAliases,
				fields: { ...drive, ...importFrom, ...ataOptions },
			}),
		}),
		'ide[n]': family({
			label: 'IDE Disk',
			help: 'Disks and CD drives on IDE, for old guests. They cannot be hot-plugged.',
			count: 4,
			item: device({
				label: 'IDE Disk',
				defaultKey: 'file',
				primary: ['file'],
				aliases: driveAliases,
				fields: { ...drive, ...importFrom, ...ideOptions },
			}),
		}),
		cdrom: device({
			label: 'CD/DVD Drive (Legacy Name)',
			help: 'The old name of the drive ide2, under which Proxmox stores it. Use an IDE disk with the media CD/DVD.',
			asText: true,
			placeholder: 'local:iso/debian-13.iso',
			defaultKey: 'file',
			aliases: driveAliases,
			fields: { ...drive, ...ideOptions },
		}),
		...unused,
		'import-working-storage': text({
			label: 'Import Working Storage',
			help: 'The storage on which images are unpacked while they are imported; that of the image where it is not set. It must hold files and have the content type images.',
			since: '8.4',
			format: 'pve-storage-id',
			picker: 'searchImageStorages',
			placeholder: 'local',
		}),
		...liveRestore,
		...bandwidthLimit,
	},
});

/** With an archive the API refuses everything that makes a disk: those come from the backup. */
export const disksOnRestore = group({ ...disks, fields: { ...controller, ...unused } });
