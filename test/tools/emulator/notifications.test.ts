import axios from 'axios';

import { startEmulator, type Emulator } from '../../../tools/emulator';
import { render } from '../../../tools/emulator/notify';

let emulator: Emulator;
beforeAll(async () => {
	emulator = await startEmulator({ http: true, taskSeconds: 0.03 });
});
afterAll(async () => await emulator.close());

async function ask(
	method: string,
	path: string,
	form: Array<[string, string]> = [],
	who = emulator.token,
) {
	const { status, statusText, data } = await axios.request<{ data: unknown }>({
		method,
		url: `${emulator.url}/api2/json/cluster/notifications${path}`,
		headers: { Authorization: `PVEAPIToken=${who.tokenId}=${who.secret}` },
		...(method === 'POST' ? { data: new URLSearchParams(form) } : {}),
		validateStatus: () => true,
	});
	return { status, statusText, data: data.data };
}
const target = (name: string): Array<[string, string]> => [
	['name', name],
	['url', 'http://127.0.0.1:9/'],
	['method', 'post'],
	['secret', 'name=token,value=c2VjcmV0'],
];

it('keeps targets and matchers, whose secrets cannot be read', async () => {
	expect((await ask('POST', '/endpoints/webhook', target('hook'))).status).toBe(200);
	expect((await ask('GET', '/endpoints/webhook/hook')).data).toMatchObject({
		secret: ['name=token'],
		origin: 'user-created',
	});
	const matcher: Array<[string, string]> = [
		['name', 'rule'],
		['target', 'hook'],
		['match-field', 'exact:type=vzdump'],
	];
	expect((await ask('POST', '/matchers', matcher)).status).toBe(200);
	expect(await ask('DELETE', '/endpoints/webhook/hook')).toMatchObject({
		status: 400,
		statusText: "cannot delete 'hook', referenced by: rule",
	});
	expect((await ask('DELETE', '/matchers/rule')).status).toBe(200);
	expect((await ask('DELETE', '/endpoints/webhook/hook')).status).toBe(200);
	expect(await ask('GET', '/endpoints/webhook/hook')).toMatchObject({
		status: 404,
		statusText: "endpoint 'hook' not found",
	});
});

it('gives a name once, to a target or a matcher', async () => {
	await ask('POST', '/endpoints/webhook', target('once'));
	expect(await ask('POST', '/matchers', [['name', 'once']])).toMatchObject({
		status: 400,
		statusText: "Cannot create 'once', an entity with the same name already exists",
	});
});

it('asks for Mapping.Modify, and for the right to send requests', async () => {
	const tokenId = 'nosysaudit@pve!tk';
	const who = { tokenId, secret: emulator.tokens[tokenId] ?? '' };
	const modify = { path: '/mapping/notifications', type: 'token', roleid: 'PVEMappingAdmin' };
	const refused = await ask('POST', '/endpoints/webhook', target('mine'), who);
	expect([refused.status, refused.statusText]).toEqual([
		403,
		'Permission check failed (/mapping/notifications, Mapping.Modify)',
	]);
	for (const ugid of [tokenId, 'nosysaudit@pve'])
		emulator.state.acl.push({ ...modify, ugid, propagate: true } as never);
	const second = await ask('POST', '/endpoints/webhook', target('mine'), who);
	expect([second.status, second.statusText]).toEqual([403, 'Permission check failed']);
	expect((await ask('POST', '/matchers', [['name', 'mine']], who)).status).toBe(200);
});

it('fills in templates as a webhook target does', () => {
	const data = { message: 'a "b"\n', severity: 'info', fields: { type: 'x y' }, timestamp: 3 };
	expect(render('{{ message }}|{{escape message}}|{{json fields}}', data)).toBe(
		'a "b"\n|a \\"b\\"\\n|{"type":"x y"}',
	);
	expect(render('{{ url-encode fields.type }}{{ timestamp }}{{ fields.none }}', data)).toBe(
		'x%20y3',
	);
});
