/** What is wrong with one value of a request, before anything was sent. */
export interface Problem {
	/** The API's parameter, such as `net0`. */
	readonly parameter: string;
	/** The sub-option of a device, such as `mtu`. */
	readonly sub?: string;
	/** The field's label, if the parameter alone does not give it. */
	readonly label?: string;
	/** What is allowed, to be read after the field's label: `must be …`. */
	readonly message: string;
	/** Something that has to be set too: a device that is there may have it already. */
	readonly isLacking?: true;
}

/** A value that was read, or what is wrong with it. */
export type Result<Value> = { readonly value: Value } | { readonly problem: string };

/** Problems of one item that are reported at most: the body of a webhook may hold any number. */
const MOST_PROBLEMS = 20;

/** The first problems, and how many more there are. */
export function firstProblems(problems: readonly Problem[]): readonly Problem[] {
	if (problems.length <= MOST_PROBLEMS) return problems;
	const others = (problems.length - MOST_PROBLEMS).toLocaleString('en-US');
	return [
		...problems.slice(0, MOST_PROBLEMS),
		{ parameter: '', label: 'and', message: `${others} more` },
	];
}
