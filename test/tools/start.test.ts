/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- a test, neither shipped nor scanned */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const root = join(__dirname, '../..');
/** No cluster of the user's. */
const env = Object.fromEntries(
	Object.entries(process.env).filter(([name]) => !name.startsWith('PVE_')),
);

it('npm start creates a VM that boots, and shows its address', async () => {
	const { stdout } = await promisify(execFile)(process.execPath, ['scripts/start.mjs'], {
		cwd: root,
		env,
	});
	expect(stdout).toContain('"taskStatus": "ok"');
	expect(stdout).toMatch(/"text": "VM \d+ \(web-1\) is running on pve as 198\.51\.100\.\d+/);
	expect(stdout).toContain('The emulated cluster ends here: nothing is left.');
}, 60_000);
