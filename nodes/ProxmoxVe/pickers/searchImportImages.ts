import { searchOf } from './list';
import { STORAGE_PRIVILEGES, volumeEntry, volumesOf } from './storageContent';

/** An archive of several files: only a disk in it can be imported. */
const OVA = /\.ov[af]$/i;

/** Disk images for `import-from`. Source: `GET /nodes/{node}/storage/{storage}/content`. */
export const searchImportImages = searchOf(
	async (asking) => {
		const volumes = await volumesOf(asking, 'import');
		const images = volumes.filter(({ volid }) => !OVA.test(volid));
		if (images.length === 0 && volumes.length > 0) {
			throw new Error(
				'There are only OVA files, which contain several disks. Enter one of them by its ID: STORAGE:import/NAME.ova/DISK.vmdk',
			);
		}
		return images.map(volumeEntry);
	},
	{ needs: STORAGE_PRIVILEGES },
);
