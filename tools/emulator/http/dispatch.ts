/* eslint-disable @n8n/community-nodes/require-node-api-error -- the emulator is no node: its errors are the API's */
import { authenticate } from '../auth/authenticate';
import type { Identity } from '../auth/authenticate';
import { checkEndpoint } from '../auth/checkEndpoint';
import { demand } from '../auth/permissions';
import { validateRequest } from '../contract/validate';
import {
	ApiError,
	SilentError,
	failure,
	parameterError,
	permissionError,
	unsupported,
} from '../errors';
import type { Route, Router } from '../router';
import { reachOf } from '../state/view';
import type { World } from '../world';
import { errorAnswer, plainAnswer, successAnswer } from './answer';
import type { Answer, Format, Result } from './answer';
import { readForm, readJson, unescape } from './parameters';
import type { RawParameters } from './parameters';
import { boundaryOf } from './upload';
import type { Upload, UploadedFile } from './upload';

/** A request once its head has been read. */
export interface HttpRequest {
	method: string;
	/** With its query. */
	url: string;
	headers: Record<string, string | undefined>;
	/** Reads the body; only called where it is wanted. */
	readBody: () => Promise<string>;
	/** The same of a form with a file. */
	readUpload: (boundary: string) => Promise<Upload>;
}

const METHODS = new Set(['GET', 'POST', 'PUT', 'DELETE']);
const BODY_LIMIT = 512 * 1024;
const BODY_TYPES = new Set(['application/x-www-form-urlencoded', 'application/json']);
const FORMATS: ReadonlySet<string> = new Set<Format>(['json', 'extjs']);
/** What the API has besides, for its own pages. */
const OTHER_FORMATS = new Set(['html', 'htmljs', 'png', 'spiceconfig']);
/** Where files are uploaded, and to which storage. */
const UPLOAD = /^\/nodes\/[^/]+\/storage\/([^/]+)\/upload$/;
/** How long the API server keeps a connection on which it does not go on, milliseconds. */
const IDLE_TIMEOUT = 5_000;
/** How long the API server waits for a daemon or another node, milliseconds. */
const PROXY_TIMEOUT = 30_000;

const isFormat = (name: string): name is Format => FORMATS.has(name);

/** `/api2/json/version` -> `json` and `/version`; undefined without a formatter. */
export function splitPath(path: string): { format: string; apiPath: string } | undefined {
	const [, format, apiPath] = /^\/api2\/+([a-z][a-z0-9]+)(\/.*)?$/.exec(path) ?? [];
	return format === undefined ? undefined : { format, apiPath: apiPath ?? '/' };
}

/** What is refused whatever is asked for, on the TLS port even before the redirect to TLS. */
export function refuseTransport(method: string, encoding: string | undefined): Answer | undefined {
	if (!METHODS.has(method)) return plainAnswer(501, `method '${method}' not available`, '');
	if (encoding === undefined) return undefined;
	const isChunked = encoding.toLowerCase() === 'chunked';
	return plainAnswer(
		501,
		isChunked
			? 'chunked transfer encoding not supported'
			: `Unknown transfer encoding '${encoding}'`,
	);
}

/**
 * Answers one request, from its method down to the endpoint's handler, in the order in which the API does. Undefined:
 * the connection is closed without an answer.
 */
