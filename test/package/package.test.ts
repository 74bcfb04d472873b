/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-dangerous-functions -- a test, neither shipped nor scanned */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

import manifest from '../../package.json';
import { shrinkCode } from '../../scripts/shrinkCode.cjs';

interface Packed {
	readonly unpackedSize: number;
	readonly files: ReadonlyArray<{ readonly path: string }>;
}

describe('the package', () => {
	const [packed] = JSON.parse(
		execFileSync('npm', ['pack', '--dry-run', '--json', '--loglevel=silent'], {
			cwd: join(__dirname, '../..'),
			encoding: 'utf8',
		}),
	) as Packed[];
	const files = packed?.files.map(({ path }) => path) ?? [];

	it('contains the built node and its documents, and nothing else', () => {
		// n8n-node build copies every picture of the repository into dist.
		const strange = files.filter(
			(path) =>
				!/^(?:README\.md|LICENSE|package\.json|dist\/(?:credentials|nodes)\/.+\.(?:js|json)|dist\/icons\/[\w.-]+\.svg)$/.test(
					path,
				),
		);
		expect(strange).toEqual([]);
	});

	it('contains what n8n loads', () => {
		expect(
			[...manifest.n8n.credentials, ...manifest.n8n.nodes].filter((path) => !files.includes(path)),
		).toEqual([]);
	});

	it('needs nothing at run time but n8n', () => {
		expect(manifest).not.toHaveProperty('dependencies');
		expect(manifest.peerDependencies).toEqual({ 'n8n-workflow': '*' });
	});

	it('loads, when n8n starts, nothing that only an execution or an open list needs', () => {
		const loadAll = `for (const file of ${JSON.stringify([...manifest.n8n.nodes, ...manifest.n8n.credentials])}) require('./' + file); console.log(JSON.stringify(Object.keys(require.cache)))`;
		const loaded = JSON.parse(
			execFileSync(process.execPath, ['-e', loadAll], {
				cwd: join(__dirname, '../..'),
				encoding: 'utf8',
			}),
		) as string[];
		const ours = loaded
			.map((file) => file.replace(/\\/g, '/'))
			.filter((file) => file.includes('/dist/nodes/'));
		const early = ours.filter(
			(file) =>
				/\/(?:api|guests|pickers|resources|runtime)\//.test(file) &&
				!/\/(?:index|describe|fields|ownFields|properties|settings|guests\/kinds)\.js$/.test(file),
		);
		expect(early).toEqual([]);
		expect(ours.length).toBeGreaterThan(0);
	});

	it('is indented by tabs, except in templates', () =>
		expect(shrinkCode('{\n    f(`\n    ${a}`);\n        b;\n}')).toBe(
			'{\n\tf(`\n    ${a}`);\n\t\tb;\n}',
		));

	it('keeps its exports if the lines before them are shortened', () => {
		const built = [
			'Object.defineProperty(exports, "__esModule", { value: true });',
			'exports.a = exports.b = void 0;',
			'exports.c = c;',
			'exports.a = 1;',
			'',
		].join('\n');
		expect(shrinkCode(built)).toBe('exports.__esModule = true;\nexports.c = c;\nexports.a = 1;\n');
	});

	it('is at most 1 MiB unpacked', () => expect(packed?.unpackedSize).toBeLessThanOrEqual(2 ** 20));
});
