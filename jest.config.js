const { availableParallelism } = require('node:os');

/** Tests are TypeScript, compiled by swc; `npm run typecheck` checks their types. */
module.exports = {
	testMatch: ['<rootDir>/test/**/*.test.ts'],
	testEnvironment: '<rootDir>/test/support/jest/environment.js',
	testSequencer: '<rootDir>/test/support/jest/sequencer.js',
	runtime: '<rootDir>/test/support/jest/runtime.js',
	transform: {
		'^.+\\.ts$': ['@swc/jest', { jsc: { target: 'es2022', parser: { syntax: 'typescript' } } }],
	},
	// The built package would shadow the sources in jest's module map.
	modulePathIgnorePatterns: ['<rootDir>/dist/'],
	// One more than are busy, for some tests wait. Each loads n8n's engine, which takes seconds.
	maxWorkers: availableParallelism() + 1,
	// Of what hangs: on a busy machine a test that takes seconds may take minutes.
	testTimeout: 120_000,
};
