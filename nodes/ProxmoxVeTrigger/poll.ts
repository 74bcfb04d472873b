import { NodeOperationError, type INodeExecutionData, type IPollFunctions } from 'n8n-workflow';

import { clusterUrls } from '../../credentials/clusterUrl';
import { adviseGrant } from '../ProxmoxVe/runtime/adviseGrant';
import { toNodeError } from '../ProxmoxVe/runtime/toNodeError';
import { createClient, credentialOf } from '../ProxmoxVe/api/client';
import { redactError } from '../ProxmoxVe/api/redact';
import { readFilter, readLogLines, readNodes } from './filter';
import { pollTasks, sampleTask } from './pollTasks';

/** What a poll emits: the tasks that have ended since the last one, or a sample for the editor's "Fetch Test Event". */
export async function poll(context: IPollFunctions): Promise<INodeExecutionData[][] | null> {
	const credential = credentialOf(context.getNodeParameter('authentication'));
	const client = createClient(context, credential);
	try {
		const { url } = await context.getCredentials<{ url?: string }>(credential);
		const filter = readFilter(context, await client.identity());
		const watch = {
			client,
			hosts: clusterUrls(String(url ?? '')),
			nodes: readNodes(context),
			filter,
			logLines: readLogLines(context),
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
		const asked = { run: { client }, get: () => undefined, trace: {} };
		const grant = await adviseGrant(asked, 'poll', cause, identity).catch(() => undefined);
		const shown = redactError(cause, client.redact);
		throw toNodeError(context.getNode(), shown, { itemIndex: 0, trace: {}, grant });
	}
}
