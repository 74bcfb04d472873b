/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- a test, neither shipped nor scanned */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

// Plain JavaScript, because gulp runs it on the built package.
import { parametersDocument } from '../scripts/docs.cjs';

it('docs/parameters.md is what the catalogue says (else: npm run build && npx gulp docs)', () => {
	expect(readFileSync(join(__dirname, '../docs/parameters.md'), 'utf8')).toBe(parametersDocument());
});
