import { fieldOf, type VmParameters } from '../catalogue/qemu';
import type { Since } from '../catalogue/fields';

/** A value of a request, and what its field asks of the cluster or the user. */
interface Trait {
	readonly parameter: string;
	readonly sub?: string;
	readonly since?: Since;
	readonly rootOnly?: true;
}

/** Those values of a request that not every cluster or not every user may set. */
export function traitsOf(parameters: VmParameters): Trait[] {
	return Object.entries(parameters).flatMap(([parameter, value]) => {
		const field = fieldOf(parameter)?.field;
		if (value === undefined || !field) return [];
		const device = field.kind === 'family' ? field.item : field;
		const subs: Trait[] =
			device.kind === 'device' && typeof value === 'object'
				? Object.keys(value).map((sub) => ({ parameter, sub, since: device.fields[sub]?.since }))
				: [];
		const own = {
			parameter,
			since: field.since ?? device.since,
			rootOnly: field.rootOnly ?? device.rootOnly,
		};
		return [own, ...subs].filter(
			({ since, rootOnly }: Trait) => since !== undefined || rootOnly !== undefined,
		);
	});
}
