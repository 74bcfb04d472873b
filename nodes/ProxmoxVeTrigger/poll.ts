import {
	NodeOperationError,
	type Failure,
	type INodeExecutionData,
	type IPollFunctions,
} from 'n8n-workflow';

import { adviseGrant } from '../ProxmoxVe/runtime/adviseGrant';
import { formOfPoll } from '../ProxmoxVe/form/Form';
import { toNodeError } from '../ProxmoxVe/runtime/toNodeError';
import { createClient, credentialOf } from '../ProxmoxVe/api/client';
import { CredentialError } from '../ProxmoxVe/api/account';
import { isTransient, PveError } from '../ProxmoxVe/api/errors';
import { BadInputError } from '../ProxmoxVe/form/BadInputError';
import { redactError } from '../ProxmoxVe/api/redact';
import { filterFor, readSettings } from './filter';
import { pollTasks, sampleTask } from './pollTasks';

/** Why a poll failed, from which n8n 2.41 decides how long to wait before the next one: older versions ignore it. */
function failureOf(cause: unknown): Failure | undefined {
	if (cause instanceof BadInputError) return { cause: 'configuration-invalid' };
	if (cause instanceof CredentialError) return { cause: 'credential-invalid' };
	if (!(cause instanceof PveError)) return undefined;
	const { status, isForeign } = cause.failure;
	if (status === 401 && isForeign !== true) return { cause: 'credential-invalid' };
	return { cause: isTransient(cause) ? 'temporarily-unavailable' : 'configuration-invalid' };
}

/** Emits the tasks that finished since the last poll, or a sample for the editor's "Fetch Test Event". */
export async function poll(context: IPollFunctions): Promise<INodeExecutionData[][] | null> {
	const form = formOfPoll(context);
	const credential = credentialOf(form.choice('authentication'));
	const client = createClient(context, credential);
	try {
		const settings = readSettings(form);
		form.check();
		const watch = {
			client,
			hosts: await client.hosts(),
			nodes: settings.nodes,
			filter: filterFor(settings, await client.identity()),
			logLines: settings.logLines,
		};
		if (context.getMode() === 'manual') {
			const sample = await sampleTask(context, watch);
			if (sample) return [[{ json: sample }]];
			throw new NodeOperationError(context.getNode(), 'No finished task matches', {
				description:
					'A token without Sys.Audit on the node sees only the tasks that it started itself. Ignore Own Tasks leaves these out.',
			});
		}
		const items = (await pollTasks(context, watch)).map((json) => ({ json }));
		return items.length > 0 ? [items] : null;
	} catch (cause) {
		const identity = await client.identity().catch(() => '');
		const asked = { run: { client }, form };
		const grant = await adviseGrant(asked, 'poll', cause, identity).catch(() => undefined);
		const shown = redactError(cause, client.redact);
		const error = toNodeError(context.getNode(), shown, { itemIndex: 0, trace: {}, grant });
		error.failure = failureOf(cause);
		throw error;
	}
}
