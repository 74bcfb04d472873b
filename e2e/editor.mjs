// The node in n8n's editor: found, dragged in, filled in by clicks that are counted, and run; how tall its panel is and
// how long it takes to open. With WRITE_DOCS=1 it updates the pictures of the README.
import assert from 'node:assert/strict';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { closePage, openEditor } from './lib/browser.mjs';
import { check } from './lib/check.mjs';
import { credentialData, startEmulator, vmsNamed } from './lib/emulator.mjs';
import { createCredential, startN8n } from './lib/n8n.mjs';
import { userFolder } from './lib/package.mjs';
import { out, root } from './lib/paths.mjs';
import { until } from './lib/processes.mjs';
import { create, inARow, manual, notify, proxmox, readExample } from './lib/workflows.mjs';

const LIST = '[data-test-id=rlc-item]:visible';
const CHOICES = '.el-select-dropdown:visible [data-test-id^=parameter-input-item]';

/**
 * A person at the panel of a node. Clicks are counted; typing is free, because Tab leads from field to field.
 * @returns `clicks()` made so far, and what the person can do
 */
function personAt(page) {
	const panel = page.getByTestId('node-parameters');
	let clicks = 0;
	const click = async (locator) => {
		clicks += 1;
		await locator.click();
	};
	const inputOf = (name) => panel.getByTestId(`parameter-input-${name}`);
	return {
		clicks: () => clicks,
		type: async (name, text) =>
			await inputOf(name).locator('input, textarea').first().fill(String(text)),
		/** Chooses from a fixed list. */
		choose: async (name, label) => {
			await click(inputOf(name).locator('input').first());
			await click(page.locator(CHOICES).filter({ hasText: label }).first());
		},
		/** Chooses from a live list, after a search for `word` where one is given. */
		pick: async (name, text, word) => {
			await click(panel.getByTestId(`resource-locator-${name}`).getByTestId('rlc-input').first());
			const items = page.locator(LIST);
			await items.first().waitFor();
			const texts = (await items.allInnerTexts()).map((one) => one.trim());
			const isIn = texts.some((one) => one.includes(text));
			assert.ok(isIn, `${text} is not among ${texts}`);
			if (word !== undefined) {
				const fitting = texts.filter((one) => one.includes(word));
				assert.ok(fitting.length < texts.length, `${word} is in all of ${texts}`);
				await page.locator('[data-test-id=rlc-search]:visible').fill(word);
				await until(
					`a search for ${word}`,
					async () => (await items.count()) === fitting.length,
					10,
				);
			}
			await click(items.filter({ hasText: text }).first());
		},
		turnOn: async (name) => await click(inputOf(name).locator('.el-switch')),
		/** Runs the node; it must succeed. */
		execute: async () => {
			await click(page.getByTestId('node-execute-button').first());
			await page.getByTestId('output-panel').getByText('qmcreate').first().waitFor();
		},
	};
}

/** From a new workflow to the panel of a new Create: the node is searched for, and its action dragged onto the canvas. */
async function dragIn(n8n, page, scheme) {
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
}

const KEY =
	'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIII me@example.com';

