import type { ExecutionError } from 'n8n-workflow';

/** An execution's error as text for a terminal: which node, what happened, and what n8n's panel shows below it. */
export function describeError(error: ExecutionError | Error): string {
	const node = 'node' in error ? error.node?.name : undefined;
	const description = 'description' in error ? error.description : undefined;
	return [node ? `Node "${node}": ${error.message}` : error.message, description ?? '']
		.map(htmlToText)
		.filter(Boolean)
		.join('\n');
}

// n8n's panel renders a description as HTML.
function htmlToText(text: string): string {
	return text
		.replace(/<br\s*\/?>/gi, '\n')
		.replace(/<\/?[a-z][^>]*>/gi, '')
		.trim();
}
