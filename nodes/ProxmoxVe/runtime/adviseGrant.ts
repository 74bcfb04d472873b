import { splitAuthId } from '../api/account';
import { text } from '../catalogue/fields';
import { readChange } from '../form/readChange';
import { readRequest } from '../form/readRequest';
import { segment, type PveClient } from '../api/client';
import { PveError, TaskError } from '../api/errors';
import { encodeBody } from '../wire/encodeBody';
import { grantLines, NEW_VM, stepsOf, type AclRow, type RightsFacts, type RoleRow } from './grant';
import type { Item } from './operation';
import { needsOfBody, type Need } from './needsOfBody';

type Held = ReadonlyMap<string, boolean>;

/** What was refused: a step of an item, or a poll of the trigger. */
interface Refused extends Pick<Item, 'form'>, Partial<Pick<Item, 'kind'>> {
	/** The VM that it was about, as far as that is known. */
	readonly vmid?: number;
	readonly run: Pick<Item['run'], 'client'>;
}

/** What was refused, by Proxmox's own words: a path and the privileges of which one is needed, if they are named. */
export function refusalOf(message: string): { path?: string; privileges: string[] } | undefined {
	const [refusal, path, privileges] =
		/Permission check failed(?: \((\/[^,]*), ([\w.]+(?:\|[\w.]+)*)\))?/.exec(message) ?? [];
	if (refusal === undefined || message.includes('does not exist)')) return undefined;
	return path === undefined || privileges === undefined
		? { privileges: [] }
		: { path, privileges: privileges.split('|') };
}

/** The words of Proxmox in what an operation threw: of a refusal, or of a task with its log. */
function wordsOf(error: unknown): string {
	if (error instanceof PveError) return error.failure.message;
	if (error instanceof TaskError) return [error.exitStatus, ...error.log].join('\n');
	return error instanceof Error && 'reason' in error ? wordsOf(error.reason) : '';
}

/**
 * What to do about a missing privilege: the commands that grant it and whatever else the step needs.
 * Source: `GET /access/permissions`, `/access/acl`, `/access/roles`, `/access/users/{userid}`, each as far as it may be read.
 * @param error what an operation threw
 * @returns undefined if no privilege was missing
 */
export async function adviseGrant(
	item: Refused,
	operation: unknown,
	error: unknown,
	identity: string,
): Promise<string[] | undefined> {
	const refused = refusalOf(wordsOf(error));
	if (refused === undefined || identity === '') return undefined;
	const { client } = item.run;
	const needs = needsOf(item, String(operation), refused);
	if (needs.length === 0)
		return [
			'A privilege is missing. docs/privileges.md of this package lists the privileges of each operation.',
		];

	const rights = await readRights(client, identity, needs);
	const missing = needs.filter(({ path, privileges, pool }) => {
		const held = [rights.held(path), ...(pool === undefined ? [] : [rights.held(`/pool/${pool}`)])];
		return !privileges.some((one) => held.some((here) => here.has(one)));
	});
	// What Proxmox refused is missing, even if it is shown as granted in the meantime.
	const named = missing.length > 0 ? missing : needs.slice(0, 1);
	const own = `/vms/${item.vmid}`;
	const isNew =
		operation === 'create' || operation === 'import'
			? !item.form.hasOption('vmId')
			: operation === 'restore' && item.form.again().choice('vmIdMode') === 'next';
	const lines = grantLines(
		missing.map((need) => (isNew && need.path === own ? { ...need, path: NEW_VM } : need)),
		rights,
	);
	return [
		`Missing privilege ${named.map(({ path, privileges }) => `${privileges.join(' or ')} on ${path}`).join(', ')}.`,
		...lines,
	];
}

