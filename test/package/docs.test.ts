/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- a test, neither shipped nor scanned */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

// Plain JavaScript, because gulp runs it on the built package.
import { operationsDocument, parametersDocument, withOperations } from '../../scripts/docs.cjs';

const read = (file: string): string => readFileSync(join(__dirname, '../..', file), 'utf8');

// Where one fails: npm run build && npx gulp docs
describe('the pages that are generated from the catalogue and the operations', () => {
	it('docs/parameters.md', () => expect(read('docs/parameters.md')).toBe(parametersDocument()));
	it('docs/operations.md', () => expect(read('docs/operations.md')).toBe(operationsDocument()));
	it('the table of README.md', () =>
		expect(withOperations(read('README.md'))).toBe(read('README.md')));
});
