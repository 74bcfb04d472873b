import type { ClusterState } from '../state/types';
import { permissionError } from '../errors';

/** Privilege -> whether it propagates to the paths below. */
export type Privileges = Map<string, boolean>;

/** `user@realm!token` split; without a token for a plain user. A user's name may contain both signs. */
export function splitAuthId(authId: string): { user: string; token?: string } {
	const [, user, token] = /^(.+@[^@!]+)!([^@!]+)$/.exec(authId) ?? [];
	return user === undefined || token === undefined ? { user: authId } : { user, token };
}

/** Drops repeated and closing slashes; undefined where the path is none. */
export function normalizePath(path: string): string | undefined {
	const normalized = path.replace(/\/+/g, '/').replace(/(.)\/$/, '$1');
	return normalized.startsWith('/') && /^[[\]{}()\w\-/.@:+ ]*$/.test(normalized)
		? normalized
		: undefined;
}

/** The roles set for exactly this user or token along the path: the deepest setting wins. */
function rolesOn(state: ClusterState, authId: string, path: string): Map<string, boolean> {
	const groups = new Set(state.users.get(authId)?.groups);
	const steps =
		path === '/'
			? ['/']
			: [
					'/',
					...path
						.split('/')
						.slice(1)
						.map((_, index, all) => `/${all.slice(0, index + 1).join('/')}`),
				];
	let roles = new Map<string, boolean>();
	for (const step of steps) {
		const entries = state.acl.filter(
			(entry) => entry.path === step && (entry.propagate || step === path),
		);
		const own = entries.filter((entry) => entry.type !== 'group' && entry.ugid === authId);
		const inherited = entries.filter((entry) => entry.type === 'group' && groups.has(entry.ugid));
		// What is set for the user itself counts, not what is set for its groups.
		const here = own.length > 0 ? own : inherited;
		if (here.length > 0) roles = new Map(here.map((entry) => [entry.roleid, entry.propagate]));
	}
	return roles.has('NoAccess') ? new Map([['NoAccess', false]]) : roles;
}

/** What a pool's roles add on its members' paths; it never propagates. */
function poolRolesOn(state: ClusterState, authId: string, path: string): string[] {
	const [, kind, id, ...rest] = path.split('/');
	if (id === undefined || rest.length > 0) return [];
	return [...state.pools.values()]
		.filter(
			(pool) =>
				(kind === 'vms' && pool.vms.has(Number(id))) ||
				(kind === 'storage' && pool.storages.has(id)),
		)
		.flatMap((pool) => [...rolesOn(state, authId, `/pool/${pool.poolid}`).keys()]);
}

function ownPrivileges(state: ClusterState, authId: string, path: string): Privileges {
	const roles = rolesOn(state, authId, path);
	if (!roles.has('NoAccess')) {
		const pooled = poolRolesOn(state, authId, path);
		// No access to the pool is none to its members, whatever else is set.
		if (pooled.includes('NoAccess')) return new Map();
		for (const role of pooled) if (!roles.has(role)) roles.set(role, false);
	}
	const privileges: Privileges = new Map();
	for (const [role, propagate] of roles) {
		for (const privilege of state.roles.get(role) ?? []) {
			privileges.set(privilege, Boolean(privileges.get(privilege)) || propagate);
		}
	}
	return privileges;
}

/** What a user or token may do on a path. A token with privilege separation has what both it and its user have. */
export function privilegesOn(state: ClusterState, authId: string, path: string): Privileges {
	const { user, token } = splitAuthId(authId);
	if (token === undefined) {
		if (user !== 'root@pam') return ownPrivileges(state, user, path);
		return new Map(
			[...(state.roles.get('Administrator') ?? [])].map((privilege) => [privilege, true]),
		);
	}
	const facts = state.users.get(user)?.tokens.get(token);
	if (!facts) return new Map();
	const ofUser = privilegesOn(state, user, path);
	if (!facts.privsep) return ofUser;
	const own = ownPrivileges(state, authId, path);
	// root's tokens are not intersected: root may do anything.
	if (user === 'root@pam') return own;
	return new Map(
		[...own]
			.filter(([privilege]) => ofUser.has(privilege))
			.map(([privilege, propagate]) => [privilege, propagate && Boolean(ofUser.get(privilege))]),
	);
}

export interface PermissionOptions {
	/** One of the privileges is enough. */
	any?: boolean;
}

/** Whether the user or token has the privileges on the path. */
export function may(
	state: ClusterState,
	authId: string,
	path: string,
	privileges: string[],
	{ any = false }: PermissionOptions = {},
): boolean {
	const granted = privilegesOn(state, authId, path);
	return any
		? privileges.some((privilege) => granted.has(privilege))
		: privileges.every((privilege) => granted.has(privilege));
}

/** Throws the API's 403, with path and privilege in brackets, where `may` says no. */
export function demand(
	state: ClusterState,
	authId: string,
	path: string,
	privileges: string[],
	options: PermissionOptions = {},
): void {
	if (may(state, authId, path, privileges, options)) return;
	if (options.any) throw permissionError(`${path}, ${privileges.join('|')}`);
	const granted = privilegesOn(state, authId, path);
	throw permissionError(
		`${path}, ${privileges.find((privilege) => !granted.has(privilege)) ?? ''}`,
	);
}

/** As `demand` on the VM's path, where the same rights on the pool it is to join are enough. */
export function demandOnVm(
	state: ClusterState,
	authId: string,
	vmid: number,
	pool: string | undefined,
	privileges: string[],
	options: PermissionOptions = {},
): void {
	if (pool && may(state, authId, `/pool/${pool}`, privileges, options)) return;
	demand(state, authId, `/vms/${vmid}`, privileges, options);
}
