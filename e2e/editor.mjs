// The node in n8n's editor: found, dragged in, filled in with live lists, run.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { openEditor } from './lib/browser.mjs';
import { check } from './lib/check.mjs';
import { credentialData, startEmulator, vmsNamed } from './lib/emulator.mjs';
import { createCredential, startN8n } from './lib/n8n.mjs';
import { userFolder } from './lib/package.mjs';
import { out } from './lib/paths.mjs';
import { until } from './lib/processes.mjs';

/** Opens a picker's list; what it offers. */
async function listOf(page, picker) {
	await picker.getByTestId('rlc-input').first().click();
	const items = page.locator('[data-test-id=rlc-item]:visible');
	await items.first().waitFor();
	return { items, texts: (await items.allInnerTexts()).map((text) => text.trim()) };
}

async function pick(page, picker, text) {
	const { items, texts } = await listOf(page, picker);
	assert.ok(texts.includes(text), `${text} is not among ${texts}`);
	await items.filter({ hasText: text }).first().click();
}

await check('editor', async (later) => {
	const emulator = await startEmulator();
	later(() => emulator.close());
	const n8n = await startN8n({ name: 'editor', userFolder: userFolder() });
	await createCredential(n8n.rest, credentialData(emulator));

	for (const scheme of ['light', 'dark']) {
		const { page, problems } = await openEditor(n8n, { scheme, height: 1100 });
		const name = `${scheme}-1`;

		await page.goto(`${n8n.url}/workflow/new`);
		await page.getByTestId('canvas-add-button').or(page.getByTestId('node-creator-plus-button')).first().waitFor();
		await page.keyboard.press('n');
		await page.getByTestId('node-creator-search-bar').fill('proxmox');
		const found = page.getByTestId('node-creator-item-name').filter({ hasText: /^Proxmox VE$/ }).first();
		await found.waitFor();
		await page.screenshot({ path: join(out, `editor-${scheme}-found.png`) });
		await found.click();
		// In an empty workflow n8n folds the actions: it wants a trigger first.
		await page.getByText(/^Actions \(\d+\)/).click();
		const action = page.getByTestId('node-creator-item-name').filter({ hasText: 'Create a virtual machine' }).first();
		await action.waitFor();
		await action.dragTo(page.locator('.vue-flow__pane'), { targetPosition: { x: 420, y: 360 } });
		const node = page.getByTestId('canvas-node').filter({ hasText: /Create|Proxmox/ }).first();
		const panel = page.getByTestId('node-parameters');
		await until('the node on the canvas', async () => (await node.isVisible()) || (await panel.isVisible()), 15);
		if (!(await panel.isVisible())) await node.dblclick();
		await panel.waitFor();

		await pick(page, panel.getByTestId('resource-locator-node'), 'pve1');
		await panel.getByTestId('parameter-input-name').locator('input, textarea').first().fill(name);
		await panel.getByTestId('fixed-collection-diskList').getByTestId('fixed-collection-add').click();
		await pick(page, panel.getByTestId('resource-locator-storage').first(), 'local (dir)');
		await panel.getByTestId('fixed-collection-netList').getByTestId('fixed-collection-add').click();
		await pick(page, panel.getByTestId('resource-locator-bridge').first(), 'vmbr0 (lab bridge)');
		await page.getByTestId('node-execute-button').first().click();
		await page.getByTestId('output-panel').getByText(`qmcreate`).first().waitFor();
		const [vm] = vmsNamed(emulator, name);
		assert.equal(vm?.config.scsi0 ?? vm?.config.virtio0 ? 'disk' : 'none', 'disk');
		assert.match(String(vm.config.net0), /bridge=vmbr0/);
		await page.screenshot({ path: join(out, `editor-${scheme}-run.png`) });
		assert.deepEqual(problems(), []);
	}
	return ['found by "proxmox", dragged in, lists live, a disk and a card added, the run made the VM', 'no console errors, light and dark'];
});
