/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a test, neither shipped nor scanned */
import axios from 'axios';
import { Agent } from 'node:https';

import { startEmulator, type Emulator } from '../../../tools/emulator';
import { pveum, wordsOf } from '../../support/pveum';

let emulator: Emulator;
beforeEach(async () => {
	emulator = await startEmulator({ taskSeconds: 0.01 });
});
afterEach(async () => await emulator.close());

/** Asks the API with a token; gives the status, the reason phrase and what was answered. */
async function call(
	method: string,
	path: string,
	form: Record<string, string> = {},
	tokenId = 'root@pam!full',
) {
	const { status, statusText, data } = await axios.request<{ data: unknown; errors?: unknown }>({
		method,
		url: `${emulator.url}/api2/json${path}`,
		...(method === 'GET' ? { params: form } : { data: new URLSearchParams(form) }),
		headers: {
			Authorization: `PVEAPIToken=${tokenId}=${emulator.tokens[tokenId] ?? emulator.state.users.get('n8n@pve')?.tokens.get(tokenId.split('!')[1] ?? '')?.secret}`,
		},
		httpsAgent: new Agent({ ca: emulator.ca }),
		validateStatus: () => true,
	});
	return { status, statusText, data: data.data, ...(data.errors ? { errors: data.errors } : {}) };
}
const granted = async (path: string, tokenId: string) =>
	Object.keys(
		(
			((await call('GET', '/access/permissions', { path }, tokenId)).data ?? {}) as Record<
				string,
				object
			>
		)[path] ?? {},
	).sort();

describe('roles', () => {
	it('are made, added to, replaced and deleted', async () => {
		expect(
			await call('POST', '/access/roles', { roleid: 'N8n.VM.Clone', privs: 'VM.Clone' }),
		).toMatchObject({ status: 200, data: null });
		expect(
			await call('POST', '/access/roles', { roleid: 'N8n.VM.Clone', privs: 'VM.Clone' }),
		).toMatchObject({
			status: 500,
			statusText: "create role failed: role 'N8n.VM.Clone' already exists",
		});
		await call('PUT', '/access/roles/N8n.VM.Clone', { privs: 'VM.Audit', append: '1' });
		expect((await call('GET', '/access/roles/N8n.VM.Clone')).data).toEqual({
			'VM.Clone': 1,
			'VM.Audit': 1,
		});
		await call('PUT', '/access/roles/N8n.VM.Clone', { privs: 'VM.Audit' });
		expect((await call('GET', '/access/roles/N8n.VM.Clone')).data).toEqual({ 'VM.Audit': 1 });
		expect(await call('DELETE', '/access/roles/N8n.VM.Clone')).toMatchObject({ status: 200 });
		expect(await call('DELETE', '/access/roles/N8n.VM.Clone')).toMatchObject({
			status: 500,
			statusText: "delete role failed: role 'N8n.VM.Clone' does not exist",
		});
		expect(await call('PUT', '/access/roles/N8n.VM.Clone', { privs: 'VM.Audit' })).toMatchObject({
			statusText: "update role failed: role 'N8n.VM.Clone' does not exist",
		});
	});

	it('that come with Proxmox stay as they are', async () => {
		expect(
			await call('PUT', '/access/roles/PVEAuditor', { privs: 'VM.Clone', append: '1' }),
		).toMatchObject({
			status: 500,
			statusText: "auto-generated role 'PVEAuditor' cannot be modified",
		});
		expect(await call('DELETE', '/access/roles/NoAccess')).toMatchObject({
			statusText: "auto-generated role 'NoAccess' cannot be deleted",
		});
		expect(await call('POST', '/access/roles', { roleid: 'pveMine' })).toMatchObject({
			status: 400,
			errors: { roleid: "cannot use role ID starting with the (case-insensitive) 'PVE' namespace" },
		});
	});

	it('take only privileges that there are', async () => {
		expect(await call('POST', '/access/roles', { roleid: 'X', privs: 'VM.Monitor' })).toMatchObject(
			{
				status: 400,
				errors: { privs: expect.stringContaining("invalid privilege 'VM.Monitor'") as string },
			},
		);
	});

	it('may be changed only with the right to', async () => {
		expect(await call('POST', '/access/roles', { roleid: 'X' }, 'n8n@pve!full')).toMatchObject({
			status: 403,
			statusText: 'Permission check failed (/access, Sys.Modify)',
		});
		expect(
			((await call('GET', '/access/roles', {}, 'nothing@pve!tk')).data as unknown[]).length,
		).toBeGreaterThan(5);
	});
});

