/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- a test, neither shipped nor scanned */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Catalogue } from '../../nodes/ProxmoxVe/catalogue/catalogue';
import { lxc } from '../../nodes/ProxmoxVe/catalogue/lxc';
import { qemu } from '../../nodes/ProxmoxVe/catalogue/qemu';
import { encodeBody } from '../../nodes/ProxmoxVe/wire/encodeBody';
import { readParameters } from '../../nodes/ProxmoxVe/wire/readParameters';
import {
	createEndpoint,
	findEndpoint,
	type EndpointFacts,
} from '../../tools/emulator/contract/facts';
import { validateRequest } from '../../tools/emulator/contract/validate';
import {
	containerDifferences,
	verdictDifferences,
	type VerdictDifference,
} from './verdictDifferences';

/** A request of form fields, and what Proxmox's own validator says of it. */
interface Verdict {
	readonly param: string;
	readonly form: Readonly<Record<string, string>>;
	readonly ok: boolean;
	readonly errors: Readonly<Record<string, string>>;
}

/** A kind of guest: its catalogue, its endpoint, the recorded verdicts, and where the node means to differ. */
interface Case {
	readonly catalogue: Catalogue;
	readonly endpoint: EndpointFacts;
	readonly file: string;
	readonly differences: readonly VerdictDifference[];
	/** What every request must have. */
	readonly base: Readonly<Record<string, string>>;
}

const createContainer = findEndpoint('POST', '/nodes/{node}/lxc');
if (!createContainer) throw new Error('The facts have no POST /nodes/{node}/lxc');

const cases: ReadonlyArray<readonly [string, Case]> = [
	[
		'VMs',
		{
			catalogue: qemu,
			endpoint: createEndpoint,
			file: 'validation.jsonl',
			differences: verdictDifferences,
			base: { node: 'pve1', vmid: '5000' },
		},
	],
	[
		'containers',
		{
			catalogue: lxc,
			endpoint: createContainer,
			file: 'validation-lxc.jsonl',
			differences: containerDifferences,
			base: { node: 'pve1', vmid: '5000', ostemplate: 'local:vztmpl/debian.tar.zst' },
		},
	],
];

const verdictsIn = (file: string): Verdict[] =>
	readFileSync(join(__dirname, '../../tools/facts', file), 'utf8')
		.trim()
		.split('\n')
		.map((line) => JSON.parse(line) as Verdict);

describe.each(cases)(
	"the node's JSON mode beside the verdicts of Proxmox's own validator, for %s",
	(_, { catalogue, endpoint, file, differences, base }) => {
		const verdicts = verdictsIn(file);
		const accepts = (form: Readonly<Record<string, string>>): boolean =>
			readParameters(catalogue, form).problems.length === 0;
		const nodeAccepts = ({ form }: Verdict): boolean => accepts(form);
		const differs = (verdict: Verdict): boolean => nodeAccepts(verdict) !== verdict.ok;
		const isExplained = (verdict: Verdict): boolean => {
			const { form, errors } = verdict;
			// The parameter is named by its family, or is not there at all.
			const [own = verdict.param] = Object.keys(form).filter(
				(name) => name.replace(/\d+$/, '') === verdict.param.replace('[n]', ''),
			);
			const value = { parameter: own, text: form[own] ?? '', error: errors[own] };
			return differences.some(
				({ node, applies }) => (node === 'accepts') === nodeAccepts(verdict) && applies(value),
			);
		};

		it(`agrees on all ${verdicts.length}, but for the differences that are meant`, () => {
			const unexplained = verdicts.filter((verdict) => differs(verdict) && !isExplained(verdict));
			expect(unexplained).toEqual([]);
		});

		it.each(differences)('differs as it says: $reason', ({ node, example }) => {
			const form = { ...base, ...example };
			const isRight = Object.keys(validateRequest(endpoint, form).errors).length === 0;
			expect({ node: accepts(form), validator: isRight }).toEqual({
				node: node === 'accepts',
				validator: node === 'refuses',
			});
		});

		it('names the parameter that Proxmox names', () => {
			const refused = verdicts.filter((verdict) => !verdict.ok && differs(verdict) === false);
			const elsewhere = refused.filter(({ form, errors }) => {
				const named = new Set(
					readParameters(catalogue, form).problems.map(({ parameter }) => parameter),
				);
				// A name that is empty has no key of its own in Proxmox's answer.
				return !Object.keys(errors).every(
					(name) =>
						named.has(name === '_root' ? '' : name) || ['true', 'false'].includes(form[name] ?? ''),
				);
			});
			expect(elsewhere).toEqual([]);
		});

		it('sends nothing that its own reading would refuse, and reads back what it sent', () => {
			for (const verdict of verdicts.filter(nodeAccepts)) {
				const once = encodeBody(catalogue, readParameters(catalogue, verdict.form).parameters);
				const again = readParameters(catalogue, once);
				expect({ form: verdict.form, problems: again.problems }).toEqual({
					form: verdict.form,
					problems: [],
				});
				expect(encodeBody(catalogue, again.parameters)).toEqual(once);
			}
		});
	},
);
