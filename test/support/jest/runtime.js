const { createRequire } = require('node:module');
const { dirname, join, resolve, sep } = require('node:path');
const { default: Runtime } = require('jest-runtime');

const tools = join(__dirname, '../../../tools') + sep;
const sourceMaps = new Map();
let current;

/** Compiled by jest, whose cache is on the disk. */
require.extensions['.ts'] = (module, filename) => {
	const { transformCache } = current;
	module._compile(transformCache.transform(filename), filename);
	sourceMaps.set(filename, transformCache.getSourceMaps().get(filename));
};

/**
 * Stands for the storage by which jest-circus knows which test an error is from: with a real one for each file, Node 20
 * takes up to half as long again for each promise. Of concurrent tests it knows the one that was started last.
 */
class CurrentTest {
	#store;

	getStore() {
		return this.#store;
	}

	run(store, callback) {
		const before = this.#store;
		const leave = () => (this.#store = before);
		this.#store = store;
		const result = callback();
		result.then(leave, leave);
		return result;
	}
}

const isPackage = (name) => !/^[./]/.test(name) && name !== '@jest/globals';

/**
 * Jest's loader of modules, but packages and tools/ are loaded by Node: once a process, not once a file. n8n's engine
 * is large, and the emulator keeps nothing between its starts.
 */
module.exports = class extends Runtime {
	constructor(...args) {
		super(...args);
		current = this;
	}

	requireModuleOrMock(from, name) {
		const isKept = isPackage(name) || resolve(dirname(from), name).startsWith(tools);
		return isKept ? createRequire(from)(name) : super.requireModuleOrMock(from, name);
	}

	/** The packages of jest itself, such as `expect`, have their state in globals. */
	requireInternalModule(from, name) {
		if (name === 'node:async_hooks') return { AsyncLocalStorage: CurrentTest };
		return name && isPackage(name)
			? createRequire(from)(name)
			: super.requireInternalModule(from, name);
	}

	getSourceMaps() {
		const maps = super.getSourceMaps();
		for (const [file, map] of sourceMaps) maps.set(file, map);
		return maps;
	}
};
