import { Agent } from 'node:https';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { root } from './paths.mjs';

/** Resolves from the repository's own packages. */
const require = createRequire(join(root, 'package.json'));

/** A Proxmox VE API in this process, with its state to look at: see tools/emulator/index.ts. */
export async function startEmulator(options = {}) {
	require(join(root, 'scripts/typescript.cjs'));
	return require(join(root, 'tools/emulator/index.ts')).startEmulator(options);
}

/** Makes a VM with a guest agent past n8n, and a backup of it. */
export async function backUpNewVm(emulator, vmid) {
	const post = async (path, form) => {
		await require('axios').post(`${emulator.url}/api2/json${path}`, new URLSearchParams(form), {
			headers: { Authorization: `PVEAPIToken=${emulator.token.tokenId}=${emulator.token.secret}` },
			httpsAgent: new Agent({ ca: emulator.ca }),
		});
		await emulator.tasks.settled();
	};
	await post('/nodes/pve1/qemu', {
		vmid,
		agent: '1',
		scsi0: 'local:1',
		net0: 'virtio,bridge=vmbr0',
	});
	await post('/nodes/pve1/vzdump', { vmid, storage: 'local' });
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

/** The same with a secret that is not the token's. */
export const wrongData = (emulator) =>
	credentialData(emulator, { tokenSecret: '99999999-9999-4999-8999-999999999999' });

/** The data of a credential with user and password. */
export const ticketData = (emulator, changes = {}) => ({
	url: emulator.url,
	username: 'root@pam',
	password: emulator.passwords['root@pam'],
	ca: emulator.ca ?? '',
	ignoreSslIssues: false,
	...changes,
});

/** The VMs whose names begin so. */
export const vmsNamed = (emulator, prefix) =>
	[...emulator.state.vms.values()].filter(({ config }) =>
		String(config.name ?? '').startsWith(prefix),
	);
