import { absolutePath, isDirectory } from './guestSystem';
import type { GuestSystem, Program, Ran } from './guestSystem';

const NONE = Buffer.alloc(0);
const ENVIRONMENT: Readonly<Record<string, string>> = {
	SHLVL: '1',
	HOME: '/',
	TERM: 'linux',
	PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
	PWD: '/',
};
/** Where programs are looked for that are named without a path. */
const FOLDERS = ['/bin/', '/usr/bin/', '/sbin/', '/usr/sbin/'];

/** The agent hands each character on as one byte. */
const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');
const isBad = (guest: GuestSystem, path: string): boolean => !guest.files.has(absolutePath(path));

/** A text in which a backslash stands before a character's number or letter. */
function unescape(text: string): string {
	const letters: Record<string, string> = { n: '\n', t: '\t', r: '\r', '\\': '\\' };
	return text.replace(/\\([0-7]{1,3}|.)/g, (whole, part: string) => {
		if (/^[0-7]/.test(part)) return String.fromCharCode(parseInt(part, 8) & 0xff);
		return letters[part] ?? whole;
	});
}

/** A file, or what is read where none is named; undefined where it is not there. */
function read(
	guest: GuestSystem,
	path: string | undefined,
	stdin: Buffer,
	length = 0,
): Buffer | undefined {
	if (path === undefined || path === '-') return stdin;
	if (path === '/dev/zero') return Buffer.alloc(length);
	if (path === '/dev/null') return NONE;
	return guest.files.get(absolutePath(path));
}

const missing = (program: string, path: string) => ({
	stderr: `${program}: ${path}: No such file or directory\n`,
	exitcode: 1,
});