describe('rights', () => {
	it('on a deeper path replace what is inherited, and beside another role add to it', async () => {
		const before = await granted('/vms/101', 'n8n@pve!full');
		await pveum(emulator, [
			'pveum role add N8n.VM.Clone --privs VM.Snapshot.Rollback',
			'pveum acl modify /vms/101 --users n8n@pve --roles N8n.VM.Clone',
		]);
		expect(await granted('/vms/101', 'n8n@pve!full')).toEqual(['VM.Snapshot.Rollback']);
		await pveum(emulator, [
			'pveum acl delete /vms/101 --users n8n@pve --roles N8n.VM.Clone',
			'pveum acl modify / --users n8n@pve --roles N8n.VM.Clone',
		]);
		expect(await granted('/vms/101', 'n8n@pve!full')).toEqual(
			[...new Set([...before, 'VM.Snapshot.Rollback'])].sort(),
		);
	});

	it('without propagation hold on their path alone', async () => {
		await pveum(emulator, ['pveum acl modify /vms --users n8n@pve --roles NoAccess --propagate 0']);
		expect(await granted('/vms', 'n8n@pve!full')).toEqual([]);
		expect(await granted('/vms/101', 'n8n@pve!full')).toContain('VM.Audit');
	});

	it('of the user itself replace those of its groups on the same path', async () => {
		const lines = [
			'pveum group add g',
			'pveum user add u@pve --groups g',
			'pveum user token add u@pve t --privsep 0',
			'pveum acl modify / --groups g --roles PVEAdmin',
		];
		for (const { status } of await pveum(emulator, lines)) expect(status).toBe(200);
		const secret = emulator.state.users.get('u@pve')?.tokens.get('t')?.secret ?? '';
		emulator.tokens['u@pve!t'] = secret;
		expect(await granted('/vms/100', 'u@pve!t')).toContain('VM.Allocate');
		await pveum(emulator, ['pveum acl modify / --users u@pve --roles PVEAuditor']);
		expect(await granted('/vms/100', 'u@pve!t')).not.toContain('VM.Allocate');
	});

	it('of a token with privilege separation are those that both have', async () => {
		const [, made] = await pveum(emulator, [
			'pveum role add R --privs VM.Audit,Realm.Allocate',
			'pveum user token add n8n@pve sep2',
		]);
		expect(made?.data.data).toMatchObject({ info: { privsep: 1 }, 'full-tokenid': 'n8n@pve!sep2' });
		expect(await granted('/vms/100', 'n8n@pve!sep2')).toEqual([]);
		await pveum(emulator, ["pveum acl modify / --tokens 'n8n@pve!sep2' --roles R"]);
		expect(await granted('/vms/100', 'n8n@pve!sep2')).toEqual(['VM.Audit']);
		await pveum(emulator, ['pveum user token modify n8n@pve sep2 --privsep 0']);
		expect(await granted('/vms/100', 'n8n@pve!sep2')).toContain('VM.Allocate');
	});

	it('of a pool count for its members, unless there is no access', async () => {
		await pveum(emulator, [
			'pveum user add u@pve',
			'pveum user token add u@pve t --privsep 0',
			'pveum acl modify /pool/prod --users u@pve --roles PVEAuditor',
		]);
		emulator.tokens['u@pve!t'] = emulator.state.users.get('u@pve')?.tokens.get('t')?.secret ?? '';
		expect(await granted('/vms/104', 'u@pve!t')).toContain('VM.Audit');
		await pveum(emulator, [
			'pveum acl modify / --users u@pve --roles PVEAdmin',
			'pveum acl modify /pool/prod --users u@pve --roles NoAccess',
		]);
		expect(await granted('/vms/104', 'u@pve!t')).toEqual([]);
	});

	it('are refused for what is not there, and shown to those who may look', async () => {
		const acl = async (form: Record<string, string>, tokenId?: string) =>
			await call('PUT', '/access/acl', form, tokenId);
		expect(await acl({ path: '/vms/1', users: 'n8n@pve', roles: 'PVEAdmin' })).toMatchObject({
			status: 400,
			errors: { path: "invalid ACL path '/vms/1'" },
		});
		expect(await acl({ path: '/', roles: 'PVEAdmin' })).toMatchObject({
			status: 400,
			errors: { users: "either 'users', 'groups' or 'tokens' is required." },
		});
		expect(await acl({ path: '/', users: 'n8n@pve', roles: 'Nosuch' })).toMatchObject({
			statusText: "ACL update failed: role 'Nosuch' does not exist",
		});
		expect(await acl({ path: '/', users: 'nosuch@pve', roles: 'PVEAdmin' })).toMatchObject({
			statusText: "ACL update failed: user 'nosuch@pve' does not exist",
		});
		expect(
			await acl({ path: '/', users: 'n8n@pve', roles: 'PVEAdmin' }, 'auditor@pve!tk'),
		).toMatchObject({ status: 403, statusText: 'Permission check failed (/, Permissions.Modify)' });
		expect((await call('GET', '/access/acl', {}, 'nothing@pve!tk')).data).toEqual([]);
		expect(
			((await call('GET', '/access/acl', {}, 'auditor@pve!tk')).data as unknown[]).length,
		).toBeGreaterThan(0);
	});
});

