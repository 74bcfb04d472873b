import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { OWNER } from './n8n.mjs';
import { out, requireHere } from './paths.mjs';

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

const opened = new Set();

/** Closes every browser, after a last picture for debugging. */
export async function closeEditors() {
	for (const close of opened) await close();
	opened.clear();
}

/** Closes the browser of a page that is done: an open editor computes all the time. */
export const closePage = async (page) => await page.context().browser().close();

/** Opens n8n's editor as its owner; `problems` are errors on the page's console. */
export async function openEditor(
	{ url },
	{ scheme = 'light', width = 1280, height = 900, scale = 1 } = {},
) {
	const { chromium, selectors } = requireHere('playwright-core');
	selectors.setTestIdAttribute('data-test-id');
	const browser = await chromium.launch({
		executablePath: process.env.CHROMIUM ?? CHROMIUM.find(existsSync),
		args: [
			'--no-sandbox',
			'--disable-gpu',
			'--disable-quic',
			'--disable-background-networking',
			'--disable-component-update',
			'--disable-sync',
		],
	});
	const context = await browser.newContext({
		viewport: { width, height },
		colorScheme: scheme,
		deviceScaleFactor: scale,
	});
	const page = await context.newPage();
	page.setDefaultTimeout(60_000);
	await page.goto(`${url}/signin`);
	await page.locator('input[name=emailOrLdapLoginId]').fill(OWNER.email);
	await page.locator('input[name=password]').fill(OWNER.password);
	await page.getByRole('button', { name: 'Sign in' }).click();
	await page.waitForURL((at) => !at.pathname.includes('signin'));
	// From here on: before the sign-in n8n asks for what it may not have yet.
	const seen = new Set();
	page.on('pageerror', (error) => seen.add(error.message));
	page.on('console', (message) => {
		// The editor looks packages up at npm, which is not everywhere to be had.
		const elsewhere =
			message.location().url.startsWith('http') && !message.location().url.startsWith(url);
		if (message.type() === 'error' && !elsewhere)
			seen.add(`${message.text()} ${message.location().url}`);
	});
	opened.add(async () => {
		await page.screenshot({ path: join(out, `last-${scheme}.png`) }).catch(() => undefined);
		await browser.close();
	});
	return { page, problems: () => [...seen] };
}
