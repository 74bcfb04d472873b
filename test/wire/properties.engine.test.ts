import fc from 'fast-check';
import { fieldOf } from '../../nodes/ProxmoxVe/catalogue/catalogue';
import type { ExecutionError } from 'n8n-workflow';
import type { LoggedRequest } from '../../tools/emulator';
import { containers, vms } from './properties/kinds';
import { mistakesOf, mistakesSent } from './properties/meant';
import { forms, jsonBodies, type Form, type JsonBody } from './properties/requests';
import { settings } from './properties/settings';
import { addTemplate } from '../support/containerLab';
import { openLab, type Lab } from '../support/lab';

let lab: Lab;

beforeAll(async () => {
	lab = await openLab();
	addTemplate(lab.emulator);
});

afterAll(async () => {
	await lab.close();
});

/** What was sent; the log has three stars in place of a password, which must have five characters. */
const formOf = ({ body }: LoggedRequest): Form =>
	Object.fromEntries(new URLSearchParams(body.replace(/\*{3}/g, '*****')));

describe.each([
	{ kind: vms, runs: 200 },
	{ kind: containers, runs: 100 },
])("random requests for $kind.label on n8n's engine, against the emulator,", ({ kind, runs }) => {
	const { resource, catalogue, endpoint } = kind;

	/** Creates a guest on pve1 from JSON, without waiting for the task. */
	async function create(
		json: JsonBody,
	): Promise<{ error?: ExecutionError; upid?: unknown; sent: LoggedRequest[] }> {
		const { requests } = lab.emulator;
		const before = requests.length;
		const { error, items } = await lab.engine.runNode({
			parameters: {
				resource,
				operation: 'create',
				profile: 'json',
				jsonProfile: 'none',
				vmJson: JSON.stringify({ ...json, node: 'pve1' }),
				options: { waitUntil: 'nothing' },
			},
			credentials: lab.credentials,
		});
		return { error, upid: items[0]?.[0]?.json.upid, sent: requests.slice(before) };
	}

	const isCreate = ({ method, path }: LoggedRequest): boolean =>
		method === 'POST' && path.endsWith(endpoint.path.replace('{node}', 'pve1'));

	/** By the API's name, or (an option that a device does not have) by the device's label. */
	const isNamed = (name: string, told: string): boolean =>
		told.includes(name.replace(/[\r\n]/g, ' ')) ||
		told.includes(`${fieldOf(catalogue, name)?.field.label} → `);

	it('are refused before any request, or sent as the validator wants them and answered', async () => {
		let created = 0;
		const property = fc.asyncProperty(jsonBodies({ odd: 2 }, kind), async (json) => {
			const { error, upid, sent } = await create(json);
			const creates = sent.filter(isCreate);
			expect(
				creates.flatMap((request) => [...mistakesSent({ ...formOf(request), node: 'pve1' }, kind)]),
			).toEqual([]);
			expect(
				creates.filter(({ status, phrase }) => status === 501 || phrase === 'emulator error'),
			).toEqual([]);
			// What was sent has an answer, a UPID or a refusal; what was not has a reason.
			expect({
				isTold: upid !== undefined || error !== undefined,
				creates: creates.length,
			}).toEqual({
				isTold: true,
				creates: sent.length > 0 ? 1 : 0,
			});
			if (upid !== undefined) created++;
		});
		const { seed, numRuns } = settings(runs);
		await fc.assert(property, { seed, numRuns });
		expect(created).toBeGreaterThan(numRuns / 10);
	});

	it('with a mistake are refused before any request, and the error names the parameter', async () => {
		const wrong = forms({ odd: 30 }, kind)
			.map((form) => ({ ...form, node: 'pve1' }))
			.filter((form) => mistakesOf(form, kind).size > 0);
		const property = fc.asyncProperty(wrong, async (form) => {
			const { error, sent } = await create(form);
			expect(sent).toEqual([]);
			const told = `${error?.message}\n${error?.description}`;
			expect({
				told,
				passedOver: [...mistakesOf(form, kind).keys()].filter((name) => !isNamed(name, told)),
			}).toEqual({ told, passedOver: [] });
		});
		await fc.assert(property, settings(runs));
	});
});
