/** Which storage of the other node takes the volumes of which one here. */
export interface StorageMap {
	/** Each storage to one of its own name. */
	identity: boolean;
	byName: Map<string, string>;
	byDefault?: string;
}

/** Reads `targetstorage`: `1`, one name for all, or pairs `here:there`. */
export function readStorageMap(text: string | undefined): StorageMap {
	const map: StorageMap = { identity: text === undefined || text === '1', byName: new Map() };
	for (const part of (text ?? '').split(',').filter((each) => each !== '' && each !== '1')) {
		const [from = '', to] = part.split(':');
		if (to === undefined) map.byDefault = from;
		else map.byName.set(from, to);
	}
	return map;
}

/** The storage that what is on another one is to go to. */
export const mapped = ({ byName, byDefault }: StorageMap, storage: string): string =>
	byName.get(storage) ?? byDefault ?? storage;

/** The storages of the other node that a map names. */
export const targetsOf = ({ byName, byDefault }: StorageMap): string[] => [
	...byName.values(),
	...(byDefault === undefined ? [] : [byDefault]),
];
