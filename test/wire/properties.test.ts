import fc from 'fast-check';
import type { Catalogue } from '../../nodes/ProxmoxVe/catalogue/catalogue';
import { encodeBody } from '../../nodes/ProxmoxVe/wire/encodeBody';
import { readParameters } from '../../nodes/ProxmoxVe/wire/readParameters';
import { emulatorReading, refusalsOf, refusalsOfSubs } from './properties/emulatorReading';
import { containers, vms } from './properties/kinds';
import { mayRefuse, mistakesOf, mistakesSent } from './properties/meant';
import { forms, jsonBodies, type Form } from './properties/requests';
import { settings } from './properties/settings';
import { twins } from './properties/twins';

/** Requests that are right but for a value here and there, and requests with much that is wrong. */
const likely = { odd: 3 };
const wild = { odd: 30 };

const readAs =
	(catalogue: Catalogue) =>
	(form: Readonly<Record<string, unknown>>): { problems: string[]; body: Form } => {
		const { parameters, problems } = readParameters(catalogue, form);
		return {
			problems: problems.map(({ parameter }) => parameter),
			body: problems.length > 0 ? {} : encodeBody(catalogue, parameters),
		};
	};

/** Runs a property and makes sure that it was not kept for want of cases: `isCase` returns whether a request was one. */
function holds<Request>(
	runs: number,
	requests: fc.Arbitrary<Request>,
	isCase: (request: Request) => boolean,
): void {
	const { seed, numRuns } = settings(runs);
	let cases = 0;
	const property = fc.property(requests, (request) => {
		if (isCase(request)) cases++;
	});
	fc.assert(property, { seed, numRuns });
	expect(cases).toBeGreaterThan(numRuns / 10);
}

describe.each([
	{ kind: vms, runs: 3000 },
	{ kind: containers, runs: 1000 },
])('random requests for $kind.label, drawn from the facts', ({ kind, runs }) => {
	const { catalogue } = kind;
	const read = readAs(catalogue);
	const anyForm = fc.oneof(forms(likely, kind), forms(wild, kind));
	const anyJson = fc.oneof(jsonBodies(likely, kind), jsonBodies(wild, kind));

	it('that the node accepts are right once encoded', () => {
		holds(runs, anyJson, (json) => {
			const { problems, body } = read(json);
			const isAccepted = problems.length === 0;
			if (isAccepted)
				expect({ json, mistakes: [...mistakesSent(body, kind)] }).toEqual({ json, mistakes: [] });
			return isAccepted;
		});
	});

	it('that the validator refuses, the node refuses, and names the same parameters and sub-options', () => {
		holds(runs, anyForm, (form) => {
			const mistakes = mistakesOf(form, kind);
			const { problems } = readParameters(catalogue, form);
			for (const [name, error] of mistakes) {
				const named = problems.filter(({ parameter }) => parameter === name);
				expect({ form, name, isNamed: named.length > 0 }).toEqual({ form, name, isNamed: true });
				// Where the node cannot take the text apart, it names the parameter alone.
				if (named.some(({ sub }) => sub === undefined)) continue;
				const passedOver = refusalsOfSubs(name, error).filter(
					(text) => !named.some(({ sub }) => text.startsWith(`${sub}: `)),
				);
				expect({ form, passedOver }).toEqual({ form, passedOver: [] });
			}
			return mistakes.size > 0;
		});
	});

	it('that the validator accepts, the node accepts', () => {
		holds(runs, anyForm, (form) => {
			const isRight = refusalsOf(form, kind).size === 0;
			const problems = isRight ? readParameters(catalogue, form).problems : [];
			expect(
				problems.filter(({ parameter }) => !mayRefuse(parameter, form[parameter], kind)),
			).toEqual([]);
			return isRight;
		});
	});

	it('that the node accepts stay the same when they are read and encoded again', () => {
		holds(runs, anyJson, (json) => {
			const { problems, body } = read(json);
			expect(read(body)).toEqual({ problems: [], body });
			return problems.length === 0;
		});
	});

	it('mean the same before and after the node encoded them', () => {
		holds(runs, anyForm, (form) => {
			const { problems, body } = read(form);
			const isRead = problems.length === 0 && refusalsOf(form, kind).size === 0;
			if (isRead) expect(emulatorReading(body, kind)).toEqual(emulatorReading(form, kind));
			return isRead;
		});
	});

	it('are the same with devices as objects and as property strings', () => {
		holds(
			runs,
			fc.oneof(twins(likely, kind), twins(wild, kind)),
			({ parameter, asText, asObject }) => {
				const fromText = read({ [parameter]: asText });
				expect({ asText, ...read({ [parameter]: asObject }) }).toEqual({ asText, ...fromText });
				return fromText.problems.length === 0;
			},
		);
	});
});
