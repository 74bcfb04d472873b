/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- a test, neither shipped nor scanned */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { decimal, flag, integer, text } from '../../nodes/ProxmoxVe/catalogue/fields';
import { createForm, type Form } from '../../nodes/ProxmoxVe/form/Form';
import { sentenceOf } from '../../nodes/ProxmoxVe/form/labels';

const formWith = (parameters: Readonly<Record<string, unknown>>): Form =>
	createForm((name, fallback) => (Object.hasOwn(parameters, name) ? parameters[name] : fallback));
const sentences = ({ problems }: Form): string[] => problems.map((one) => sentenceOf(one));

describe('the one reader', () => {
	const nodes = join(__dirname, '../../nodes');
	const sources = readdirSync(nodes, { recursive: true, encoding: 'utf8' })
		.map((file) => file.replace(/\\/g, '/'))
		.filter((file) => file.endsWith('.ts'));
	const filesWith = (pattern: RegExp): string[] =>
		sources.filter((file) => pattern.test(readFileSync(join(nodes, file), 'utf8')));

	it('nothing but Form reads the parameters of n8n', () => {
		expect(filesWith(/getNodeParameter/)).toEqual(['ProxmoxVe/form/Form.ts']);
	});

	it('operations read by typed readers, not raw values', () => {
		expect(
			filesWith(/\bform\.raw(?:Options)?\(/).filter((file) => !file.startsWith('ProxmoxVe/form/')),
		).toEqual([
			// An empty guest must not prune all; notes are escaped before they are checked; empty ones are removed.
			'ProxmoxVe/resources/backup/prune.ts',
			'ProxmoxVe/resources/backup/readBackupRequest.ts',
			'ProxmoxVe/resources/backup/update.ts',
		]);
	});
});

describe('check', () => {
	it('throws once, with everything that is wrong', () => {
		const form = formWith({
			vm: 'web',
			node: '..',
			limit: 0,
			options: { timeout: 'soon', maxParallel: 0 },
			waitForCompletion: 'perhaps',
		});
		form.guestId('vm', 'Virtual Machine');
		form.node();
		form.limit();
		form.waiting();
		expect(() => form.check()).toThrow(
			/Virtual Machine must.*node must.*Limit must.*Wait for Completion must.*Timeout \(Seconds\) must.*Max Parallel must/,
		);
	});

	it('passes what is right', () => {
		const form = formWith({ vm: { __rl: true, mode: 'list', value: ' 100 ' } });
		expect(form.guestId('vm', 'Virtual Machine')).toBe(100);
		expect(() => form.check()).not.toThrow();
	});

	it('reports what is wrong with the node for each item', () => {
		const known = [{ parameter: 'authentication', label: 'Authentication', message: 'is wrong' }];
		const form = createForm((_, fallback) => fallback, known);
		expect(() => form.check()).toThrow('Authentication is wrong');
		expect(() => form.again().check()).toThrow('Authentication is wrong');
	});

	it('a form that is read again has no problems of the first reading', () => {
		const form = formWith({ vm: 'web' });
		form.guestId('vm', 'Virtual Machine');
		expect(form.again().problems).toEqual([]);
		expect(form.problems).toHaveLength(1);
	});
});

describe('a guest ID', () => {
	it.each([
		[100, 100],
		['100', 100],
		[' 999999999 ', 999_999_999],
		[{ __rl: true, mode: 'id', value: '105' }, 105],
	])('%j is read', (given, expected) => {
		const form = formWith({ vm: given });
		expect(form.guestId('vm', 'Virtual Machine')).toBe(expected);
		expect(form.problems).toEqual([]);
	});

	it.each([99, '', 'web', '1e3', 100.5, true, [100], null, 1_000_000_000])(
		'%j is refused with the label',
		(given) => {
			const form = formWith({ vm: given });
			form.guestId('vm', 'Virtual Machine');
			expect(sentences(form)).toEqual([
				expect.stringMatching(/^Virtual Machine must be a VM ID from 100 to 999999999, got "/),
			]);
		},
	);
});

describe('fields', () => {
	const fields = {
		on: flag({ label: 'On' }),
		guard: flag({ label: 'Guard', guards: true }),
		count: integer({ label: 'Count', min: 1 }),
		note: text({ label: 'Note' }),
	};

	it.each([
		[true, true],
		['true', true],
		[1, true],
		['1', true],
		[false, false],
		['0', false],
	])('a flag takes %j', (given, expected) => {
		expect(formWith({ on: given }).fields({ on: fields.on })).toEqual({ on: expected });
	});

	it('what is empty is unset, but for a guard', () => {
		const form = formWith({ on: '', guard: null, count: '', note: ' ' });
		expect(form.fields(fields)).toEqual({});
		expect(sentences(form)).toEqual([expect.stringMatching(/^Guard has no value/)]);
	});

	it('a parameter that the stored node does not have is the default', () => {
		expect(formWith({}).fields(fields, { guard: true })).toEqual({ guard: true });
	});

	it('an option that was not added is unset, also a guard', () => {
		const form = formWith({ options: { count: 3 } });
		expect(form.options(fields)).toEqual({ count: 3 });
		expect(form.problems).toEqual([]);
	});

	it('a filter that returns nothing is an error, an empty one filters nothing', () => {
		const form = formWith({ filters: { note: '', count: null } });
		expect(form.filters(fields)).toEqual({});
		expect(sentences(form)).toEqual([expect.stringMatching(/^Filters → Count has no value/)]);
	});
});

describe('waiting', () => {
	it('has the defaults of the panel', () => {
		expect(formWith({}).waiting()).toEqual({
			wait: true,
			timeoutSeconds: 1800,
			maxPollSeconds: Infinity,
			stopOnCancel: false,
		});
	});

	it('a wrong Max Parallel is an error of the item, and does not stop the run', () => {
		const form = formWith({ options: { maxParallel: 'many' } });
		expect(form.maxParallel()).toBe(25);
		expect(form.problems).toEqual([]);
		form.waiting();
		expect(sentences(form)).toEqual([expect.stringMatching(/^Max Parallel must/)]);
	});
});

describe('other readers', () => {
	it('Return All needs no limit', () => {
		const form = formWith({ returnAll: true, limit: 'x' });
		expect(form.limit()).toBe(Infinity);
		expect(form.problems).toEqual([]);
	});

	it('a range of VM IDs must not be upside down', () => {
		const form = formWith({ options: { lowestVmId: 200, highestVmId: 100 } });
		form.idRange();
		expect(sentences(form)).toEqual(['Lowest VM ID must not be above Highest VM ID (100)']);
		expect(formWith({}).idRange()).toBeUndefined();
		expect(formWith({ options: { lowestVmId: 200 } }).idRange()).toEqual({
			lowest: 200,
			highest: 999_999_999,
		});
	});

	it('a choice that is wrong is the first one, and an error', () => {
		const form = formWith({ vmIdMode: 'any' });
		expect(form.choice('vmIdMode')).toBe('next');
		expect(sentences(form)).toEqual(['VM ID must be one of next, fixed, got "any"']);
	});

	it('a list is one, or a text with commas', () => {
		expect(formWith({ nodes: ['pve1', ' '] }).list('nodes')).toEqual(['pve1']);
		expect(formWith({ nodes: 'pve1, pve2,' }).list('nodes')).toEqual(['pve1', 'pve2']);
		expect(formWith({}).list('nodes')).toEqual([]);
	});

	it('a number may be a text', () => {
		const age = { days: decimal({ label: 'Days', min: 0 }) };
		expect(formWith({ days: ' 1.5 ' }).fields(age)).toEqual({ days: 1.5 });
	});
});
