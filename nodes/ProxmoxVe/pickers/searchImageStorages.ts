import { searchStorages } from './storageContent';

/** Storages of the node that hold disk images. */
export const searchImageStorages = searchStorages('images');
