/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-dangerous-functions -- a test, neither shipped nor scanned */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { IDataObject } from 'n8n-workflow';

import { startEmulator, type Emulator } from '../../tools/emulator';
import { chooseTarget, type AskFor } from '../../tools/harness/chooseTarget';
import { demo } from '../../tools/harness/demo';
import { askApi } from '../support/askApi';

let emulator: Emulator;
const open = async (options: Parameters<typeof startEmulator>[0] = {}) =>
	(emulator = await startEmulator({ seed: 'demo', taskSeconds: 0.03, ...options }));
afterEach(async () => await emulator.close());

const choose = async (environment: Record<string, string> = {}, ask?: AskFor) =>
	await chooseTarget(
		async (path) => (await askApi(emulator, { path })).data as IDataObject[],
		environment,
		ask,
	);

const ONLY = { node: 'pve', storage: 'local-lvm', imageStorage: 'local', bridge: 'vmbr0' };

/** A second storage for disks, and a second one for images. */
function addChoices(): void {
	for (const storage of emulator.state.storages.values())
		storage.content = [...new Set([...storage.content, 'images', 'import'])];
}

describe('the target of npm start', () => {
	beforeEach(async () => {
		await open({ http: true });
		// The demo cluster has a second storage for disks, to unpack an OVA on.
		const local = emulator.state.storages.get('local');
		if (local) local.content = local.content.filter((content) => content !== 'images');
	});

	it('is what there is only one of', async () => {
		expect(await choose()).toEqual(ONLY);
	});

	it('is what the environment names', async () => {
		addChoices();
		expect(await choose({ PVE_STORAGE: 'local', PVE_IMAGE_STORAGE: 'local' })).toEqual({
			...ONLY,
			storage: 'local',
		});
	});

	it('is asked for if there are several', async () => {
		addChoices();
		const asked: string[] = [];
		const target = await choose({}, async (what, choices) => {
			asked.push(`${what}: ${choices.join(', ')}`);
			return await Promise.resolve(choices.at(-1) ?? '');
		});
		expect(target).toEqual({ ...ONLY, imageStorage: 'local-lvm' });
		expect(asked).toEqual([
			'storage for VM disks: local, local-lvm',
			'storage for the cloud image: local, local-lvm',
		]);
	});

	it.each([
		[{}, 'Set PVE_STORAGE to one of: local, local-lvm'],
		[
			{ PVE_STORAGE: 'nope' },
			'PVE_STORAGE: there is no storage for VM disks "nope". Choose one of: local, local-lvm',
		],
		[{ PVE_NODE: 'pve9' }, 'PVE_NODE: there is no node "pve9". Choose one of: pve'],
	])('with %p and no person to ask, is an error with the choices', async (environment, text) => {
		addChoices();
		await expect(choose(environment)).rejects.toThrow(text);
	});

	it('without a storage for images is an error that says how to get one', async () => {
		Object.assign(emulator.state.storages.get('local') ?? {}, { content: ['iso'] });
		await expect(choose()).rejects.toThrow(
			/No storage for the cloud image.*allow the content Import/,
		);
	});

	it('leaves out what is offline or disabled', async () => {
		const { storages } = emulator.state;
		storages.set('off', { ...storages.get('local-lvm')!, storage: 'off', disabled: true });
		storages.set('gone', { ...storages.get('local-lvm')!, storage: 'gone', unmounted: true });
		expect(await choose()).toEqual(ONLY);
	});
});

describe('npm start', () => {
	const folder = mkdtempSync(join(tmpdir(), 'npm-start-'));
	afterAll(() => rmSync(folder, { recursive: true }));

	/** What it prints. */
	async function start(environment: Record<string, string>): Promise<string> {
		let printed = '';
		await demo(environment, (text) => (printed += `${text}\n`));
		return printed;
	}
	const access = () => ({
		PVE_URL: emulator.url,
		PVE_TOKEN_ID: emulator.token.tokenId,
		PVE_TOKEN_SECRET: emulator.token.secret,
	});

	it('creates a VM on a real cluster, and says how to remove it', async () => {
		await open();
		const ca = join(folder, 'ca.pem');
		writeFileSync(ca, emulator.ca ?? '');
		addChoices();
		const printed = await start({
			...access(),
			PVE_CA: ca,
			PVE_STORAGE: 'local',
			PVE_IMAGE_STORAGE: 'local',
		});
		expect(printed).toContain('qm stop 102 && qm destroy 102 --purge');
		expect(emulator.state.vms.get(102)?.status).toBe('running');
		expect(emulator.state.vms.get(102)?.config.scsi0).toMatch(/^local:102/);
		expect(printed).not.toContain(emulator.token.secret);
	});

	it('names PVE_CA and PVE_INSECURE if the certificate is not trusted', async () => {
		await open();
		const script = join(__dirname, '../../scripts/start.mjs');
		const child = spawn(process.execPath, [script], { env: { ...process.env, ...access() } });
		const printed: Record<string, string> = { stdout: '', stderr: '' };
		for (const stream of ['stdout', 'stderr'] as const)
			child[stream].on('data', (data: Buffer) => (printed[stream] += data.toString()));
		const [status] = (await once(child, 'close')) as [number];
		expect(status).toBe(1);
		expect(printed.stderr).toContain('Set PVE_CA to a file with the CA');
		expect(printed.stderr).toContain('PVE_INSECURE=1');
		expect(printed.stderr).not.toMatch(/^\s+at /m);
	});

	it('says which variables to check if the token is not accepted', async () => {
		await open();
		await expect(
			start({
				...access(),
				PVE_INSECURE: '1',
				PVE_TOKEN_SECRET: '99999999-9999-4999-8999-999999999999',
			}),
		).rejects.toThrow('Check PVE_TOKEN_ID');
	});
});
