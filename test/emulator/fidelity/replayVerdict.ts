import { isRecord, show } from './json';
import type { Verdict } from './records';
import type { Session } from './session';
import { compareValues } from './values';

/** Who may log in and nothing else: what passes the validator is refused right after it, and nothing is made. */
const POWERLESS = 'nothing@pve!tk';

/** Puts one of the validator's verdicts to the emulator; returns what differs, each in words. */
export async function replayVerdict({ form, ok, errors }: Verdict, session: Session): Promise<string[]> {
	const { status, phrase, body } = await session.send({
		method: 'POST',
		path: '/api2/json/nodes/pve1/qemu',
		headers: {
			Authorization: `PVEAPIToken=${POWERLESS}=${session.emulator.tokens[POWERLESS]}`,
			'Content-Type': 'application/x-www-form-urlencoded',
		},
		body: new URLSearchParams(form).toString(),
	});
	if (ok) return status === 403 ? [] : [`${show(form)}: expected to pass, got ${status} ${show(phrase)} ${show(body)}`];
	if (status !== 400) return [`${show(form)}: expected to be refused, got ${status} ${show(phrase)}`];
	return compareValues('errors', errors, isRecord(body) ? body.errors : undefined, JSON.stringify(form));
}
