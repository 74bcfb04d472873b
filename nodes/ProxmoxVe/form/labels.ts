import { MASK, withoutSecrets } from '../api/redact';
import { getOwn } from '../wire/values';
import { fieldOf, type Catalogue } from '../catalogue/catalogue';
import type { Problem } from '../wire/problem';
import { shown } from '../wire/shown';

/**
 * How the editor calls a parameter, with the API's own name for those who write JSON:
 * `Cores (cores)`, `CPU Type (cpu.cputype)`, `Network Card net0 → MTU`.
 */
export function labelOf(catalogue: Catalogue, parameter: string, sub?: string): string {
	const found = fieldOf(catalogue, parameter);
	if (!found) return shown(parameter);
	const { field } = found;
	if (field.kind === 'family') {
		const subLabel =
			sub !== undefined && field.item.kind === 'device'
				? (getOwn(field.item.fields, sub)?.label ?? shown(sub))
				: undefined;
		return `${field.label} ${parameter}${subLabel === undefined ? '' : ` → ${subLabel}`}`;
	}
	if (field.kind === 'device' && sub !== undefined) {
		const subLabel = getOwn(field.fields, sub)?.label;
		return subLabel === undefined
			? `${field.label} → ${shown(sub)}`
			: `${subLabel} (${parameter}.${sub})`;
	}
	return `${field.label} (${parameter})`;
}

/**
 * A problem as a sentence: `Network Card net0 → MTU must be a whole number from 1 to 65520, got "x"`.
 * @param catalogue has the labels of parameters; without it they keep their names
 */
export function sentenceOf(problem: Problem, catalogue?: Catalogue): string {
	const { label, parameter, message: given } = problem;
	// One that is shown in part may end in the middle of a password.
	const message = given
		.replace(/[a-z][\w+.-]*:\/\/[^\s"]+/gi, withoutSecrets)
		.replace(/(:\/\/[^\s"/@]*?:)[^\s"/@]*…/g, `$1${MASK}…`);
	// A URL in place of a volume is taken for an option with a value.
	const sub = problem.sub === undefined ? undefined : withoutSecrets(problem.sub);
	const name = sub === undefined ? shown(parameter) : `${shown(parameter)}.${shown(sub)}`;
	return `${label ?? (catalogue === undefined ? name : labelOf(catalogue, parameter, sub))} ${message}`;
}
