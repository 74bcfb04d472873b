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
import { choice, device, family, group, text } from '../fields';
import { bandwidthLimit, liveRestore } from './transfer';

const controller = {
	scsihw: choice({
		label: 'SCSI Controller',
		options: {
			'virtio-scsi-single': 'VirtIO SCSI Single',
			'virtio-scsi-pci': 'VirtIO SCSI',
			lsi: 'LSI 53C895A',
			lsi53c810: 'LSI 53C810',
			megasas: 'MegaRAID SAS 8708EM2',
			pvscsi: 'VMware PVSCSI',
		},
		default: 'lsi',
		initial: 'virtio-scsi-single',
	}),
};

const unused = {
	'unused[n]': family({
		label: 'Unused Disk',
		count: 256,
		item: device({
			label: 'Unused Disk',
			defaultKey: 'file',
			primary: ['file'],
			aliases: volumeAliases,
			fields: {
				file: text({
					label: 'Volume',
					help: 'The existing volume, by its volume ID',
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
	label: 'Disk Settings',
	help: 'More disks and CD drives, SCSI controller, import',
	fields: {
		...controller,
		'scsi[n]': family({
			label: 'SCSI Disk',
			help: 'Disks and CD drives on the SCSI controller, the best choice for most guests',
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
			help: 'Disks as VirtIO block devices. The guest needs a driver, and CD drives are not possible.',
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
			help: 'Disks and CD drives on SATA, which most guests support without a driver',
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
			help: 'Disks and CD drives on IDE, for old guests. Hot-plugging is not possible.',
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
			help: 'Old: use a CD drive on IDE',
			asText: true,
			placeholder: 'local:iso/debian-13.iso',
			defaultKey: 'file',
			aliases: driveAliases,
			fields: { ...drive, ...ideOptions },
		}),
		...unused,
		'import-working-storage': text({
			label: 'Import Working Storage',
			help: 'Where images are unpacked: a file storage for disk images. By default that of the image.',
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