export async function dispatch(
	world: World,
	router: Router,
	request: HttpRequest,
): Promise<Answer | undefined> {
	const { method, headers } = request;
	const refused = refuseTransport(method, headers['transfer-encoding']);
	if (refused) return refused;
	const [rawPath = '/', ...query] = request.url.split('?');
	const path = unescape(rawPath);
	const target = splitPath(path);
	// Not even who asks can be found out.
	const { nodes, localNode } = world.state;
	if (target && nodes.get(localNode)?.clusterFiles === 'down')
		return plainAnswer(500, NO_CONFIG, '');
	let identity: Identity | undefined;
	const uploadTo = method === 'POST' ? UPLOAD.exec(target?.apiPath ?? '')?.[1] : undefined;
	if (path.startsWith('/api2')) {
		if (!target) return plainAnswer(501, 'no such uri');
		try {
			identity = authenticate(world, {
				method,
				path: target.apiPath,
				cookie: headers.cookie,
				authorization: headers.authorization,
				csrfToken: headers.csrfpreventiontoken,
				isUpload: uploadTo !== undefined,
			});
			if (uploadTo !== undefined && identity && identity.authId !== 'root@pam')
				demand(world.state, identity.authId, `/storage/${uploadTo}`, [
					'Datastore.AllocateTemplate',
				]);
		} catch (error) {
			if (error instanceof ApiError) return plainAnswer(error.status, error.message, '');
			throw error;
		}
	}
	const isUpload = uploadTo !== undefined && Number(headers['content-length'] ?? 0) > 0;
	const boundary = boundaryOf(headers['content-type']);
	if (isUpload && boundary === undefined) {
		await world.clock.sleep(IDLE_TIMEOUT);
		return undefined;
	}
	const refusedBody = isUpload ? undefined : refuseBody(request);
	if (refusedBody) return refusedBody;
	if (!target) return plainAnswer(500, `no such file '${path}'`, `no such file '${path}'\n`);
	const { format, apiPath } = target;
	if (OTHER_FORMATS.has(format))
		return errorAnswer('json', unsupported(`the formatter '${format}'`));
	if (!isFormat(format)) return plainAnswer(501, `no formatter for uri ${apiPath}, ${format}`);
	let sent: RawParameters;
	let file: UploadedFile | undefined;
	try {
		if (isUpload && boundary !== undefined) {
			const upload = await request.readUpload(boundary);
			file = upload.file;
			sent = { ...readForm(query.join('?')), ...upload.parameters, tmpfilename: file.path };
		} else {
			sent = { ...(await readParameters(request)), ...readForm(query.join('?')) };
		}
	} catch (error) {
		if (error instanceof SilentError) return errorAnswer(format, error);
		const text = error instanceof Error ? error.message : String(error);
		return plainAnswer(500, text, `${text}\n`);
	}
	delete sent._dc;
	return await callApi(world, router, { format, method, apiPath, identity, sent, file });
}

function refuseBody({ method, headers }: HttpRequest): Answer | undefined {
	const length = Number(headers['content-length'] ?? 0);
	if (!length) return undefined;
	if (method !== 'PUT' && method !== 'POST')
		return plainAnswer(501, `Unexpected content for method '${method}'`);
	if (length > BODY_LIMIT) return plainAnswer(501, 'for data too large');
	const type = headers['content-type'];
	if (type === undefined || BODY_TYPES.has(mediaType(type))) return undefined;
	return plainAnswer(506, `upload 'Content-Type '${type}' not implemented`);
}

function mediaType(contentType: string): string {
	return (contentType.split(';', 1)[0] ?? '').trim();
}

async function readParameters({ method, headers, readBody }: HttpRequest): Promise<RawParameters> {
	if (method !== 'PUT' && method !== 'POST') return {};
	const body = await readBody();
	return mediaType(headers['content-type'] ?? '') === 'application/json'
		? readJson(body)
		: readForm(body);
}

interface ApiRequest {
	format: Format;
	method: string;
	apiPath: string;
	identity: Identity | undefined;
	sent: RawParameters;
	/** The file of an upload. */
	file?: UploadedFile;
}

