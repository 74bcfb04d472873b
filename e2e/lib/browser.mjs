import { existsSync } from 'node:fs';
import { OWNER } from './n8n.mjs';
import { requireHere } from './paths.mjs';

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Opens n8n's editor as its owner; `problems` are errors on the page's console. */
export async function openEditor({ url }, { scheme = 'light', height = 900 } = {}) {
	const { chromium } = requireHere('playwright-core');
	const browser = await chromium.launch({
		executablePath: process.env.CHROMIUM ?? CHROMIUM.find(existsSync),
		args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
	});
	const context = await browser.newContext({ viewport: { width: 1280, height }, colorScheme: scheme });
	const page = await context.newPage();
	page.setDefaultTimeout(15_000);
	await page.goto(`${url}/signin`);
	await page.locator('input[name=emailOrLdapLoginId]').fill(OWNER.email);
	await page.locator('input[name=password]').fill(OWNER.password);
	await page.getByRole('button', { name: 'Sign in' }).click();
	await page.waitForURL((at) => !at.pathname.includes('signin'));
	// From here on: before the sign-in n8n asks for what it may not have yet.
	const seen = new Set();
	page.on('pageerror', (error) => seen.add(error.message));
	page.on('console', (message) => message.type() === 'error' && seen.add(`${message.text()} ${message.location().url}`));
	return { page, problems: () => [...seen], close: () => browser.close() };
}
