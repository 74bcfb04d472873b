const { createRequire } = require('node:module');
const { default: Runtime } = require('jest-runtime');

/**
 * Jest's loader of modules, but packages are loaded by Node: n8n's engine is large, and loaded once
 * a process that way instead of once a file.
 */
module.exports = class extends Runtime {
	requireModuleOrMock(from, name) {
		const isPackage = !/^[./]/.test(name) && name !== '@jest/globals';
		return isPackage ? createRequire(from)(name) : super.requireModuleOrMock(from, name);
	}
};