/** What the step needs: what was refused first, and what else its parameters take, so that not each is met by itself. */
function needsOf(
	item: Refused,
	operation: string,
	{ path, privileges }: { path?: string; privileges: string[] },
): Need[] {
	const { vmid } = item;
	const body = vmid === undefined ? {} : bodyOf(item, operation);
	const own = `/vms/${vmid}`;
	const pool = body.pool === undefined ? {} : { pool: body.pool };
	const makes = ['create', 'import', 'restore', 'clone'].includes(operation) && vmid !== undefined;
	const allocate: Need[] = makes ? [{ path: own, privileges: ['VM.Allocate'], ...pool }] : [];
	const others = [...allocate, ...needsOfBody(body, own, makes, item.kind?.reporter === 'host')];
	if (path === undefined) return others;
	// Of several that would do, the one that the parameters need.
	const isCovered = others.some(
		(need) => need.path === path && need.privileges.some((one) => privileges.includes(one)),
	);
	return isCovered ? others : [{ path, privileges, ...(path === own ? pool : {}) }, ...others];
}

/** The parameters that were sent, read again from the item. */
function bodyOf(item: Refused, operation: string): Record<string, string> {
	if (item.kind === undefined) return {};
	const { catalogue } = item.kind;
	const form = item.form.again();
	if (operation === 'create' || operation === 'import' || operation === 'restore') {
		const { parameters } =
			operation === 'import'
				? readRequest(catalogue, 'create', form, {})
				: readRequest(catalogue, operation, form);
		return form.problems.length > 0 ? {} : encodeBody(catalogue, parameters);
	}
	if (operation === 'update') {
		const { parameters } = readChange(catalogue, form);
		return form.problems.length > 0 ? {} : encodeBody(catalogue, parameters);
	}
	const { pool } = form.options({
		pool: text({ label: 'Resource Pool', format: 'pve-poolid' }),
	});
	return pool === undefined ? {} : { pool };
}

/** What was read of rights, by client: the items of a run that fail alike do not each read it again. */
const readsOf = new WeakMap<PveClient, Map<string, Promise<unknown>>>();

/** What can be read of the rights of a user or token. What it may not read is left out. */
async function readRights(
	client: PveClient,
	identity: string,
	needs: readonly Need[],
): Promise<RightsFacts> {
	const reads = readsOf.get(client) ?? new Map<string, Promise<unknown>>();
	readsOf.set(client, reads);
	const orNothing = async <Data>(
		path: string,
		query: Record<string, string> = {},
	): Promise<Data | undefined> => {
		const name = `${path} ${query.path ?? ''}`;
		const read =
			reads.get(name) ??
			client.get<Data>(path, query).then(
				({ data }) => data,
				() => undefined,
			);
		reads.set(name, read);
		// By its path a read is always of the same kind.
		return (await read) as Data | undefined;
	};
	const { user, token } = splitAuthId(identity);
	const paths = new Set(
		needs.flatMap(({ path, pool }) => [
			...stepsOf(path),
			'/access',
			...(pool === undefined ? [] : stepsOf(`/pool/${pool}`)),
		]),
	);
	const held = new Map<string, Held>();
	const [acl, roles, account, all] = await Promise.all([
		orNothing<AclRow[]>('/access/acl'),
		orNothing<RoleRow[]>('/access/roles'),
		orNothing<{ groups?: string[] | string; tokens?: Record<string, { privsep?: 0 | 1 }> }>(
			`/access/users/${segment(user)}`,
		),
		orNothing<Record<string, unknown>>('/access/permissions'),
		...[...paths].map(async (path) => {
			const found = await orNothing<Record<string, Record<string, 0 | 1>>>('/access/permissions', {
				path,
			});
			held.set(
				path,
				new Map(
					Object.entries(found?.[path] ?? {}).map(([name, propagates]) => [name, propagates === 1]),
				),
			);
		}),
	]);
	const groups = account?.groups ?? [];
	// Without this privilege the list of rights is shown in part, or empty.
	const isWhole =
		acl !== undefined && account !== undefined && held.get('/access')?.has('Sys.Audit') === true;
	return {
		identity,
		roles: roles ?? [],
		// What cannot be read may be there.
		hasAny: all === undefined || Object.keys(all).length > 0,
		...(isWhole
			? {
					known: {
						acl,
						groups: typeof groups === 'string' ? groups.split(',') : groups,
						privsep: token !== null && Number(account.tokens?.[token]?.privsep ?? 1) === 1,
					},
				}
			: {}),
		held: (path) => held.get(path) ?? new Map<string, boolean>(),
	};
}
