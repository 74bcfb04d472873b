import type { IDataObject, INodeProperties } from 'n8n-workflow';

import { resources } from '../../nodes/ProxmoxVe/resources';
import { privilegeCases, type PrivilegeCase } from '../runtime/privileges/cases';
import { inPanel, onPve1, openLab, type Lab } from '../support/lab';

let lab: Lab;
beforeEach(async () => {
	lab = await openLab();
});
afterEach(async () => await lab.close());

/** Values that are only known when a request is sent, and secrets. */
const UNKNOWN =
	/NEXT_FREE_ID|RANDOM_UUID|RANDOM_MAC|MAC_OF_THE_CLONE|ISO_STORAGE|TEMPLATE_STORAGE|\*{3,}/g;

/** A request in one line, without the digest, which only guards against changes meanwhile. */
const lineOf = (method: unknown, path: string, body: Array<[string, unknown]>): string =>
	[
		method,
		path.replace(/^\/api2\/json/, ''),
		...body
			.filter(([name]) => name !== 'digest')
			.flatMap(([name, value]) => [value].flat().map((one) => `${name}=${String(one)}`))
			.sort(),
	].join(' ');

interface Shown {
	method: string;
	path: string;
	body: IDataObject;
}

/** The requests in the output of a preview, in their order. */
function shownIn(output: IDataObject): string[] {
	const { beforehand = [], requests = [], afterwards = [], method } = output;
	const first = method === undefined ? [] : [output];
	return ([beforehand, requests, first, afterwards].flat() as unknown as Shown[])
		.filter((one) => one.method !== 'GET')
		.map((one) => lineOf(one.method, one.path, Object.entries(one.body)));
}

/** The requests of a run that were sent, and may change something. */
async function run({ parameters }: PrivilegeCase, arranged: IDataObject, preview: boolean) {
	const from = lab.emulator.requests.length;
	const { error, items } = await lab.engine.runNode({
		items: [{}],
		inputBinary: [{ data: { data: 'YQ==', mimeType: 'text/plain' } }],
		parameters: inPanel({
			...onPve1,
			...parameters,
			...arranged,
			options: {
				maxPollInterval: 0.1,
				...(parameters.options as IDataObject),
				...(preview ? { preview } : {}),
			},
		}),
		credentials: lab.credentials,
	});
	if (error) throw error;
	const sent = lab.emulator.requests
		.slice(from)
		.filter(({ method }) => method !== 'GET')
		.map(({ method, path, body }) => {
			const [at = '', query = ''] = path.split('?');
			const fields = new URLSearchParams(`${query}&${body.replace(/\(\d+ bytes\)$/, '')}`);
			return lineOf(method, at, [...fields]);
		});
	return { sent, output: items.flat()[0]?.json ?? {} };
}

const optionsOf = (operation: string): string[] =>
	resources
		.flatMap((resource) =>
			resource.operations.map((one) => ({ ...one, name: `${resource.name} → ${one.name}` })),
		)
		.filter(({ name }) => name === operation)
		.flatMap(({ properties }) => properties)
		.filter(({ name }) => name === 'options')
		.flatMap(({ options = [] }) => (options as INodeProperties[]).map(({ name }) => name));

/** Options with requests of their own: those of the others differ only in parameters. */
const MORE =
	/^(?:an image from a URL|cloud-init files, removed|idempotency key of an existing|If VM Exists|overwrite|settings, as|Resource Pool|a network card|a template|its cloud-init ISO|stop first|If Exists|Start Afterwards)/;
const seen = new Set<string>();
const cases = privilegeCases.filter(({ operation, option = '' }) => {
	const isFirst = !seen.has(operation);
	seen.add(operation);
	return isFirst || MORE.test(option);
});

describe('Preview sends nothing, and shows what is sent without it, of', () => {
	it.each(
		cases.map(
			(one) =>
				[`${one.operation}${one.option === undefined ? '' : `, ${one.option}`}`, one] as const,
		),
	)('%s', async (_name, one) => {
		const arranged = (await one.arrange?.(lab)) ?? {};
		const preview = await run(one, arranged, true);
		expect(preview.sent).toEqual([]);
		const { sent } = await run(one, arranged, false);
		if (sent.length > 0) expect(optionsOf(one.operation)).toContain('preview');
		expect(sent).toEqual(
			shownIn(preview.output).map((line): unknown =>
				new RegExp(UNKNOWN).test(line)
					? expect.stringMatching(
							`^${line
								.split(UNKNOWN)
								.map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
								.join('.+')}$`,
						)
					: line,
			),
		);
	});
});
