/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- a test, neither shipped nor scanned */
import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import ts from 'typescript';

const root = join(__dirname, '../../nodes');
/** The files that make errors of it. */
const READERS = ['context.ts', 'toNodeError.ts'].map((file) => `ProxmoxVe/runtime/${file}`);
const CREATOR = 'ProxmoxVe/resources/executeItems.ts';

const sources = readdirSync(root, { recursive: true, encoding: 'utf8' })
	.map((file) => file.split(sep).join('/'))
	.filter((file) => file.endsWith('.ts') && !READERS.includes(file) && file !== CREATOR)
	.map((file) => [file, readFileSync(join(root, file), 'utf8')] as const)
	.filter(([, source]) => source.includes('trace'));

/** The uses of `trace` in a source that neither write it with `note` nor copy all of it, as into a log entry. */
function readsIn(file: string, source: string): string[] {
	const found: string[] = [];
	const visit = (node: ts.Node): void => {
		if (ts.isIdentifier(node) && node.text === 'trace' && !isAllowed(node))
			found.push(`${file}: ${node.parent.getText()}`);
		ts.forEachChild(node, visit);
	};
	visit(ts.createSourceFile(file, source, ts.ScriptTarget.Latest, true));
	return found;
}

function isAllowed(name: ts.Identifier): boolean {
	const { parent } = name;
	// `{ trace }` of an item, and the declaration of the field.
	if (ts.isBindingElement(parent)) return parent.name === name && !parent.propertyName;
	if (ts.isPropertySignature(parent)) return true;
	if (ts.isPropertyAssignment(parent)) return parent.name === name;
	const isField = ts.isPropertyAccessExpression(parent) && parent.name === name;
	const value = isField ? parent : name;
	const user = value.parent;
	if (ts.isSpreadAssignment(user)) return true;
	return (
		ts.isCallExpression(user) && user.expression.getText() === 'note' && user.arguments[0] === value
	);
}

describe('the trace of an item', () => {
	it('is only written, or copied into a log entry: what decides is passed as an argument', () =>
		expect(sources.flatMap(([file, source]) => readsIn(file, source))).toEqual([]));

	it.each([
		'const { vmid } = trace;',
		'const { vmid } = item.trace;',
		'const { trace: { vmid } } = item;',
		'const { trace: known } = item;',
		'const known = item.trace;',
		'if (trace.upid) stop();',
		"stop(item.trace['upid']);",
		'delete trace.upid;',
		'trace.upid = upid;',
		'Object.assign(trace, { upid });',
		'stop({ trace });',
		'stop(item.trace);',
	])('is read here: %s', (source) => expect(readsIn('a.ts', source)).toHaveLength(1));

	it.each(['const { trace } = item;', 'note(item.trace, { upid });', 'log(text, { ...trace });'])(
		'is not read here: %s',
		(source) => expect(readsIn('a.ts', source)).toEqual([]),
	);
});
