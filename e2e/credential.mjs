// A credential, made and tested in n8n's editor.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { openEditor } from './lib/browser.mjs';
import { check } from './lib/check.mjs';
import { credentialData, startEmulator, wrongData } from './lib/emulator.mjs';
import { REFUSED, startN8n, UNTRUSTED } from './lib/n8n.mjs';
import { userFolder } from './lib/package.mjs';
import { out } from './lib/paths.mjs';
import { create, inARow, manual, proxmox, smallVm } from './lib/workflows.mjs';

await check('credential', async (later) => {
	const emulator = await startEmulator();
	later(() => emulator.close());
	const n8n = await startN8n({ name: 'credential', userFolder: userFolder() });

	const good = credentialData(emulator);
	const wrong = wrongData(emulator);
	const untrusted = { ...good, ca: '' };

	const { id } = await create(
		n8n.rest,
		inARow('Credential', [manual(), proxmox(undefined, smallVm('x'), { credentials: {} })]),
	);
	const { page, problems } = await openEditor(n8n);
	await page.goto(`${n8n.url}/workflow/${id}`);
	await page.getByTestId('canvas-node').filter({ hasText: 'Proxmox VE' }).dblclick();
	// What n8n shows to somebody who has no credential of this kind yet.
	await page.getByRole('button', { name: 'Connect to Proxmox VE' }).click();
	const dialog = page.getByTestId('editCredential-modal');
	await dialog.waitFor();

	const tryOut = async ({ url, tokenId, tokenSecret, ca }) => {
		for (const [name, value] of Object.entries({ url, tokenId, tokenSecret, ca })) {
			await dialog
				.getByTestId(`parameter-input-${name}`)
				.locator('input, textarea')
				.first()
				.fill(value);
		}
		const answer = page.waitForResponse((response) =>
			response.url().includes('/rest/credentials/test'),
		);
		await dialog.getByTestId('credential-save-button').click();
		return (await (await answer).json()).data;
	};
	await tryOut(wrong);
	await dialog.getByText('Couldn’t connect with these settings').waitFor();
	await dialog.getByText('More details').click();
	await dialog
		.getByText(REFUSED)
		.or(dialog.getByText(/Proxmox VE rejected the token/))
		.first()
		.waitFor();
	await page.screenshot({ path: join(out, 'credential-wrong-token.png') });
	await tryOut(untrusted);
	await dialog.getByText(UNTRUSTED).first().waitFor();
	await page.screenshot({ path: join(out, 'credential-untrusted.png') });
	assert.equal((await tryOut(good)).status, 'OK');
	// What works closes the dialog, and says so.
	await dialog.waitFor({ state: 'hidden' });
	await page.screenshot({ path: join(out, 'credential-green.png') });
	// While the credential was wrong, the panel's lists could not load.
	assert.deepEqual(
		problems().filter((text) => !text.includes('resource-locator-results')),
		[],
	);
	return ['made in the editor: green, wrong token and untrusted certificate told'];
});
