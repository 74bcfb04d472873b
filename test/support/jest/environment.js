const vm = require('node:vm');
const { join, sep } = require('node:path');
const { ModuleMocker } = require('jest-mock');

const built = join(__dirname, '../../../dist') + sep;
/** Stands for Node's own realm where jest asks for a context: jest cannot go without one. */
const ownRealm = vm.createContext();

const { compileFunction } = vm;
vm.compileFunction = (code, names, options) =>
	compileFunction(
		code,
		names,
		options?.parsingContext === ownRealm ? { ...options, parsingContext: undefined } : options,
	);

/** The built files that are loaded once a process: what n8n reads at its start is data. */
let kept;

/** Where jest keeps who hears of each test: without this a file's results would reach those of the files before it. */
const listeners = Symbol.for('EVENT_HANDLERS');

/**
 * Runs the tests in Node's own realm, not in a context a file: there, n8n's engine would have to be loaded
 * anew for each file, and every use of a global costs more. Tests and sources are still loaded anew for
 * each file (jest's registry does that), and so are the built operations; packages and tools are loaded once
 * (see runtime.js).
 */
module.exports = class {
	global = globalThis;
	moduleMocker = new ModuleMocker(globalThis);
	// No test uses jest's timers; test/reliability/faults/fastTime.ts makes time pass faster.
	fakeTimers = null;
	fakeTimersModern = null;
	#console = globalThis.console;
	#exit = process.exit;

	async setup() {
		// Jest has set 100: each error would take longer than what it reports. Node's own, as n8n has it.
		Error.stackTraceLimit = 10;
		const forget = () => {
			const files = Object.keys(require.cache).filter((file) => file.startsWith(built));
			for (const file of files) if (!kept?.has(file)) delete require.cache[file];
			return files.length > 0;
		};
		if (!forget() || kept) return;
		require(join(built, 'nodes/ProxmoxVe/resources/describe.js'));
		kept = new Set(Object.keys(require.cache));
	}

	async teardown() {
		globalThis.console = this.#console;
		process.exit = this.#exit;
		delete globalThis[listeners];
	}

	exportConditions() {
		return ['node', 'node-addons'];
	}

	getVmContext() {
		return ownRealm;
	}
};
