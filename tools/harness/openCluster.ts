import { startEmulator } from '../emulator';
import type { StoredCredentials } from './createCredentialsHelper';

/** Where a Proxmox VE API is, and who one is there. */
export interface ApiAccess {
	url: string;
	tokenId: string;
	tokenSecret: string;
	/** Certificate to trust, PEM. */
	ca?: string;
	/** Trust any certificate. */
	insecure?: boolean;
}

export interface Cluster {
	access: ApiAccess;
	/** The same as the node's credential. */
	credentials: StoredCredentials;
	isEmulated: boolean;
	close(): Promise<void>;
}

/** The given cluster, or else an emulated one with a token that has all privileges. */
export async function openCluster(access?: ApiAccess): Promise<Cluster> {
	if (access)
		return { access, credentials: asCredential(access), isEmulated: false, close: async () => {} };
	const emulator = await startEmulator({ seed: 'demo' });
	const { url, ca, token } = emulator;
	const emulated = { url, ca, tokenId: token.tokenId, tokenSecret: token.secret };
	return {
		access: emulated,
		credentials: asCredential(emulated),
		isEmulated: true,
		close: async () => await emulator.close(),
	};
}

function asCredential({
	url,
	tokenId,
	tokenSecret,
	ca = '',
	insecure = false,
}: ApiAccess): StoredCredentials {
	return { proxmoxVeApi: { url, tokenId, tokenSecret, ca, ignoreSslIssues: insecure } };
}
