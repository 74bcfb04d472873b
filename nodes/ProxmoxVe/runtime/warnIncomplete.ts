import { escapeHtml } from './errorText';
import type { Run } from './run';

/** Shows above the output that a list is not whole: it must not look as if it were. */
export function warnIncomplete({ context }: Run, message: string): void {
	context.logger.warn(message);
	// n8n renders a hint as HTML.
	context.addExecutionHints({
		message: escapeHtml(message),
		type: 'warning',
		location: 'outputPane',
	});
}
