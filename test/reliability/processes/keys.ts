import type { IDataObject, INodeParameters } from 'n8n-workflow';

import { idsOfKey, markOf } from '../../../nodes/ProxmoxVe/guests/provision/idempotency';
import type { RequestEffect } from '../../../tools/emulator/faults';
import { newVm } from '../../../tools/emulator/state/load';
import { howMany } from '../../support/howMany';
import { inPanel, onPve1, openLab, type Lab } from '../../support/lab';
import { numbersFrom, type Workers } from '../../support/workers';

const KEYS = 12;
const WORKERS = howMany(2, 3);
/** Part of the POSTs that something happens to. */
const HIT = 0.4;

const EFFECTS: ReadonlyArray<{ effect: RequestEffect; when: 'before' | 'after' }> = [
	{ effect: 'reset', when: 'before' },
	{ effect: 'reset', when: 'after' },
	{ effect: 'truncate', when: 'after' },
	{ effect: { status: 596, phrase: 'Connection timed out' }, when: 'after' },
	{ effect: { status: 502, phrase: 'Bad Gateway', body: '<html></html>' }, when: 'before' },
];

/** Each key gives one VM, though it comes to several processes. */
export function keysTests(workers: Workers): void {
	let lab: Lab;
	beforeEach(async () => {
		lab = await openLab({ realTime: true });
	});
	afterEach(async () => await lab.close());

	function hitPosts(seed: number): void {
		const draw = numbersFrom(seed);
		for (let nth = 1; nth <= 1_000; nth++) {
			if (draw() >= HIT) continue;
			const { effect, when } = EFFECTS[Math.floor(draw() * EFFECTS.length)] ?? {
				effect: 'reset',
				when: 'before',
			};
			lab.emulator.faults.onRequest({
				method: 'POST',
				path: '/nodes/pve1/qemu',
				nth,
				effect,
				when,
			});
		}
	}

	/** Each key comes twice, to whichever worker. @returns what came of each */
	async function deliver(
		seed: number,
		parameters: INodeParameters,
		tokenId = lab.emulator.token.tokenId,
	): Promise<Array<{ key: string; json: IDataObject }>> {
		hitPosts(seed);
		const draw = numbersFrom(seed + 1);
		const credentials = {
			proxmoxVeApi: {
				...lab.credentials.proxmoxVeApi,
				tokenId,
				tokenSecret: lab.emulator.tokens[tokenId] ?? '',
			},
		};
		const deliveries = Array.from(
			{ length: 2 * KEYS },
			(_, index) => `${seed}-${index % KEYS}`,
		).sort(() => draw() - 0.5);
		return await Promise.all(
			deliveries.map(async (key, index) => {
				const options = {
					maxPollInterval: 0.5,
					ifExists: 'return',
					idempotencyKey: key,
					...Object(parameters.options),
				};
				const run = {
					parameters: inPanel({ ...onPve1, ...parameters, name: `vm-${key}`, options }),
					credentials,
					count: 1,
				};
				const ran = await workers[index % WORKERS]?.ask('run', run);
				if (ran?.error !== undefined) throw new Error(`${key}: ${ran.error}`);
				return { key, json: ran?.output[0] ?? {} };
			}),
		);
	}

	/** One VM a key, and each call got the one of its key. */
	function expectOneEach(
		before: ReadonlySet<number>,
		got: ReadonlyArray<{ key: string; json: IDataObject }>,
	): void {
		const made = [...lab.emulator.state.vms.values()].filter(({ vmid }) => !before.has(vmid));
		expect(made).toHaveLength(KEYS);
		for (const { key, json } of got) {
			const own = made.filter(({ config }) => String(config.description).includes(markOf(key)));
			expect(own.map(({ vmid, config }) => [vmid, config.name])).toEqual([
				[json.vmid, `vm-${key}`],
			]);
		}
	}

	const used = () => new Set(lab.emulator.state.vms.keys());

	describe(`${KEYS} keys, each delivered twice to ${WORKERS} workers, while ${HIT * 100} % of the POSTs are hit, give one VM each`, () => {
		it.each([1, 2])('in the default range (%i)', async (seed) => {
			const before = used();
			expectOneEach(before, await deliver(seed, {}));
		});

		it.each([
			[12, 3],
			[20, 4],
			[40, 5],
		])('in a range of %i IDs', async (size, seed) => {
			const before = used();
			expectOneEach(
				before,
				await deliver(seed, { options: { lowestVmId: 3000, highestVmId: 2999 + size } }),
			);
		});

		it('in a range of 40 IDs of which half are in use', async () => {
			for (let vmid = 3000; vmid < 3040; vmid += 2)
				lab.emulator.state.vms.set(vmid, newVm(vmid, 'pve1', { name: 'others' }));
			const before = used();
			expectOneEach(before, await deliver(6, { options: { lowestVmId: 3000, highestVmId: 3039 } }));
		});

		it('where Proxmox cannot start the task of every third one, and leaves an empty VM', async () => {
			const before = used();
			const seed = 9;
			const hit = Array.from({ length: KEYS }, (_, index) => `${seed}-${index}`)
				.filter((_key, index) => index % 3 === 0)
				.map((key) => Number(idsOfKey(key)[0]));
			for (const vmid of hit)
				lab.emulator.faults.onTask({ type: 'qmcreate', vmid, noWorker: true });
			const got = await deliver(seed, {});
			const isLeft = (vmid: number) => lab.emulator.state.vms.get(vmid)?.config.lock === 'create';
			expect(hit.filter(isLeft)).toEqual(hit);
			expectOneEach(new Set([...before, ...hit]), got);
		});

		it.each([
			['the default range', 7, {}],
			['a range of 20 IDs', 8, { lowestVmId: 3000, highestVmId: 3019 }],
		])('with a token for a pool only, in %s', async (_what, seed, options) => {
			const before = used();
			expectOneEach(
				before,
				await deliver(
					seed,
					{ general: { pool: { __rl: true, mode: 'name', value: 'prod' } }, options },
					'poolonly@pve!tk',
				),
			);
		});
	});
}
