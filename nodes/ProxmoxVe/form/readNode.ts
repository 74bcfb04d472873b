import { text } from '../catalogue/fields';
import type { Problem } from '../wire/problem';
import { isPlain } from '../wire/values';
import { readPlain, trimmed } from '../wire/readPlain';
import { unwrap, type GetParameter } from './unwrap';

const nodeField = text({ label: 'Node', format: 'pve-node' });

/** Reads Node. What is wrong is added to the problems. */
export function readNode(get: GetParameter, problems: Problem[]): string {
	const given = trimmed(nodeField, unwrap(get('node', '')));
	const wrong = (message: string): string => {
		problems.push({ parameter: 'node', message });
		return '';
	};
	if (given === undefined || given === null || given === '') return wrong('is needed');
	if (!isPlain(given)) return wrong('must be a plain value');
	const read = readPlain(nodeField, given, 'topLevel');
	return 'problem' in read ? wrong(read.problem) : String(read.value);
}
