/** Tasks that stand by themselves: `npx gulp --tasks` lists them. The package itself is built by `npm run build`. */
const { spawn } = require('node:child_process');
const { mkdir, readdir, readFile, writeFile } = require('node:fs/promises');
const { dest, series, src } = require('gulp');

/** Every icon is what n8n shows well: a square SVG that runs and loads nothing. */
async function checkIcons() {
	for (const name of await readdir('icons')) {
		const svg = await readFile(`icons/${name}`, 'utf8');
		const [, width, height] = /<svg[^>]*\bviewBox="0 0 (\d+) (\d+)"/.exec(svg) ?? [];
		if (!width || width !== height)
			throw new Error(`${name}: no SVG with a square viewBox that begins at 0 0`);
		if (/<script|\son\w+=|<image|href="(?!#)/i.test(svg))
			throw new Error(`${name}: runs or loads something`);
	}
}

function copyIcons() {
	return src('icons/*.svg').pipe(dest('dist/icons'));
}

/** Starts the emulated Proxmox VE API: `npx gulp emulator`. */
function emulator() {
	return spawn(process.execPath, ['scripts/emulator.mjs'], { stdio: 'inherit' });
}

/** Writes docs/ and the README's table from the built catalogue and operations: `npx gulp docs`, after `npm run build`. */
async function docs() {
	const { parametersDocument, operationsDocument, withOperations } = require('./scripts/docs.cjs');
	await mkdir('docs', { recursive: true });
	await writeFile('docs/parameters.md', parametersDocument());
	await writeFile('docs/operations.md', operationsDocument());
	await writeFile('README.md', withOperations(await readFile('README.md', 'utf8')));
}

/** What a Proxmox VE takes beside what the facts say: `PVE_URL=https://pve:8006 npx gulp schema`. */
async function schema() {
	await require('./scripts/schema.cjs').printSchemaDifferences();
}

const icons = series(checkIcons, copyIcons);

module.exports = { default: icons, icons, docs, emulator, schema };
