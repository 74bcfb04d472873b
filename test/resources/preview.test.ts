import type { IDataObject, INodeParameters, INodeProperties } from 'n8n-workflow';

import { resources } from '../../nodes/ProxmoxVe/resources';
import { lxc } from '../../nodes/ProxmoxVe/catalogue/lxc';
import { qemu } from '../../nodes/ProxmoxVe/catalogue/qemu';
import { isMasked } from '../../nodes/ProxmoxVe/runtime/previewRequest';
import { addContainer } from '../support/containerLab';
import { privilegeCases, type PrivilegeCase } from '../runtime/privileges/cases';
import { runCase } from '../runtime/privileges/runCase';
import { openLab, type Lab } from '../support/lab';

let lab: Lab;
beforeEach(async () => {
	lab = await openLab();
});
afterEach(async () => await lab.close());

/** Values that are only known when a request is sent, and secrets. */
const UNKNOWN =
	/NEXT_FREE_ID|RANDOM_UUID|RANDOM_MAC|MAC_OF_THE_CLONE|ISO_STORAGE|TEMPLATE_STORAGE|\*{3,}/g;

/** A request in one line, without the digest, which only guards against changes meanwhile. */
const lineOf = (method: unknown, path: string, body: Array<[string, unknown]>): string =>
	[
		method,
		path.replace(/^\/api2\/json/, ''),
		...body
			.filter(([name]) => name !== 'digest')
			.flatMap(([name, value]) => [value].flat().map((one) => `${name}=${String(one)}`))
			.sort(),
	].join(' ');

interface Shown {
	method: string;
	path: string;
	body: IDataObject;
}

/** The requests in the output of a preview, in their order. */
function shownIn(output: IDataObject): string[] {
	const { beforehand = [], requests = [], afterwards = [], method } = output;
	const first = method === undefined ? [] : [output];
	return ([beforehand, requests, first, afterwards].flat() as unknown as Shown[])
		.filter((one) => one.method !== 'GET')
		.map((one) => lineOf(one.method, one.path, Object.entries(one.body)));
}

/** The requests of a run that were sent, and may change something. */
async function run(one: PrivilegeCase, arranged: IDataObject, preview: boolean) {
	const from = lab.emulator.requests.length;
	const options = preview ? { preview } : {};
	const { error, items } = await runCase(lab, one, arranged, { options });
	if (error) throw error;
	const sent = lab.emulator.requests
		.slice(from)
		.filter(({ method }) => method !== 'GET')
		.map(({ method, path, body }) => {
			const [at = '', query = ''] = path.split('?');
			const fields = new URLSearchParams(`${query}&${body.replace(/\(\d+ bytes\)$/, '')}`);
			return lineOf(method, at, [...fields]);
		});
	return { sent, output: items.flat()[0]?.json ?? {} };
}

const optionsOf = (operation: string): string[] =>
	resources
		.flatMap((resource) =>
			resource.operations.map((one) => ({ ...one, name: `${resource.name} → ${one.name}` })),
		)
		.filter(({ name }) => name === operation)
		.flatMap(({ properties }) => properties)
		.filter(({ name }) => name === 'options')
		.flatMap(({ options = [] }) => (options as INodeProperties[]).map(({ name }) => name));

/** Options with requests of their own: those of the others differ only in parameters. */
const MORE =
	/^(?:an image from a URL|cloud-init files, removed|idempotency key of an existing|If VM Exists|overwrite|settings, as|Resource Pool|a network card|a template|its cloud-init ISO|stop first|If Exists|Start Afterwards)/;
const seen = new Set<string>();
const stopByPath: PrivilegeCase = {
	operation: 'API Request → Send',
	needs: {},
	parameters: {
		resource: 'apiRequest',
		operation: 'send',
		method: 'POST',
		path: '/nodes/pve1/qemu/100/status/stop',
	},
};
const cases = [...privilegeCases, stopByPath].filter(({ operation, option = '' }) => {
	const isFirst = !seen.has(operation);
	seen.add(operation);
	return isFirst || MORE.test(option) || option === '';
});

describe('Preview sends nothing, and shows what is sent without it, of', () => {
	it.each(
		cases.map(
			(one) =>
				[`${one.operation}${one.option === undefined ? '' : `, ${one.option}`}`, one] as const,
		),
	)('%s', async (_name, one) => {
		const arranged = (await one.arrange?.(lab)) ?? {};
		const preview = await run(one, arranged, true);
		expect(preview.sent).toEqual([]);
		const { sent } = await run(one, arranged, false);
		if (sent.length > 0) expect(optionsOf(one.operation)).toContain('preview');
		expect(sent).toEqual(
			shownIn(preview.output).map((line): unknown =>
				new RegExp(UNKNOWN).test(line)
					? expect.stringMatching(
							`^${line
								.split(UNKNOWN)
								.map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
								.join('.+')}$`,
						)
					: line,
			),
		);
	});
});

