// The node in n8n's editor: found, dragged in, filled in with live lists, run; and how long its panel takes to open.
// With WRITE_DOCS=1 it updates the pictures of the README.
import assert from 'node:assert/strict';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { openEditor } from './lib/browser.mjs';
import { check } from './lib/check.mjs';
import { credentialData, startEmulator, vmsNamed } from './lib/emulator.mjs';
import { createCredential, startN8n } from './lib/n8n.mjs';
import { userFolder } from './lib/package.mjs';
import { out, root } from './lib/paths.mjs';
import { until } from './lib/processes.mjs';
import { create, inARow, manual, notify, proxmox, smallVm, webhook } from './lib/workflows.mjs';

const LIST = '[data-test-id=rlc-item]:visible';

/** Opens a picker's list; what it offers. */
async function listOf(page, picker) {
	await picker.getByTestId('rlc-input').first().click();
	await page.locator(LIST).first().waitFor();
	return (await page.locator(LIST).allInnerTexts()).map((text) => text.trim());
}

/** Chooses from a picker's list, after a search for it where a word is given. */
async function pick(page, picker, text, word) {
	const texts = await listOf(page, picker);
	assert.ok(texts.includes(text), `${text} is not among ${texts}`);
	if (word !== undefined) {
		const fitting = texts.filter((one) => one.includes(word));
		assert.ok(fitting.length < texts.length, `${word} is in all of ${texts}`);
		await page.locator('[data-test-id=rlc-search]:visible').fill(word);
		await until(
			`a search for ${word}`,
			async () => (await page.locator(LIST).count()) === fitting.length,
			10,
		);
	}
	await page.locator(LIST).filter({ hasText: text }).first().click();
}

/** The search of the node creator, an action dragged onto the canvas, a VM filled in and made. */
async function makeVm(n8n, emulator, scheme) {
	const { page, problems } = await openEditor(n8n, { scheme, height: 1100, scale: 2 });
	const name = `${scheme}-1`;
	await page.goto(`${n8n.url}/workflow/new`);
	await page
		.getByTestId('canvas-add-button')
		.or(page.getByTestId('node-creator-plus-button'))
		.first()
		.waitFor();
	await page.keyboard.press('n');
	await page.getByTestId('node-creator-search-bar').fill('proxmox');
	const found = page
		.getByTestId('node-creator-item-name')
		.filter({ hasText: /^Proxmox VE$/ })
		.first();
	await found.waitFor();
	await page.screenshot({ path: join(out, `found-${scheme}.png`) });
	await found.click();
	// In an empty workflow n8n folds the actions: it wants a trigger first.
	await page.getByText(/^Actions \(\d+\)/).click();
	const action = page
		.getByTestId('node-creator-item-name')
		.filter({ hasText: 'Create virtual machine' })
		.first();
	await action.waitFor();
	await action.dragTo(page.locator('.vue-flow__pane'), { targetPosition: { x: 420, y: 360 } });
	const node = page
		.getByTestId('canvas-node')
		.filter({ hasText: /Create|Proxmox/ })
		.first();
	const panel = page.getByTestId('node-parameters');
	await until(
		'the node on the canvas',
		async () => (await node.isVisible()) || (await panel.isVisible()),
		15,
	);
	if (!(await panel.isVisible())) await node.dblclick();
	await panel.waitFor();

	await pick(page, panel.getByTestId('resource-locator-node'), 'pve1');
	await panel.getByTestId('parameter-input-name').locator('input, textarea').first().fill(name);
	await panel.getByTestId('parameter-input-cores').locator('input').fill('2');
	await panel.getByTestId('parameter-input-memory_current').locator('input').fill('4096');
	await panel.getByTestId('fixed-collection-diskList').getByTestId('fixed-collection-add').click();
	await pick(page, panel.getByTestId('resource-locator-storage').first(), 'local (dir)', 'local');
	await panel.getByTestId('fixed-collection-netList').getByTestId('fixed-collection-add').click();
	await pick(
		page,
		panel.getByTestId('resource-locator-bridge').first(),
		'vmbr0 (lab bridge)',
		'lab',
	);
	await page.getByTestId('node-execute-button').first().click();
	await page.getByTestId('output-panel').getByText('qmcreate').first().waitFor();

	const [vm] = vmsNamed(emulator, name);
	assert.match(String(vm?.config.virtio0), /^local:/);
	assert.match(String(vm.config.net0), /bridge=vmbr0/);
	assert.deepEqual([vm.config.cores, Number(vm.config.memory)], [2, 4096]);
	await page.getByTestId('output-panel').getByText('JSON', { exact: true }).click();
	await panel
		.getByTestId('parameter-input-operation')
		.evaluate((element) => element.scrollIntoView());
	await page.getByText('Node executed successfully').waitFor({ state: 'hidden' });
	await page.screenshot({
		path: join(out, `panel-${scheme}.png`),
		clip: { x: 25, y: 25, width: 1230, height: 1050 },
	});
	assert.deepEqual(problems(), []);
}

