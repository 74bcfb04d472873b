/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a test tool, neither shipped nor scanned */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { ticketBook } from './auth/tickets';
import { serverCertificate } from './certificate';
import { realClock } from './clock';
import type { Clock } from './clock';
import { endpoints } from './endpoints';
import { faultList } from './faults';
import type { FaultList, RequestFault } from './faults';
import { dispatch, splitPath } from './http/dispatch';
import { unescape } from './http/parameters';
import { readUpload } from './http/upload';
import { listen, readBody, writeAnswer, writeTrickle, writeTruncated } from './http/server';
import type { Listening } from './http/server';
import { createRouter } from './router';
import { clusterState } from './state/build';
import { demoState } from './state/demo';
import { loadState } from './state/load';
import { SIX_NODES } from './state/sixNodes';
import type { ClusterState } from './state/types';
import { memberNodes } from './state/view';
import { vmLocks } from './tasks/locks';
import { taskList } from './tasks/taskList';
import type { TaskList } from './tasks/types';
import { runStatistics } from './vm/report';
import { createWorld } from './world';
import type { World } from './world';

export type { Clock, ManualClock } from './clock';
export { manualClock, realClock } from './clock';
export type { DaemonState, FaultList, RequestFault, TaskFault } from './faults';
export type { Boot, CloudInit } from './guest/guestSystem';
export type { ClusterState, Reachability, Vm, Volume } from './state/types';
export { fillStorage, joinCluster, restrictTags, setNextIdRange } from './state/stages';
export { clusterState } from './state/build';
export { SIX_NODES } from './state/sixNodes';
export type { ClusterSpec, GuestSpec, NodeSpec, StorageSpec } from './state/build';
export { loadState } from './state/load';
export type { StateFile } from './state/load';

export interface EmulatorOptions {
	/** 0, the default, takes any free one. */
	port?: number;
	/** 127.0.0.1 by default. */
	host?: string;
	/** Plain HTTP instead of TLS. */
	http?: boolean;
	/** Seconds that a create takes (1 by default); every other wait of the emulator shrinks with it. */
	taskSeconds?: number;
	/** Replaces the real clock; `taskSeconds` then has no meaning. */
	clock?: Clock;
	/** What the cluster holds; by default that of the seed. */
	state?: ClusterState;
	/**
	 * `recorded`, the default, is tools/facts/state.json; `demo` one node on which all of examples/ works; `cluster` six
	 * nodes, of which four answer.
	 */
	seed?: 'recorded' | 'demo' | 'cluster';
	/** Also listens for the other members that are in the state at the start, each on a port of its own. */
	everyNode?: boolean;
	/** Seconds by which a 401 is late. The API waits 3; the emulator does not unless told. */
	unauthorizedDelay?: number;
}

/** One request as it came in, for assertions; credentials and the values of secrets are left out. */
export interface LoggedRequest {
	method: string;
	/** With its query. */
	path: string;
	body: string;
	/** 0 where no answer was given. */
	status: number;
	/** The reason phrase; of an answer that trickles, that the client gave it up. */
	phrase: string;
	/** Of the response's body, before it is compressed. */
	bytes: number;
	/** The node that was asked. */
	via: string;
	/** Who asked: `user@realm!token` or the ticket's user, where it could be told. */
	authId?: string;
}

export interface KnownToken {
	tokenId: string;
	secret: string;
}

export interface Emulator {
	/** `https://127.0.0.1:port`, without a path. */
	url: string;
	/** The same for each node that listens, by name: with `everyNode` all members, else the one that is asked. */
	urls: Record<string, string>;
	port: number;
	/** The certificate authority to trust, PEM; undefined with plain HTTP. */
	ca?: string;
	clock: Clock;
	/** Live: change it to stage what a test needs. */
	state: ClusterState;
	faults: FaultList;
	tasks: TaskList;
	requests: LoggedRequest[];
	/** A token with all rights that a token can have. */
	token: KnownToken;
	/** Every token the state knows, by its ID. */
	tokens: Record<string, string>;
	/** Passwords by user, for tickets. */
	passwords: Record<string, string>;
	/** Closes all connections and kills the tasks that still run. */
	close(): Promise<void>;
}

/** The same for all emulators: only their state differs. */
const router = createRouter(endpoints);

const SEEDS = {
	recorded: (now: number) => loadState(now),
	demo: demoState,
	cluster: (now: number) => clusterState(SIX_NODES, now),
};

const FULL_RIGHTS = 'root@pam!full';

