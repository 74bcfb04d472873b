import { randomUUID } from 'node:crypto';

import { mayModifyPermissions } from '../auth/checkEndpoint';
import { normalizePath, privilegesOn, splitAuthId } from '../auth/permissions';
import type { ParameterFacts, PermissionCheck } from '../contract/facts';
import { isTrue, splitList } from '../contract/perl';
import { failure, parameterError, taskErrorText } from '../errors';
import type { AclEntry, ClusterState, Token, User } from '../state/types';
import { ownFacts } from './ownFacts';
import { flagOf, numberOf, textOf } from './types';
import type { Call, Endpoint } from './types';

const text = (optional?: 1): ParameterFacts => ({
	type: 'string',
	...(optional ? { optional } : {}),
});
const flag: ParameterFacts = { type: 'boolean', optional: 1 };
const userid: ParameterFacts = { type: 'string', format: 'pve-userid' };
const sysModify: PermissionCheck[] = ['perm', '/access', ['Sys.Modify']];
const groupAllocate: PermissionCheck[] = ['perm', '/access/groups', ['Group.Allocate']];
const userAllocate: PermissionCheck[] = [
	'and',
	['userid-param', 'Realm.AllocateUser'],
	['userid-group', ['User.Modify']],
];
const ownToken: PermissionCheck[] = [
	'or',
	['userid-param', 'self'],
	['userid-group', ['User.Modify']],
];

/** Roles that Proxmox brings; none of them can be changed. */
const isSpecial = (role: string): boolean => /^(?:PVE|Administrator$|NoAccess$)/.test(role);

/** Paths that may have rights. */
const ACL_PATH = new RegExp(
	`^(?:/|/access|/access/groups(?:/[\\w.-]+)?|/access/realm(?:/[\\w.-]+)?|/nodes(?:/[\\w.-]+)?|/pool(?:/[\\w.-]+){0,3}|/sdn|/sdn/(?:controllers|dns|fabrics|ipams|prefix-lists|route-maps)(?:/[\\w-]+)?|/sdn/zones(?:/[\\w.-]+){0,2}|/sdn/zones/[\\w.-]+/[\\w.-]+/[1-9][0-9]{0,3}|/storage(?:/[\\w.-]+)?|/vms(?:/[1-9][0-9]{2,})?|/mapping(?:/[\\w.-]+){0,2})$`,
);

/** Runs a change of the user configuration; what goes wrong in it is told with what it was to do. */
function changing<Result>({ quorate }: ClusterState, what: string, work: () => Result): Result {
	try {
		if (!quorate) throw failure("cfs-lock 'file-user_cfg' error: no quorum!");
		return work();
	} catch (error) {
		throw failure(`${what} failed: ${taskErrorText(error)}`);
	}
}

const listOf = ({ parameters }: Call, name: string): string[] =>
	splitList(textOf(parameters, name) ?? '');

function privilegesIn(call: Call): string[] {
	const names = listOf(call, 'privs');
	const known = call.world.state.roles.get('Administrator');
	const unknown = names.find((name) => !known?.has(name));
	if (unknown !== undefined)
		throw parameterError({ privs: `invalid format - invalid privilege '${unknown}'\n` });
	return names;
}

function roleIn({ parameters }: Call): string {
	const role = textOf(parameters, 'roleid') ?? '';
	if (!/^[A-Za-z0-9._-]+$/.test(role)) {
		throw parameterError({
			roleid: `invalid format - role name '${role}' contains invalid characters\n`,
		});
	}
	return role;
}

const roleRows = ({ world: { state } }: Call): unknown =>
	[...state.roles].map(([roleid, privs]) => ({
		roleid,
		privs: [...privs].sort().join(','),
		special: isSpecial(roleid) ? 1 : 0,
	}));

function readRole(call: Call): unknown {
	const role = roleIn(call);
	const privileges = call.world.state.roles.get(role);
	if (!privileges) throw failure(`role '${role}' does not exist`);
	return Object.fromEntries([...privileges].map((name) => [name, 1]));
}

