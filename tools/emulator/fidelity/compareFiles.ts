/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a command line tool, neither shipped nor scanned */
import { basename } from 'node:path';
import { readRecords } from './records';
import { replay } from './replay';
import { countLines, printReport, verdictOf } from './report';
import { findStateFile, readStateFile } from './stateFile';

export interface CompareOptions {
	/** The state to start from; else the one beside the recording, or the default one. */
	state?: string;
	/** Called before a file is replayed, with what to say should the process end meanwhile. */
	onStart?: (underWay: string) => void;
	print: (text: string) => void;
}

/** Replays files of recordings and verdicts, and prints what differs. Resolves with whether all lines of all files match. */
export async function compareFiles(
	files: string[],
	{ state: given, onStart, print }: CompareOptions,
): Promise<boolean> {
	let isRight = true;
	for (const file of files) {
		const records = readRecords(file);
		const lines = countLines(records);
		onStart?.(`${basename(file)}: ended before its ${lines} lines were compared`);
		const state = given ?? findStateFile(file);
		const outcomes = await replay(records, state === undefined ? undefined : readStateFile(state));
		const verdict = verdictOf(outcomes, lines);
		isRight &&= verdict.isRight;
		print(
			[
				`== ${file}`,
				...printReport(outcomes),
				...(verdict.gap === undefined ? [] : [verdict.gap]),
			].join('\n'),
		);
	}
	return isRight;
}
