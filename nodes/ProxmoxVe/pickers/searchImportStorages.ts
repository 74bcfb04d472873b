import { searchStorages } from './storageContent';

/** Storages of the node that hold images to import. */
export const searchImportStorages = searchStorages('import');