/** What a person does to get each VM, from a new panel to the result, in at most `goal` clicks. */
const WALKS = [
	{
		name: 'plain VM',
		vmName: 'plain-1',
		goal: 5,
		scheme: 'light',
		fill: async ({ type, choose, pick }, name) => {
			await type('name', name);
			await choose('diskSource', 'New Disk');
			await pick('storage', 'local-lvm');
		},
		isSo: ({ status, config }) => {
			assert.equal(status, 'stopped');
			assert.match(config.scsi0, /^local-lvm:.*size=32G/);
			assert.match(config.net0, /^virtio=.*bridge=vmbr0/);
		},
	},
	{
		name: 'cloud image',
		goal: 9,
		scheme: 'light',
		picture: 'panel-light',
		vmName: 'web-1',
		...cloudImage(),
	},
	{
		name: 'cloud image, dark',
		goal: 9,
		scheme: 'dark',
		picture: 'panel-dark',
		vmName: 'web-2',
		...cloudImage(),
	},
	{
		name: 'Windows 11',
		vmName: 'windows-1',
		goal: 14,
		scheme: 'dark',
		fill: async ({ type, choose, pick, turnOn }, name) => {
			await choose('profile', 'Windows 11');
			await type('name', name);
			await type('cores', 4);
			await type('memory_current', 8192);
			await pick('storage', 'local-lvm');
			await pick('iso', 'Win11_25H2_English_x64.iso');
			await pick('driversIso', 'virtio-win.iso', 'virtio');
			await turnOn('start');
		},
		isSo: ({ status, config }) => {
			assert.equal(status, 'running');
			assert.match(config.scsi0, /size=64G/);
			assert.match(config.efidisk0, /pre-enrolled-keys=1/);
			assert.match(config.tpmstate0, /version=v2\.0/);
			const cds = Object.values(config).filter((value) => /\/iso\/|:iso\//.test(String(value)));
			assert.equal(cds.length, 2);
		},
	},
];

function cloudImage() {
	return {
		fill: async ({ type, pick, turnOn }, name) => {
			await type('name', name);
			await type('cores', 2);
			await type('memory_current', 2048);
			await pick('image', 'debian-13-genericcloud-amd64.qcow2');
			await pick('storage', 'local-lvm');
			await type('diskSize', 16);
			await type('ciuser', 'admin');
			await type('sshkeys', KEY);
			await turnOn('start');
		},
		isSo: ({ status, config }) => {
			assert.equal(status, 'running');
			assert.deepEqual([config.cores, Number(config.memory)], [2, 2048]);
			assert.match(config.scsi0, /^local-lvm:.*size=16G/);
			assert.match(config.net0, /bridge=vmbr0/);
			assert.equal(config.ciuser, 'admin');
			assert.equal(decodeURIComponent(config.sshkeys).trim(), KEY);
			assert.ok(Object.values(config).some((value) => String(value).includes('cloudinit')));
		},
	};
}

/** One walk; how many clicks it took. */
async function walk(n8n, emulator, { name, vmName, goal, scheme, picture, fill, isSo }) {
	const { page, problems } = await openEditor(n8n, { scheme, width: 1440, height: 1500, scale: 2 });
	await dragIn(n8n, page, scheme);
	const person = personAt(page);
	await fill(person, vmName);
	await person.execute();
	const [vm] = vmsNamed(emulator, vmName);
	isSo(vm);
	assert.ok(
		person.clicks() <= goal,
		`${name}: ${person.clicks()} clicks, at most ${goal} expected`,
	);
	if (picture !== undefined) {
		await page.getByTestId('output-panel').getByText('JSON', { exact: true }).click();
		await pictureOfPanel(page, picture);
	}
	assert.deepEqual(problems(), []);
	await closePage(page);
	return person.clicks();
}

/** A picture of an open node, from the top of its panel. */
async function pictureOfPanel(page, name) {
	await page
		.getByTestId('node-parameters')
		.getByTestId('parameter-item')
		.first()
		.evaluate((element) => {
			for (let one = element; one; one = one.parentElement) one.scrollTop = 0;
		});
	await page.mouse.move(0, 0);
	await page.getByText('Node executed successfully').waitFor({ state: 'hidden' });
	const { width, height } = page.viewportSize();
	await page.screenshot({
		path: join(out, `${name}.png`),
		clip: { x: 25, y: 25, width: width - 50, height: height - 50 },
	});
}

/** The first workflow of the README as its user sees it, run, and what its VM's node returned. */
async function picturesOfFlow(n8n, credential) {
	const example = readExample('create-vm.json', credential);
	// The note says what to change, which a picture need not.
	example.nodes = example.nodes.filter(({ type }) => !type.endsWith('stickyNote'));
	const { id } = await create(n8n.rest, example);
	const { page, problems } = await openEditor(n8n, { width: 1440, height: 900, scale: 2 });
	await page.goto(`${n8n.url}/workflow/${id}`);
	const nodes = page.getByTestId('canvas-node');
	await nodes.filter({ hasText: 'Notification' }).waitFor();
	await page.getByTestId('execute-workflow-button').first().click();
	await page.getByText('Workflow executed successfully').waitFor({ timeout: 120_000 });
	await page.getByText('Workflow executed successfully').waitFor({ state: 'hidden' });
	await page.mouse.move(0, 0);
	const boxes = await until('the nodes in their places', async () => {
		const seen = await Promise.all((await nodes.all()).map((one) => one.boundingBox()));
		return seen.length === example.nodes.length && seen.every((box) => box !== null) && seen;
	});
	const left = Math.min(...boxes.map(({ x }) => x)) - 80;
	const top = Math.min(...boxes.map(({ y }) => y)) - 30;
	const right = Math.max(...boxes.map(({ x, width }) => x + width)) + 150;
	const bottom = Math.max(...boxes.map(({ y, height }) => y + height)) + 60;
	await page.screenshot({
		path: join(out, 'flow.png'),
		clip: { x: left, y: top, width: right - left, height: bottom - top },
	});
	await nodes.filter({ hasText: 'Create VM' }).dblclick();
	const output = page.getByTestId('output-panel');
	await output.getByText('JSON', { exact: true }).click();
	await output.getByText('ipAddresses').waitFor();
	await pictureOfPanel(page, 'booted-vm');
	assert.deepEqual(problems(), []);
	await closePage(page);
}

/** How many pixels a fresh Create panel takes in a window 1,000 pixels high. */
async function panelHeight(n8n, credential) {
	const { page } = await openEditor(n8n, { height: 1000 });
	const { id } = await create(n8n.rest, inARow('Height', [manual(), proxmox(credential, {})]));
	await page.goto(`${n8n.url}/workflow/${id}`);
	await page.getByTestId('canvas-node').filter({ hasText: 'Proxmox VE' }).dblclick();
	const panel = page.getByTestId('node-parameters');
	await panel.getByTestId('parameter-input-start').waitFor();
	const height = await panel.evaluate((element) => {
		const scrolls = (one) => /auto|scroll/.test(getComputedStyle(one).overflowY);
		let one = element;
		while (one.parentElement && !scrolls(one)) one = one.parentElement;
		return one.scrollHeight;
	});
	assert.ok(height <= HIGHEST, `the panel is ${height} px high, at most ${HIGHEST} expected`);
	await closePage(page);
	return height;
}
/** One screen and a half. */
const HIGHEST = 1300;

/** How many components of Vue the editor has: with an open panel most of them are the panel's, and each takes time. */
const countComponents = async (page) =>
	await page.evaluate(() => {
		const count = (vnode) => {
			if (vnode === null || typeof vnode !== 'object') return 0;
			if (vnode.component) return 1 + count(vnode.component.subTree);
			if (vnode.suspense) return count(vnode.suspense.activeBranch);
			return Array.isArray(vnode.children)
				? vnode.children.reduce((sum, child) => sum + count(child), 0)
				: 0;
		};
		return count(document.querySelector('#app')._vnode);
	});

const OPENINGS = 15;
const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];

