/**
 * `npm test [-- jest arguments]`: its last line is `N passed, N failed[, N skipped]`.
 * `npm run test:deep` gives `--deep`: test/support/howMany.ts reads it.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root, setUp } from './setup.mjs';

await setUp().catch((error) => {
	process.stderr.write(`${error.message}\n`);
	// Still the promised last line: what cannot be built has not passed.
	process.stdout.write('0 passed, 1 failed\n');
	process.exit(1);
});

const folder = mkdtempSync(join(tmpdir(), 'jest-'));
const report = join(folder, 'report.json');
const jest = join(root, 'node_modules/jest/bin/jest.js');
const given = process.argv.slice(2);
const isDeep = given.includes('--deep');
const args = [
	// Room for young objects, also in jest's workers: half of the time for garbage collection.
	'--min-semi-space-size=16',
	'--max-semi-space-size=32',
	jest,
	...given.filter((arg) => arg !== '--deep'),
	'--json',
	'--outputFile',
	report,
];
const code = await new Promise((resolve, reject) => {
	spawn(process.execPath, args, {
		cwd: root,
		stdio: 'inherit',
		env: isDeep ? { ...process.env, TEST_DEEP: '1' } : process.env,
	})
		.on('error', reject)
		.on('close', resolve);
});
const { passed, failed, skipped } = count();
rmSync(folder, { recursive: true });

process.stdout.write(
	`${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}\n`,
);
process.exitCode = code || (passed + failed === 0 ? 1 : 0);

function count() {
	// Without a report jest did not get as far as running anything.
	if (!existsSync(report)) return { passed: 0, failed: 0, skipped: 0 };
	const result = JSON.parse(readFileSync(report, 'utf8'));
	return {
		passed: result.numPassedTests,
		// A file that does not compile holds no test that failed, yet nothing in it passed.
		failed: result.numFailedTests + result.numRuntimeErrorTestSuites,
		skipped: result.numPendingTests + result.numTodoTests,
	};
}