function createRole(call: Call): null {
	const { roles } = call.world.state;
	const role = roleIn(call);
	const privileges = privilegesIn(call);
	if (/^PVE/i.test(role)) {
		throw parameterError({
			roleid: "cannot use role ID starting with the (case-insensitive) 'PVE' namespace",
		});
	}
	return changing(call.world.state, 'create role', () => {
		if (roles.has(role)) throw failure(`role '${role}' already exists`);
		roles.set(role, new Set(privileges));
		return null;
	});
}

function updateRole(call: Call): null {
	const { roles } = call.world.state;
	const role = roleIn(call);
	const privileges = privilegesIn(call);
	const isAppended = flagOf(call.parameters, 'append');
	if (call.parameters.append !== undefined && call.parameters.privs === undefined) {
		throw parameterError({ append: "missing property - 'append' requires this property: privs" });
	}
	if (isSpecial(role)) throw failure(`auto-generated role '${role}' cannot be modified`);
	return changing(call.world.state, 'update role', () => {
		const known = roles.get(role);
		if (!known) throw failure(`role '${role}' does not exist`);
		roles.set(role, new Set([...(isAppended ? known : []), ...privileges]));
		return null;
	});
}

function deleteRole(call: Call): null {
	const { roles } = call.world.state;
	const role = roleIn(call);
	if (isSpecial(role)) throw failure(`auto-generated role '${role}' cannot be deleted`);
	return changing(call.world.state, 'delete role', () => {
		if (!roles.delete(role)) throw failure(`role '${role}' does not exist`);
		return null;
	});
}

/** The groups that there are: those that were made, and those that have members or rights. */
function groupsOf(state: ClusterState): Set<string> {
	const named = [
		...[...state.users.values()].flatMap(({ groups }) => groups),
		...state.acl.filter(({ type }) => type === 'group').map(({ ugid }) => ugid),
	];
	return new Set([...(state.groups ?? []), ...named]);
}

/** Without rights to look at all of it, only paths whose rights one may change are shown. */
const readAcl = ({ world: { state }, authId }: Call): unknown => {
	const mayAudit = authId === 'root@pam' || privilegesOn(state, authId, '/access').has('Sys.Audit');
	return state.acl
		.filter(({ path }) => mayAudit || mayModifyPermissions(state, authId, path))
		.map(({ path, type, ugid, roleid, propagate }) => ({
			path,
			type,
			ugid,
			roleid,
			propagate: propagate ? 1 : 0,
		}));
};

/** Without the right to modify permissions, an account may hand out only what it has itself. */
function checkMayHandOut(
	{ world: { state }, authId }: Call,
	path: string,
	role: string,
	propagate: boolean,
	isDeleted: boolean,
): void {
	const own = privilegesOn(state, authId, path);
	if (own.has('Permissions.Modify')) return;
	const verb = isDeleted ? 'remove' : 'add';
	for (const privilege of state.roles.get(role) ?? []) {
		if (!own.has(privilege)) {
			throw parameterError({
				role: `Cannot ${verb} role '${role}' - requires 'Permissions.Modify' or superset of privileges.`,
			});
		}
		if (propagate && own.get(privilege) !== propagate && !isDeleted) {
			throw parameterError({
				role: `Cannot ${verb} role '${role}' with propagation - requires 'Permissions.Modify' or propagated superset of privileges.`,
			});
		}
	}
	if (role === 'NoAccess')
		throw parameterError({ role: `Cannot ${verb} role '${role}' - requires 'Permissions.Modify'` });
}