const picked = (value: unknown) => ({ __rl: true, mode: 'name', value: String(value) });
const on = (operation: string, more: IDataObject = {}, options: IDataObject = {}) =>
	({
		resource: 'virtualMachine',
		operation,
		vm: { __rl: true, mode: 'id', value: '100' },
		...more,
		options: { preview: true, ...options },
	}) as INodeParameters;
const guestOf = (vmid: number) => lab.emulator.state.vms.get(vmid);
const IMAGE = { resource: 'image', content: 'iso', storage: picked('local') };

describe('Preview', () => {
	it('says where nothing would be sent', async () => {
		Object.assign(guestOf(100) ?? {}, { status: 'running' });
		expect(await lab.output(on('start'))).toEqual({ requests: [], alreadyRunning: true });
		expect(await lab.output(on('migrate', { target: picked('pve1') }))).toEqual({
			requests: [],
			obstacles: [],
		});
		const clone = (preview: boolean) =>
			on('clone', { full: true }, { preview, idempotencyKey: 'k', ifExists: 'return' });
		const { vmid } = await lab.output(clone(false));
		expect(await lab.output(clone(true))).toEqual({
			requests: [],
			vmid,
			node: 'pve1',
			reused: true,
		});
		const url = 'https://images.example/tiny.iso';
		expect(await lab.output(on('download', { ...IMAGE, url }))).toEqual({
			requests: [],
			volid: 'local:iso/tiny.iso',
			reused: true,
		});
	});

	it.each<[string, () => INodeParameters, string]>([
		[
			'a protected VM',
			() => {
				Object.assign(guestOf(100) ?? {}, { status: 'running' });
				Object.assign(guestOf(100)?.config ?? {}, { protection: 1 });
				return on('delete', {}, { stopFirst: true });
			},
			'VM 100 is protected, so it was neither stopped nor deleted',
		],
		[
			'a disk of a guest outside Allowed Guests',
			() => {
				const vmJson = JSON.stringify({ scsi5: 'local:101/vm-101-disk-0.qcow2' });
				return on('update', { specifyVm: 'json', vmJson, allowedGuests: '100' });
			},
			'VM 101 is not in Allowed Guests (100)',
		],
		[
			'an image that exists',
			() => {
				const url = 'https://images.example/tiny.iso';
				return on('download', { ...IMAGE, url, ifExists: 'fail' });
			},
			'local:iso/tiny.iso already exists on pve1',
		],
		[
			'a VM to overwrite that is locked',
			() => {
				Object.assign(guestOf(100)?.config ?? {}, { lock: 'backup' });
				const archive = 'local:backup/vzdump-qemu-100-2026_01_02-03_04_05.vma.zst';
				const over = { vmIdMode: 'fixed', vmId: picked(100), restore: { force: true } };
				return on('restore', { archive: picked(archive), ...over });
			},
			'VM 100 on pve1 is locked (backup)',
		],
	])('refuses what would be refused: %s', async (_what, arrange, message) => {
		const { error } = await lab.run(arrange());
		expect(error?.message).toContain(message);
	});

	it('shows no secret, and only the start of a long file', async () => {
		const vm = { vm: { __rl: true, mode: 'id', value: String(addContainer(lab.emulator)) } };
		const vmJson = JSON.stringify({ env: 'A=s3cret-word' });
		const shown = [
			on('update', { resource: 'container', ...vm, specifyVm: 'json', vmJson }),
			on('setPassword', { resource: 'guestAgent', username: 'me', password: 's3cret-word' }),
			on('writeFile', { resource: 'guestAgent', file: '/a', content: 'x'.repeat(9_000) }),
		];
		const [update, password, file] = await Promise.all(
			shown.map(async (one) => await lab.output(one)),
		);
		expect(update?.body).toEqual({ env: '********' });
		expect(password?.command).toBe(
			"pvesh create /nodes/pve1/qemu/100/agent/set-user-password --username me --password '********'",
		);
		expect(file?.body).toEqual({
			file: '/a',
			content: `${Buffer.from('x'.repeat(750)).toString('base64')}… (12000 characters)`,
			encode: '0',
		});
		const secrets = [qemu, lxc].flatMap(({ parameters }) =>
			Object.entries(parameters).filter(([, field]) => 'secret' in field && field.secret),
		);
		expect(secrets.map(([name]) => name)).toEqual(['cipassword', 'password', 'env']);
		expect(secrets.filter(([name]) => !isMasked(name))).toEqual([]);
	});
});
