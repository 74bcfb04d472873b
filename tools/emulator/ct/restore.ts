import { unsupported } from '../errors';

/** The work of a restore. */
export async function restoreCt(): Promise<void> {
	await Promise.reject(unsupported('a restore of a container'));
}
