import { searchOf } from './list';
import { STORAGE_PRIVILEGES, volumeEntry, volumesOf } from './storageContent';

/** ISO images on the storages of the node. Source: `GET /nodes/{node}/storage/{storage}/content`. */
export const searchIsoImages = searchOf(
	async (asking) => (await volumesOf(asking, 'iso')).map(volumeEntry),
	{ needs: STORAGE_PRIVILEGES },
);
