import { fieldOf } from '../catalogue/qemu';
import { own } from '../wire/getOwn';
import type { Problem } from '../wire/problem';
import { shown } from '../wire/shown';

/**
 * How the editor calls a parameter, with the API's own name for those who write JSON:
 * `Cores (cores)`, `CPU Type (cpu.cputype)`, `Network Card net0 → MTU`.
 */
export function labelOf(parameter: string, sub?: string): string {
	const found = fieldOf(parameter);
	if (!found) return shown(parameter);
	const { field } = found;
	if (field.kind === 'family') {
		const subLabel =
			sub !== undefined && field.item.kind === 'device'
				? (own(field.item.fields, sub)?.label ?? shown(sub))
				: undefined;
		return `${field.label} ${parameter}${subLabel === undefined ? '' : ` → ${subLabel}`}`;
	}
	if (field.kind === 'device' && sub !== undefined) {
		const subLabel = own(field.fields, sub)?.label;
		return subLabel === undefined
			? `${field.label} → ${shown(sub)}`
			: `${subLabel} (${parameter}.${sub})`;
	}
	return `${field.label} (${parameter})`;
}

/** A problem as a sentence: `Network Card net0 → MTU must be a whole number from 1 to 65520, got "x"`. */
export const sentenceOf = (problem: Problem): string =>
	`${problem.label ?? labelOf(problem.parameter, problem.sub)} ${problem.message}`;
