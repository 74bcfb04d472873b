import type { EndpointFacts, ParameterFacts } from '../contract/facts';

/** Facts of an endpoint that test/facts does not describe. */
export function ownFacts(
	method: string,
	path: string,
	parameters: Record<string, ParameterFacts> = {},
	permissionCheck: EndpointFacts['permissionCheck'] = 'all',
): EndpointFacts {
	return { method, path, protected: false, allowtoken: 1, permissionCheck, parameters };
}
