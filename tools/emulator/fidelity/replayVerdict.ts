import { createContainerEndpoint, createEndpoint } from '../contract/facts';
import { validateRequest } from '../contract/validate';
import { readForm } from '../http/parameters';
import { isRecord, show } from './json';
import type { Verdict } from './records';
import type { Session } from './session';
import { compareValues } from './values';

const NODE = 'pve1';
/** Who may log in and nothing else: what passes the validator is refused soon after, and nothing is made. */
const POWERLESS = 'nothing@pve!tk';

/**
 * Whether the validator sees a form as it is. The HTTP server before it refuses a node other than the path's, and takes
 * `_dc` away, by which browsers avoid their cache.
 */
function reachesValidator(form: Record<string, string>): boolean {
	return form.node === NODE && !('_dc' in form);
}

/** Puts one of the validator's verdicts to the emulator, over HTTP or past it; returns what differs, each in words. */
export async function replayVerdict(
	{ form, ok, errors, origin }: Verdict,
	session: Session,
	isOverHttp: boolean,
): Promise<string[]> {
	const sent = JSON.stringify(form);
	const isOfContainers = /lxc/.test(origin);
	const body = new URLSearchParams(form).toString();
	if (!isOverHttp || !reachesValidator(form)) {
		const endpoint = isOfContainers ? createContainerEndpoint : createEndpoint;
		return compareValues('errors', errors, validateRequest(endpoint, readForm(body)).errors, sent);
	}
	const answer = await session.send({
		method: 'POST',
		path: `/api2/json/nodes/${NODE}/${isOfContainers ? 'lxc' : 'qemu'}`,
		headers: {
			Authorization: `PVEAPIToken=${POWERLESS}=${session.emulator.tokens[POWERLESS]}`,
			'Content-Type': 'application/x-www-form-urlencoded',
		},
		body,
	});
	const { status, phrase } = answer;
	if (ok)
		return status === 400 ? [`${sent}: expected to pass, got ${status} ${show(answer.body)}`] : [];
	if (status !== 400) return [`${sent}: expected to be refused, got ${status} ${show(phrase)}`];
	const refusals = isRecord(answer.body) ? answer.body.errors : undefined;
	return compareValues('errors', errors, refusals, sent);
}
