import { splitAuthId } from '../api/account';
import { shellQuote } from './shellQuote';
import type { Need } from './needsOfBody';

/** A row of `GET /access/acl`. */
export interface AclRow {
	readonly path: string;
	readonly type: 'user' | 'group' | 'token';
	readonly ugid: string;
	readonly roleid: string;
	readonly propagate?: 0 | 1;
}

/** A row of `GET /access/roles`. */
export interface RoleRow {
	readonly roleid: string;
	/** Joined by commas. */
	readonly privs?: string;
	/** Brought by Proxmox, and not to be changed. */
	readonly special?: 0 | 1;
}

/** What is known of the rights of the user or token that was refused. */
export interface RightsFacts {
	/** `user@realm`, or `user@realm!token`. */
	readonly identity: string;
	readonly roles: readonly RoleRow[];
	/** Who has which role where; undefined if the user or token may not read it. */
	readonly known?: {
		readonly acl: readonly AclRow[];
		/** The groups of the user. */
		readonly groups: readonly string[];
		/** Whether a token has only the rights that it was given itself. */
		readonly privsep: boolean;
	};
	/** Whether it has any privilege anywhere. */
	readonly hasAny: boolean;
	/** Its own privileges on a path, with whether they hold below it; this much Proxmox always shows. */
	held(path: string): ReadonlyMap<string, boolean>;
}

/** Placeholder for the ID of a VM that does not exist yet: a role on a single VM does not cover it. */
export const NEW_VM = '/vms/new';

interface Subject {
	readonly type: 'user' | 'token';
	readonly id: string;
}

/** The roles of a subject on a path: those of the deepest path that has some for it, as in Proxmox. */
interface Effective {
	readonly path: string;
	readonly rows: readonly AclRow[];
}

const splitIdentity = (identity: string): { user: string; token?: string } => {
	const { user, token } = splitAuthId(identity);
	return token === null ? { user } : { user, token: identity };
};

/** `/vms/100` → `/`, `/vms`, `/vms/100`. */
export function stepsOf(path: string): string[] {
	const parts = path.split('/').filter((part) => part !== '');
	return ['/', ...parts.map((_, index) => `/${parts.slice(0, index + 1).join('/')}`)];
}

function effectiveOn(
	path: string,
	{ type, id }: Subject,
	{ acl, groups }: NonNullable<RightsFacts['known']>,
): Effective | undefined {
	let found: Effective | undefined;
	for (const step of stepsOf(path)) {
		const here = acl.filter((row) => row.path === step && (row.propagate !== 0 || step === path));
		const own = here.filter((row) => row.type === type && row.ugid === id);
		// What is set for the user itself replaces what its groups have on the same path.
		const rows =
			own.length > 0 || type === 'token'
				? own
				: here.filter((row) => row.type === 'group' && groups.includes(row.ugid));
		if (rows.length > 0) found = { path: step, rows };
	}
	return found;
}

/** The commands, put together so that each is there once. */
class Commands {
	private readonly made = new Map<string, Set<string>>();
	private readonly extended = new Map<string, Set<string>>();
	private readonly set = new Map<
		string,
		{ path: string; subject: Subject; propagate: boolean; roles: Set<string> }
	>();
	private readonly taken = new Set<string>();

	constructor(private readonly roles: readonly RoleRow[]) {}

	extend(role: string, privilege: string): void {
		this.extended.set(role, (this.extended.get(role) ?? new Set<string>()).add(privilege));
	}

	/** Makes sure that a role of this name has the privileges. */
	role(name: string, privileges: Iterable<string>): string {
		const known = this.roles.find(({ roleid }) => roleid === name);
		const missing = [...privileges].filter((one) => !(known?.privs ?? '').split(',').includes(one));
		if (known === undefined)
			this.made.set(name, new Set([...(this.made.get(name) ?? []), ...missing]));
		else for (const one of missing) this.extend(name, one);
		return name;
	}

	assign(path: string, subject: Subject, roles: Iterable<string>, propagate: boolean): void {
		const key = `${path} ${subject.id} ${propagate}`;
		const before = this.set.get(key)?.roles ?? [];
		this.set.set(key, { path, subject, propagate, roles: new Set([...before, ...roles]) });
	}

	/** Takes NoAccess away, beside which nothing else counts. */
	release({ path, rows }: Effective): void {
		for (const { type, ugid, roleid } of rows) {
			if (roleid === 'NoAccess')
				this.taken.add(
					`pveum acl delete ${shellQuote(path)} --${type}s ${shellQuote(ugid)} --roles NoAccess`,
				);
		}
	}

	get lines(): string[] {
		const list = (names: Iterable<string>): string => [...names].join(',');
		return [
			...[...this.made].map(
				([name, privileges]) =>
					`pveum role add ${shellQuote(name)} --privs ${shellQuote(list(privileges))}`,
			),
			...[...this.extended].map(
				([name, privileges]) =>
					`pveum role modify ${shellQuote(name)} --append 1 --privs ${shellQuote(list(privileges))}`,
			),
			...[...this.set.values()].map(
				({ path, subject, propagate, roles }) =>
					`pveum acl modify ${shellQuote(path)} --${subject.type}s ${shellQuote(subject.id)} --roles ${shellQuote(list(roles))}${propagate ? '' : ' --propagate 0'}`,
			),
			...this.taken,
		];
	}
}

/** Where to set a right where nothing is set yet: there it replaces nothing. For a new VM it must cover the next ID as well. */
const placeFor = ({ path, pool }: Need): string =>
	path !== NEW_VM ? path : pool === undefined ? '/vms' : `/pool/${pool}`;

