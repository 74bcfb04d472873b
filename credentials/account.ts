import type { ICredentialDataDecryptedObject } from 'n8n-workflow';

import { CredentialError } from './credentialError';

// Proxmox's own rules: a user name may contain @, ! and =, the realm and the token name may not.
const USER = '[^\\s:/]+@[A-Za-z][A-Za-z0-9._-]+';
const TOKEN_NAME = '[A-Za-z][A-Za-z0-9._-]+';

const USER_ID = new RegExp(`^${USER}$`);
const TOKEN_ID = new RegExp(`^${USER}!${TOKEN_NAME}$`);
/** A token ID with its secret in one text, as in commands, headers and other tools. */
const WHOLE_TOKEN = new RegExp(`^(${USER}!${TOKEN_NAME})[=:](\\S*)$`);

/** The header that Proxmox reads, or the start of it. */
const HEADER = /^(?:Authorization\s*:\s*)?PVEAPIToken[=\s]\s*/i;

/** A token with its secret. */
export interface Token {
	/** `user@realm!name` */
	readonly tokenId: string;
	readonly secret: string;
}

/**
 * Splits `user@realm` or `user@realm!token`. A user name may contain both characters, as in
 * `john@example.com@entra!n8n`: the realm is after the last @, the token after the ! behind that.
 * @returns token null for a plain user
 */
export function splitAuthId(authId: string): { user: string; token: string | null } {
	const at = authId.indexOf('!', authId.lastIndexOf('@') + 1);
	return at < 0
		? { user: authId, token: null }
		: { user: authId.slice(0, at), token: authId.slice(at + 1) };
}

/** Takes a token ID and its secret out of the pasted text of one field. */
function partsOf(pasted: unknown): { tokenId?: string; secret?: string; text: string } {
	const text = String(pasted ?? '')
		.trim()
		.replace(HEADER, '');
	if (TOKEN_ID.test(text)) return { tokenId: text, text };
	const [, tokenId, secret] = WHOLE_TOKEN.exec(text) ?? [];
	return tokenId === undefined ? { text } : { tokenId, secret, text };
}

/**
 * Reads the fields Token ID and Token Secret. Each may hold the whole token, as pasted from a header.
 * @throws CredentialError if it is not a token, the two fields contradict each other, or the secret is missing
 */
export function readToken({ tokenId: id, tokenSecret }: ICredentialDataDecryptedObject): Token {
	const named = partsOf(id);
	const given = partsOf(tokenSecret);
	if (named.tokenId === undefined) {
		throw new CredentialError(
			'Token ID: it must have the form user@realm!name, such as n8n@pve!workflows',
		);
	}
	if (given.tokenId !== undefined && given.tokenId !== named.tokenId) {
		throw new CredentialError(
			'Token Secret: it contains the ID of another token. Enter only the secret of the token in Token ID',
		);
	}
	const secret = given.tokenId === undefined ? given.text : (given.secret ?? '');
	if (named.secret && secret !== '' && named.secret !== secret) {
		throw new CredentialError(
			'Token ID: it contains a secret that is not the one in Token Secret. Enter only user@realm!name',
		);
	}
	const known = secret || named.secret;
	if (!known)
		throw new CredentialError(
			'Token Secret: it is empty. Enter the secret that Proxmox showed when the token was created',
		);
	return { tokenId: named.tokenId, secret: known };
}

/**
 * Reads the field User.
 * @throws CredentialError if it is not `user@realm`
 */
export function readUser({ username }: ICredentialDataDecryptedObject): string {
	const user = String(username ?? '').trim();
	if (TOKEN_ID.test(user)) {
		throw new CredentialError(
			'User: this is a token ID. Enter user@realm, or use a credential of the type Proxmox VE API',
		);
	}
	if (!USER_ID.test(user))
		throw new CredentialError('User: it must have the form user@realm, such as root@pam');
	return user;
}

/**
 * The user or token of a credential, as in UPIDs: `user@realm` or `user@realm!token`, without any secret.
 * @returns '' if neither field has a valid name; signing the request then reports the problem
 */
export const identityOf = ({ tokenId, username }: ICredentialDataDecryptedObject): string =>
	tokenId === undefined ? String(username ?? '').trim() : (partsOf(tokenId).tokenId ?? '');
