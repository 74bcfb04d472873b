import { searchOf } from './list';
import { storageEntry, storagesFor } from './storageContent';

/** Storages of the node that hold backups. Source: `GET /nodes/{node}/storage`. */
export const searchBackupStorages = searchOf(async (asking) =>
	(await storagesFor(asking, 'backup')).map(storageEntry),
);
