import type { NodeApiError } from 'n8n-workflow';

import { privilegesOn } from '../../tools/emulator/auth/permissions';
import type { ExecutionResult } from '../../tools/harness/runWorkflow';
import { inPanel, onPve1, openLab, type Lab } from '../support/lab';
import { pveum } from '../support/pveum';

const picked = (value: string) => ({ __rl: true, mode: 'list', value });
const descriptionOf = (error: unknown) => String((error as NodeApiError | undefined)?.description);

const BASE =
	'VM.Allocate,VM.Audit,VM.PowerMgmt,VM.Config.Options,VM.Config.Disk,VM.Config.CPU,Datastore.AllocateSpace,Datastore.Audit,SDN.Use';
const WITH_AUDIT = `${BASE},Sys.Audit`;
const USER = 'flow@pve';
const TOKEN = 'flow@pve!n8n';
const PATHS = [
	'/',
	'/vms',
	'/vms/100',
	'/vms/101',
	'/vms/104',
	'/vms/9999',
	'/pool/dev',
	'/storage/local',
	'/sdn/zones/localnetwork/vmbr0',
	'/access',
	'/nodes/pve1',
];

let lab: Lab;
beforeEach(async () => {
	lab = await openLab();
});
afterEach(async () => await lab.close());

/** Sets a user up, and gives a way to run steps as its token. */
async function setUp(
	lines: readonly string[],
	privsep = 0,
): Promise<(parameters: object) => Promise<ExecutionResult>> {
	await pveum(lab.emulator, [`pveum user add ${USER}`]);
	const [made] = await pveum(lab.emulator, [
		`pveum user token add ${USER} n8n --privsep ${privsep}`,
	]);
	const { value } = made?.data.data as { value: string };
	for (const { status, data } of await pveum(lab.emulator, lines))
		expect({ status, data }).toMatchObject({ status: 200 });
	return async (parameters) =>
		await lab.engine.runNode({
			parameters: inPanel({ ...onPve1, ...parameters }),
			credentials: {
				proxmoxVeApi: { ...lab.credentials.proxmoxVeApi, tokenId: TOKEN, tokenSecret: value },
			},
		});
}

const rights = (id: string) =>
	PATHS.flatMap((path) =>
		[...privilegesOn(lab.emulator.state, id, path).keys()].map((one) => `${path} ${one}`),
	);

/** The commands that an error advises. */
const commandsIn = (error: unknown) =>
	descriptionOf(error)
		.split('\n')
		.filter((line) => line.startsWith('pveum '));

/**
 * Runs a step, and while it is refused what it advises, each line twice, until it succeeds.
 * @returns the commands, by round
 */
async function follow(
	run: (parameters: object) => Promise<ExecutionResult>,
	step: object,
): Promise<string[][]> {
	const rounds: string[][] = [];
	for (;;) {
		const { error } = await run(step);
		if (!error) return rounds;
		expect(error.message).toContain('403');
		if (rounds.length === 4) throw new Error(`${error.message}\n${descriptionOf(error)}`);
		const before = { [USER]: rights(USER), [TOKEN]: rights(TOKEN) };
		const commands = commandsIn(error);
		expect(commands).not.toEqual([]);
		for (const { status, data } of await pveum(lab.emulator, commands))
			expect({ status, data }).toMatchObject({ status: 200 });
		// A second time nothing changes, though a role may be there already.
		const once = JSON.stringify(lab.emulator.state.acl);
		await pveum(lab.emulator, commands);
		expect(JSON.stringify(lab.emulator.state.acl)).toHaveLength(once.length);
		// Nothing that was there is lost.
		for (const [id, had] of Object.entries(before))
			expect({ id, lost: had.filter((one) => !rights(id).includes(one)) }).toEqual({
				id,
				lost: [],
			});
		rounds.push(commands);
	}
}

const clone = { operation: 'clone', vm: picked('101'), name: '', full: true };
const nextFree = {
	diskList: {
		values: [{ source: 'new', storage: picked('local'), size: 1, options: { bus: 'scsi' } }],
	},
};

