import axios from 'axios';

import { openLab, type Lab } from '../support/lab';

describe('the login with a password', () => {
	let lab: Lab;
	beforeEach(async () => {
		lab = await openLab();
	});
	afterEach(async () => await lab.close());

	const run = async (changes: object) =>
		await lab.engine.runNode({
			parameters: { resource: 'virtualMachine', operation: 'getAll', authentication: 'password' },
			credentials: {
				proxmoxVePasswordApi: { ...lab.credentials.proxmoxVePasswordApi, ...changes },
			},
		});
	const logins = () =>
		lab.emulator.requests.filter(({ path }) => path.endsWith('/access/ticket')).length;
	/** A ticket that n8n stored with the credential. */
	async function ticketOf(username: string): Promise<string> {
		const form = new URLSearchParams({
			username,
			password: lab.emulator.passwords[username] ?? '',
		});
		const url = `${lab.emulator.url}/api2/json/access/ticket`;
		const { data } = await axios.post<{ data: { ticket: string } }>(url, form);
		lab.emulator.requests.length = 0;
		return data.data.ticket;
	}
	const answered = (data: unknown) =>
		lab.emulator.faults.onRequest({
			path: '/access/ticket',
			times: 9,
			effect: {
				status: 200,
				body: JSON.stringify({ data }),
				headers: { 'Content-Type': 'application/json' },
			},
		});

	it('passes over a host that is down', async () => {
		const { error } = await run({ url: `https://127.0.0.1:9, ${lab.emulator.url}` });
		expect(error).toBeUndefined();
		expect(logins()).toBe(1);
	});

	it('asks no other host if one refuses it', async () => {
		const password = 'wrong';
		await run({ password });
		const once = logins();
		const other = lab.emulator.url.replace('127.0.0.1', 'localhost');
		const { error } = await run({ password, url: `${lab.emulator.url}, ${other}` });
		expect(error).toBeDefined();
		expect(logins()).toBe(2 * once);
	});

	it('says that two-factor authentication cannot be used', async () => {
		answered({ ticket: 'PVE:!tfa!x', NeedTFA: 1 });
		expect((await run({})).error?.message).toContain('two-factor authentication');
	});

	it.each([null, {}])('fails if the host responds with %j, without a ticket', async (data) => {
		answered(data);
		expect((await run({})).error?.message).toContain('not as a Proxmox VE API');
		expect(lab.emulator.requests.every(({ path }) => path.endsWith('/access/ticket'))).toBe(true);
	});

	it('is not replaced by a stored ticket in the credential test', async () => {
		const ticketSecret = await ticketOf('root@pam');
		const test = async (changes: object) =>
			await lab.engine.testCredential('proxmoxVePasswordApi', {
				...lab.credentials.proxmoxVePasswordApi,
				ticketSecret,
				...changes,
			});
		expect(await test({})).toMatchObject({ status: 'OK' });
		expect((await test({ password: 'wrong' })).message).toMatch(/^Proxmox VE rejected the login/);
	});

	it('is made again if the user was edited', async () => {
		const account = { username: 'n8n@pve', password: lab.emulator.passwords['n8n@pve'] };
		const { error } = await run({ ...account, ticketSecret: await ticketOf('root@pam') });
		expect(error).toBeUndefined();
		expect(logins()).toBe(1);
		const users = lab.emulator.requests.map(({ authId }) => authId);
		expect(users).not.toContain('root@pam');
		expect(users).toContain('n8n@pve');
	});

	it('is not made again for the user of the ticket, in any case and with blanks', async () => {
		const { error } = await run({
			username: ' ROOT@pam ',
			ticketSecret: await ticketOf('root@pam'),
		});
		expect(error).toBeUndefined();
		expect(logins()).toBe(0);
	});
});