/** Starts a Proxmox VE API on a port of this machine. */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
	const clock = options.clock ?? realClock(options.taskSeconds ?? 1);
	const state = options.state ?? SEEDS[options.seed ?? 'recorded'](Math.floor(clock.now() / 1000));
	const faults = faultList(state.localNode);
	const world = createWorld({
		clock,
		state,
		faults,
		tasks: taskList(clock, state, faults),
		locks: vmLocks(clock),
		tickets: ticketBook(clock),
	});
	const closing = new AbortController();
	void runStatistics(world, closing.signal);
	const requests: LoggedRequest[] = [];
	const unauthorizedDelay = (options.unauthorizedDelay ?? 0) * 1000;

	async function serve(
		asked: World,
		request: IncomingMessage,
		response: ServerResponse,
	): Promise<void> {
		const entry: LoggedRequest = {
			method: request.method ?? '',
			path: withoutSecrets(request.url ?? '/'),
			body: '',
			status: 0,
			phrase: '',
			bytes: 0,
			via: asked.state.localNode,
			authId: readAuthId(request),
		};
		requests.push(entry);
		response.setHeader('Date', new Date(clock.now()).toUTCString());
		const path = unescape((request.url ?? '/').split('?', 1)[0] ?? '/');
		const fault = faults.forRequest(entry.method, splitPath(path)?.apiPath ?? path);
		if (fault && fault.when !== 'after') {
			if (!(await applyFault(fault, request, response, entry))) return;
		}
		const answer = await dispatch(asked, router, {
			method: entry.method,
			url: request.url ?? '/',
			headers: toHeaders(request),
			readBody: async () => {
				const body = await readBody(request);
				entry.body = withoutSecrets(body);
				return body;
			},
			readUpload: async (boundary) => {
				const upload = await readUpload(request as AsyncIterable<Uint8Array>, boundary);
				const standIn = state.standIns?.get(upload.file.sums.sha256 ?? '');
				const file = standIn ? { ...standIn, path: upload.file.path } : upload.file;
				const fields = Object.entries(upload.parameters).map(
					([name, value]) => `${name}=${String(value)}`,
				);
				entry.body = [...fields, `(${file.size} bytes)`].join('&');
				return { ...upload, file };
			},
		});
		if (!answer) {
			request.socket.destroy();
			return;
		}
		if (answer.status === 401 && unauthorizedDelay > 0) await clock.sleep(unauthorizedDelay);
		if (fault?.effect === 'truncate') {
			entry.status = answer.status;
			return writeTruncated(request, response, answer);
		}
		if (fault?.when === 'after' && !(await applyFault(fault, request, response, entry))) return;
		Object.assign(entry, {
			status: answer.status,
			phrase: answer.phrase,
			bytes: Buffer.byteLength(answer.body ?? ''),
		});
		writeAnswer(request, response, answer);
	}

	/** Whether the request is to be handled all the same. */
	async function applyFault(
		{ effect }: RequestFault,
		request: IncomingMessage,
		response: ServerResponse,
		entry: LoggedRequest,
	): Promise<boolean> {
		if (effect === 'truncate') return true;
		if (effect === 'hang') return false;
		if (effect === 'trickle') {
			writeTrickle(request, response, () => (entry.phrase = 'given up by the client'));
			return false;
		}
		if (effect === 'reset') {
			request.socket.destroy();
			return false;
		}
		if ('delayMs' in effect) {
			await clock.sleep(effect.delayMs);
			return true;
		}
		const { status, phrase = '', body = '', headers } = effect;
		Object.assign(entry, { status, phrase });
		writeAnswer(request, response, { status, phrase, body, headers });
		return false;
	}

	const certificate = options.http ? undefined : await serverCertificate();
	const host = options.host ?? '127.0.0.1';
	const listenFor = async (node: string, port: number): Promise<Listening> => {
		const asked = world.on(node);
		return await listen(
			(request, response) => {
				serve(asked, request, response).catch((error: unknown) => {
					const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
					// A fault of the emulator itself must never look like an answer of the API.
					writeAnswer(request, response, { status: 500, phrase: 'emulator error', body: text });
				});
			},
			{ host, port, certificate },
		);
	};
	const urlOf = ({ port }: Listening) =>
		`${options.http ? 'http' : 'https'}://${host.includes(':') ? `[${host}]` : host}:${port}`;
	const first = await listenFor(state.localNode, options.port ?? 0);
	const servers = new Map([[state.localNode, first]]);
	const others = options.everyNode
		? memberNodes(state).filter(({ name }) => name !== state.localNode)
		: [];
	for (const { name } of others) servers.set(name, await listenFor(name, 0));
	const tokens = knownTokens(state);
	return {
		url: urlOf(first),
		urls: Object.fromEntries([...servers].map(([node, server]) => [node, urlOf(server)])),
		port: first.port,
		ca: certificate?.ca,
		clock,
		state,
		faults,
		tasks: world.tasks,
		requests,
		token: { tokenId: FULL_RIGHTS, secret: tokens[FULL_RIGHTS] ?? '' },
		tokens,
		passwords: Object.fromEntries(
			[...state.users.values()].flatMap(({ userid, password }) =>
				password ? [[userid, password]] : [],
			),
		),
		async close() {
			closing.abort();
			for (const server of servers.values()) await server.close();
			await world.tasks.killAll();
		},
	};
}

function toHeaders(request: IncomingMessage): Record<string, string | undefined> {
	return Object.fromEntries(
		Object.entries(request.headers).map(([name, value]) => [
			name,
			Array.isArray(value) ? value.join(', ') : value,
		]),
	);
}

function readAuthId({ headers }: IncomingMessage): string | undefined {
	const token = /PVEAPIToken[= ]([^=\s]+)/.exec(headers.authorization ?? '')?.[1];
	return (
		token ??
		/PVEAuthCookie=PVE(?::|%3A)([^:%]+(?:%40|@)[^:%]+)/i
			.exec(headers.cookie ?? '')?.[1]
			?.replace(/%40/, '@')
	);
}

const SECRETS = /((?:^|[&;?])(?:password|cipassword|otp)=)[^&;]*/g;
const JSON_SECRETS = /("(?:password|cipassword|otp)"\s*:\s*)"(?:[^"\\]|\\.)*"/g;

function withoutSecrets(body: string): string {
	return body.replace(SECRETS, '$1***').replace(JSON_SECRETS, '$1"***"');
}

function knownTokens(state: ClusterState): Record<string, string> {
	const tokens: Record<string, string> = {};
	for (const { userid, tokens: ofUser } of state.users.values()) {
		for (const [name, { secret }] of ofUser) tokens[`${userid}!${name}`] = secret;
	}
	return tokens;
}
