import type { ProgressEvent } from './runWorkflow';

/** A line for a person who watches an execution; none for debug messages. */
export function describeProgress(event: ProgressEvent): string | undefined {
	switch (event.type) {
		case 'nodeStarted':
			return `▶ ${event.node}`;
		case 'nodeFinished':
			return event.error
				? `✗ ${event.node}: ${event.error}`
				: `✓ ${event.node}: ${count(event.items)} after ${event.durationMs} ms`;
		case 'log':
			// What n8n logs as an error is the same that ends the node.
			return event.level === 'info' || event.level === 'warn' ? `  ${event.message}` : undefined;
	}
}

function count(items: number): string {
	return `${items} item${items === 1 ? '' : 's'}`;
}
