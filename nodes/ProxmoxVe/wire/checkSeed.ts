import type { SeedFiles } from './buildSeedIso';

/** What is wrong with the files of a seed. cloud-init itself ignores most of it, and says so only in its log. */
export interface SeedCheck {
	/** Mistakes for which cloud-init would ignore the file or fail, by the file. */
	readonly problems: ReadonlyArray<{ readonly file: keyof SeedFiles; readonly message: string }>;
	/** What may not be meant. */
	readonly warnings: readonly string[];
}

/** First lines by which cloud-init knows what user-data is, besides `#cloud-config`. */
const HEADERS =
	/^(?:#!|#cloud-boothook|#cloud-config-archive|#cloud-config-jsonp|#include|#part-handler|#upstart-job|Content-Type: multipart\/|MIME-Version:)/;
const CLOUD_CONFIG = /^#cloud-config\s*$/;
const JINJA = /^## template: *jinja\s*$/i;

/** Checks what can be seen without a YAML parser. @returns nothing wrong for files that are not given */
export function checkSeed(files: Partial<SeedFiles>): SeedCheck {
	const problems: Array<{ file: keyof SeedFiles; message: string }> = [];
	const warnings: string[] = [];
	const check = (file: keyof SeedFiles, find: (text: string) => string | undefined): void => {
		const text = files[file];
		const message = text === undefined ? undefined : find(text);
		if (message !== undefined) problems.push({ file, message });
	};
	check('userData', (text) => problemOfUserData(text, warnings));
	check('vendorData', (text) => (text === '' ? undefined : problemOfUserData(text, warnings)));
	check('metaData', (text) => problemOfYaml(text.split(/\r?\n/), 1));
	check('networkConfig', problemOfNetwork);
	return { problems, warnings };
}

function problemOfUserData(text: string, warnings: string[]): string | undefined {
	if (text.startsWith('\ufeff'))
		return 'must not begin with a byte order mark: save it as UTF-8 without BOM';
	const [first = '', ...rest] = text.split(/\r?\n/);
	if (JINJA.test(first)) {
		const [second = ''] = rest;
		// Until it is rendered, it is no YAML.
		return isKnown(second) ? undefined : firstLineProblem(second, 'second');
	}
	if (first.startsWith('#!') && text.includes('\r\n'))
		return 'is a script with Windows line endings, which Linux cannot run: use line feeds only';
	if (!isKnown(first)) return firstLineProblem(first, 'first');
	if (!CLOUD_CONFIG.test(first)) return undefined;
	return problemOfCloudConfig(rest, warnings);
}

const isKnown = (line: string): boolean => CLOUD_CONFIG.test(line) || HEADERS.test(line);

const firstLineProblem = (line: string, which: string): string =>
	/^\s*#cloud-config/i.test(line)
		? `must have "#cloud-config" as its ${which} line, in lower case and without spaces before it`
		: `must have "#cloud-config", or "#!" and an interpreter, as its ${which} line: cloud-init ignores everything else`;

/** Keys whose value must be a list, and fails the boot as a text. */
const LISTS = new Set(['bootcmd', 'packages', 'runcmd', 'users', 'write_files']);

function problemOfCloudConfig(lines: readonly string[], warnings: string[]): string | undefined {
	const problem = problemOfYaml(lines, 2);
	if (problem !== undefined) return problem;
	const keys = structureOf(lines).flatMap(({ line, number }) => {
		const [, key, value = ''] = /^([\w-]+):(?:\s+(.*))?$/.exec(line) ?? [];
		return key === undefined ? [] : [{ key, value: value.replace(/^#.*/, ''), number: number + 1 }];
	});
	if (keys.length === 0) return 'has no settings: each one is a line such as "hostname: web-1"';
	const text = keys.find(({ key, value }) => LISTS.has(key) && /^[^[&*!\s]/.test(value));
	if (text)
		return `must have a list for ${text.key} (line ${text.number}): one line for each entry, each with "- " before it`;
	const names = keys.map(({ key }) => key);
	const twice = names.find((key, index) => names.indexOf(key) !== index);
	if (twice !== undefined)
		warnings.push(`User Data has ${twice} more than once: only the last counts.`);
	if (names.includes('phone_home') && !lines.some((line) => /^\s+tries:/.test(line)))
		warnings.push(
			'User Data has phone_home without tries: cloud-init then reports "degraded" even if the call succeeds.',
		);
	return undefined;
}

function problemOfNetwork(text: string): string | undefined {
	const lines = text.split(/\r?\n/);
	const problem = problemOfYaml(lines, 1);
	if (problem !== undefined) return problem;
	const isJson = /^\s*\{/.test(text);
	if (isJson || lines.some((line) => /^\s*["']?version["']?:\s*[12]\s*(?:#.*)?$/.test(line)))
		return undefined;
	return 'must have a line "version: 2" or "version: 1"';
}

interface Line {
	readonly line: string;
	/** Counted from 1. */
	readonly number: number;
}

/** The lines that are YAML's structure: without comments, empty lines and the texts of block scalars. */
function structureOf(lines: readonly string[]): Line[] {
	const found: Line[] = [];
	/** The indentation of the line that began a block scalar. */
	let block: number | undefined;
	for (const [index, line] of lines.entries()) {
		if (/^\s*(?:#.*)?$/.test(line)) continue;
		const indent = /^ */.exec(line)?.[0].length ?? 0;
		if (block !== undefined && indent > block) continue;
		block = /(?:^|[:-] +(?:[!&]\S+ +)*)[|>][+\d-]*\s*(?:#.*)?$/.test(line) ? indent : undefined;
		found.push({ line, number: index + 1 });
	}
	return found;
}

/** What keeps a text from being a YAML mapping. @param first the number of its first line in the file */
function problemOfYaml(lines: readonly string[], first: number): string | undefined {
	const structure = structureOf(lines);
	const at = ({ number }: Line): string => `(line ${number + first - 1})`;
	const [top] = structure.filter(({ line }) => !/^(?:---|%)/.test(line));
	if (top && /^\s*(?:-(?:\s|$)|\[)/.test(top.line))
		return `must not be a list ${at(top)}: it needs keys, such as "runcmd:", with the list below`;
	const tab = structure.find(({ line }) => /^ *\t|^\s*(?:- +)*[\w.-]+:\t/.test(line));
	if (tab) return `must not have a tab between the parts of its YAML ${at(tab)}: use spaces`;
	const twice = structure.find(({ line }) =>
		/^\s*(?:- +)*[\w.-]+: +[^\s"'[{|>&*!#][^"'#]*: /.test(line),
	);
	if (twice) return `has two colons in one line ${at(twice)}: put the value into quotes`;
	return undefined;
}
