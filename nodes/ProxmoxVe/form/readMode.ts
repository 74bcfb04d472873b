import { choice } from '../catalogue/fields';
import type { Problem } from '../wire/problem';
import { shown } from '../wire/shown';
import { isPlain } from '../wire/values';
import { readPlain } from '../wire/readPlain';
import type { GetParameter } from './unwrap';

/** The ways to choose from that decide which other fields count; the first one is n8n's default. */
const MODES = {
	authentication: { label: 'Authentication', values: ['apiToken', 'ticket'] },
	backupSource: { label: 'Restore From', values: ['archive', 'newest'] },
	newIdMode: { label: 'New VM ID', values: ['next', 'fixed'] },
	specifyVm: { label: 'Specify VM', values: ['fields', 'json'] },
	vmIdMode: { label: 'VM ID', values: ['next', 'fixed'] },
} as const;

/**
 * Reads one of the choices that decide which other fields count. What is wrong is added to the problems.
 * @returns the first one where it is not set or wrong
 */
export function readMode<Name extends keyof typeof MODES>(
	get: GetParameter,
	name: Name,
	problems: Problem[],
): (typeof MODES)[Name]['values'][number] {
	const { label, values } = MODES[name];
	const given = get(name, values[0]);
	const field = choice({
		label,
		options: Object.fromEntries(values.map((value) => [value, value])),
	});
	const read = isPlain(given)
		? readPlain(field, given, 'topLevel')
		: { problem: `must be one of ${values.join(', ')}, got "${shown(given)}"` };
	if ('problem' in read) problems.push({ parameter: name, label, message: read.problem });
	return values.find((value) => 'value' in read && value === read.value) ?? values[0];
}
