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

	it('asks no other host where one refuses it', async () => {
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

	it.each([null, {}])('fails where the host answers %j, without a ticket', async (data) => {
		answered(data);
		expect((await run({})).error?.message).toContain('not as a Proxmox VE API');
		expect(lab.emulator.requests.every(({ path }) => path.endsWith('/access/ticket'))).toBe(true);
	});
});
