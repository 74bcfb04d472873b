import { checkSeed } from '../../nodes/ProxmoxVe/wire/checkSeed';

const problemOf = (userData: string) => checkSeed({ userData }).problems[0]?.message;

describe('user data that cloud-init takes', () => {
	it.each<[string, string]>([
		['settings', '#cloud-config\nhostname: web-1\n'],
		['Windows line endings', '#cloud-config\r\nhostname: web-1\r\n'],
		['a blank after the first line', '#cloud-config \nhostname: web-1\n'],
		['comments and empty lines', '#cloud-config\n\n# a: b: c\nhostname: x # a: b\n'],
		['a document start', '#cloud-config\n---\nhostname: x\n'],
		['lists', '#cloud-config\nruncmd:\n- echo a\n- [sh, -c, "a: b"]\npackages: [nginx]\n'],
		[
			'tabs in the text of a file',
			'#cloud-config\nwrite_files:\n- path: /Makefile\n  content: |\n    all:\n    \tgcc: a: b\n',
		],
		['quoted colons', '#cloud-config\nhostname: "a: b"\nfqdn: \'a: b\'\n'],
		['a URL', '#cloud-config\nphone_home:\n  url: https://h:1/x\n  tries: 3\n'],
		['a text over several lines', '#cloud-config\nfinal_message: >-\n  a: b: c\n'],
		['a script', '#!/bin/sh\nexit 0\n'],
		['an include', '#include\nhttps://h/x\n'],
		['several parts', 'Content-Type: multipart/mixed; boundary="x"\n\n--x\n'],
		['a template', '## template: jinja\n#cloud-config\nhostname: {{ v1.local_hostname }}\n'],
	])('%s', (_title, text) => {
		expect(checkSeed({ userData: text })).toEqual({ problems: [], warnings: [] });
	});
});

describe('user data that cloud-init would ignore, or fail with, is refused', () => {
	it.each<[string, string, RegExp]>([
		['no first line', 'hostname: x\n', /must have "#cloud-config", or "#!"/],
		['an empty first line', '\n#cloud-config\nhostname: x\n', /first line/],
		['a blank before it', ' #cloud-config\nhostname: x\n', /without spaces before it/],
		['upper case', '#Cloud-Config\nhostname: x\n', /in lower case/],
		['JSON', '{"hostname": "x"}', /first line/],
		['a byte order mark', '\ufeff#cloud-config\nhostname: x\n', /byte order mark/],
		['a tab', '#cloud-config\nusers:\n\t- name: x\n', /tab .*\(line 3\)/],
		['a tab after blanks', '#cloud-config\nusers:\n  \t- x\n', /tab .*\(line 3\)/],
		['a tab after a colon', '#cloud-config\nhostname:\tx\n', /tab .*\(line 2\)/],
		['a tab after a text', '#cloud-config\na: |\n  \tb\n\tc: 1\n', /tab .*\(line 4\)/],
		['a list at the top', '#cloud-config\n# x\n- hostname: x\n', /list \(line 3\)/],
		['a list in brackets', '#cloud-config\n[a, b]\n', /list \(line 2\)/],
		['two colons', '#cloud-config\nhostname: a: b\n', /two colons .*\(line 2\)/],
		['only the first line', '#cloud-config\n# later\n', /has no settings/],
		['a command that is no list', '#cloud-config\nruncmd: echo hi\n', /list for runcmd \(line 2\)/],
		['a text that is no list', '#cloud-config\nruncmd: |\n  echo hi\n', /list for runcmd/],
		['a script for Windows', '#!/bin/sh\r\nexit 0\r\n', /Windows line endings/],
		['a template of nothing', '## template: jinja\nhostname: x\n', /second line/],
	])('%s', (_title, text, words) => {
		expect(problemOf(text)).toMatch(words);
	});
});

describe('other files', () => {
	it.each<[string, Parameters<typeof checkSeed>[0], RegExp]>([
		['a network without a version', { networkConfig: 'ethernets: {}\n' }, /version: 2/],
		['a network with a tab', { networkConfig: 'version: 2\n\tethernets: {}\n' }, /tab/],
		['meta data as a list', { metaData: '- a\n' }, /list \(line 1\)/],
		['vendor data without a first line', { vendorData: 'a: 1\n' }, /first line/],
	])('%s is refused', (_title, files, words) => {
		expect(checkSeed(files).problems[0]?.message).toMatch(words);
	});

	it.each<[string, Parameters<typeof checkSeed>[0]]>([
		['a network', { networkConfig: 'network:\n  version: 2\n  ethernets: {}\n' }],
		['a network in JSON', { networkConfig: '{"version": 2}' }],
		['meta data', { metaData: 'instance-id: a\n' }],
		['empty files', { metaData: '', vendorData: '' }],
	])('%s is taken', (_title, files) => {
		expect(checkSeed(files).problems).toEqual([]);
	});
});

describe('warnings', () => {
	it.each<[string, string, RegExp]>([
		['a key that is there twice', 'runcmd: [a]\nruncmd: [b]\n', /runcmd more than once/],
		['phone_home without tries', 'phone_home:\n  url: https://h/\n', /without tries/],
	])('%s', (_title, text, words) => {
		const { problems, warnings } = checkSeed({ userData: `#cloud-config\n${text}` });
		expect(problems).toEqual([]);
		expect(warnings).toEqual([expect.stringMatching(words)]);
	});
});
