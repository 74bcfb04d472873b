/* eslint-disable @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-restricted-imports -- a test, neither shipped nor scanned */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { resources } from '../../nodes/ProxmoxVe/resources';
import { privilegeCases, type PrivilegeCase } from './privileges/cases';
import { privilegesDocument } from './privileges/document';
import { howMany } from '../support/howMany';
import { runCase } from './privileges/runCase';
import { openLab, type Lab } from '../support/lab';

const DOCUMENT = join(__dirname, '../../docs/privileges.md');
const README = readFileSync(join(__dirname, '../../README.md'), 'utf8');
const TOKEN = 'exact@pve!n8n';
const SECRET = '44444444-4444-4444-8444-444444444444';

let lab: Lab;
beforeEach(async () => {
	lab = await openLab();
	const { users, acl } = lab.emulator.state;
	users.set('exact@pve', {
		userid: 'exact@pve',
		enabled: true,
		expire: 0,
		groups: [],
		tokens: new Map([['n8n', { privsep: false, expire: 0, secret: SECRET }]]),
	});
	acl.push({ path: '/', type: 'user', ugid: 'exact@pve', roleid: 'Exact', propagate: true });
});
afterEach(async () => await lab.close());

/** Runs a case's step with exactly these privileges. @returns what is wrong, or undefined where it did what it is for */
async function tryWith(
	one: PrivilegeCase,
	privileges: readonly string[],
): Promise<string | undefined> {
	const { parameters, arrange, serves } = one;
	lab.emulator.state.roles.set('Exact', new Set(privileges));
	const arranged = (await arrange?.(lab)) ?? {};
	const { error, items } = await runCase(
		lab,
		one,
		{
			...arranged,
			// Each request must be recognised as one about guests. The widest range is that of idempotency keys.
			allowedGuests: (parameters.allowedGuests ??
				(parameters.resource === 'apiRequest' ? '' : '100-99999, 100000-999999')) as string,
		},
		{
			credentials: {
				proxmoxVeApi: { ...lab.credentials.proxmoxVeApi, tokenId: TOKEN, tokenSecret: SECRET },
			},
		},
	);
	if (error) return `${error.message} ${'description' in error ? String(error.description) : ''}`;
	const output = items.flat().map((item) => item?.json ?? {});
	return (serves?.(output) ?? output.length > 0) ? undefined : `it gave ${JSON.stringify(output)}`;
}

const resourceOf = (name: string): string => name.split(' → ', 1)[0] ?? '';

const named = privilegeCases.map(
	(one) => [`${one.operation}${one.option === undefined ? '' : `, ${one.option}`}`, one] as const,
);

describe('the privileges of', () => {
	it.each(named)('%s are enough, and each is needed', async (_name, one) => {
		const needed = Object.keys(one.needs);
		const all = [...(one.beside ?? []), ...needed];
		for (const dropped of needed) {
			const wrong = await tryWith(
				one,
				all.filter((name) => name !== dropped),
			);
			expect({ without: dropped, wrong }).toEqual({
				without: dropped,
				wrong: expect.any(String) as string,
			});
		}
		expect(await tryWith(one, all)).toBeUndefined();
	});

	it('every operation are listed', () => {
		// A task that the token itself has started needs none.
		const listed = new Set(privilegeCases.map(({ operation }) => operation));
		const all = resources.flatMap(({ name, operations }) =>
			operations.map((operation) => `${name} → ${operation.name}`),
		);
		expect(all.filter((name) => !listed.has(name))).toEqual([]);
	});
});

describe("the README's role", () => {
	const role =
		/^pveum role add N8nProvisioner --privs "([^"]+)"$/m.exec(README)?.[1]?.split(' ') ?? [];
	/** Of the administrator: they weigh on the host, are of others, or reach into the guests. */
	const beyond = [
		'Sys.Modify',
		'Sys.Console',
		'Datastore.Allocate',
		'Pool.Allocate',
		'VM.GuestAgent.FileRead',
		'VM.GuestAgent.FileWrite',
		'VM.GuestAgent.Unrestricted',
	];

	const within = named.filter(
		([, { needs }]) => !Object.keys(needs).some((name) => beyond.includes(name)),
	);

	/** Whether it names all that was enough above. */
	const isNamed = ({ needs, beside = [] }: PrivilegeCase): boolean =>
		[...Object.keys(needs), ...beside].every((name) => role.includes(name));

	// More privileges are in no operation's way: one of each resource shows it, beside those that need what it does not name.
	it.each(
		within.filter(
			([name, one], index) =>
				howMany(false, true) ||
				!isNamed(one) ||
				index === within.findIndex(([other]) => resourceOf(other) === resourceOf(name)),
		),
	)('is enough for %s', async (_name, one) => {
		expect(await tryWith(one, role)).toBeUndefined();
	});

	it('has nothing that is not needed', () => {
		const needed = new Set([
			...privilegeCases.flatMap(({ needs }) => Object.keys(needs)),
			...FOR_LISTS,
		]);
		expect(role.filter((name) => !needed.has(name))).toEqual([]);
	});
});

/** To choose from: pools, nodes' loads and the rights themselves, for errors that name what is missing. */
const FOR_LISTS = ['Pool.Audit', 'Sys.Audit', 'Datastore.Audit', 'VM.Snapshot'];

it('docs/privileges.md says the same (else: WRITE_DOCS=1 npx jest test/runtime/privileges.test.ts)', () => {
	const document = privilegesDocument(privilegeCases);
	if (process.env.WRITE_DOCS) writeFileSync(DOCUMENT, document);
	expect(readFileSync(DOCUMENT, 'utf8')).toBe(document);
});
