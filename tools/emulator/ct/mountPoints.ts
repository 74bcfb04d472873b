import { createContainerEndpoint } from '../contract/facts';
import type { SubOptions } from '../contract/facts';
import { findParameter } from '../contract/families';
import { parsePropertyString, printPropertyString } from '../contract/propertyString';
import type { PropertyValues } from '../contract/propertyString';
import type { Parameters } from '../endpoints/types';
import { ApiError } from '../errors';
import type { VmConfig } from '../state/types';
import { parseSize } from '../vm/drives';

/** A mount point's sub-options; `size` is in bytes. */
export type MountPoint = PropertyValues & { volume: string };

/** Whether a setting is a mount point: `rootfs`, `mp0` … */
export const isMountKey = (key: string): boolean => /^(?:rootfs|mp\d+)$/.test(key);

const schemaOf = (key: string): SubOptions =>
	findParameter(createContainerEndpoint, key)?.subOptions ?? {};

/** Reads a mount point; undefined where the text is none. */
export function parseMount(key: string, text: string): MountPoint | undefined {
	const { values } = parsePropertyString(schemaOf(key), text);
	if (!values) return undefined;
	const mount: MountPoint = { ...values, volume: String(values.volume ?? '') };
	if (values.size !== undefined) mount.size = parseSize(String(values.size)) ?? 0;
	return mount;
}

/** Writes a mount point as it is stored. */
export const printMount = (key: string, mount: MountPoint): string =>
	printPropertyString(schemaOf(key), mount);

/** What is mounted: a volume of a storage, or a directory or device of the host. */
export function kindOf({ volume }: Pick<MountPoint, 'volume'>): 'volume' | 'bind' | 'device' {
	if (!volume.startsWith('/')) return 'volume';
	return volume.startsWith('/dev/') ? 'device' : 'bind';
}

const slotOf = (key: string): number => (key === 'rootfs' ? -1 : Number(key.slice(2)));

/** The mount points of a configuration or request: the root file system, then the others by number. */
export function mountsOf(values: Parameters | VmConfig): Array<[key: string, mount: MountPoint]> {
	return Object.keys(values)
		.filter(isMountKey)
		.sort((a, b) => slotOf(a) - slotOf(b))
		.flatMap((key): Array<[string, MountPoint]> => {
			const mount = parseMount(key, String(values[key]));
			return mount ? [[key, mount]] : [];
		});
}

/** The mount point of a name that has to be there; throws the API's text where it is not. */
export function mountOf(config: VmConfig, key: string): MountPoint {
	const mount = config[key] === undefined ? undefined : parseMount(key, String(config[key]));
	if (mount) return mount;
	const missing = 'property is missing and it is not optional';
	throw new ApiError(500, 'format error', {
		...(key === 'rootfs' ? {} : { mp: missing }),
		volume: missing,
	});
}

/** A request for a new volume: `STORAGE:GIGABYTES`. */
export function parseNewVolume(volume: string): { storage: string; bytes: number } | undefined {
	const [, storage, gigabytes] = /^([^:\s/]+):(\d+(?:\.\d+)?)$/.exec(volume) ?? [];
	if (storage === undefined) return undefined;
	return { storage, bytes: Math.floor(Number(gigabytes) * 1024) * 1024 ** 2 };
}
