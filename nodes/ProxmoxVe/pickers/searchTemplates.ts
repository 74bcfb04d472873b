import { searchOf } from './list';
import { STORAGE_PRIVILEGES, volumeEntry, volumesOf } from './storageContent';

/** Templates and OCI images on the storages of the node. Source: `GET /nodes/{node}/storage/{storage}/content`. */
export const searchTemplates = searchOf(
	async (asking) => (await volumesOf(asking, 'vztmpl')).map(volumeEntry),
	{ needs: STORAGE_PRIVILEGES },
);
