import { cleanUp, isCleanedAfterEach, isKeptForNext } from './cleanUp';
import type { Exchange, Records, Verdict } from './records';
import { replayExchange } from './replayExchange';
import { replayVerdict } from './replayVerdict';
import { startSession } from './session';
import { findUnrecorded } from './unrecorded';
import { splitSessions } from './sessions';
import { writtenFiles } from './stageGuest';
import type { StateFile } from '../index';

/** How one line of a file fared. */
export interface Outcome {
	/** `recordings.jsonl:12`. */
	origin: string;
	group: string;
	name: string;
	/** What differs, each in words; none where the line matches. */
	differences: string[];
}

/** How many verdicts are asked for at once. */
const ABREAST = 8;
const VERDICTS = 'verdicts';

async function replaySession(
	groups: Exchange[][],
	state: StateFile | undefined,
): Promise<Outcome[]> {
	const session = await startSession(state);
	const kept = new Set(session.emulator.state.vms.keys());
	session.unrecorded = findUnrecorded(groups.flat(), kept);
	session.writtenFiles = writtenFiles(groups.flat());
	const outcomes: Outcome[] = [];
	try {
		for (const group of groups) {
			for (const exchange of group) {
				const differences = await replayExchange(exchange, session);
				outcomes.push({
					origin: exchange.origin,
					group: exchange.group,
					name: exchange.name,
					differences,
				});
				if (isCleanedAfterEach(exchange)) await cleanUp(session, kept);
			}
			const isKept = group.some(isKeptForNext);
			if (group !== groups.at(-1) && !isKept) await cleanUp(session, kept);
		}
	} finally {
		await session.close();
	}
	return outcomes;
}

async function replayVerdicts(
	verdicts: Verdict[],
	state: StateFile | undefined,
	everyNth: number,
): Promise<Outcome[]> {
	const session = await startSession(state);
	const outcomes: Outcome[] = [];
	try {
		for (let start = 0; start < verdicts.length; start += ABREAST) {
			const asked = verdicts.slice(start, start + ABREAST).map(async (verdict, index) => ({
				origin: verdict.origin,
				group: VERDICTS,
				name: verdict.param,
				differences: await replayVerdict(verdict, session, (start + index) % everyNth === 0),
			}));
			outcomes.push(...(await Promise.all(asked)));
		}
	} finally {
		await session.close();
	}
	return outcomes;
}

/**
 * Replays recordings and verdicts, each run of a server against a fresh emulator; one outcome a line. `state` is what
 * the server held before the first one, where that is not tools/facts/state.json. Each `everyNth` verdict is asked for over
 * HTTP, the others past it.
 */
export async function replay(
	{ exchanges, verdicts }: Records,
	state?: StateFile,
	{ everyNth = 1 }: { everyNth?: number } = {},
): Promise<Outcome[]> {
	const outcomes: Outcome[] = [];
	for (const groups of splitSessions(exchanges))
		outcomes.push(...(await replaySession(groups, state)));
	if (verdicts.length > 0) outcomes.push(...(await replayVerdicts(verdicts, state, everyNth)));
	return outcomes;
}
