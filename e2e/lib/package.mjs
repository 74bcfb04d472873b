import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { newFolder, root } from './paths.mjs';

export const PACKAGE = 'n8n-nodes-proxmox-ve';

let tarball = process.env.E2E_TARBALL;

/** The repository packed as npm publishes it, or the tarball that E2E_TARBALL names; its path. */
export function pack() {
	if (tarball !== undefined) return tarball;
	const folder = newFolder('pack');
	execFileSync('npm', ['run', 'build'], { cwd: root, stdio: 'pipe' });
	const [{ filename }] = JSON.parse(
		execFileSync('npm', ['pack', '--json', '--pack-destination', folder], {
			cwd: root,
			stdio: 'pipe',
		}),
	);
	tarball = join(folder, filename);
	return tarball;
}

/** Unpacks the package under a folder of packages; the folder of the package. */
export function unpack(packages) {
	const folder = join(packages, PACKAGE);
	mkdirSync(folder, { recursive: true });
	execFileSync('tar', ['xzf', pack(), '-C', folder, '--strip-components=1']);
	return folder;
}

/** A new user folder as n8n has it after the package was installed from its settings. */
export function userFolder() {
	const folder = newFolder('user');
	unpack(join(folder, '.n8n', 'nodes', 'node_modules'));
	return folder;
}