const PROGRAMS: Readonly<Record<string, Program>> = {
	true: () => ({}),
	false: () => ({ exitcode: 1 }),
	echo: (args) => {
		const isBare = args[0] === '-n';
		return { stdout: bytes(args.slice(isBare ? 1 : 0).join(' ') + (isBare ? '' : '\n')) };
	},
	printf: ([format = '', ...args]) => {
		const count = Math.max(1, (format.match(/%s/g) ?? []).length);
		const rounds = /%s/.test(format) ? Math.max(1, Math.ceil(args.length / count)) : 1;
		let next = 0;
		const text = Array.from({ length: rounds }, () =>
			unescape(format).replace(/%s/g, () => args[next++] ?? ''),
		).join('');
		return { stdout: bytes(text) };
	},
	cat: (paths, stdin, guest) => {
		const absent = paths.find((path) => read(guest, path, stdin) === undefined);
		if (absent !== undefined) return missing('cat', absent);
		return {
			stdout:
				paths.length === 0
					? stdin
					: Buffer.concat(paths.map((path) => read(guest, path, stdin) ?? NONE)),
		};
	},
	head: (args, stdin, guest) => {
		const [option = '', count = '0', path] = args;
		const data = read(guest, path, stdin, Number(count));
		if (data === undefined) return missing('head', path ?? '');
		if (option === '-c') return { stdout: data.subarray(0, Number(count)) };
		const lines = data.toString('latin1').split(/(?<=\n)/);
		return { stdout: bytes(lines.slice(0, Number(count)).join('')) };
	},
	wc: (args, stdin, guest) => {
		const path = args.find((arg) => !arg.startsWith('-'));
		const data = read(guest, path, stdin);
		if (data === undefined) return missing('wc', path ?? '');
		const count = args.includes('-l')
			? data.toString('latin1').split('\n').length - 1
			: data.length;
		return { stdout: `${count}${path === undefined ? '' : ` ${path}`}\n` };
	},
	tr: ([from = '', to = ''], stdin) => {
		const [before, after] = [unescape(from), unescape(to)];
		return { stdout: bytes(stdin.toString('latin1').split(before).join(after)) };
	},
	cut: (args, stdin, guest) => {
		const optionOf = (name: string) => args.find((arg) => arg.startsWith(name))?.slice(2) ?? '';
		const path = args.filter((arg) => !arg.startsWith('-')).pop();
		const data =
			path === '/etc/shadow'
				? bytes([...guest.users].map(([name, hash]) => `${name}:${hash}\n`).join(''))
				: read(guest, path, stdin);
		if (data === undefined) return missing('cut', path ?? '');
		const field = Number(optionOf('-f')) - 1;
		const lines = data
			.toString('latin1')
			.split('\n')
			.map((line) => line.split(optionOf('-d') || '\t')[field] ?? '');
		return { stdout: bytes(lines.join('\n')) };
	},
	ls: (args, _stdin, guest) => {
		const path = args.find((arg) => !arg.startsWith('-')) ?? '/';
		const file = guest.files.get(absolutePath(path));
		if (file) {
			const isLong = args.some((arg) => /^-.*l/.test(arg));
			return {
				stdout: isLong
					? `-rw-r--r--    1 root     root     ${String(file.length).padStart(9)} Jan  1 00:00 ${path}\n`
					: `${path}\n`,
			};
		}
		if (!isDirectory(guest, absolutePath(path))) return missing('ls', path);
		const below = absolutePath(path).replace(/\/?$/, '/');
		const names = [...guest.files.keys(), ...guest.directories].flatMap((name) =>
			name !== below && name.startsWith(below)
				? [name.slice(below.length).split('/')[0] ?? '']
				: [],
		);
		return {
			stdout: [...new Set(names)]
				.filter((name) => name !== '')
				.sort()
				.map((name) => `${name}\n`)
				.join(''),
		};
	},
	uname: (args, _stdin, { os, hostname }) => {
		const names: Record<string, string | undefined> = {
			'-n': hostname,
			'-r': os['kernel-release'],
			'-m': os.machine,
		};
		return { stdout: `${names[args[0] ?? ''] ?? 'Linux'}\n` };
	},
	hostname: (_args, _stdin, { hostname }) => ({ stdout: `${hostname}\n` }),
	env: () => ({
		stdout: Object.entries(ENVIRONMENT)
			.map(([name, value]) => `${name}=${value}\n`)
			.join(''),
	}),
	pwd: () => ({ stdout: '/\n' }),
	id: () => ({ stdout: 'uid=0(root) gid=0(root)\n' }),
	sleep: ([seconds = '0']) => ({ seconds: Number(seconds) }),
	kill: (args) => ({ signal: Number(/^-(\d+)$/.exec(args[0] ?? '')?.[1] ?? 15) }),
	rm: (args, _stdin, guest) => {
		const paths = args.filter((arg) => !arg.startsWith('-'));
		const absent = args.includes('-f') ? undefined : paths.find((path) => isBad(guest, path));
		if (absent !== undefined) return missing('rm', absent);
		for (const path of paths) guest.files.delete(absolutePath(path));
		return {};
	},
	test: ([kind = '', path = ''], _stdin, guest) => {
		const isThere = kind === '-d' ? isDirectory(guest, absolutePath(path)) : !isBad(guest, path);
		return { exitcode: isThere ? 0 : 1 };
	},
};

/** The program of a name or a path; undefined where there is none that can be run. */
function findProgram(guest: GuestSystem, name: string): Program | undefined {
	const own = guest.programs.get(name);
	if (own) return own;
	const folder = FOLDERS.find((each) => name.startsWith(each));
	if (name.includes('/') && folder === undefined) return undefined;
	const bare = name.slice(folder?.length ?? 0);
	if (bare === 'sh' || bare === 'bash') return shell;
	return guest.programs.get(bare) ?? (Object.hasOwn(PROGRAMS, bare) ? PROGRAMS[bare] : undefined);
}

/** Runs a program; undefined where there is none of that name. */
export function runProgram(
	guest: GuestSystem,
	[name = '', ...args]: string[],
	stdin: Buffer,
): Ran | undefined {
	const ran = findProgram(guest, name)?.(args, stdin, guest);
	if (!ran) return undefined;
	const toBuffer = (data: Buffer | string = NONE) =>
		typeof data === 'string' ? Buffer.from(data) : data;
	const { signal, seconds = 0 } = ran;
	const end = signal === undefined ? { exitcode: ran.exitcode ?? 0 } : { signal };
	return { ...end, seconds, stdout: toBuffer(ran.stdout), stderr: toBuffer(ran.stderr) };
}

interface Token {
	text: string;
	/** An operator of the shell, not a word. */
	isOperator: boolean;
}

