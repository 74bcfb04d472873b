import { listImages } from '../api/images';
import { searchOf } from './list';
import { STORAGE_PRIVILEGES, volumeEntry } from './storageContent';

/** Image files on the storages of the node. Source: `GET /nodes/{node}/storage/{storage}/content`. */
export const searchImages = searchOf(
	async ({ client, chosenNode }) => {
		const contents = ['import', 'iso', 'vztmpl'];
		const { images } = await listImages(client, await chosenNode(), { contents });
		return images.map(volumeEntry);
	},
	{ needs: STORAGE_PRIVILEGES },
);
