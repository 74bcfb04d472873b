/** Everything the API refuses: the HTTP status, the text (without the API's closing newline), `errors`. */
export class ApiError extends Error {
	constructor(
		readonly status: number,
		text: string,
		readonly errors?: Record<string, string>,
	) {
		// It is an answer, not a failure of the emulator, and its stack would take longer than all else.
		const { stackTraceLimit } = Error;
		Error.stackTraceLimit = 0;
		super(text);
		Error.stackTraceLimit = stackTraceLimit;
		this.name = 'ApiError';
	}
}

/** A plain failure: HTTP 500 with the text as reason phrase. */
export function failure(text: string): ApiError {
	return new ApiError(500, text);
}

/** HTTP 400 with one text a parameter. */
export function parameterError(errors: Record<string, string>): ApiError {
	return new ApiError(400, 'Parameter verification failed.', errors);
}

/** HTTP 403; `what` names path and privilege. */
export function permissionError(what?: string): ApiError {
	return new ApiError(403, what ? `Permission check failed (${what})` : 'Permission check failed');
}

/** What a guest agent refuses: an error of the API for commands with parameters. */
export class GuestError extends ApiError {
	constructor(
		readonly kind: 'CommandNotFound' | 'GenericError',
		readonly description: string,
	) {
		super(500, `Agent error: ${description}`);
	}
}

/** The connection to the daemon breaks: a status and a reason phrase, and an empty body. */
export class SilentError extends ApiError {}

/** What this emulator cannot do is refused, never answered wrongly. */
export function unsupported(what: string): ApiError {
	return new ApiError(501, `not supported by the emulator: ${what} (see tools/emulator/LIMITS.md)`);
}

/** The text that a failed task ends with: the API puts the code before refusals that are not a 500. */
export function taskErrorText(error: unknown): string {
	if (!(error instanceof ApiError)) return error instanceof Error ? error.message : String(error);
	const code = error.status === 500 ? '' : `${error.status} `;
	const details = Object.entries(error.errors ?? {})
		.sort(([a], [b]) => (a < b ? -1 : 1))
		.map(([name, text]) => ` ${name}: ${text}`);
	return (code + error.message + details.join('')).replace(/\n/g, ' ').trimEnd();
}
