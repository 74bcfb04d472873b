import type { EndpointFacts, ParameterFacts } from '../contract/facts';

const NODE = '/nodes/{node}/';

/** Facts of an endpoint that tools/facts does not describe. What its path holds need not be named among the parameters. */
export function ownFacts(
	method: string,
	path: string,
	parameters: Record<string, ParameterFacts> = {},
	permissionCheck: EndpointFacts['permissionCheck'] = 'all',
): EndpointFacts {
	const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(
		({ 1: name = '' }): [string, ParameterFacts] => [name, { type: 'string' }],
	);
	const proxyto = `${path}/`.startsWith(NODE) ? { proxyto: 'node' } : {};
	return {
		method,
		path,
		protected: false,
		allowtoken: 1,
		permissionCheck,
		...proxyto,
		parameters: { ...Object.fromEntries(inPath), ...parameters },
	};
}
