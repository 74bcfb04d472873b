import { isUserEnabled } from '../auth/authenticate';
import { demand, may, privilegesOn, splitAuthId } from '../auth/permissions';
import { ApiError } from '../errors';
import type { ClusterState, User } from '../state/types';
import { accessEditEndpoints } from './accessEdit';
import { ownFacts } from './ownFacts';
import { flagOf, textOf } from './types';
import type { Call, Endpoint } from './types';

/** Which privileges count as which kind, for the `cap` of a login. */
const KINDS: Readonly<Record<string, RegExp>> = {
	vms: /^(VM\.|Permissions\.Modify)/,
	access: /^(User|Group)\.|^Permissions\.Modify/,
	storage: /^(Datastore\.|Permissions\.Modify)/,
	nodes: /^(Sys\.|Permissions\.Modify)/,
	sdn: /^(SDN\.|Permissions\.Modify)/,
	dc: /^(Sys\.Audit|Sys\.Modify|SDN\.)/,
	mapping: /^(Mapping\.|Permissions\.Modify)/,
};
const POOL_KINDS: Readonly<Record<string, RegExp>> = {
	vms: /^(VM\.|Permissions\.Modify)/,
	storage: /^(Datastore\.|Permissions\.Modify)/,
};
const CAPABILITY_PATHS = ['/', '/nodes', '/access/groups', '/vms', '/storage', '/sdn', '/mapping'];
const PERMISSION_PATHS = [
	'/',
	'/access',
	'/access/groups',
	'/nodes',
	'/pool',
	'/sdn',
	'/storage',
	'/vms',
];

function aclPaths(state: ClusterState): string[] {
	const paths = new Set<string>();
	for (const path of [...state.acl.map((entry) => entry.path), ...state.aclPathsLookedAt]) {
		const parts = path.split('/').filter((part) => part !== '');
		for (let length = 0; length <= parts.length; length++)
			paths.add(`/${parts.slice(0, length).join('/')}`);
	}
	return [...paths];
}

function capabilitiesOf(state: ClusterState, user: string): Record<string, Record<string, number>> {
	const capabilities: Record<string, Record<string, number>> = {};
	for (const kind of Object.keys(KINDS)) capabilities[kind] = {};
	for (const path of new Set([...CAPABILITY_PATHS, ...aclPaths(state)])) {
		const top = /^\/(\w+)/.exec(path)?.[1] ?? 'dc';
		const kinds = top === 'pool' ? POOL_KINDS : { [top]: KINDS[top] };
		for (const [kind, pattern] of Object.entries(kinds)) {
			for (const privilege of privilegesOn(state, user, path).keys()) {
				if (pattern?.test(privilege))
					capabilities[kind] = { ...capabilities[kind], [privilege]: 1 };
			}
		}
	}
	return capabilities;
}

function login({ world, parameters }: Call): Record<string, unknown> {
	const realm = textOf(parameters, 'realm');
	const name = textOf(parameters, 'username') ?? '';
	const username = realm === undefined ? name : `${name}@${realm}`;
	const password = textOf(parameters, 'password') ?? '';
	const user = world.state.users.get(username);
	// A ticket that still holds is as good as the password: so it is renewed.
	const isPassword = user?.password !== undefined && user.password === password;
	if (
		!isUserEnabled(world, username) ||
		!(isPassword || world.tickets.readTicket(password) === username)
	) {
		throw new ApiError(401, 'authentication failure');
	}
	const { clusterName } = world.state;
	return {
		username,
		ticket: world.tickets.issueTicket(username),
		CSRFPreventionToken: world.tickets.issueCsrfToken(username),
		cap: capabilitiesOf(world.state, username),
		...(clusterName !== undefined && may(world.state, username, '/', ['Sys.Audit'])
			? { clustername: clusterName }
			: {}),
	};
}

function permissionsOf(state: ClusterState, authId: string, path: string): Record<string, number> {
	return Object.fromEntries(
		[...privilegesOn(state, authId, path)].map(([privilege, propagates]) => [
			privilege,
			propagates ? 1 : 0,
		]),
	);
}

function permissions({ world: { state }, authId, parameters }: Call): unknown {
	const asked = textOf(parameters, 'userid') ?? authId;
	if (asked !== authId && splitAuthId(asked).user !== authId)
		demand(state, authId, '/access', ['Sys.Audit']);
	const path = textOf(parameters, 'path');
	if (path !== undefined) return { [path]: permissionsOf(state, asked, path) };
	const pooled = [...state.pools.values()].flatMap(({ vms, storages }) => [
		...[...vms].map((vmid) => `/vms/${vmid}`),
		...[...storages].map((storage) => `/storage/${storage}`),
	]);
	const all = [...new Set([...PERMISSION_PATHS, ...aclPaths(state), ...pooled])];
	return Object.fromEntries(
		all
			.map((each) => [each, permissionsOf(state, asked, each)] as const)
			.filter(([, found]) => Object.keys(found).length > 0),
	);
}

function users({ world: { state }, authId, parameters }: Call): unknown {
	const mayAudit = may(
		state,
		authId,
		'/access/groups',
		['User.Modify', 'Sys.Audit', 'Group.Allocate'],
		{ any: true },
	);
	const enabled = textOf(parameters, 'enabled');
	return [...state.users.values()]
		.filter(({ userid }) => mayAudit || userid === authId)
		.filter((user) => enabled === undefined || user.enabled === (enabled === '1'))
		.map((user) => ({
			userid: user.userid,
			enable: user.enabled ? 1 : 0,
			expire: user.expire,
			'realm-type': state.realms.find(({ realm }) => user.userid.endsWith(`@${realm}`))?.type,
			...(user.comment === undefined ? {} : { comment: user.comment }),
			...(user.email === undefined ? {} : { email: user.email }),
			...(flagOf(parameters, 'full')
				? { groups: user.groups.join(','), tokens: tokensOf(user) }
				: {}),
		}));
}

function tokensOf(user: User | undefined): Array<Record<string, unknown>> {
	return [...(user?.tokens ?? [])].map(([tokenid, { expire, privsep }]) => ({
		tokenid,
		expire,
		privsep: privsep ? 1 : 0,
	}));
}

function tokens({ world: { state }, parameters }: Call): unknown {
	return tokensOf(state.users.get(textOf(parameters, 'userid') ?? ''));
}

export const accessEndpoints: Endpoint[] = [
	{ method: 'POST', path: '/access/ticket', handle: login },
	{
		method: 'GET',
		path: '/access/ticket',
		facts: ownFacts('GET', '/access/ticket', {}, 'world'),
		handle: () => null,
	},
	{
		method: 'GET',
		path: '/access/domains',
		facts: ownFacts('GET', '/access/domains', {}, 'world'),
		handle: ({ world }) => world.state.realms,
	},
	{ method: 'GET', path: '/access/tfa', facts: ownFacts('GET', '/access/tfa'), handle: () => [] },
	{ method: 'GET', path: '/access/permissions', handle: permissions },
	{ method: 'GET', path: '/access/users', handle: users },
	{ method: 'GET', path: '/access/users/{userid}/token', handle: tokens },
	...accessEditEndpoints,
];
