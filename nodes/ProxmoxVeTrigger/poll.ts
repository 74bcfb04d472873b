import { NodeOperationError, type INodeExecutionData, type IPollFunctions } from 'n8n-workflow';

import { adviseGrant } from '../ProxmoxVe/runtime/adviseGrant';
import { formOfPoll } from '../ProxmoxVe/form/Form';
import { toNodeError } from '../ProxmoxVe/runtime/toNodeError';
import { createClient, credentialOf } from '../ProxmoxVe/api/client';
import { redactError } from '../ProxmoxVe/api/redact';
import { filterFor, readSettings } from './filter';
import { pollTasks, sampleTask } from './pollTasks';

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
		const asked = { run: { client }, form, trace: {} };
		const grant = await adviseGrant(asked, 'poll', cause, identity).catch(() => undefined);
		const shown = redactError(cause, client.redact);
		throw toNodeError(context.getNode(), shown, { itemIndex: 0, trace: {}, grant });
	}
}
