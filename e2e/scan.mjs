// n8n's own scanner for community packages, over the packed tarball and over the source that it was built from.
// Its third part, npm's provenance, is there only for what the publish workflow has published.
import assert from 'node:assert/strict';
import {
	analyzePackage,
	SOURCE_FILE_PATTERNS,
} from '@n8n/scan-community-package/scanner/scanner.mjs';
import { check } from './lib/check.mjs';
import { unpack } from './lib/package.mjs';
import { newFolder, root } from './lib/paths.mjs';

await check('scan', async () => {
	for (const [what, ...given] of [
		['the tarball', unpack(newFolder('scan'))],
		['the source', root, SOURCE_FILE_PATTERNS],
	]) {
		const { passed, message, details = '' } = await analyzePackage(...given);
		assert.ok(passed, `${what}: ${message}\n${details}`);
	}
	return ['the tarball and its source pass'];
});
