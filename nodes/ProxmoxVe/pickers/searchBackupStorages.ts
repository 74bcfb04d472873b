import { searchStorages } from './storageContent';

/** Storages of the node that hold backups. */
export const searchBackupStorages = searchStorages('backup');
