import { searchStorages } from './storageContent';

/** Storages of the node that hold ISO images. */
export const searchIsoStorages = searchStorages('iso');
