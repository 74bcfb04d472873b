import { firstProblems, type Problem } from '../wire/problem';
import { sentenceOf } from './labels';

/** Bad input, found before any request. */
export class BadInputError extends Error {
	/** The first of them, and how many there are in all. */
	readonly problems: readonly Problem[];
	readonly count: number;
	constructor(problems: readonly Problem[]) {
		super(
			firstProblems(problems)
				.map((problem) => sentenceOf(problem))
				.join('; '),
		);
		this.problems = firstProblems(problems);
		this.count = problems.length;
		this.name = 'BadInputError';
	}
}
