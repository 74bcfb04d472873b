import { searchOf } from './list';
import { sizeOf, storagesFor } from './storageContent';

/** Storages of the node that hold disk images. Source: `GET /nodes/{node}/storage`. */
export const searchImageStorages = searchOf(async (asking) =>
	(await storagesFor(asking, 'images')).map(({ storage, type, avail }) => ({
		name: avail === undefined ? `${storage} (${type})` : `${storage} (${type}, ${sizeOf(avail)} free)`,
		value: storage,
	})),
);
