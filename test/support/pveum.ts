/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a test tool, neither shipped nor scanned */
import axios, { type AxiosResponse } from 'axios';
import { Agent } from 'node:https';

import type { Emulator } from '../../tools/emulator';

/** What the command line of Proxmox's rights makes of its arguments: the request, and the names of what stands without one. */
const COMMANDS: Readonly<
	Record<string, readonly [method: string, path: string, ...named: string[]]>
> = {
	'role add': ['POST', '/access/roles', 'roleid'],
	'role modify': ['PUT', '/access/roles/{roleid}', 'roleid'],
	'role delete': ['DELETE', '/access/roles/{roleid}', 'roleid'],
	'acl modify': ['PUT', '/access/acl', 'path'],
	'acl delete': ['PUT', '/access/acl', 'path'],
	'group add': ['POST', '/access/groups', 'groupid'],
	'user add': ['POST', '/access/users', 'userid'],
	'user modify': ['PUT', '/access/users/{userid}', 'userid'],
	'user token add': ['POST', '/access/users/{userid}/token/{tokenid}', 'userid', 'tokenid'],
	'user token modify': ['PUT', '/access/users/{userid}/token/{tokenid}', 'userid', 'tokenid'],
};

/** A line's words as bash reads them: quotes, and $'…' with escapes. @throws where something would be expanded or run */
export function wordsOf(line: string): string[] {
	const words: string[] = [];
	let rest = line.trim();
	while (rest !== '') {
		let word = '';
		for (;;) {
			const [part = '', ansi, single, double, plain] =
				/^(?:\$'((?:\\.|[^'\\])*)'|'([^']*)'|"([^"$`\\]*)"|(\\.|[\w@%+=:,./!-]))/s.exec(rest) ?? [];
			if (part === '') break;
			rest = rest.slice(part.length);
			word +=
				ansi?.replace(/\\u(....)|\\(.)/g, (_, code?: string, one?: string) =>
					code ? String.fromCharCode(parseInt(code, 16)) : (one ?? ''),
				) ??
				single ??
				double ??
				plain?.slice(-1) ??
				'';
		}
		words.push(word);
		if (rest !== '' && !/^[ \t]/.test(rest)) throw new Error(`not a word for a shell: ${rest}`);
		rest = rest.trimStart();
	}
	return words;
}

/** Runs `pveum …` lines as root would on a node, through the API. @returns what each answered */
export async function pveum(
	emulator: Emulator,
	lines: readonly string[],
): Promise<Array<AxiosResponse<{ data: unknown; message?: string }>>> {
	const answers = [];
	for (const line of lines) {
		const [program, ...words] = wordsOf(line);
		const name = Object.keys(COMMANDS).find((one) => `${words.join(' ')} `.startsWith(`${one} `));
		const [method, template, ...named] = COMMANDS[name ?? ''] ?? [];
		if (program !== 'pveum' || name === undefined || method === undefined || template === undefined)
			throw new Error(`no command: ${line}`);
		const form: Record<string, string> = name === 'acl delete' ? { delete: '1' } : {};
		const rest = words.slice(name.split(' ').length);
		while (rest.length > 0) {
			const word = rest.shift() ?? '';
			const option = /^--?([a-z]+)$/.exec(word)?.[1];
			const key = option ?? named.shift();
			if (key === undefined) throw new Error(`too many arguments: ${line}`);
			form[key] = option === undefined ? word : (rest.shift() ?? '');
		}
		const path = template.replace(/\{(\w+)\}/g, (_, key: string) => {
			const value = form[key] ?? '';
			delete form[key];
			return encodeURIComponent(value);
		});
		answers.push(
			await axios.request<{ data: unknown; message?: string }>({
				method,
				url: `${emulator.url}/api2/json${path}`,
				data: method === 'DELETE' ? undefined : new URLSearchParams(form),
				headers: {
					Authorization: `PVEAPIToken=${emulator.token.tokenId}=${emulator.token.secret}`,
				},
				httpsAgent: new Agent({ ca: emulator.ca }),
				validateStatus: () => true,
			}),
		);
	}
	return answers;
}