it('the words of a shell are read as bash does', () => {
	expect(wordsOf(`a 'b c' 'it'\\''s' "d" $'e\\u0009f' --x=1`)).toEqual([
		'a',
		'b c',
		"it's",
		'd',
		'e\tf',
		'--x=1',
	]);
	for (const bad of ['a; b', 'a $(b)', 'a `b`', 'a "$b"', 'a > b'])
		expect(() => wordsOf(bad)).toThrow();
});

describe('without quorum', () => {
	const NO_QUORUM = "cfs-lock 'file-user_cfg' error: no quorum!";
	it.each<[string, string, string, Record<string, string>]>([
		['updating token info', 'PUT', '/access/users/root@pam/token/full', { comment: 'x' }],
		['deleting token', 'DELETE', '/access/users/root@pam/token/full', {}],
		['generating token', 'POST', '/access/users/root@pam/token/new', {}],
		['create user', 'POST', '/access/users', { userid: 'x@pve' }],
		['update user', 'PUT', '/access/users/n8n@pve', { enable: '0' }],
		['delete user', 'DELETE', '/access/users/n8n@pve', {}],
		['create group', 'POST', '/access/groups', { groupid: 'x' }],
		['update group', 'PUT', '/access/groups/ops', { comment: 'x' }],
		['delete group', 'DELETE', '/access/groups/ops', {}],
		['create role', 'POST', '/access/roles', { roleid: 'x', privs: 'VM.Audit' }],
		['update role', 'PUT', '/access/roles/own', { privs: 'VM.Audit' }],
		['delete role', 'DELETE', '/access/roles/own', {}],
		['ACL update', 'PUT', '/access/acl', { path: '/', roles: 'PVEAuditor', users: 'n8n@pve' }],
	])('nothing is changed: %s', async (what, method, path, form) => {
		await call('POST', '/access/groups', { groupid: 'ops' });
		await call('POST', '/access/roles', { roleid: 'own', privs: 'VM.Clone' });
		const { state } = emulator;
		const known = () =>
			JSON.stringify([[...state.users], [...(state.groups ?? [])], [...state.roles], state.acl]);
		const before = known();
		state.quorate = false;
		expect(await call(method, path, form)).toMatchObject({
			status: 500,
			statusText: `${what} failed: ${NO_QUORUM}`,
		});
		expect(known()).toBe(before);
	});
});

it('a token, a user and a group are deleted with their rights', async () => {
	await call('POST', '/access/groups', { groupid: 'ops' });
	await call('POST', '/access/users', { userid: 'eve@pve', groups: 'ops' });
	await call('POST', '/access/users/eve@pve/token/t', { comment: 'one' });
	const grants: Array<[string, string]> = [
		['users', 'eve@pve'],
		['groups', 'ops'],
		['tokens', 'eve@pve!t'],
	];
	for (const [kind, name] of grants)
		await call('PUT', '/access/acl', { path: '/vms/900', roles: 'PVEAuditor', [kind]: name });
	const before =
		emulator.tokens['eve@pve!t'] ?? emulator.state.users.get('eve@pve')?.tokens.get('t')?.secret;
	const named = () =>
		emulator.state.acl.filter(({ path }) => path === '/vms/900').map(({ ugid }) => ugid);
	expect(
		await call('PUT', '/access/users/eve@pve/token/t', { regenerate: '1', delete: 'comment' }),
	).toMatchObject({
		data: {
			privsep: 1,
			'full-tokenid': 'eve@pve!t',
			value: emulator.state.users.get('eve@pve')?.tokens.get('t')?.secret,
		},
	});
	expect(emulator.state.users.get('eve@pve')?.tokens.get('t')?.secret).not.toBe(before);
	await call('DELETE', '/access/users/eve@pve/token/t');
	expect(named()).toEqual(['eve@pve', 'ops']);
	await call('DELETE', '/access/groups/ops');
	expect(named()).toEqual(['eve@pve']);
	expect(emulator.state.users.get('eve@pve')?.groups).toEqual([]);
	await call('DELETE', '/access/users/eve@pve');
	expect(named()).toEqual([]);
	expect(await call('DELETE', '/access/users/eve@pve/token/t')).toMatchObject({
		statusText: "no such user ('eve@pve')",
	});
});