async function callApi(world: World, router: Router, request: ApiRequest): Promise<Answer> {
	const { format, method, apiPath, identity, sent, file } = request;
	const route = router(method, apiPath);
	if (!route) {
		return errorAnswer(
			format,
			new ApiError(501, `Method '${method} ${apiPath}' not implemented`),
			'',
		);
	}
	try {
		const parameters = joinParameters(route, sent);
		if (identity?.viaToken && !route.facts.allowtoken) {
			throw permissionError(`URI '${apiPath}' not available with API token, need proper ticket.\n`);
		}
		const authId = identity?.authId ?? '';
		checkEndpoint(world, authId, route.facts.permissionCheck, parameters);
		const reached = await reachNode(world, route, parameters);
		if (!('state' in reached)) return reached;
		const handling = async () => await handle(reached, route, authId, parameters, file);
		return await viaDaemon(reached, route, async () => successAnswer(format, await handling()));
	} catch (error) {
		if (error instanceof ApiError) return errorAnswer(format, error);
		throw error;
	}
}

function joinParameters({ pathParameters }: Route, sent: RawParameters): RawParameters {
	for (const name of Object.keys(sent).sort()) {
		const isInPath = Object.hasOwn(pathParameters, name);
		if (isInPath && pathParameters[name] !== String(sent[name])) {
			throw parameterError({
				[name]: 'duplicate parameter (already defined in URI) with conflicting values!',
			});
		}
	}
	return { ...pathParameters, ...sent };
}

/** How long a host looks for one that is not there, milliseconds. */
const NO_ROUTE = 3_000;

/** What a node without its cluster file system answers to everything. */
const NO_CONFIG =
	'RPCEnvironment init request failed: Unable to load access control list: Connection refused';

/** The node that does the work: the one that is asked, or another to which it hands the request on; or why it cannot. */
async function reachNode(
	world: World,
	{ facts }: Route,
	parameters: RawParameters,
): Promise<World | Answer> {
	if (facts.proxyto === undefined) return world;
	const name = String(parameters[facts.proxyto]);
	if (name === 'localhost' || name === world.state.localNode) return world;
	const node = world.state.nodes.get(name);
	switch (node && reachOf(world.state, node)) {
		case 'no route':
			await world.clock.sleep(NO_ROUTE);
			return plainAnswer(595, 'No route to host', '');
		case 'refused':
			return plainAnswer(595, 'Connection refused', '');
		case 'hangs':
			await world.clock.sleep(PROXY_TIMEOUT);
			return plainAnswer(596, 'Connection timed out', '');
		case 'here':
			if (node?.clusterFiles === 'down') return plainAnswer(500, NO_CONFIG, '');
			return world.on(name);
		case undefined:
			throw failure(
				`hostname lookup '${name}' failed - failed to get address info for: ${name}: Name or service not known`,
			);
	}
}

/** What is `protected` goes through the daemon, which may be down, or hang and do its work later all the same. */
async function viaDaemon(
	world: World,
	{ facts }: Route,
	work: () => Promise<Answer>,
): Promise<Answer> {
	const node = world.state.localNode;
	const daemon = world.faults.daemonOf(node);
	if (!facts.protected || daemon === 'up') return await work();
	if (daemon === 'down') return plainAnswer(595, 'Connection refused', '');
	const worked = world.faults.daemonAnswers(node).then(work);
	// The client may be gone by then.
	worked.catch(() => undefined);
	const gaveUp = new AbortController();
	const timedOut = world.clock
		.sleep(PROXY_TIMEOUT, gaveUp.signal)
		.then(() => plainAnswer(596, 'Connection timed out', ''));
	timedOut.catch(() => undefined);
	const answer = await Promise.race([worked, timedOut]);
	gaveUp.abort();
	return answer;
}

async function handle(
	world: World,
	route: Route,
	authId: string,
	sent: RawParameters,
	file?: UploadedFile,
): Promise<Result> {
	// Nor is it looked whether the request is right.
	if (!route.endpoint) throw unsupported(`${route.facts.method} ${route.facts.path}`);
	const { values, errors } = validateRequest(route.facts, sent);
	if (Object.keys(errors).length > 0) throw parameterError(errors);
	const result: Result = { data: null };
	result.data = await route.endpoint.handle({
		world,
		authId,
		parameters: values,
		file,
		setTotal: (total) => {
			result.total = total;
		},
		download: (text, filename) => {
			result.download = { text, filename };
		},
	});
	return result;
}
