import { searchOf } from './list';
import { volumeEntry, volumesOf } from './storageContent';

/** Disk images for `import-from`. Source: `GET /nodes/{node}/storage/{storage}/content`. */
export const searchImportImages = searchOf(async (asking) =>
	(await volumesOf(asking, 'import')).map(volumeEntry),
);
