import { PHASES, type FaultCase } from './faultCase';
import type { Outcome } from './runCase';

/** The result of a case, for the document. */
export interface Row extends Pick<Outcome, 'sees' | 'vms' | 'upid'> {
	readonly faultCase: FaultCase;
}

const UPID_WORDS: Readonly<Record<FaultCase['upid'], string>> = {
	kept: 'yes',
	'in the log': 'yes, in n8n’s log',
	'never told': 'never returned by Proxmox',
	none: 'no task',
};

/** Text escaped for a table. */
export const cell = (text: string): string =>
	text.replace(/\|/g, '\\|').replace(/</g, '&lt;').replace(/\*/g, '\\*');

function rowOf({
	faultCase: { fault, only, containers, leftBehind = 0, posts },
	sees,
	vms,
	upid,
}: Row): string {
	const [first = '', ...rest] = sees.map(cell);
	const scope = [
		...(only === undefined ? [] : [only === 'password' ? 'user and password' : 'API token']),
		...(containers === undefined ? [] : ['also containers']),
	];
	const about = scope.length === 0 ? '' : ` (${scope.join(', ')})`;
	const left = leftBehind > 0 ? ' (plus an incomplete one)' : '';
	return `| ${cell(fault)}${about} | ${[`**${first}**`, ...rest].join('<br>')} | ${vms}${left} | ${UPID_WORDS[upid]} | ${posts} |`;
}

const HEAD = [
	'| What goes wrong | What the user sees | VMs created | UPID kept | POSTs |',
	'| --- | --- | --- | --- | --- |',
];

/** docs/reliability.md. @param introduction the part before the tables */
export function reliabilityDocument(introduction: string, rows: readonly Row[]): string {
	const sections = PHASES.flatMap((phase) => {
		const lines = rows.filter(({ faultCase }) => faultCase.phase === phase).map(rowOf);
		return [`## ${phase}`, '', ...HEAD, ...lines, ''];
	});
	return [introduction.trimEnd(), '', ...sections].join('\n');
}
