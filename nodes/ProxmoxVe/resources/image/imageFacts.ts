import { storageOf } from '../../api/backups';
import type { ImageVolume } from '../../api/images';
import { isoTime } from '../../api/isoTime';
import type { StoredImage } from '../../guests/images/imageTarget';
import type { TaskOutput } from '../../runtime/followTask';

/** An image as the operations emit it. */
export type ImageFacts = {
	/** The volume ID, which Create and Delete take. */
	volid: string;
	storage: string;
	/** `import`, `iso` or `vztmpl`. */
	content: string;
	name: string;
	/** Bytes. */
	size: number | null;
	/** `qcow2`, `iso`, `txz` … */
	format: string | null;
	/** ISO 8601. */
	createdAt: string | null;
};

/** The parts of a volume ID: `local:iso/debian.iso`. */
const VOLUME = /^[^:]+:([^/]+)\/(.*)$/s;

export function imageFacts({
	volid,
	size,
	format,
	ctime,
}: Pick<ImageVolume, 'volid'> & Partial<ImageVolume>): ImageFacts {
	const [, content = '', name = ''] = VOLUME.exec(volid) ?? [];
	return {
		volid,
		storage: storageOf(volid),
		content,
		name,
		size: size ?? null,
		format: format ?? null,
		createdAt: ctime === undefined ? null : isoTime(ctime),
	};
}

/** What Download and Upload emit. */
export const storedFacts = (
	node: string,
	{ volid, image, reused, task }: StoredImage,
): ImageFacts & TaskOutput & { node: string; reused: boolean } => ({
	...imageFacts({ ...image, volid }),
	node,
	reused,
	...task,
});
