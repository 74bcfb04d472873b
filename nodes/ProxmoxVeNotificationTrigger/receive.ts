import type { IDataObject, IWebhookFunctions, IWebhookResponseData } from 'n8n-workflow';

import { isoTime } from '../ProxmoxVe/api/isoTime';
import { isRecord } from '../ProxmoxVe/wire/values';
import { readStored, SECRET_HEADER } from './stored';

/** Compares without an early end, so that the time does not depend on how much is right. */
export function isSame(given: string, secret: string): boolean {
	let difference = given.length ^ secret.length;
	for (let index = 0; index < secret.length; index++)
		difference |= given.charCodeAt(index % (given.length || 1)) ^ secret.charCodeAt(index);
	return difference === 0;
}

/** Answers a call of the webhook: only Proxmox knows the secret. */
export function receive(context: IWebhookFunctions): IWebhookResponseData {
	const stored = readStored(context.getWorkflowStaticData('node'));
	const given = context.getHeaderData()[SECRET_HEADER];
	if (!stored || typeof given !== 'string' || !isSame(given, stored.secret)) {
		context.getResponseObject().status(403).json({ message: 'Wrong or missing secret' });
		return { noWebhookResponse: true };
	}
	return { workflowData: [[{ json: itemOf(context.getBodyData()) }]] };
}

const textOrNull = (value: unknown): string | null => (typeof value === 'string' ? value : null);

/** What the trigger emits for a notification. */
function itemOf({ title, message, severity, timestamp, fields }: IDataObject): IDataObject {
	const all = isRecord(fields) ? fields : {};
	return {
		type: textOrNull(all.type),
		severity: textOrNull(severity),
		title: textOrNull(title),
		message: textOrNull(message),
		node: textOrNull(all.hostname),
		jobId: textOrNull(all['job-id']),
		sentAt: typeof timestamp === 'number' ? isoTime(timestamp) : null,
		fields: all as IDataObject,
	};
}