describe.each([
	['that may see the rights', WITH_AUDIT],
	['that may not', BASE],
])(
	'what a refusal of a token %s advises makes the step work and takes nothing away',
	(_who, privileges) => {
		const roleAt = (path: string, whom = `--users ${USER}`) => [
			`pveum role add Flow --privs ${privileges}`,
			`pveum acl modify ${path} ${whom} --roles Flow`,
		];
		const isWhole = privileges === WITH_AUDIT;

		it('for a role on /', async () => {
			const rounds = await follow(await setUp(roleAt('/')), clone);
			if (isWhole) expect(rounds).toEqual([['pveum role modify Flow --append 1 --privs VM.Clone']]);
			else expect(rounds.flat()).toContain(`pveum acl modify / --users ${USER} --roles N8n`);
		});

		it('for a role on /vms/101 and another on /', async () => {
			const lines = [
				...roleAt('/'),
				'pveum role add Only101 --privs VM.Audit,VM.PowerMgmt',
				`pveum acl modify /vms/101 --users ${USER} --roles Only101`,
			];
			const rounds = await follow(await setUp(lines), clone);
			if (isWhole)
				expect(rounds).toEqual([['pveum role modify Only101 --append 1 --privs VM.Clone']]);
		});

		it('for a role on /vms alone', async () => {
			const lines = [
				`pveum role add Flow --privs ${privileges}`,
				...['/vms', '/storage', '/sdn', '/access'].map(
					(path) => `pveum acl modify ${path} --users ${USER} --roles Flow`,
				),
			];
			await follow(await setUp(lines), clone);
		});

		it('for a role on a pool', async () => {
			lab.emulator.state.pools.get('dev')?.vms.add(101);
			const lines = [
				`pveum role add Flow --privs ${privileges}`,
				...['/pool/dev', '/storage', '/sdn'].map(
					(path) => `pveum acl modify ${path} --users ${USER} --roles Flow`,
				),
			];
			await follow(
				await setUp([
					...lines,
					...(isWhole ? [`pveum acl modify /access --users ${USER} --roles PVEAuditor`] : []),
				]),
				{ ...clone, options: { pool: picked('dev') } },
			);
		});

		it('for a role of a group', async () => {
			const lines = [
				`pveum group add flows`,
				`pveum user modify ${USER} --groups flows`,
				...roleAt('/', '--groups flows'),
			];
			const rounds = await follow(await setUp(lines), clone);
			if (isWhole)
				expect(rounds[0]).toContain(`pveum acl modify / --users ${USER} --roles N8n.VM.Clone,Flow`);
		});

		it('for a role that comes with Proxmox', async () => {
			// Nobody else has this one.
			const lines = [
				`pveum acl modify / --users ${USER} --roles PVETemplateUser`,
				...(isWhole ? [`pveum acl modify /access --users ${USER} --roles PVEAuditor`] : []),
			];
			const rounds = await follow(await setUp(lines), { operation: 'start', vm: picked('100') });
			if (isWhole)
				expect(rounds).toEqual([
					[
						'pveum role add N8n.VM.PowerMgmt --privs VM.PowerMgmt',
						`pveum acl modify / --users ${USER} --roles N8n.VM.PowerMgmt`,
					],
				]);
		});

		it('for a role that others have, too: theirs stays as it is', async () => {
			await follow(
				await setUp([...roleAt('/'), 'pveum acl modify /vms/104 --users auditor@pve --roles Flow']),
				clone,
			);
			if (isWhole)
				expect(privilegesOn(lab.emulator.state, 'auditor@pve', '/vms/104').has('VM.Clone')).toBe(
					false,
				);
		});

		it('for a role that does not hold below its path', async () => {
			const rounds = await follow(
				await setUp([
					...roleAt('/'),
					`pveum acl modify /vms/101 --users ${USER} --roles PVEAuditor --propagate 0`,
				]),
				clone,
			);
			expect(
				rounds
					.flat()
					.filter((line) => line.includes('/vms/101') && !line.endsWith(' --propagate 0')),
			).toEqual([]);
		});

		it('for a token with rights of its own', async () => {
			const lines = [...roleAt('/'), `pveum acl modify / --tokens ${TOKEN} --roles Flow`];
			await follow(await setUp(lines, 1), clone);
		});

		it('for a token with fewer rights than its user', async () => {
			const lines = [
				...roleAt('/', `--tokens ${TOKEN}`),
				`pveum acl modify / --users ${USER} --roles Administrator`,
			];
			const rounds = await follow(await setUp(lines, 1), clone);
			if (isWhole) expect(rounds).toEqual([['pveum role modify Flow --append 1 --privs VM.Clone']]);
		});

		it('for the next free ID, and the one after it', async () => {
			const lines = [
				`pveum role add Flow --privs ${privileges.replace('VM.Config.CPU,', '')}`,
				...['/storage', '/sdn', '/access'].map(
					(path) => `pveum acl modify ${path} --users ${USER} --roles Flow`,
				),
			];
			const run = await setUp(lines);
			await follow(run, { ...nextFree, cores: 2 });
			expect((await run({ ...nextFree, cores: 2 })).error).toBeUndefined();
		});

		it('for several privileges at once', async () => {
			const few = privileges
				.split(',')
				.filter(
					(one) => !['VM.Config.CPU', 'VM.Config.Disk', 'SDN.Use', 'VM.PowerMgmt'].includes(one),
				);
			const run = await setUp([
				`pveum role add Flow --privs ${few.join(',')}`,
				`pveum acl modify / --users ${USER} --roles Flow`,
			]);
			const step = {
				...nextFree,
				cores: 2,
				memory_current: 64,
				netList: { values: [{ model: 'virtio', bridge: picked('vmbr0'), options: {} }] },
				start: true,
				general: { name: 'x' },
				cloudInit: { ciuser: 'me' },
			};
			const rounds = await follow(run, step);
			expect(rounds).toHaveLength(1);
		});
	},
);

