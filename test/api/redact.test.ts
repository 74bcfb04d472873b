import type { IDataObject, INode, INodeParameters } from 'n8n-workflow';

import {
	createRedactor,
	isSecretName,
	secretsInUrl,
	withoutSecrets,
} from '../../nodes/ProxmoxVe/api/redact';
import { fieldOf } from '../../nodes/ProxmoxVe/catalogue/catalogue';
import { qemu } from '../../nodes/ProxmoxVe/catalogue/qemu';
import { ProxmoxVeApi } from '../../credentials/ProxmoxVeApi.credentials';
import { ProxmoxVePasswordApi } from '../../credentials/ProxmoxVePasswordApi.credentials';
import { formsOf, leaksIn, textsIn } from '../reliability/faults/secrets';
import { emptyVm, openLab, type Lab } from '../support/lab';

const PASSWORD = `zq9Xk"s3cr&t/<w0rd>+\\Ünï'%41`;
const ALL_FORMS = formsOf(PASSWORD).join(' | ');
const picked = (value: string) => ({ __rl: true, mode: 'list', value });

let lab: Lab;
beforeEach(async () => {
	lab = await openLab();
});
afterEach(async () => await lab.close());

const refusal = (status: number, message: string, errors?: IDataObject) => ({
	status,
	phrase: message.replace(/[^ -~]/g, '?'),
	body: JSON.stringify({ data: null, message, ...(errors ? { errors } : {}) }),
	headers: { 'content-type': 'application/json' },
});

const OPERATIONS: Readonly<
	Record<string, { parameters: INodeParameters; path: RegExp; task: string }>
> = {
	Create: { parameters: { operation: 'create' }, path: /\/qemu$/, task: 'qmcreate' },
	Restore: {
		parameters: {
			operation: 'restore',
			archive: picked('local:backup/vzdump-qemu-100-2026_01_02-03_04_05.vma.zst'),
		},
		path: /\/qemu$/,
		task: 'qmrestore',
	},
	Update: {
		parameters: { operation: 'update', vm: picked('100') },
		path: /\/config$/,
		task: 'qmconfig',
	},
};

/** Runs the node with a password of the guest. @returns the texts that left it with the secret in them */
async function leaksOf(
	parameters: INodeParameters,
	secret = PASSWORD,
	settings: Partial<INode> = {},
): Promise<{ leaks: string[]; shown: string }> {
	const result = await lab.run(
		{ ...parameters, cloudInit: { cipassword: PASSWORD } },
		[{}],
		settings,
	);
	const { error, items, logs } = result;
	const texts = textsIn(
		[items, logs, error],
		new Set([error && 'node' in error ? error.node : undefined]),
	);
	return { leaks: leaksIn(texts, [secret]), shown: texts.join('\n') };
}

describe.each(Object.entries(OPERATIONS))(
	'%s does not repeat the password',
	(_name, { parameters, path, task }) => {
		it.each([
			['message of a refusal', refusal(500, `bad value ${ALL_FORMS} here`)],
			[
				'messages about parameters',
				refusal(400, 'Parameter verification failed.', {
					cores: ALL_FORMS,
					[PASSWORD]: 'x',
					cipassword: `no ${PASSWORD}`,
				}),
			],
			['message that is cut in the middle of it', refusal(500, `${'x'.repeat(231)} ${PASSWORD}`)],
			[
				'message that is longer than what is read',
				refusal(500, `x${' '.repeat(7_989)}${PASSWORD}`),
			],
		])('from the %s', async (_what, effect) => {
			lab.emulator.faults.onRequest({ method: 'POST', path, times: 2, effect });
			const thrown = await leaksOf(parameters);
			expect(thrown.leaks).toEqual([]);
			expect(thrown.shown).toContain('********');
			expect(thrown.shown).not.toContain('zq9X');
			const put = await leaksOf(parameters, PASSWORD, { onError: 'continueRegularOutput' });
			expect(put.leaks).toEqual([]);
			expect(put.shown).toContain('********');
		});

		it('from the status and log of its task', async () => {
			lab.emulator.faults.onTask({ type: task, failsBefore: `command 'x ${ALL_FORMS}' failed` });
			expect((await leaksOf(parameters)).leaks).toEqual([]);
		});

		it('from the warnings of its task', async () => {
			lab.emulator.faults.onTask({ type: task, warnings: [`weak: ${ALL_FORMS}`] });
			const { leaks, shown } = await leaksOf(parameters);
			expect(leaks).toEqual([]);
			expect(shown).toContain('WARN: weak: ********');
		});
	},
);

