import type { NodeApiError, NodeOperationError } from 'n8n-workflow';

import { shortened } from '../api/messageOf';

/** Longest title; n8n shows it in large letters. The whole text is then the first line of the description. */
const LONGEST_TITLE = 240;

/** What has a meaning in n8n's editor: HTML, `code` in backticks, and %%PARAMETER%% of a template. */
const ENTITIES: Readonly<Record<string, string>> = {
	'&': '&amp;',
	'<': '&lt;',
	'>': '&gt;',
	'"': '&quot;',
	"'": '&#39;',
	'`': '&#96;',
	'%': '&#37;',
};
const CHARACTERS: Readonly<Record<string, string>> = Object.fromEntries(
	Object.entries(ENTITIES).map(([character, entity]) => [entity, character]),
);

/** A text as n8n's editor must get it where it renders HTML: nothing of it is markup. */
export const escapeHtml = (text: string): string =>
	text.replace(/[&<>"'`%]/g, (character) => ENTITIES[character] ?? character);

const unescapeHtml = (html: string): string =>
	html.replace(/&(?:amp|lt|gt|quot|#39|#96|#37);/g, (entity) => CHARACTERS[entity] ?? entity);

/**
 * A text for places that n8n shows now as text, now as HTML: its titles, and whatever else reads an error.
 * No HTML tag can begin in it; all else stays as it is.
 */
export const withoutTags = (text: string): string => text.replace(/<(?=[a-z/!?])/gi, '‹');

/**
 * Makes an error safe to show. Its texts may hold anything: they come from items, Proxmox, guests and logs.
 * n8n's editor renders `context.descriptionTemplate` as HTML, in which only our line breaks are markup. `description`
 * is for everything else (error workflows, chats, logs): plain lines, in which no tag can begin.
 */
export function present<Failure extends NodeApiError | NodeOperationError>(
	error: Failure,
	text = error.description ?? '',
): Failure {
	const title = shortened(error.message, LONGEST_TITLE);
	const lines = (title === error.message ? [text] : [error.message, text])
		.join('\n')
		.split(/\n+/)
		.filter((line) => line.trim() !== '');
	error.message = withoutTags(title);
	error.description = lines.length === 0 ? undefined : withoutTags(lines.join('\n'));
	if (lines.length > 0) error.context.descriptionTemplate = lines.map(escapeHtml).join('<br>\n');
	return error;
}

/** The description of an error as it was before it was made safe: for data, which nothing renders. */
export function plainDescription({
	description,
	context,
}: NodeApiError | NodeOperationError): string | undefined {
	const { descriptionTemplate: html } = context;
	return typeof html === 'string'
		? unescapeHtml(html.replace(/<br>/g, ''))
		: (description ?? undefined);
}
