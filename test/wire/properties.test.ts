import fc from 'fast-check';
import { qemu } from '../../nodes/ProxmoxVe/catalogue/qemu';
import { encodeBody } from '../../nodes/ProxmoxVe/wire/encodeBody';
import { readParameters } from '../../nodes/ProxmoxVe/wire/readParameters';
import { emulatorReading, refusalsOf, refusalsOfSubs } from './properties/emulatorReading';
import { mayRefuse, mistakesOf, mistakesSent } from './properties/meant';
import { forms, jsonBodies, type Form } from './properties/requests';
import { settings } from './properties/settings';
import { twins } from './properties/twins';

/** Requests that are right but for a value here and there, and requests with much that is wrong. */
const likely = { odd: 3 };
const wild = { odd: 30 };
const anyForm = fc.oneof(forms(likely), forms(wild));
const anyJson = fc.oneof(jsonBodies(likely), jsonBodies(wild));

const read = (form: Readonly<Record<string, unknown>>): { problems: string[]; body: Form } => {
	const { parameters, problems } = readParameters(qemu, form);
	return {
		problems: problems.map(({ parameter }) => parameter),
		body: problems.length > 0 ? {} : encodeBody(qemu, parameters),
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

describe('random requests drawn from the facts', () => {
	it('that the node accepts are right once encoded', () => {
		holds(3000, anyJson, (json) => {
			const { problems, body } = read(json);
			const isAccepted = problems.length === 0;
			if (isAccepted)
				expect({ json, mistakes: [...mistakesSent(body)] }).toEqual({ json, mistakes: [] });
			return isAccepted;
		});
	});

	it('that the validator refuses, the node refuses, and names the same parameters and sub-options', () => {
		holds(3000, anyForm, (form) => {
			const mistakes = mistakesOf(form);
			const { problems } = readParameters(qemu, form);
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
		holds(3000, anyForm, (form) => {
			const isRight = refusalsOf(form).size === 0;
			const problems = isRight ? readParameters(qemu, form).problems : [];
			expect(problems.filter(({ parameter }) => !mayRefuse(parameter, form[parameter]))).toEqual(
				[],
			);
			return isRight;
		});
	});

	it('that the node accepts stay the same when they are read and encoded again', () => {
		holds(3000, anyJson, (json) => {
			const { problems, body } = read(json);
			expect(read(body)).toEqual({ problems: [], body });
			return problems.length === 0;
		});
	});

	it('mean the same before and after the node encoded them', () => {
		holds(3000, anyForm, (form) => {
			const { problems, body } = read(form);
			const isRead = problems.length === 0 && refusalsOf(form).size === 0;
			if (isRead) expect(emulatorReading(body)).toEqual(emulatorReading(form));
			return isRead;
		});
	});

	it('are the same with devices as objects and as property strings', () => {
		holds(3000, fc.oneof(twins(likely), twins(wild)), ({ parameter, asText, asObject }) => {
			const fromText = read({ [parameter]: asText });
			expect({ asText, ...read({ [parameter]: asObject }) }).toEqual({ asText, ...fromText });
			return fromText.problems.length === 0;
		});
	});
});
