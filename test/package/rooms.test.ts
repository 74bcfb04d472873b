/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- a test, neither shipped nor scanned */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, posix, sep } from 'node:path';
import ts from 'typescript';

const root = join(__dirname, '../..');
const MAIN = 'nodes/ProxmoxVe/';

interface Room {
	/** The files in it. The longest path that fits a file names its room. */
	readonly path: string;
	readonly mayImport: readonly string[];
}

/** From the top floor to the ground. */
const ROOMS: Readonly<Record<string, Room>> = {
	'the node': { path: `${MAIN}ProxmoxVe.node.ts`, mayImport: ['resources', 'pickers'] },
	'the trigger': {
		path: 'nodes/ProxmoxVeTrigger/',
		mayImport: ['runtime', 'form', 'pickers', 'wire', 'api'],
	},
	'the notification trigger': {
		path: 'nodes/ProxmoxVeNotificationTrigger/',
		mayImport: ['runtime', 'form', 'wire', 'api'],
	},
	resources: {
		path: `${MAIN}resources/`,
		mayImport: ['guests', 'kinds', 'runtime', 'form', 'wire', 'catalogue', 'api'],
	},
	guests: {
		path: `${MAIN}guests/`,
		mayImport: ['kinds', 'runtime', 'form', 'wire', 'catalogue', 'api'],
	},
	// The table of the kinds of guests is data: whoever gets a row may name its type.
	kinds: { path: `${MAIN}guests/kinds.ts`, mayImport: ['catalogue'] },
	runtime: { path: `${MAIN}runtime/`, mayImport: ['kinds', 'form', 'wire', 'catalogue', 'api'] },
	form: { path: `${MAIN}form/`, mayImport: ['wire', 'catalogue', 'api'] },
	wire: { path: `${MAIN}wire/`, mayImport: ['catalogue'] },
	pickers: { path: `${MAIN}pickers/`, mayImport: ['kinds', 'api'] },
	api: { path: `${MAIN}api/`, mayImport: ['credentials'] },
	catalogue: { path: `${MAIN}catalogue/`, mayImport: [] },
	credentials: { path: 'credentials/', mayImport: [] },
	'the emulator': { path: 'tools/emulator/', mayImport: ['facts'] },
	facts: { path: 'tools/facts/', mayImport: [] },
};

const files = ['nodes', 'credentials', 'tools'].flatMap((folder) =>
	readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
		.map((file) => posix.join(folder, ...file.split(sep)))
		.filter((file) => file.endsWith('.ts')),
);

/** The repository's own files that a file imports: types and `import()` included. */
function importsOf(file: string): string[] {
	const { importedFiles } = ts.preProcessFile(readFileSync(join(root, file), 'utf8'), true, true);
	return importedFiles
		.filter(({ fileName }) => fileName.startsWith('.'))
		.map(({ fileName }) => posix.join(posix.dirname(file), fileName))
		.map(
			(path) =>
				[`${path}.ts`, `${path}/index.ts`, path].find((found) => files.includes(found)) ?? path,
		);
}

const imports = new Map(files.map((file) => [file, importsOf(file)]));

function roomOf(file: string): string | undefined {
	const fitting = Object.entries(ROOMS).filter(([, { path }]) => file.startsWith(path));
	return fitting.sort(([, a], [, b]) => b.path.length - a.path.length)[0]?.[0];
}

/** The files of one circle of imports, in order; empty if there is none. */
function circle(): string[] {
	const done = new Set<string>();
	const path: string[] = [];
	const visit = (file: string): string[] => {
		if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
		if (done.has(file)) return [];
		path.push(file);
		for (const next of imports.get(file) ?? []) {
			const found = visit(next);
			if (found.length > 0) return found;
		}
		path.pop();
		done.add(file);
		return [];
	};
	for (const file of files) {
		const found = visit(file);
		if (found.length > 0) return found;
	}
	return [];
}

/** The imports that no room allows, each with what to do about it. */
const broken = (): string[] =>
	[...imports].flatMap(([file, imported]) => {
		const from = roomOf(file);
		if (from === undefined) return [];
		return imported
			.map((target) => ({ target, to: roomOf(target) ?? 'another part of the repository' }))
			.filter(({ to }) => to !== from && !ROOMS[from]?.mayImport.includes(to))
			.map(
				({ target, to }) =>
					`${file} imports ${target}: ${from} may not import ${to}. Move the code down to a room that both may import, or pass the value as an argument.`,
			);
	});

const BEGIN = '<!-- who may import whom: WRITE_DOCS=1 npx jest rooms.test -->';
const END = '<!-- end -->';
const table = [
	BEGIN,
	'| Room | Files | May import |',
	'| --- | --- | --- |',
	...Object.entries(ROOMS).map(
		([name, { path, mayImport }]) => `| ${name} | \`${path}\` | ${mayImport.join(', ')} |`,
	),
	END,
].join('\n');

describe('rooms', () => {
	it('a file imports only what its room may import', () => expect(broken()).toEqual([]));

	it('no files import one another in a circle, types included', () => expect(circle()).toEqual([]));

	it('every source of the nodes is in a room', () => {
		const sources = files.filter((file) => /^(?:nodes|credentials)\//.test(file));
		expect(sources.filter((file) => roomOf(file) === undefined)).toEqual([]);
	});

	// If it fails: WRITE_DOCS=1 npx jest rooms.test
	it('CONTRIBUTING.md has the same table', () => {
		const path = join(root, 'CONTRIBUTING.md');
		const text = readFileSync(path, 'utf8');
		const begin = text.indexOf(BEGIN);
		const end = text.indexOf(END, begin) + END.length;
		const written = `${text.slice(0, begin)}${table}${text.slice(end)}`;
		if (process.env.WRITE_DOCS) writeFileSync(path, written);
		else expect(text).toBe(written);
	});
});
