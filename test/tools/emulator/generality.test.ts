import { startSession, type Session } from '../../../tools/emulator/fidelity/session';
import type { Answer } from '../../../tools/emulator/fidelity/client';
import { isRecord } from '../../../tools/emulator/fidelity/json';

let session: Session;

beforeAll(async () => {
	session = await startSession();
});

afterAll(async () => {
	await session.close();
});

/** Sends a form as a user's token. */
async function send(
	method: string,
	path: string,
	form: Record<string, string> = {},
	token = 'root@pam!full',
): Promise<Answer> {
	const headers = {
		Authorization: `PVEAPIToken=${token}=${session.emulator.tokens[token]}`,
		...(method === 'GET' ? {} : { 'Content-Type': 'application/x-www-form-urlencoded' }),
	};
	return await session.send({
		method,
		path: `/api2/json/nodes/pve1/${path}`,
		headers,
		...(method === 'GET' ? {} : { body: new URLSearchParams(form).toString() }),
	});
}

const dataOf = ({ body }: Answer): unknown => (isRecord(body) ? body.data : undefined);

/** Creates a VM and waits for the task; returns how the task ended, and the config. */
async function create(
	vmid: number,
	form: Record<string, string>,
): Promise<{ exitstatus?: string; config: unknown }> {
	const upid = String(dataOf(await send('POST', 'qemu', { ...form, vmid: String(vmid) })));
	await session.waitForTask(upid);
	return {
		exitstatus: session.emulator.tasks.find(upid)?.exitstatus,
		config: dataOf(await send('GET', `qemu/${vmid}/config`)),
	};
}

describe('requests near to the recorded ones', () => {
	test.each([
		['every object has', 'constructor'],
		['sets a prototype', '__proto__'],
	])('with a name that %s are refused as with any other', async (_title, name) => {
		const { status, body } = await send(
			'POST',
			'qemu',
			Object.fromEntries([
				['vmid', '9000'],
				[name, '1'],
			]),
		);
		const errors = isRecord(body) && isRecord(body.errors) ? Object.keys(body.errors) : [];
		expect({ status, errors }).toEqual({ status: 400, errors: [name] });
	});

	test('are answered if the phrase holds any character', async () => {
		const { status, body } = await send('POST', 'qemu', {
			vmid: '9001',
			scsi0: 'local:iso/ü💾.txt',
		});
		expect({ status, body }).toMatchObject({
			status: 500,
			body: { message: "unable to parse directory volume name 'iso/ü💾.txt'\n" },
		});
	});

	test('keep a weight as it was sent, up to the largest', async () => {
		expect((await create(9002, { cpuunits: '20000' })).config).toMatchObject({ cpuunits: 10000 });
		const { exitstatus } = await create(9003, { cpuunits: '+200' });
		expect(exitstatus).toBe(
			"unable to create VM 9003 - unable to parse value of 'cpuunits' - type check ('integer') failed - got '+200'",
		);
	});

	test('read back only what is right', async () => {
		const { config } = await create(9004, { sshkeys: '', ciuser: '', vga: '' });
		expect(config).toMatchObject({ ciuser: ' ', vga: ' ' });
		expect(config).not.toHaveProperty('sshkeys');
	});

	test('take sizes with their unit in full', async () => {
		expect((await create(9005, { scsi0: 'local:1,size=5GiB' })).exitstatus).toBe('OK');
	});
});

describe('a config that is changed', () => {
	const config = 'qemu/9010/config';

	beforeAll(async () => {
		await create(9010, { memory: '512', scsi0: 'local:1', net0: 'virtio,bridge=vmbr0' });
	});

	test('has a boot order that follows its devices', async () => {
		await send('PUT', config, { delete: 'net0' });
		expect(dataOf(await send('GET', config))).toMatchObject({ boot: 'order=scsi0' });
		await send('PUT', config, { ide2: 'none,media=cdrom' });
		expect(dataOf(await send('GET', config))).toMatchObject({ boot: 'order=scsi0;ide2' });
	});

	test.each<[string, Record<string, string>, string]>([
		[
			'a boot device that is not there',
			{ boot: 'order=net5' },
			"invalid bootorder: device 'net5' does not exist'",
		],
		[
			'more to give back than there is',
			{ balloon: '1024' },
			'balloon value too large (must be smaller than assigned memory)',
		],
		['a key that is none', { sshkeys: 'foo' }, 'SSH public key validation error'],
	])('is refused with %s', async (_title, form, phrase) => {
		const answer = await send('PUT', config, form);
		expect([answer.status, answer.phrase]).toEqual([500, phrase]);
	});

	test.each<[string, string, Record<string, string>]>([
		['VM.Config.Disk', 'novmconfigdisk@pve!tk', { scsi1: 'local:1' }],
		['VM.Config.Disk', 'novmconfigdisk@pve!tk', { delete: 'scsi0' }],
		['VM.Config.CDROM', 'novmconfigcdrom@pve!tk', { ide2: 'local:iso/tiny.iso,media=cdrom' }],
	])('asks for %s if %s does not have it', async (privilege, token, form) => {
		const answer = await send('PUT', config, form, token);
		expect([answer.status, answer.phrase]).toEqual([
			403,
			`Permission check failed (/vms/9010, ${privilege})`,
		]);
	});

	test('keeps the drives of a protected VM', async () => {
		await send('PUT', config, { protection: '1' });
		expect((await send('PUT', config, { delete: 'scsi0' })).phrase).toBe(
			"can't remove drive 'scsi0' - protection mode enabled",
		);
	});
});
