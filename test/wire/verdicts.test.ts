/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- a test, neither shipped nor scanned */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { qemu } from '../../nodes/ProxmoxVe/catalogue/qemu';
import { encodeBody } from '../../nodes/ProxmoxVe/wire/encodeBody';
import { readParameters } from '../../nodes/ProxmoxVe/wire/readParameters';
import { createEndpoint } from '../../tools/emulator/contract/facts';
import { validateRequest } from '../../tools/emulator/contract/validate';
import { verdictDifferences } from './verdictDifferences';

/** A request of form fields, and what Proxmox's own validator says of it. */
interface Verdict {
	readonly param: string;
	readonly form: Readonly<Record<string, string>>;
	readonly ok: boolean;
	readonly errors: Readonly<Record<string, string>>;
}

const verdicts = readFileSync(join(__dirname, '../../tools/facts/validation.jsonl'), 'utf8')
	.trim()
	.split('\n')
	.map((line) => JSON.parse(line) as Verdict);

const accepts = (form: Readonly<Record<string, string>>): boolean =>
	readParameters(qemu, form).problems.length === 0;
const nodeAccepts = ({ form }: Verdict): boolean => accepts(form);
const differs = (verdict: Verdict): boolean => nodeAccepts(verdict) !== verdict.ok;

function isExplained(verdict: Verdict): boolean {
	const { param: parameter, form, errors } = verdict;
	const value = { parameter, text: form[parameter] ?? '', error: errors[parameter] };
	return verdictDifferences.some(
		({ node, applies }) => (node === 'accepts') === nodeAccepts(verdict) && applies(value),
	);
}

describe(`the node's JSON mode beside ${verdicts.length} verdicts of Proxmox's own validator`, () => {
	it('agrees on every one, but for the differences that are meant', () => {
		const unexplained = verdicts.filter((verdict) => differs(verdict) && !isExplained(verdict));
		expect(unexplained).toEqual([]);
	});

	it.each(verdictDifferences)('differs as it says: $reason', ({ node, example }) => {
		const form = { node: 'pve1', vmid: '5000', ...example };
		const isRight = Object.keys(validateRequest(createEndpoint, form).errors).length === 0;
		expect({ node: accepts(form), validator: isRight }).toEqual({
			node: node === 'accepts',
			validator: node === 'refuses',
		});
	});

	it('names the parameter that Proxmox names', () => {
		const refused = verdicts.filter((verdict) => !verdict.ok && differs(verdict) === false);
		const elsewhere = refused.filter(({ form, errors }) => {
			const named = new Set(readParameters(qemu, form).problems.map(({ parameter }) => parameter));
			// A name that is empty has no key of its own in Proxmox's answer.
			return !Object.keys(errors).every((name) => named.has(name === '_root' ? '' : name));
		});
		expect(elsewhere).toEqual([]);
	});

	it('sends nothing that its own reading would refuse, and reads back what it sent', () => {
		for (const verdict of verdicts.filter(nodeAccepts)) {
			const once = encodeBody(qemu, readParameters(qemu, verdict.form).parameters);
			const again = readParameters(qemu, once);
			expect({ form: verdict.form, problems: again.problems }).toEqual({
				form: verdict.form,
				problems: [],
			});
			expect(encodeBody(qemu, again.parameters)).toEqual(once);
		}
	});
});
