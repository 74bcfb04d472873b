/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- a test, neither shipped nor scanned */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { encodeBody } from '../nodes/ProxmoxVe/wire/encodeBody';
import { readParameters } from '../nodes/ProxmoxVe/wire/readParameters';

/** A request of form fields, and what Proxmox's own validator says of it. */
interface Verdict {
	readonly param: string;
	readonly form: Readonly<Record<string, string>>;
	readonly ok: boolean;
	readonly errors: Readonly<Record<string, string>>;
}

const verdicts = readFileSync(join(__dirname, 'facts/validation.jsonl'), 'utf8')
	.trim()
	.split('\n')
	.map((line) => JSON.parse(line) as Verdict);

/** Where the node means to differ from Proxmox's validator, and why that serves the user. */
const differences: ReadonlyArray<{
	readonly reason: string;
	readonly node: 'accepts' | 'refuses';
	applies(verdict: Verdict): boolean;
}> = [
	{
		reason: 'Webhooks and tables bring the words true and false for a flag; the node sends 1 and 0 for them',
		node: 'accepts',
		applies: ({ param, form }) => ['true', 'false'].includes(form[param] ?? ''),
	},
	{
		reason: 'The node takes SSH keys plain and percent-encodes them itself, so plain text is no mistake',
		node: 'accepts',
		applies: ({ param, form }) => param === 'sshkeys' && form.sshkeys === 'a b',
	},
	{
		reason: 'Percent signs that are no percent-encoding: Proxmox stores them and the guest gets a broken key',
		node: 'refuses',
		applies: ({ param, form }) => param === 'sshkeys' && form.sshkeys === 'a%zz',
	},
	{
		reason: 'Whole numbers beyond 2^53 cannot be held exactly in a workflow, and no amount is that large',
		node: 'refuses',
		applies: ({ param, form }) => (form[param] ?? '').endsWith('99999999999999999999'),
	},
];

const nodeAccepts = ({ form }: Verdict): boolean => readParameters(form).problems.length === 0;
const differs = (verdict: Verdict): boolean => nodeAccepts(verdict) !== verdict.ok;
const explained = (verdict: Verdict) =>
	differences.find(({ node, applies }) => (node === 'accepts') === nodeAccepts(verdict) && applies(verdict));

describe(`the node's JSON mode beside ${verdicts.length} verdicts of Proxmox's own validator`, () => {
	it('agrees on every one, but for the differences that are meant', () => {
		const unexplained = verdicts.filter((verdict) => differs(verdict) && !explained(verdict));
		expect(unexplained).toEqual([]);
	});

	it.each(differences)('differs as it says: $reason', (difference) => {
		expect(verdicts.some((verdict) => differs(verdict) && explained(verdict) === difference)).toBe(true);
	});

	it('names the parameter that Proxmox names', () => {
		const refused = verdicts.filter((verdict) => !verdict.ok && differs(verdict) === false);
		const elsewhere = refused.filter(({ form, errors }) => {
			const named = new Set(readParameters(form).problems.map(({ parameter }) => parameter));
			// A name that is empty has no key of its own in Proxmox's answer.
			return !Object.keys(errors).every((name) => named.has(name === '_root' ? '' : name));
		});
		expect(elsewhere).toEqual([]);
	});

	it('sends nothing that its own reading would refuse, and reads back what it sent', () => {
		for (const verdict of verdicts.filter(nodeAccepts)) {
			const once = encodeBody(readParameters(verdict.form).parameters);
			const again = readParameters(once);
			expect({ form: verdict.form, problems: again.problems }).toEqual({ form: verdict.form, problems: [] });
			expect(encodeBody(again.parameters)).toEqual(once);
		}
	});
});
