import type { ClusterState, Matcher, WebhookTarget } from './state/types';

export const SEVERITIES = ['info', 'notice', 'warning', 'error', 'unknown'];

export interface Notification {
	title: string;
	message: string;
	severity: string;
	/** Seconds since 1970. */
	timestamp: number;
	fields: Record<string, string>;
}

const HTTP_TIMEOUT_MS = 10_000;

/** Decodes `name=NAME,value=BASE64`. */
function entryOf(text: string): [string, string] {
	const [, name = '', value = ''] = /^name=([^,]*)(?:,value=(.*))?$/.exec(text) ?? [];
	return [name, fromBase64(value)];
}

const fromBase64 = (text: string): string => Buffer.from(text, 'base64').toString('utf8');

/** A value by its path, such as `fields.type`. */
const valueAt = (data: unknown, path: string): unknown =>
	path
		.split('.')
		.reduce<unknown>(
			(value, key) =>
				typeof value === 'object' && value !== null
					? (value as Record<string, unknown>)[key]
					: undefined,
			data,
		);

/** Fills in a template with the helpers that a webhook target has. */
export function render(template: string, data: object): string {
	return template.replace(
		/\{\{\s*(?:(json|escape|url-encode)\s+)?([\w.-]+)\s*\}\}/g,
		(_, helper: string | undefined, path: string) => {
			const value = valueAt(data, path);
			if (helper === 'json') return JSON.stringify(value ?? null);
			const text = typeof value === 'string' ? value : value === undefined ? '' : String(value);
			if (helper === 'escape') return JSON.stringify(text).slice(1, -1);
			return helper === 'url-encode' ? encodeURIComponent(text) : text;
		},
	);
}

function fieldMatches(rule: string, fields: Record<string, string>): boolean {
	const [, how, field = '', wanted = ''] = /^(exact|regex):([^=]+)=(.*)$/.exec(rule) ?? [];
	const value = fields[field];
	if (value === undefined) return false;
	return how === 'regex'
		? new RegExp(wanted).test(value)
		: wanted.split(',').some((one) => one.trim() === value);
}

function matches(matcher: Matcher, { severity, fields }: Notification): boolean {
	const severities = matcher['match-severity'].map((rule) =>
		rule.split(',').some((one) => one.trim() === severity),
	);
	const results = [
		...severities,
		...matcher['match-field'].map((rule) => fieldMatches(rule, fields)),
	];
	if (results.length === 0) return true;
	const isMatch = matcher.mode === 'any' ? results.some(Boolean) : results.every(Boolean);
	return isMatch !== (matcher['invert-match'] === 1);
}

/** Sends a notification to one target. @throws Error as the HTTP client has it */
export async function sendTo(target: WebhookTarget, notification: Notification): Promise<void> {
	const secrets = Object.fromEntries(target.secret.map(entryOf));
	const data = { ...notification, secrets };
	const response = await fetch(render(target.url, data), {
		method: target.method.toUpperCase(),
		headers: target.header
			.map(entryOf)
			.map(([name, value]): [string, string] => [name, render(value, data)]),
		...(target.method === 'get' ? {} : { body: render(fromBase64(target.body ?? ''), data) }),
		redirect: 'manual',
		signal: AbortSignal.timeout(HTTP_TIMEOUT_MS),
	});
	if (!response.ok) throw new Error(`HTTP error: ${response.status}`);
}

/**
 * Sends a notification to the targets of all matchers that match, each once. A target that cannot be reached gets it
 * no second time.
 */
export async function notify(
	{ notifications: { targets, matchers } }: ClusterState,
	notification: Notification,
	log: (line: string) => void,
): Promise<void> {
	const names = new Set(
		[...matchers.values()]
			.filter((matcher) => matcher.disable !== 1 && matches(matcher, notification))
			.flatMap(({ target }) => target),
	);
	for (const name of names) {
		const target = targets.get(name);
		if (!target || target.disable === 1) continue;
		await sendTo(target, notification).then(
			() => log(`INFO: notified via target \`${name}\``),
			(error: unknown) =>
				log(
					`ERROR: could not notify via target \`${name}\`: ${error instanceof Error ? error.message : String(error)}`,
				),
		);
	}
}
