import apiFacts from '../../facts/api-facts.json';
import moreFacts from '../../facts/api-facts-2.json';

export type ValueType = 'array' | 'boolean' | 'integer' | 'number' | 'string';

/** What a sub-option of a property string may hold, and how it may be written. */
export interface SubOptionFacts {
	type?: ValueType;
	enum?: string[] | null;
	minimum?: number;
	maximum?: number;
	maxLength?: number;
	minLength?: number;
	/** A Perl regular expression; `compilePattern` turns it into a JavaScript one. */
	pattern?: string;
	format?: string;
	formatKind?: 'code' | 'property-string';
	optional?: 1;
	requires?: string;
	default?: string | number | null;
	typetext?: string;
	documentedIn?: string[];
	/** This sub-option's name may be left out: `virtio` for `model=virtio`. */
	default_key?: 1;
	/** Another name of that sub-option. */
	alias?: string;
	/** The alias's own name is the value of that sub-option: `virtio=MAC` is `model=virtio,macaddr=MAC`. */
	keyAlias?: string;
}

export type SubOptions = Record<string, SubOptionFacts>;

/** What a parameter of an endpoint may hold. */
export interface ParameterFacts extends SubOptionFacts {
	/** Present where the value is a property string (`formatKind: 'property-string'`). */
	subOptions?: SubOptions;
	/** Marks an indexed family, whose name ends in `[n]`. */
	slots?: 1;
}

/** Whose rights an endpoint asks for: free for all, to be checked in the handler, or an expression. */
export type PermissionCheck = string | PermissionCheck[] | number;

export interface EndpointFacts {
	method: string;
	/** With placeholders: `/nodes/{node}/qemu`. */
	path: string;
	/** Served by the privileged daemon behind the API, not by the API process itself. */
	protected: boolean;
	proxyto?: string;
	allowtoken: number;
	permissionCheck: PermissionCheck;
	parameters: Record<string, ParameterFacts>;
}

interface ApiFacts {
	generatedFrom: string;
	create: EndpointFacts;
	other: Record<string, EndpointFacts>;
}

const facts = apiFacts as ApiFacts;

/** `POST /nodes/{node}/qemu`, the endpoint that creates and restores virtual machines. */
export const createEndpoint: EndpointFacts = facts.create;

const more = moreFacts as { createContainer: EndpointFacts; other: Record<string, EndpointFacts> };

/** `POST /nodes/{node}/lxc`, the endpoint that creates and restores containers. */
export const createContainerEndpoint: EndpointFacts = more.createContainer;

/** All endpoints of the facts, the create first; what both files describe is taken from the first. */
export const endpoints: EndpointFacts[] = [
	facts.create,
	...Object.values({ ...more.other, ...facts.other }),
	createContainerEndpoint,
];

const byMethodAndPath = new Map(
	endpoints.map((endpoint) => [`${endpoint.method} ${endpoint.path}`, endpoint]),
);

/** The endpoint of a method and a path template (`/nodes/{node}/qemu`), if the facts have it. */
export function findEndpoint(method: string, pathTemplate: string): EndpointFacts | undefined {
	return byMethodAndPath.get(`${method} ${pathTemplate}`);
}

/** The sub-options of a parameter of the create: `net[n]`, `agent` …; throws where it is no property string. */
export function subOptionsOf(parameter: string): SubOptions {
	const subOptions = createEndpoint.parameters[parameter]?.subOptions;
	if (!subOptions) throw new Error(`The facts hold no sub-options of '${parameter}'`);
	return subOptions;
}
