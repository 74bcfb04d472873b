import type { IDataObject, NodeApiError } from 'n8n-workflow';

import { openLab, type Lab } from '../../support/lab';
import { readIso } from '../../support/readIso';

const picked = (value: string) => ({ __rl: true, mode: 'list', value });
const USER_DATA = '#cloud-config\nhostname: web-1';

let lab: Lab;
beforeEach(async () => {
	lab = await openLab();
});
afterEach(async () => await lab.close());

const seed = (userData: string, options: IDataObject = {}) => ({
	resource: 'image',
	operation: 'createSeed',
	storage: picked('local'),
	userData,
	options: { maxPollInterval: 0.1, ...options },
});
const output = async (userData: string, options?: IDataObject) =>
	await lab.output(seed(userData, options) as never);
const filesOf = (volid: unknown) =>
	readIso(lab.emulator.state.volumes.get(String(volid))?.bytes ?? new Uint8Array()).joliet;

test('stores the files in an ISO image', async () => {
	const { volid, instanceId, ...others } = await output(USER_DATA, { hostName: 'web-1' });
	expect(volid).toBe(`local:iso/cloud-init-seed-${String(instanceId)}.iso`);
	expect(others).toMatchObject({ content: 'iso', taskStatus: 'ok', warnings: [], reused: false });
	expect(filesOf(volid)).toEqual({
		'user-data': USER_DATA,
		'meta-data': `instance-id: ${String(instanceId)}\nlocal-hostname: web-1\n`,
	});
});

test('stores the other files too, under the chosen name', async () => {
	const { volid, instanceId } = await output(USER_DATA, {
		filename: 'web.iso',
		metaData: 'instance-id: a',
		networkConfig: 'version: 2',
		vendorData: '#cloud-config\ntimezone: UTC',
	});
	expect([volid, instanceId]).toEqual(['local:iso/web.iso', null]);
	expect(filesOf(volid)).toEqual({
		'user-data': USER_DATA,
		'meta-data': 'instance-id: a',
		'network-config': 'version: 2',
		'vendor-data': '#cloud-config\ntimezone: UTC',
	});
});

test('gives every image its own ID unless one is set, and replaces an image of the same name', async () => {
	const [first, second] = [await output(USER_DATA), await output(USER_DATA)];
	expect(first.volid).not.toBe(second.volid);
	await output(USER_DATA, { instanceId: 'order-1' });
	const { volid } = await output(`${USER_DATA}\nlocale: C`, { instanceId: 'order-1' });
	expect(filesOf(volid)['user-data']).toContain('locale');
});

test('warns about likely mistakes', async () => {
	expect(await output('#cloud-config\nruncmd: [a]\nruncmd: [b]')).toMatchObject({
		taskStatus: 'warnings',
		warnings: [expect.stringContaining('more than once') as string],
	});
});

test.each<[string, string, IDataObject, RegExp]>([
	['a missing first line', 'hostname: x', {}, /User Data must have "#cloud-config"/],
	['a tab', '#cloud-config\nusers:\n\t- x', {}, /User Data .*tab.*line 3/],
	['a network without a version', USER_DATA, { networkConfig: 'a: 1' }, /Network Config must have/],
	['a wrong name', USER_DATA, { filename: 'a.raw' }, /File Name must end in \.iso/],
	['a wrong instance ID', USER_DATA, { instanceId: 'a b' }, /Instance ID/],
])('refuses %s before any request', async (_title, userData, options, words) => {
	const { error } = await lab.run(seed(userData, options) as never);
	expect(`${error?.message} ${String((error as NodeApiError | undefined)?.description)}`).toMatch(
		words,
	);
	expect(lab.emulator.requests).toEqual([]);
});

describe('a VM with the image', () => {
	const create = (volid: unknown, ...others: IDataObject[]) => ({
		operation: 'create',
		diskList: {
			values: [{ source: 'iso', iso: picked(String(volid)), options: {} }, ...others],
		},
	});

	test('has it as a CD drive', async () => {
		const { volid } = await output(USER_DATA);
		const config = await lab.configOf(create(volid) as never);
		expect(JSON.stringify(config)).toContain(`${String(volid)},media=cdrom`);
	});

	test('cannot have a Cloud-Init Drive too', async () => {
		const { volid } = await output(USER_DATA);
		const before = lab.emulator.requests.length;
		const drive = { source: 'cloudInit', storage: picked('local'), options: {} };
		const { error } = await lab.run(create(volid, drive) as never);
		expect(
			`${error?.message} ${String((error as NodeApiError | undefined)?.description)}`,
		).toContain('cannot be combined with a Cloud-Init Drive');
		expect(lab.emulator.requests).toHaveLength(before);
	});
});

test('a mistake is named without the values of the file', async () => {
	const { error } = await lab.run(seed('password: s3cret-word\n') as never);
	expect(JSON.stringify(error)).not.toContain('s3cret-word');
});
