/** Tasks besides the npm scripts: `npx gulp --tasks` lists them. `npm run build` builds the package. */
const { mkdir, readFile, writeFile } = require('node:fs/promises');
const { Transform } = require('node:stream');
const { dest, src } = require('gulp');
const { checkIcons } = require('./scripts/icons.cjs');
const { shrinkCode } = require('./scripts/shrinkCode.cjs');

/** Makes the built files smaller: the last step of `npm run build`. */
function shrink() {
	const transform = (file, _encoding, done) => {
		const text = String(file.contents);
		file.contents = Buffer.from(
			file.extname === '.json' ? JSON.stringify(JSON.parse(text)) : shrinkCode(text),
		);
		done(null, file);
	};
	// n8n-node also copies pictures of e2e/node_modules, in folders such as highlight.js.
	return src('dist/{credentials,nodes}/**/*.{js,json}', { base: 'dist' })
		.pipe(new Transform({ objectMode: true, transform }))
		.pipe(dest('dist'));
}

/** Checks the icons: `npx gulp icons`. */
async function icons() {
	await checkIcons();
}

/** Writes docs/ and the README's table from the built catalogue and operations: `npm run build && npx gulp docs`. */
async function docs() {
	const { parametersDocument, operationsDocument, withOperations } = require('./scripts/docs.cjs');
	await mkdir('docs', { recursive: true });
	await writeFile('docs/parameters.md', parametersDocument());
	await writeFile('docs/operations.md', operationsDocument());
	await writeFile('README.md', withOperations(await readFile('README.md', 'utf8')));
}

/** Prints how the API of a Proxmox VE differs from the facts: `PVE_URL=https://pve:8006 npx gulp schema`. */
async function schema() {
	await require('./scripts/schema.cjs').printSchemaDifferences();
}

module.exports = { shrink, icons, docs, schema };
