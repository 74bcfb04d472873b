import { createHash } from 'node:crypto';

import { shown } from './shown';
import type { Result } from './problem';

/** As the API takes it, but for host names, which Proxmox checks itself: with a tag, and without a digest. */
const REFERENCE =
	/^(?:[a-zA-Z\d][a-zA-Z\d.-]*(?::\d+)?\/)?[a-z\d]+(?:[._-]+[a-z\d]+)*(?:\/[a-z\d]+(?:[._-]+[a-z\d]+)*)*:\w[\w.-]{0,127}$/;
const SCHEME = /^docker:\/\//;

/** Whether a text says that it is the reference of an OCI image. */
export const isOciUrl = (text: string): boolean => SCHEME.test(text);

/** Reads the reference of an OCI image, such as `docker.io/library/nginx:1.29`. */
export function readOciReference(given: string): Result<string> {
	const value = given.trim().replace(SCHEME, '');
	return REFERENCE.test(value)
		? { value }
		: {
				problem: `must be an OCI image with its tag, such as docker.io/library/nginx:1.29, got "${shown(given)}"`,
			};
}

/**
 * The name under which the image of a reference is stored. By default Proxmox uses only the last part and the tag, which
 * images of different registries share.
 */
export function ociFileName(reference: string): string {
	const [, last = '', tag = ''] = /([^/]+):([^:/]+)$/.exec(reference) ?? [];
	const digest = createHash('sha256').update(reference).digest('hex').slice(0, 8);
	return `${last}_${tag}_${digest}.tar`;
}
