/**
 * Lets Node load this repository's TypeScript, compiled as in the tests. Packages are left to Node: to look at each of the
 * 2,000 files of n8n's engine takes as long as loading them.
 */
const { readFileSync } = require('node:fs');
const { transformSync } = require('@swc/core');

const options = {
	swcrc: false,
	sourceMaps: 'inline',
	module: { type: 'commonjs' },
	jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
};

require.extensions['.ts'] = (module, filename) => {
	const { code } = transformSync(readFileSync(filename, 'utf8'), { ...options, filename });
	module._compile(code, filename);
};