describe('the log of n8n', () => {
	it('does not repeat the password of a request with an unknown outcome', async () => {
		lab.emulator.faults.onRequest({
			method: 'POST',
			path: /\/qemu$/,
			when: 'after',
			effect: refusal(502, ALL_FORMS),
		});
		const { leaks, shown } = await leaksOf({});
		expect(leaks).toEqual([]);
		expect(shown).toContain('is unknown (502: ********');
	});
});

describe('the secret of the credential', () => {
	it('is not repeated', async () => {
		const { secret, tokenId } = lab.emulator.token;
		const echo = `PVEAPIToken=${tokenId}=${secret} ${formsOf(secret).join(' ')}`;
		lab.emulator.faults.onRequest({
			method: 'POST',
			path: /\/qemu$/,
			effect: refusal(500, echo, { a: echo }),
		});
		expect((await leaksOf({}, secret)).leaks).toEqual([]);
	});

	it('is not repeated by a warning', async () => {
		const { secret } = lab.emulator.token;
		lab.emulator.faults.onRequest({
			path: /network-get-interfaces/,
			effect: refusal(500, `no ${secret}`),
		});
		const vm = lab.emulator.state.vms.get(100);
		if (vm) vm.config.agent = '1';
		const { warnings } = await lab.output({
			operation: 'get',
			vm: picked('100'),
			options: { ipAddresses: true },
		});
		expect(warnings).toEqual([expect.stringContaining('no ********') as string]);
	});

	it('is not repeated by the log of a task', async () => {
		const { secret } = lab.emulator.token;
		lab.emulator.faults.onTask({ type: 'qmcreate', warnings: [`${'x'.repeat(3_980)} ${secret}`] });
		const { upid } = await lab.output({});
		const { lines } = await lab.output({
			resource: 'task',
			operation: 'getLog',
			upid: String(upid),
			returnAll: true,
		});
		expect(leaksIn(textsIn(lines), [secret, secret.slice(0, 12)])).toEqual([]);
		expect(String(lines)).toContain('x ********');
	});

	it('is not repeated if it was pasted into Token ID', async () => {
		const { secret, tokenId } = lab.emulator.token;
		lab.emulator.faults.onRequest({
			method: 'POST',
			path: /\/qemu$/,
			effect: refusal(500, `no ${secret}`),
		});
		const pasted = {
			...lab.credentials.proxmoxVeApi,
			tokenId: `${tokenId}=${secret}`,
			tokenSecret: '',
		};
		const { error } = await lab.engine.runNode({
			parameters: {
				...emptyVm,
				resource: 'virtualMachine',
				operation: 'create',
				node: picked('pve1'),
			},
			credentials: { ...lab.credentials, proxmoxVeApi: pasted },
		});
		expect(error?.message).toBe('Proxmox VE answered 500: no ********');
	});

	it('is not repeated by a live list', async () => {
		const { secret } = lab.emulator.token;
		lab.emulator.faults.onRequest({ path: /\/nodes/, effect: refusal(500, `no ${secret}`) });
		const { credentials } = lab;
		await expect(
			lab.engine.listSearch('searchNodes', {
				parameters: { authentication: 'apiToken' },
				credentials,
			}),
		).rejects.toThrow('no ********');
	});

	it('has a field in each credential by whose name it is known', () => {
		const names = [new ProxmoxVeApi(), new ProxmoxVePasswordApi()].flatMap(({ properties }) =>
			properties
				.filter(({ typeOptions }) => typeOptions?.password === true)
				.map(({ name }) => name),
		);
		expect(names.filter((name) => !isSecretName(name))).toEqual([]);
	});
});

