/** What a secret is replaced by. */
export const MASK = '********';

/** Shorter texts are not masked: they are a part of too many messages. */
const SHORTEST = 4;
/** Shorter forms are masked only as a word of their own: a password may be a part of everyday words. */
const SHORTEST_WITHIN_WORDS = 8;

/** Tickets and CSRF tokens, whether they are known or not: n8n renews them during a run. A UPID of the node `pve` is none. */
const TICKETS = /(?<!UPID(?::|%3A))\bPVE(?::|%3A)[^\s"']{20,}|\b[0-9A-F]{8}(?::|%3A)[\w+/%]{43,}/gi;

/** Whether a parameter of the API or a field of a credential holds a secret, by its name. */
export const isSecretName = (name: string): boolean =>
	/pass(?:w(?:or)?d|phrase)|secret|api-?token|^token$|^ticket$|csrf|(?:private|encryption|client)-?key|^key(?:ring)?$|^target-endpoint$|^header$|^extraHeaders$/i.test(
		name,
	);

/** Parts of the query of a URL that give access to a file: of a link that is signed, for one. */
const URL_SECRETS = /sig(?:nature)?$|token|credential|(?:^|api|access|[-_])key$|^auth/i;

/** A text in which each secret of a URL is replaced: a password, and what gives access to the file. */
function replaceSecrets(text: string, replacement: (secret: string) => string): string {
	const [, scheme, user, rest = ''] =
		/^([a-z][\w+.-]*:\/\/)(?:([^/?#]*)@)?(.*)$/is.exec(text) ?? [];
	if (scheme === undefined) return text;
	// A token may stand in place of user and password.
	const hidden = user?.replace(/(?<=^[^:]*:).+$|^[^:]+(?=:?$)/s, replacement);
	const [, path = '', query = '', end = ''] = /^([^?#]*)([^#]*)(.*)$/s.exec(rest) ?? [];
	const shown = query.replace(/([^?&=]+)=([^&]+)/g, (part, name: string, value: string) =>
		isSecretName(name) || URL_SECRETS.test(name) ? `${name}=${replacement(value)}` : part,
	);
	return [scheme, ...(hidden === undefined ? [] : [`${hidden}@`]), path, shown, end].join('');
}

/** What of a URL is secret, as it is written there; nothing of another text. */
export function secretsInUrl(text: string): string[] {
	const secrets: string[] = [];
	replaceSecrets(text, (secret) => {
		secrets.push(secret);
		return MASK;
	});
	return secrets;
}

/** A URL without its secrets; another text as it is. */
export const withoutSecrets = (text: string): string => replaceSecrets(text, () => MASK);

/** Masks the secrets of one run in texts that leave the node: a server or proxy may repeat what it was sent. */
export interface Redactor {
	/** Adds a secret; anything but a text of some characters is ignored. */
	learn(secret: unknown): void;
	/** @returns the text without the secrets, whether they are plain, escaped or encoded in it */
	clean(text: string): string;
}

/** The work to clean a text grows with its length, not with the number of secrets: each of many items may have one. */
export function createRedactor(): Redactor {
	const known = new Set<string>();
	/** Forms of the secrets by their first characters, the longest first: one may be the begin of another. */
	const formsByStart = new Map<string, string[]>();

	function formAt(text: string, at: number): string | undefined {
		return formsByStart
			.get(text.slice(at, at + SHORTEST))
			?.find((form) => text.startsWith(form, at) && mayMask(text, at, form));
	}

	return {
		learn(secret) {
			if (typeof secret !== 'string' || known.has(secret)) return;
			known.add(secret);
			// A log shows a text of several lines line by line.
			const parts = [secret, ...secret.split(/\s*[\r\n]+\s*/)];
			for (const form of new Set(
				parts.filter((part) => part.length >= SHORTEST).flatMap(formsOf),
			)) {
				const start = form.slice(0, SHORTEST);
				const forms = new Set([...(formsByStart.get(start) ?? []), form]);
				formsByStart.set(
					start,
					[...forms].sort((a, b) => b.length - a.length),
				);
			}
		},
		clean(text) {
			const cleaned: string[] = [];
			let shownUntil = 0;
			for (let at = 0; formsByStart.size > 0 && at + SHORTEST <= text.length; at++) {
				const form = formAt(text, at);
				if (form === undefined) continue;
				cleaned.push(text.slice(shownUntil, at), MASK);
				shownUntil = at + form.length;
				at = shownUntil - 1;
			}
			return [...cleaned, text.slice(shownUntil)].join('').replace(TICKETS, MASK);
		},
	};
}

const isWordCharacter = (character: string | undefined): boolean =>
	character !== undefined && /[\p{L}\p{N}_]/u.test(character);

const mayMask = (text: string, at: number, { length }: string): boolean =>
	length >= SHORTEST_WITHIN_WORDS ||
	(!isWordCharacter(text[at - 1]) && !isWordCharacter(text[at + length]));

/**
 * Masks the secrets in an error before it is shown: in its texts and stack, and in those of the errors that it
 * holds. Call it when nothing is decided by these texts any more.
 * @returns the same error
 */
export function redactError<Failure>(failure: Failure, clean: Redactor['clean']): Failure {
	const seen = new Set<unknown>();
	const open: unknown[] = [failure];
	while (open.length > 0) {
		const part = open.pop();
		if (typeof part !== 'object' || part === null || seen.has(part)) continue;
		seen.add(part);
		for (const key of Reflect.ownKeys(part)) {
			// The errors of n8n hold the node itself, with its parameters.
			if (key === 'node') continue;
			const { value } = (Object.getOwnPropertyDescriptor(part, key) ?? {}) as { value?: unknown };
			if (typeof value !== 'string') open.push(value);
			else if (clean(value) !== value) Reflect.set(part, key, clean(value));
		}
	}
	return failure;
}

/** The forms in which a text comes back: plain, in JSON, HTML, a URL, a form or a shell, and encoded. */
function formsOf(secret: string): string[] {
	// Half of a surrogate pair cannot be encoded.
	const text = Buffer.from(secret, 'utf8').toString('utf8');
	const inUrl = encodeURIComponent(text);
	const inForm = new URLSearchParams({ '': text }).toString().slice(1);
	const urls = [inUrl, inForm, encodeURIComponent(inUrl), encodeURIComponent(inForm)];
	const json = JSON.stringify(secret).slice(1, -1);
	const html = secret.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/"/g, '&quot;');
	return [
		secret,
		secret.trim(),
		...urls,
		...urls.map((url) => url.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase())),
		json,
		json.replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
		...[html, html.replace(/>/g, '&gt;')].flatMap((one) => [
			one,
			one.replace(/'/g, '&#39;'),
			one.replace(/'/g, '&#39;').replace(/`/g, '&#96;').replace(/%/g, '&#37;'),
		]),
		secret.replace(/'/g, "'\\''"),
		secret.replace(/[\r\n]/g, ' '),
		Buffer.from(text).toString('hex'),
		...base64Of(text),
	].filter((form) => form.length >= SHORTEST);
}

/** Base64 of a text that begins anywhere in a longer one: the characters that hold nothing but the text. */
const base64Of = (text: string): string[] =>
	[0, 1, 2].flatMap((before) => {
		const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(text)]);
		const [first, last] = [before === 0 ? 0 : before + 1, Math.floor((bytes.length * 8) / 6)];
		return (['base64', 'base64url'] as const).map((form) =>
			bytes.toString(form).slice(first, last),
		);
	});
