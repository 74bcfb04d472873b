/** What `npx gulp icons` and the tests check: n8n shows only square icons well, and an icon must not run or load anything. */
const { readdir, readFile } = require('node:fs/promises');

/** @returns what is wrong with an SVG icon; undefined if nothing is */
function problemOf(svg) {
	const [, width, height] = /<svg[^>]*\bviewBox="0 0 (\d+) (\d+)"/.exec(svg) ?? [];
	if (!width || width !== height) return 'has no square viewBox that starts at 0 0';
	if (/<script|\son\w+=|<image|<foreignObject|href=(?!["']#)|url\((?!["']?#)/i.test(svg))
		return 'runs or loads something';
	return undefined;
}

/** @throws Error for the first icon in icons/ that n8n would not show well */
async function checkIcons() {
	for (const name of await readdir('icons')) {
		const problem = problemOf(await readFile(`icons/${name}`, 'utf8'));
		if (problem !== undefined) throw new Error(`icons/${name} ${problem}`);
	}
}

module.exports = { checkIcons, problemOf };
