import { searchOf } from './list';
import { storageEntry, storagesFor } from './storageContent';

/** Storages of the node that hold disk images. Source: `GET /nodes/{node}/storage`. */
export const searchImageStorages = searchOf(async (asking) =>
	(await storagesFor(asking, 'images')).map(storageEntry),
);
