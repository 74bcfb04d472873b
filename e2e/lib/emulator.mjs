import { createRequire } from 'node:module';
import { join } from 'node:path';
import { root } from './paths.mjs';

/** A Proxmox VE API in this process, with its state to look at: see test/emulator/index.ts. */
export async function startEmulator(options = {}) {
	const require = createRequire(join(root, 'package.json'));
	require('tsx/cjs/api').register();
	return require(join(root, 'test/emulator/index.ts')).startEmulator(options);
}

/** The data of a credential for an emulator. */
export const credentialData = (emulator, changes = {}) => ({
	url: emulator.url,
	tokenId: emulator.token.tokenId,
	tokenSecret: emulator.token.secret,
	ca: emulator.ca ?? '',
	ignoreSslIssues: false,
	...changes,
});

/** The VMs whose names begin so. */
export const vmsNamed = (emulator, prefix) =>
	[...emulator.state.vms.values()].filter(({ config }) => String(config.name ?? '').startsWith(prefix));
