import { ApiError } from '../errors';
import { seconds } from '../world';
import type { World } from '../world';
import { splitAuthId } from './permissions';

export interface Identity {
	/** `user@realm`, or `user@realm!token`; what tasks are owned by. Undefined where nobody needs to log in. */
	authId: string;
	viaToken: boolean;
}

export interface Credentials {
	method: string;
	/** The path behind the formatter: `/version`. */
	path: string;
	cookie?: string;
	authorization?: string;
	csrfToken?: string;
	/** Uploads need no CSRF token: a plain form could not send one. */
	isUpload?: boolean;
}

const COOKIE = 'PVEAuthCookie';
const TOKEN = 'PVEAPIToken';

/** Where nobody needs to log in. */
const OPEN = new Set(['GET /access/domains', 'GET /access/ticket', 'POST /access/ticket']);

/** A user must exist, be enabled and not have expired. */
export function isUserEnabled(world: World, userid: string): boolean {
	const user = world.state.users.get(userid);
	return user !== undefined && user.enabled && (user.expire === 0 || user.expire >= seconds(world));
}

function readValue(header: string | undefined, key: string): string | undefined {
	const value = new RegExp(`(?:^|\\s)${key}(?:=| )([^;]*)`).exec(header ?? '')?.[1];
	if (!value) return undefined;
	try {
		return decodeURIComponent(value);
	} catch {
		return value;
	}
}

function verifyToken(world: World, text: string): string {
	const refused = new ApiError(401, 'Authentication failed!');
	const [, tokenId, secret] = /^(.*)=(.*)$/.exec(text) ?? [];
	if (tokenId === undefined) throw refused;
	const { user, token } = splitAuthId(tokenId);
	const known = token === undefined ? undefined : world.state.users.get(user)?.tokens.get(token);
	if (!known || !isUserEnabled(world, user)) throw refused;
	if (known.expire !== 0 && known.expire < seconds(world)) throw refused;
	if (known.secret !== secret) throw refused;
	return tokenId;
}

/**
 * Who is asking: by ticket (cookie, then header) or by API token. Throws 401 with the API's texts;
 * returns undefined where no login is needed and none was tried.
 */
export function authenticate(world: World, credentials: Credentials): Identity | undefined {
	const { method, path, cookie, authorization, csrfToken, isUpload = false } = credentials;
	const ticket = readValue(cookie, COOKIE) ?? readValue(authorization, COOKIE);
	const apiToken = ticket === undefined ? readValue(authorization, TOKEN) : undefined;
	if (OPEN.has(`${method} ${path}`)) {
		return apiToken === undefined ? undefined : { authId: '', viaToken: true };
	}
	if (apiToken !== undefined) return { authId: verifyToken(world, apiToken), viaToken: true };
	if (ticket === undefined) throw new ApiError(401, 'No ticket');
	const user = world.tickets.readTicket(ticket);
	if (user === undefined || !isUserEnabled(world, user))
		throw new ApiError(401, 'Authentication failed!');
	if (method !== 'GET' && !isUpload && !world.tickets.isCsrfToken(user, csrfToken)) {
		throw new ApiError(401, 'Permission denied - invalid csrf token');
	}
	return { authId: user, viaToken: false };
}
