import { fieldOf, type Catalogue, type ParametersOf } from '../catalogue/catalogue';
import type { Field, Since } from '../catalogue/fields';

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
	const given: Readonly<Record<string, unknown>> = parameters;
	return Object.entries(given).flatMap(([parameter, value]) => {
		const field = fieldOf(catalogue, parameter)?.field;
		if (value === undefined || !field) return [];
		const device = field.kind === 'family' ? field.item : field;
		const subs: Requirement[] =
			device.kind === 'device' && typeof value === 'object' && value !== null
				? Object.entries(value).map(([sub, one]) => ({
						parameter,
						sub,
						since: device.fields[sub]?.since,
						rootOnly: rootOnlyOf(device.fields[sub], one),
					}))
				: [];
		const own = {
			parameter,
			since: field.since ?? device.since,
			rootOnly:
				field.rootOnly ??
				device.rootOnly ??
				rootOnlyOf(device, value) ??
				(device.kind === 'device' &&
				device.rootOnlyWith !== undefined &&
				given[device.rootOnlyWith.parameter] === device.rootOnlyWith.value
					? true
					: undefined),
		};
		return [own, ...subs].filter(
			({ since, rootOnly }: Requirement) => since !== undefined || rootOnly !== undefined,
		);
	});
}

/** Whether a value is for root@pam alone: its field is, or it is a path of the host. */
function rootOnlyOf(field: Field | undefined, value: unknown): true | undefined {
	if (field?.rootOnly === true) return true;
	const isPath = field?.kind === 'text' && field.pathRootOnly === true;
	return isPath && String(value).startsWith('/') ? true : undefined;
}