describe('a refusal', () => {
	it('of a token without any privileges says why, and how to grant it those of its user', async () => {
		const run = await setUp(
			[
				'pveum role add Flow --privs VM.Audit,VM.PowerMgmt',
				`pveum acl modify / --users ${USER} --roles Flow`,
			],
			1,
		);
		const { error } = await run({ operation: 'create' });
		expect(descriptionOf(error)).toContain('The token has no privileges: ');
		expect(commandsIn(error)).toEqual([`pveum user token modify ${USER} n8n --privsep 0`]);
	});

	it('without a path is one of VM.Allocate', async () => {
		const run = await setUp([
			`pveum role add Flow --privs ${WITH_AUDIT.replace('VM.Allocate,', '')}`,
			`pveum acl modify / --users ${USER} --roles Flow`,
		]);
		const { error } = await run(nextFree);
		expect(error?.message).toBe('Proxmox VE answered 403: Permission check failed');
		expect(descriptionOf(error)).toMatch(/^Missing privilege VM\.Allocate on \/vms\/\d+\.$/m);
		expect(commandsIn(error)).toEqual(['pveum role modify Flow --append 1 --privs VM.Allocate']);
	});

	it('by NoAccess is taken away', async () => {
		const run = await setUp([
			`pveum role add Flow --privs ${WITH_AUDIT}`,
			`pveum acl modify / --users ${USER} --roles Flow`,
			`pveum acl modify /storage/local --users ${USER} --roles NoAccess`,
		]);
		const rounds = await follow(run, nextFree);
		expect(rounds.flat()).toContain(
			`pveum acl delete /storage/local --users ${USER} --roles NoAccess`,
		);
	});

	it('quotes whatever a shell would read', async () => {
		const answer = {
			status: 403,
			phrase: 'Permission check failed (/storage/x; reboot, VM.Audit)',
			body: '{"data":null}',
			headers: { 'content-type': 'application/json' },
		};
		const run = await setUp([
			`pveum role add Flow --privs ${WITH_AUDIT}`,
			...['/vms', '/access'].map((path) => `pveum acl modify ${path} --users ${USER} --roles Flow`),
		]);
		lab.emulator.faults.onRequest({ method: 'POST', path: /\/qemu$/, effect: answer });
		const { error } = await run({});
		expect(commandsIn(error)).toEqual([
			'pveum role add N8n.VM.Audit --privs VM.Audit',
			`pveum acl modify '/storage/x; reboot' --users ${USER} --roles N8n.VM.Audit`,
		]);
	});
});

it('the rights are read once for all items of a run that are refused alike', async () => {
	await pveum(lab.emulator, [`pveum user add ${USER}`]);
	const [made] = await pveum(lab.emulator, [`pveum user token add ${USER} n8n --privsep 0`]);
	await pveum(lab.emulator, [
		`pveum role add Some --privs VM.Allocate`,
		`pveum acl modify / --users ${USER} --roles Some`,
	]);
	const { value } = made?.data.data as { value: string };
	const readsFor = async (count: number): Promise<number> => {
		const before = lab.emulator.requests.length;
		const { items } = await lab.engine.runNode({
			parameters: inPanel({ ...onPve1, cores: 2, vmIdMode: 'fixed', vmId: '9999' }),
			items: Array.from({ length: count }, () => ({})),
			settings: { onError: 'continueRegularOutput' },
			credentials: {
				proxmoxVeApi: { ...lab.credentials.proxmoxVeApi, tokenId: TOKEN, tokenSecret: value },
			},
		});
		expect(
			items[0]?.filter(({ json }) => JSON.stringify(json.error).includes('VM.Config.CPU')),
		).toHaveLength(count);
		return lab.emulator.requests.slice(before).filter(({ path }) => path.includes('/access/'))
			.length;
	};
	const one = await readsFor(1);
	expect(one).toBeGreaterThan(0);
	expect(await readsFor(20)).toBe(one);
});