function updateAcl(call: Call): null {
	const {
		world: { state },
		parameters,
	} = call;
	const given = textOf(parameters, 'path') ?? '';
	const [users, groups, tokens] = ['users', 'groups', 'tokens'].map((name) =>
		listOf(call, name),
	) as [string[], string[], string[]];
	if (![users, groups, tokens].some(({ length }) => length > 0)) {
		const message = "either 'users', 'groups' or 'tokens' is required.";
		throw parameterError({ users: message, groups: message, tokens: message });
	}
	const path = /^[A-Za-z0-9._/-]+$/.test(given)
		? normalizePath(given.startsWith('/') ? given : `/${given}`)
		: undefined;
	const isDeleted = flagOf(parameters, 'delete');
	if (path === undefined || (!isDeleted && !ACL_PATH.test(path)))
		throw parameterError({ path: `invalid ACL path '${given}'` });
	const propagate = parameters.propagate === undefined || isTrue(textOf(parameters, 'propagate'));
	return changing(call.world.state, 'ACL update', () => {
		const entries: Array<Pick<AclEntry, 'type' | 'ugid' | 'roleid'>> = [];
		for (const roleid of listOf(call, 'roles')) {
			if (!state.roles.has(roleid)) throw failure(`role '${roleid}' does not exist`);
			checkMayHandOut(call, path, roleid, propagate, isDeleted);
			for (const ugid of groups) {
				if (!groupsOf(state).has(ugid)) throw failure(`group '${ugid}' does not exist`);
				entries.push({ type: 'group', ugid, roleid });
			}
			for (const ugid of users) {
				if (!state.users.has(ugid)) throw failure(`user '${ugid}' does not exist`);
				entries.push({ type: 'user', ugid, roleid });
			}
			for (const ugid of tokens) {
				const { user, token = '' } = splitAuthId(ugid);
				if (!state.users.get(user)?.tokens.has(token))
					throw failure(`no such token '${token}' for user '${user}'`);
				entries.push({ type: 'token', ugid, roleid });
			}
		}
		for (const entry of entries) {
			const rest = state.acl.filter(
				({ path: at, type, ugid, roleid }) =>
					at !== path || type !== entry.type || ugid !== entry.ugid || roleid !== entry.roleid,
			);
			state.acl.splice(
				0,
				state.acl.length,
				...rest,
				...(isDeleted ? [] : [{ ...entry, path, propagate }]),
			);
		}
		return null;
	});
}

function createGroup({ world: { state }, parameters }: Call): null {
	const group = textOf(parameters, 'groupid') ?? '';
	return changing(state, 'create group', () => {
		if (groupsOf(state).has(group)) throw failure(`group '${group}' already exists`);
		state.groups = groupsOf(state).add(group);
		return null;
	});
}

function checkGroups(call: Call): string[] {
	const groups = listOf(call, 'groups');
	const unknown = groups.find((group) => !groupsOf(call.world.state).has(group));
	if (unknown !== undefined) throw failure(`no such group '${unknown}'`);
	return groups;
}

function readUser({ world: { state }, parameters }: Call): unknown {
	const name = textOf(parameters, 'userid') ?? '';
	const known = state.users.get(name);
	if (!known) throw failure(`no such user ('${name}')`);
	const { enabled, expire, groups, comment, email, tokens } = known;
	return {
		enable: enabled ? 1 : 0,
		expire,
		groups,
		...(comment === undefined ? {} : { comment }),
		...(email === undefined ? {} : { email }),
		tokens: Object.fromEntries(
			[...tokens].map(([id, facts]) => [
				id,
				{ expire: facts.expire, privsep: facts.privsep ? 1 : 0 },
			]),
		),
	};
}

function createUser(call: Call): null {
	const {
		world: { state },
		parameters,
	} = call;
	const name = textOf(parameters, 'userid') ?? '';
	return changing(call.world.state, 'create user', () => {
		if (state.users.has(name)) throw failure(`user '${name}' already exists`);
		const isEnabled = parameters.enable === undefined || flagOf(parameters, 'enable');
		const user: User = {
			userid: name,
			enabled: isEnabled,
			expire: Number(textOf(parameters, 'expire') ?? 0),
			groups: checkGroups(call),
			tokens: new Map(),
		};
		state.users.set(name, {
			...user,
			comment: textOf(parameters, 'comment'),
			password: textOf(parameters, 'password'),
		});
		return null;
	});
}