/** A script in words and operators. Quotes, backslashes and plain variables are read; nothing else of the shell is. */
function tokensOf(script: string): Token[] {
	const tokens: Token[] = [];
	const pattern =
		/\s*(?:(2>&1|>&2|&&|\|\||2>>?|>>|[;|<>\n])|((?:'[^']*'|"(?:[^"\\]|\\.)*"|\\.|[^\s;|<>&'"\\])+))/gy;
	const expand = (text: string) =>
		text.replace(
			/\$(\$|\w+)/g,
			(_, name: string) => ENVIRONMENT[name] ?? (name === '$' ? '2' : ''),
		);
	for (let found = pattern.exec(script); found; found = pattern.exec(script)) {
		const [, operator, word] = found;
		if (operator !== undefined)
			tokens.push({ text: operator === '\n' ? ';' : operator, isOperator: true });
		else if (word !== undefined) {
			const text = word.replace(
				/'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)|([^'"\\]+)/g,
				(_, single?: string, double?: string, escaped?: string, bare?: string) => {
					if (single !== undefined) return single;
					if (double !== undefined) return expand(double).replace(/\\(["$\\])/g, '$1');
					return escaped ?? expand(bare ?? '');
				},
			);
			tokens.push({ text, isOperator: false });
		}
	}
	return tokens;
}

/** A plain shell: `sh -c SCRIPT`, with lists, pipes and redirections. */
const shell: Program = (args, stdin, guest) => {
	const script = args[0]?.startsWith('-')
		? (args[1] ?? '')
		: (read(guest, args[0], stdin)?.toString() ?? '');
	const out: Buffer[] = [];
	const errors: Buffer[] = [];
	let seconds = 0;
	let status = 0;
	let words: string[] = [];
	let input = stdin;
	let redirect: { target?: string; append?: boolean; toErrors?: boolean; errorsTo?: string } = {};

	/** Runs the words so far; returns how the whole script ended, where it did. */
	const run = (isPiped: boolean): Partial<Ran> | undefined => {
		const [name, ...rest] = words;
		const to = redirect;
		words = [];
		redirect = {};
		if (name === undefined) return undefined;
		if (name === 'exit') return { exitcode: Number(rest[0] ?? status) };
		const ran = runProgram(guest, [name, ...rest], input) ?? {
			stdout: NONE,
			stderr: bytes(`sh: ${name}: not found\n`),
			exitcode: 127,
			seconds: 0,
		};
		seconds += ran.seconds;
		if (name === 'kill' && ran.signal !== undefined) return { signal: ran.signal };
		status = ran.exitcode ?? 128 + (ran.signal ?? 0);
		const printed = to.errorsTo === '1' ? Buffer.concat([ran.stdout, ran.stderr]) : ran.stdout;
		if (to.errorsTo === undefined) errors.push(ran.stderr);
		input = isPiped ? printed : stdin;
		if (to.toErrors) errors.push(printed);
		else if (to.target !== undefined) {
			const path = absolutePath(to.target);
			const before = to.append ? (guest.files.get(path) ?? NONE) : NONE;
			if (path !== '/dev/null') guest.files.set(path, Buffer.concat([before, printed]));
		} else if (!isPiped) out.push(printed);
		return undefined;
	};

	const tokens = tokensOf(script);
	let end: Partial<Ran> | undefined;
	let isSkipping = false;
	for (let index = 0; index <= tokens.length && !end; index += 1) {
		const { text, isOperator } = tokens[index] ?? { text: ';', isOperator: true };
		if (!isOperator) words.push(text);
		else if (text === '>&2') redirect.toErrors = true;
		else if (text === '2>&1') redirect.errorsTo = '1';
		else if (text === '2>' || text === '2>>') redirect.errorsTo = tokens[(index += 1)]?.text;
		else if (text === '>' || text === '>>') {
			redirect.target = tokens[(index += 1)]?.text;
			redirect.append = text === '>>';
		} else if (text === '<') input = read(guest, tokens[(index += 1)]?.text, stdin) ?? NONE;
		else {
			if (isSkipping) words = [];
			else end = run(text === '|');
			if (text === ';') isSkipping = false;
			else if (text === '&&') isSkipping = status !== 0;
			else if (text === '||') isSkipping = status === 0;
		}
	}
	return {
		exitcode: status,
		...end,
		seconds,
		stdout: Buffer.concat(out),
		stderr: Buffer.concat(errors),
	};
};
