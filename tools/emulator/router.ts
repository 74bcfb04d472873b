import { endpoints as knownEndpoints } from './contract/facts';
import type { EndpointFacts } from './contract/facts';
import type { Endpoint } from './endpoints/types';

export interface Route {
	facts: EndpointFacts;
	/** Undefined for what the API has and the emulator does not do. */
	endpoint?: Endpoint;
	/** What the path holds in place of the template's braces. */
	pathParameters: Record<string, string>;
}

interface Candidate {
	facts: EndpointFacts;
	endpoint?: Endpoint;
	segments: string[];
}

export type Router = (method: string, path: string) => Route | undefined;

const split = (path: string): string[] => path.split('/').filter((part) => part !== '');

/**
 * Finds the endpoint for a method and a path. Each endpoint's facts come from the API's description, unless it brings
 * its own; fixed path parts win over braces.
 */
export function createRouter(endpoints: Endpoint[]): Router {
	const handlers = new Map(
		endpoints.map((endpoint) => [`${endpoint.method} ${endpoint.path}`, endpoint]),
	);
	const described: Candidate[] = knownEndpoints.map((facts) => {
		const endpoint = handlers.get(`${facts.method} ${facts.path}`);
		return { facts: endpoint?.facts ?? facts, endpoint, segments: split(facts.path) };
	});
	const isDescribed = (endpoint: Endpoint) =>
		described.some((other) => other.endpoint === endpoint);
	const added: Candidate[] = endpoints.flatMap((endpoint) =>
		endpoint.facts && !isDescribed(endpoint)
			? [{ facts: endpoint.facts, endpoint, segments: split(endpoint.path) }]
			: [],
	);
	const candidates = [...described, ...added].sort((a, b) => countBraces(a) - countBraces(b));

	return (method, path) => {
		const segments = split(path);
		for (const { facts, endpoint, segments: template } of candidates) {
			if (facts.method !== method) continue;
			const pathParameters = match(template, segments, facts.path.endsWith('{volume}'));
			if (pathParameters) return { facts, endpoint, pathParameters };
		}
		return undefined;
	};
}

function countBraces({ segments }: Candidate): number {
	return segments.filter((part) => part.startsWith('{')).length;
}

/** A volume's name may hold slashes: as the last part it takes the rest. */
function match(
	template: string[],
	segments: string[],
	lastTakesRest: boolean,
): Record<string, string> | undefined {
	if (lastTakesRest ? segments.length < template.length : segments.length !== template.length)
		return undefined;
	const parameters: Record<string, string> = {};
	for (const [index, part] of template.entries()) {
		const isLast = index === template.length - 1;
		const value =
			isLast && lastTakesRest ? segments.slice(index).join('/') : (segments[index] ?? '');
		const name = /^\{(.+)\}$/.exec(part)?.[1];
		if (name === undefined && part !== value) return undefined;
		if (name !== undefined) parameters[name] = value;
	}
	return parameters;
}