function updateUser(call: Call): null {
	const {
		world: { state },
		parameters,
	} = call;
	const name = textOf(parameters, 'userid') ?? '';
	return changing(call.world.state, 'update user', () => {
		const user = state.users.get(name);
		if (!user) throw failure(`no such user ('${name}')`);
		if (parameters.enable !== undefined) user.enabled = flagOf(parameters, 'enable');
		if (parameters.expire !== undefined) user.expire = numberOf(parameters, 'expire') ?? 0;
		if (parameters.comment !== undefined) user.comment = textOf(parameters, 'comment');
		if (parameters.groups !== undefined)
			user.groups = [...(flagOf(parameters, 'append') ? user.groups : []), ...checkGroups(call)];
		return null;
	});
}

function createToken({ world: { state }, parameters }: Call): unknown {
	const name = textOf(parameters, 'userid') ?? '';
	const token = textOf(parameters, 'tokenid') ?? '';
	const user = state.users.get(name);
	if (!user) throw failure(`no such user ('${name}')`);
	if (user.tokens.has(token)) throw parameterError({ tokenid: 'Token already exists.' });
	const privsep = parameters.privsep === undefined || flagOf(parameters, 'privsep');
	const secret = randomUUID();
	changing(state, 'generating token', () =>
		user.tokens.set(token, { privsep, expire: Number(textOf(parameters, 'expire') ?? 0), secret }),
	);
	return { info: { privsep: privsep ? 1 : 0 }, value: secret, 'full-tokenid': `${name}!${token}` };
}

/** A user's token; throws where there is no such user or token. */
function tokenOf({ world: { state }, parameters }: Call): { user: User; id: string; token: Token } {
	const name = textOf(parameters, 'userid') ?? '';
	const id = textOf(parameters, 'tokenid') ?? '';
	const user = state.users.get(name);
	if (!user) throw failure(`no such user ('${name}')`);
	const token = user.tokens.get(id);
	if (!token) throw failure(`no such token '${id}' for user '${name}'`);
	return { user, id, token };
}

function updateToken(call: Call): unknown {
	const {
		world: { state },
		parameters,
	} = call;
	const { user, id, token } = tokenOf(call);
	const isNew = flagOf(parameters, 'regenerate');
	changing(state, 'updating token info', () => {
		if (parameters.privsep !== undefined) token.privsep = flagOf(parameters, 'privsep');
		if (parameters.expire !== undefined) token.expire = numberOf(parameters, 'expire') ?? 0;
		if (parameters.comment !== undefined) token.comment = textOf(parameters, 'comment');
		const deleted = listOf(call, 'delete');
		const unknown = deleted.find((name) => name !== 'comment');
		if (unknown !== undefined) throw parameterError({ delete: `unknown option '${unknown}'` });
		if (deleted.length > 0 || token.comment === '') delete token.comment;
		if (isNew) token.secret = randomUUID();
	});
	return {
		privsep: token.privsep ? 1 : 0,
		expire: token.expire,
		...(token.comment === undefined ? {} : { comment: token.comment }),
		...(isNew ? { value: token.secret, 'full-tokenid': `${user.userid}!${id}` } : {}),
	};
}

function deleteToken(call: Call): null {
	const { state } = call.world;
	const { user, id } = tokenOf(call);
	return changing(state, 'deleting token', () => {
		user.tokens.delete(id);
		dropEntries(state, ({ type, ugid }) => type === 'token' && ugid === `${user.userid}!${id}`);
		return null;
	});
}

function deleteUser({ world: { state }, parameters }: Call): null {
	const name = textOf(parameters, 'userid') ?? '';
	return changing(state, 'delete user', () => {
		state.users.delete(name);
		dropEntries(state, ({ ugid }) => ugid === name || ugid.startsWith(`${name}!`));
		return null;
	});
}

/** Throws where there is no group of the name that a request has. */
function groupIn({ world: { state }, parameters }: Call): string {
	const group = textOf(parameters, 'groupid') ?? '';
	if (!groupsOf(state).has(group)) throw failure(`group '${group}' does not exist`);
	return group;
}

