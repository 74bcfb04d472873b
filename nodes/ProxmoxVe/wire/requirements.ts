import { fieldOf, type Catalogue, type ParametersOf } from '../catalogue/catalogue';
import type { Since } from '../catalogue/fields';

/** A value of a request, and what its field asks of the cluster or the user. */
interface Requirement {
	readonly parameter: string;
	readonly sub?: string;
	readonly since?: Since;
	readonly rootOnly?: true;
}

/** Those values of a request that not every cluster or not every user may set. */
export function requirementsOf<C extends Catalogue>(
	catalogue: C,
	parameters: ParametersOf<C>,
): Requirement[] {
	return Object.entries(parameters).flatMap(([parameter, value]) => {
		const field = fieldOf(catalogue, parameter)?.field;
		if (value === undefined || !field) return [];
		const device = field.kind === 'family' ? field.item : field;
		const subs: Requirement[] =
			device.kind === 'device' && typeof value === 'object' && value !== null
				? Object.keys(value).map((sub) => ({ parameter, sub, since: device.fields[sub]?.since }))
				: [];
		const own = {
			parameter,
			since: field.since ?? device.since,
			rootOnly: field.rootOnly ?? device.rootOnly,
		};
		return [own, ...subs].filter(
			({ since, rootOnly }: Requirement) => since !== undefined || rootOnly !== undefined,
		);
	});
}
