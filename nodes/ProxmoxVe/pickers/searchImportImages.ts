import { IMPORTABLE } from '../api/images';
import { searchOf } from './list';
import { STORAGE_PRIVILEGES, volumeEntry, volumesOf } from './storageContent';

/** Disk images for `import-from`. Source: `GET /nodes/{node}/storage/{storage}/content`. */
export const searchImportImages = searchOf(
	async (asking) => {
		const volumes = await volumesOf(asking, 'import');
		const images = volumes.filter(({ volid }) => !IMPORTABLE.test(volid));
		if (images.length === 0 && volumes.length > 0) {
			throw new Error(
				'There are only OVA files, which contain whole VMs: use the operation Import. Or enter a disk in one by its ID: STORAGE:import/NAME.ova/DISK.vmdk',
			);
		}
		return images.map(volumeEntry);
	},
	{ needs: STORAGE_PRIVILEGES },
);
