/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a test tool, neither shipped nor scanned */
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { StateFile } from '../index';

/** The file that lies beside a recording and bears its number, if there is one: state-2.json for recordings-2.jsonl. */
export function findStateFile(recording: string): string | undefined {
	const [, number = ''] = /^recordings(-\d+)?\.jsonl$/.exec(basename(recording)) ?? [];
	const file = join(dirname(recording), `state${number}.json`);
	return number !== '' && existsSync(file) ? file : undefined;
}

/** Reads what a server held before the first exchange; throws where the file is none of that form. */
export function readStateFile(file: string): StateFile {
	const state = JSON.parse(readFileSync(file, 'utf8')) as Partial<StateFile>;
	if (!state.nodes || !state.guests || !state.users)
		throw new Error(`${file} is no state of a server`);
	return state as StateFile;
}