function updateGroup(call: Call): null {
	return changing(call.world.state, 'update group', () => {
		groupIn(call);
		return null;
	});
}

function deleteGroup(call: Call): null {
	const { state } = call.world;
	return changing(state, 'delete group', () => {
		const group = groupIn(call);
		state.groups?.delete(group);
		for (const user of state.users.values())
			user.groups = user.groups.filter((name) => name !== group);
		dropEntries(state, ({ type, ugid }) => type === 'group' && ugid === group);
		return null;
	});
}

/** Takes away who has which role, where that is about somebody who is gone. */
function dropEntries(state: ClusterState, isGone: (entry: AclEntry) => boolean): void {
	state.acl.splice(0, state.acl.length, ...state.acl.filter((entry) => !isGone(entry)));
}

function endpoint(
	method: string,
	path: string,
	parameters: Record<string, ParameterFacts>,
	check: PermissionCheck,
	handle: Endpoint['handle'],
): Endpoint {
	return {
		method,
		path,
		facts: { ...ownFacts(method, path, parameters, check), protected: method !== 'GET' },
		handle,
	};
}

const role = { roleid: text(), privs: text(1) };
const user = {
	userid,
	comment: text(1),
	enable: flag,
	expire: { type: 'integer', optional: 1 } as ParameterFacts,
	groups: text(1),
};
const token = {
	userid,
	tokenid: text(),
	privsep: flag,
	comment: text(1),
	expire: { type: 'integer', optional: 1 } as ParameterFacts,
};

/** Roles, users, groups, tokens and who has which role on which path. */
export const accessEditEndpoints: Endpoint[] = [
	endpoint('GET', '/access/roles', {}, 'all', roleRows),
	endpoint('GET', '/access/roles/{roleid}', { roleid: text() }, 'all', readRole),
	endpoint('POST', '/access/roles', role, sysModify, createRole),
	endpoint('PUT', '/access/roles/{roleid}', { ...role, append: flag }, sysModify, updateRole),
	endpoint('DELETE', '/access/roles/{roleid}', { roleid: text() }, sysModify, deleteRole),
	endpoint('GET', '/access/acl', {}, 'all', readAcl),
	endpoint(
		'PUT',
		'/access/acl',
		{
			path: text(),
			roles: text(),
			users: text(1),
			groups: text(1),
			tokens: text(1),
			propagate: flag,
			delete: flag,
		},
		['perm-modify', '{path}'],
		updateAcl,
	),
	endpoint(
		'POST',
		'/access/groups',
		{ groupid: text(), comment: text(1) },
		groupAllocate,
		createGroup,
	),
	endpoint('POST', '/access/users', { ...user, password: text(1) }, userAllocate, createUser),
	endpoint(
		'GET',
		'/access/users/{userid}',
		{ userid },
		['userid-group', ['User.Modify', 'Sys.Audit']],
		readUser,
	),
	endpoint(
		'PUT',
		'/access/users/{userid}',
		{ ...user, append: flag },
		['userid-group', ['User.Modify']],
		updateUser,
	),
	endpoint('POST', '/access/users/{userid}/token/{tokenid}', token, ownToken, createToken),
	endpoint(
		'PUT',
		'/access/users/{userid}/token/{tokenid}',
		{ ...token, delete: text(1), regenerate: flag },
		ownToken,
		updateToken,
	),
	endpoint(
		'DELETE',
		'/access/users/{userid}/token/{tokenid}',
		{ userid, tokenid: text() },
		ownToken,
		deleteToken,
	),
	endpoint('DELETE', '/access/users/{userid}', { userid }, userAllocate, deleteUser),
	endpoint(
		'PUT',
		'/access/groups/{groupid}',
		{ groupid: text(), comment: text(1) },
		groupAllocate,
		updateGroup,
	),
	endpoint('DELETE', '/access/groups/{groupid}', { groupid: text() }, groupAllocate, deleteGroup),
];