/**
 * The commands that give a user or token what it needs, and take nothing away: in Proxmox a role on a deeper path
 * replaces what is inherited there, and a role of the user itself what its groups have on that path.
 * @param needs not held yet
 * @returns lines of words and `pveum` commands, for any node of the cluster
 */
export function grantLines(needs: readonly Need[], facts: RightsFacts): string[] {
	const { known, identity } = facts;
	const { user, token } = splitIdentity(identity);
	const commands = new Commands(facts.roles);
	const notes: string[] = [];
	if (known === undefined) {
		if (token !== undefined && !facts.hasAny) return tokenWithoutRights(user, token);
		for (const need of needs) addUnseen(commands, need, facts);
		notes.push(
			`${identity} cannot see its own roles without Sys.Audit on /access. If ${user} has its role through a group, extend the role of the group instead.`,
		);
	} else {
		const subjects: Subject[] = [{ type: 'user', id: user }];
		if (token !== undefined && known.privsep) subjects.push({ type: 'token', id: token });
		for (const need of needs)
			for (const subject of subjects) addKnown(commands, need, subject, facts, known);
		if (token !== undefined && known.privsep)
			notes.push(
				'With privilege separation a token needs each privilege itself, and so does its user.',
			);
	}
	const { lines } = commands;
	return lines.length === 0
		? []
		: ['To grant it, run on any node of the cluster, as root:', ...lines, ...notes];
}

function addKnown(
	commands: Commands,
	need: Need,
	subject: Subject,
	facts: RightsFacts,
	known: NonNullable<RightsFacts['known']>,
): void {
	if (subject.id === 'root@pam') return;
	const [privilege = ''] = need.privileges;
	const privilegesOf = (rows: readonly AclRow[]): string[] =>
		rows.flatMap(({ roleid }) =>
			(facts.roles.find((role) => role.roleid === roleid)?.privs ?? '').split(','),
		);
	const direct = effectiveOn(need.path, subject, known);
	const ofPool =
		need.pool === undefined ? undefined : effectiveOn(`/pool/${need.pool}`, subject, known);
	const held = [direct, ofPool].flatMap((found) => privilegesOf(found?.rows ?? []));
	if (need.privileges.some((one) => held.includes(one))) return;

	const found = direct ?? ofPool;
	if (found === undefined) {
		commands.assign(
			placeFor(need),
			subject,
			[commands.role(`N8n.${privilege}`, [privilege])],
			true,
		);
		return;
	}
	commands.release(found);
	const rows = found.rows.filter(({ roleid }) => roleid !== 'NoAccess');
	// A role that no other user has can be extended. Roles that come with Proxmox cannot.
	const mine = rows.find(
		({ roleid, type }) => type === subject.type && isOnlyOf(roleid, subject, facts, known),
	);
	if (mine !== undefined) {
		commands.extend(mine.roleid, privilege);
		return;
	}
	const isInherited = rows.length === 0 || rows.some(({ propagate }) => propagate !== 0);
	commands.assign(
		found.path,
		subject,
		[commands.role(`N8n.${privilege}`, [privilege])],
		isInherited,
	);
	// What its groups have there is given to the user itself, too: it would be replaced.
	for (const { type, roleid, propagate } of rows)
		if (type === 'group') commands.assign(found.path, subject, [roleid], propagate !== 0);
}

/** Whether a role is one that can be changed, and only this user and its tokens have it. */
function isOnlyOf(
	roleid: string,
	{ id }: Subject,
	{ roles }: RightsFacts,
	{ acl }: NonNullable<RightsFacts['known']>,
): boolean {
	const role = roles.find((one) => one.roleid === roleid);
	const { user } = splitIdentity(id);
	return (
		role !== undefined &&
		role.special !== 1 &&
		acl.every((row) => row.roleid !== roleid || splitIdentity(row.ugid).user === user)
	);
}

/**
 * Where roles cannot be read: on the path from which the privileges of the user or token come, a role of what it has
 * there and what it needs. So nothing is replaced by less.
 */
function addUnseen(commands: Commands, need: Need, { held, identity }: RightsFacts): void {
	const { user, token } = splitIdentity(identity);
	const place = placeFor(need);
	let from = place;
	let inherited = '';
	for (const step of stepsOf(place)) {
		const here = [...held(step)].sort();
		// Something is set here: it is not what comes from above.
		if (here.map(([one]) => one).join() !== inherited) from = step;
		inherited = here
			.filter(([, propagates]) => propagates)
			.map(([one]) => one)
			.join();
	}
	const before = held(from);
	const [privilege = ''] = need.privileges;
	const name = `N8n${from === '/' ? '' : from.replace(/[^\w.-]/g, '-')}`;
	commands.role(name, [...before.keys(), privilege]);
	const isInherited = before.size === 0 || [...before.values()].some((propagates) => propagates);
	commands.assign(from, { type: 'user', id: user }, [name], isInherited);
	if (token !== undefined) commands.assign(from, { type: 'token', id: token }, [name], isInherited);
}

const tokenWithoutRights = (user: string, token: string): string[] => [
	`The token has no privileges: a token with privilege separation has none until you grant it some. To give it those of ${user}, run on any node of the cluster, as root:`,
	`pveum user token modify ${shellQuote(user)} ${shellQuote(token.slice(user.length + 1))} --privsep 0`,
	`If ${user} has none either, set up its role as the README of this node says.`,
];
