import type { PermissionCheck } from '../contract/facts';
import { permissionError } from '../errors';
import type { World } from '../world';
import { demand, may, normalizePath } from './permissions';

export type PathParameters = Readonly<Record<string, unknown>>;

/**
 * The permission test that an endpoint declares (`['perm', '/vms/{vmid}', ['VM.Audit']]` and its like), before its
 * parameters are checked. Throws 403 where it fails; `all` and `world` leave the test to the handler.
 */
export function checkEndpoint(
	world: World,
	authId: string,
	check: PermissionCheck | undefined,
	parameters: PathParameters,
): void {
	if (authId === 'root@pam' || check === 'all' || check === 'world') return;
	if (!Array.isArray(check)) throw permissionError('user != root@pam');
	if (!passes(world, authId, check, parameters, true)) throw permissionError();
}

function passes(
	world: World,
	authId: string,
	check: PermissionCheck[],
	parameters: PathParameters,
	isFatal: boolean,
): boolean {
	const [test, ...rest] = check;
	const subchecks = rest.filter((part): part is PermissionCheck[] => Array.isArray(part));
	switch (test) {
		case 'and':
			return subchecks.every((part) => passes(world, authId, part, parameters, isFatal));
		case 'or':
			return subchecks.some((part) => passes(world, authId, part, parameters, false));
		case 'perm':
			return passesPath(world, authId, rest, parameters, isFatal);
		case 'userid-param':
			return passesUser(world, authId, rest[0], String(parameters.userid ?? ''), isFatal);
		case 'userid-group':
			return may(world.state, authId, '/access/groups', textsOf(rest[0]), { any: true });
		case 'perm-modify':
			return passesModify(world, authId, rest[0], parameters, isFatal);
		default:
			throw permissionError();
	}
}

/** `self`: only one's own; else a privilege on the user's realm. */
function passesUser(
	world: World,
	authId: string,
	subtest: PermissionCheck | undefined,
	userid: string,
	isFatal: boolean,
): boolean {
	if (subtest !== 'Realm.AllocateUser') return userid === authId;
	const path = `/access/realm/${userid.split('@').pop() ?? ''}`;
	if (isFatal) demand(world.state, authId, path, ['Realm.AllocateUser']);
	return may(world.state, authId, path, ['Realm.AllocateUser']);
}

/** What gives the right to say who may do what on a path. */
const modifiers = (path: string): string[] => {
	const [, kind, id] = path.split('/');
	const also = { storage: 'Datastore.Allocate', vms: 'VM.Allocate', pool: 'Pool.Allocate' }[
		kind ?? ''
	];
	return ['Permissions.Modify', ...(also === undefined || id === undefined ? [] : [also])];
};

/** Whether somebody may say who may do what on a path. */
export const mayModifyPermissions = (
	state: World['state'],
	authId: string,
	path: string,
): boolean => may(state, authId, path, modifiers(path), { any: true });

function passesModify(
	world: World,
	authId: string,
	template: PermissionCheck | undefined,
	parameters: PathParameters,
	isFatal: boolean,
): boolean {
	const filled = String(template).replace(/\{(\w+)\}/g, (_, name: string) =>
		String(parameters[name] ?? ''),
	);
	const path = normalizePath(filled);
	if (path === undefined) return false;
	if (isFatal) demand(world.state, authId, path, modifiers(path), { any: true });
	return mayModifyPermissions(world.state, authId, path);
}

function textsOf(part: PermissionCheck | undefined): string[] {
	return Array.isArray(part) ? part.map(String) : [];
}

function passesPath(
	world: World,
	authId: string,
	[template, privileges, ...options]: PermissionCheck[],
	parameters: PathParameters,
	isFatal: boolean,
): boolean {
	const optionOf = (name: string) =>
		options.includes(name) ? options[options.indexOf(name) + 1] : undefined;
	const required = optionOf('require_param');
	if (typeof required === 'string' && parameters[required] === undefined) return false;
	const filled = String(template).replace(/\{(\w+)\}/g, (_, name: string) =>
		String(parameters[name] ?? ''),
	);
	const path = normalizePath(filled) ?? filled;
	const any = Boolean(optionOf('any'));
	if (isFatal) demand(world.state, authId, path, textsOf(privileges), { any });
	return may(world.state, authId, path, textsOf(privileges), { any });
}