describe('a redactor', () => {
	const redacted = (text: string, ...secrets: unknown[]): string => {
		const redactor = createRedactor();
		secrets.forEach(redactor.learn);
		return redactor.clean(text);
	};

	it.each([
		[
			'a form with a longer one in it',
			'pw: hunter22x, hunter22',
			['hunter22', 'hunter22x'],
			'pw: ********, ********',
		],
		['a short one as a word only', 'abcde (abcd) xabcd', ['abcd'], 'abcde (********) xabcd'],
		['each line of several', 'a: line-number-1', ['line-number-1\r\nline-number-2'], 'a: ********'],
		['lower-case codes', 'p%c3%9css%2fw', ['pÜss/w'], '********'],
		['JSON in plain letters', '\\u00dcnter-wasser', ['Ünter-wasser'], '********'],
		[
			'a ticket that is not known',
			'Cookie: PVEAuthCookie=PVE%3Aroot%40pam%3A6B042C6E%3A%3AabcdEFGH',
			[],
			'Cookie: PVEAuthCookie=********',
		],
		['half a surrogate pair', 'x \uD800-secret y', ['\uD800-secret'], 'x ******** y'],
		['nothing for no text', 'null 1 abc', [null, 1, 'abc', ''], 'null 1 abc'],
	])('masks %s', (_what, text, secrets, expected) =>
		expect(redacted(text, ...secrets)).toBe(expected),
	);

	it.each(['pve1', 'pve'])('keeps the tasks of messages, on the node %s', (node) => {
		const upid = `UPID:${node}:000019FA:000E976D:6B042C6E:qmstart:100:root@pam!n8n:`;
		const text = `VM 105 already exists: ${upid} ${encodeURIComponent(upid)}`;
		expect(redacted(text, 'secret-of-another')).toBe(text);
	});

	it('knows each secret of the catalogue by its name', () => {
		const secret = Object.keys(qemu.parameters).filter((name) => {
			const field = fieldOf(qemu, name.replace('[n]', '0'))?.field;
			return field?.kind === 'text' && field.secret === true;
		});
		expect(secret).toEqual(['cipassword']);
		expect(secret.filter((name) => !isSecretName(name))).toEqual([]);
	});
});

describe('a private SSH key', () => {
	const key =
		'-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA\n-----END OPENSSH PRIVATE KEY-----';

	it.each([
		['its field', { cloudInit: { sshkeys: key } }],
		['its field, encoded', { cloudInit: { sshkeys: encodeURIComponent(key) } }],
		['JSON', { specifyVm: 'json', vmJson: JSON.stringify({ sshkeys: key }) }],
	])('in %s is refused and not shown', async (_where, parameters) => {
		const before = lab.emulator.requests.length;
		const { error } = await lab.run(parameters);
		expect(error?.message).toBe(
			'SSH Keys (sshkeys) must be public SSH keys, and this is a private key: use the one in the .pub file',
		);
		expect(leaksIn(textsIn(error), ['b3BlbnNzaC1rZXktdjEAAAAA'])).toEqual([]);
		expect(lab.emulator.requests.length).toBe(before);
	});
});

describe('a preview', () => {
	it.each(['CIPASSWORD', 'import-password', 'apitoken', 'secret'])(
		'masks the additional parameter %s',
		async (name) => {
			const { body, command } = await lab.output({
				options: { preview: true },
				additionalParameters: { values: [{ name, value: PASSWORD }] },
			});
			expect(leaksIn(textsIn([body, command]), [PASSWORD])).toEqual([]);
		},
	);
});

it.each<[string, string, string[]]>([
	['https://me:p@ss@host/a', 'https://me:********@host/a', ['p@ss']],
	['https://t0ken@host/p@1', 'https://********@host/p@1', ['t0ken']],
	['https://t0ken:@host/', 'https://********:@host/', ['t0ken']],
	[
		'https://h/10?authuser=0&token=a0b',
		'https://h/10?authuser=********&token=********',
		['0', 'a0b'],
	],
	['https://h/?api_key=a&b=1#c=d', 'https://h/?api_key=********&b=1#c=d', ['a']],
	['no URL: ?token=a', 'no URL: ?token=a', []],
])('masks what is secret in %s', (url, shown, secrets) => {
	expect([withoutSecrets(url), secretsInUrl(url)]).toEqual([shown, secrets]);
});