/** A workflow as its user sees it. */
async function pictureOfFlow(n8n, credential) {
	const slackApi = await createCredential(
		n8n.rest,
		{ accessToken: 'none' },
		{ type: 'slackApi', name: 'Slack account' },
	);
	const channelId = { __rl: true, mode: 'name', value: '#vms' };
	const slack = (name, position) => ({
		id: name,
		name,
		type: 'n8n-nodes-base.slack',
		typeVersion: 2.3,
		position,
		credentials: { slackApi },
		parameters: { select: 'channel', channelId, text: 'Done', otherOptions: {} },
	});
	const [request, node, tell, help] = [
		{ ...webhook('new-vm'), name: 'VM requested' },
		{ ...proxmox(credential, smallVm('={{ $json.body.name }}')), onError: 'continueErrorOutput' },
		slack('Tell the team', [720, -100]),
		slack('Call for help', [720, 100]),
	];
	const workflow = inARow('New VM', [
		{ ...request, position: [240, 0] },
		{ ...node, position: [480, 0] },
	]);
	workflow.nodes.push(tell, help);
	workflow.connections[node.name] = {
		main: [tell, help].map(({ name }) => [{ node: name, type: 'main', index: 0 }]),
	};
	const { id } = await create(n8n.rest, workflow);
	const { page } = await openEditor(n8n, { height: 700, scale: 2 });
	await page.goto(`${n8n.url}/workflow/${id}`);
	const nodes = page.getByTestId('canvas-node');
	await nodes.filter({ hasText: help.name }).waitFor();
	await page.mouse.move(0, 0);
	const boxes = await until('the nodes in their places', async () => {
		const seen = await Promise.all((await nodes.all()).map((one) => one.boundingBox()));
		return seen.length === 4 && seen.every((box) => box !== null) && seen;
	});
	const left = Math.min(...boxes.map(({ x }) => x)) - 80;
	const top = Math.min(...boxes.map(({ y }) => y)) - 30;
	const right = Math.max(...boxes.map(({ x, width }) => x + width)) + 30;
	const bottom = Math.max(...boxes.map(({ y, height }) => y + height)) + 60;
	await page.screenshot({
		path: join(out, 'flow.png'),
		clip: { x: left, y: top, width: right - left, height: bottom - top },
	});
}

const OPENINGS = 7;
const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];

/** How long panels take to open and to add an option, alternating with n8n's HTTP Request node. */
async function panelTimes(n8n, credential) {
	const { page, problems } = await openEditor(n8n, { height: 1000 });
	const panel = page.getByTestId('node-parameters');
	const drawn = () =>
		page.evaluate(
			() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
		);
	const timed = async (act) => {
		const begun = performance.now();
		await act();
		await drawn();
		return performance.now() - begun;
	};
	const times = { 'Proxmox VE': { open: [], add: [] }, Notify: { open: [], add: [] } };
	for (let round = 0; round < OPENINGS; round++) {
		// A new one each time, without the options that were added.
		const { id } = await create(
			n8n.rest,
			inARow('Panels', [
				manual(),
				proxmox(credential, {}),
				notify('https://chat.example.com', '{}'),
			]),
		);
		await page.goto(`${n8n.url}/workflow/${id}`);
		for (const [name, { open, add }] of Object.entries(times)) {
			const node = page.getByTestId('canvas-node').filter({ hasText: name }).first();
			await node.waitFor();
			open.push(
				await timed(async () => {
					await node.dblclick();
					await panel.getByTestId('parameter-item').first().waitFor();
				}),
			);
			const before = await panel.getByTestId('parameter-item').count();
			await panel.getByTestId('collection-parameter-add').last().click();
			const option = page.getByText('Timeout', { exact: false }).last();
			await option.waitFor();
			add.push(
				await timed(async () => {
					await option.click();
					await until(
						'the option',
						async () => (await panel.getByTestId('parameter-item').count()) > before,
					);
				}),
			);
			await page.getByTestId('ndv-backdrop').click({ position: { x: 5, y: 5 } });
			await panel.waitFor({ state: 'hidden' });
		}
	}
	assert.deepEqual(problems(), []);
	const told = (what) => {
		const [ours, other] = Object.values(times).map((one) => Math.round(median(one[what])));
		return `${ours} ms (HTTP Request ${other} ms)`;
	};
	return `panel opens in ${told('open')}, adds an option in ${told('add')}`;
}

await check('editor', async (later) => {
	const emulator = await startEmulator();
	later(() => emulator.close());
	const n8n = await startN8n({ name: 'editor', userFolder: userFolder() });
	const credential = await createCredential(n8n.rest, credentialData(emulator));

	for (const scheme of ['light', 'dark']) await makeVm(n8n, emulator, scheme);
	await pictureOfFlow(n8n, credential);
	if (process.env.WRITE_DOCS) {
		for (const name of ['panel-light.png', 'panel-dark.png', 'flow.png'])
			copyFileSync(join(out, name), join(root, 'docs/images', name));
	}
	return [
		'found by "proxmox", dragged in, lists live and searched, a disk and a card added, the run made the VM',
		'no console errors, light and dark',
		await panelTimes(n8n, credential),
	];
});
