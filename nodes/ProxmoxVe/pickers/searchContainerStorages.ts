import { searchStorages } from './storageContent';

/** Storages of the node that hold volumes of containers. */
export const searchContainerStorages = searchStorages('rootdir');