/**
 * How long the page computes to open panels and to add an option, beside n8n's HTTP Request node: other programs on the
 * machine hardly change that. The fields of a panel take most of it, so that Get, which has few, is opened too. The first
 * node that a page opens is slower, so another one is opened before; they take turns in being first.
 */
async function panelTimes(n8n, credential) {
	const { page, problems } = await openEditor(n8n, { height: 1000 });
	const cdp = await page.context().newCDPSession(page);
	await cdp.send('Performance.enable', { timeDomain: 'threadTicks' });
	const computed = async () => {
		const { metrics } = await cdp.send('Performance.getMetrics');
		return metrics.find(({ name }) => name === 'ThreadTime').value * 1000;
	};
	const panel = page.getByTestId('node-parameters');
	const drawn = () =>
		page.evaluate(
			() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
		);
	/** Until the page has done what it still had to do. */
	const idle = async () => {
		for (let before = -Infinity, now = await computed(); now - before > 10; ) {
			await page.waitForTimeout(250);
			[before, now] = [now, await computed()];
		}
	};
	const timed = async (act) => {
		await idle();
		const begun = await computed();
		await act();
		await drawn();
		return (await computed()) - begun;
	};
	const times = Object.fromEntries(
		['Proxmox VE', 'Get', 'Notify'].map((name) => [name, { open: [], add: [], components: [] }]),
	);
	for (let round = 0; round < OPENINGS; round++) {
		// A new one each time, without the options that were added.
		const { id } = await create(
			n8n.rest,
			inARow('Panels', [
				manual(),
				proxmox(credential, {}),
				{ ...proxmox(credential, { operation: 'get' }), name: 'Get' },
				notify('https://chat.example.com', '{}'),
			]),
		);
		await page.goto(`${n8n.url}/workflow/${id}`);
		const trigger = page.getByTestId('canvas-node').first();
		await trigger.waitFor();
		await trigger.dblclick();
		await page.getByTestId('ndv-backdrop').waitFor();
		await page.getByTestId('ndv-backdrop').click({ position: { x: 5, y: 5 } });
		await page.getByTestId('ndv-backdrop').waitFor({ state: 'hidden' });
		const inTurn = Object.entries(times);
		if (round % 2 === 1) inTurn.reverse();
		for (const [name, { open, add, components }] of inTurn) {
			const node = page.getByTestId('canvas-node').filter({ hasText: name }).first();
			await node.waitFor();
			open.push(
				await timed(async () => {
					await node.dblclick();
					await panel.getByTestId('parameter-item').first().waitFor();
				}),
			);
			components.push(await countComponents(page));
			if (name === 'Get') {
				await page.getByTestId('ndv-backdrop').click({ position: { x: 5, y: 5 } });
				await panel.waitFor({ state: 'hidden' });
				continue;
			}
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
	const other = (what) => median(times.Notify[what]);
	const told = (name, what) => {
		const ours = median(times[name][what]);
		return `${Math.round(ours)} ms (${(ours / other(what)).toFixed(2)} of HTTP Request's)`;
	};
	const counted = Object.values(times).map(({ components }) => median(components));
	return `panel of Create opens in ${told('Proxmox VE', 'open')}, of Get in ${told('Get', 'open')}, an option is added in ${told('Proxmox VE', 'add')}; components of Create, Get and HTTP Request: ${counted.join(', ')}`;
}

await check('editor', async (later) => {
	const emulator = await startEmulator({ seed: 'demo' });
	later(() => emulator.close());
	const n8n = await startN8n({ name: 'editor', userFolder: userFolder() });
	const credential = await createCredential(n8n.rest, credentialData(emulator));

	// `ONLY_TIMES=1 npm run e2e -- editor` measures the panels alone.
	if (process.env.ONLY_TIMES) return [await panelTimes(n8n, credential)];
	const told = [];
	for (const one of WALKS)
		told.push(`${one.name} ${await walk(n8n, emulator, one)} (at most ${one.goal})`);
	const height = await panelHeight(n8n, credential);
	await picturesOfFlow(n8n, credential);
	if (process.env.WRITE_DOCS) {
		for (const name of ['panel-light.png', 'panel-dark.png', 'booted-vm.png', 'flow.png'])
			copyFileSync(join(out, name), join(root, 'docs/images', name));
	}
	return [
		'found by "proxmox", dragged in, lists live and searched, the run made the VM, no console errors, light and dark',
		`clicks, Node left empty: ${told.join(', ')}`,
		`fresh Create panel ${height} px high (at most ${HIGHEST})`,
		await panelTimes(n8n, credential),
	];
});
