import { NodeOperationError, type INodeExecutionData, type IPollFunctions } from 'n8n-workflow';

import { adviseGrant } from '../ProxmoxVe/operations/adviseGrant';
import { toNodeError } from '../ProxmoxVe/operations/report';
import { createClient, credentialOf } from '../ProxmoxVe/pve/client';
import { readFilter, readLogLines, readNodes } from './filter';
import { pollTasks, sampleTask } from './pollTasks';

/** What a poll emits: the tasks that have ended since the last one, or a sample for the editor's "Fetch Test Event". */
export async function poll(context: IPollFunctions): Promise<INodeExecutionData[][] | null> {
	const client = createClient(context, credentialOf(context.getNodeParameter('authentication')));
	try {
		const watch = { client, nodes: readNodes(context), filter: readFilter(context), logLines: readLogLines(context) };
		if (context.getMode() === 'manual') {
			const sample = await sampleTask(context, watch);
			if (sample) return [[{ json: sample }]];
			throw new NodeOperationError(context.getNode(), 'No finished task matches', {
				description: 'A token without Sys.Audit on the node sees only the tasks that it started itself.',
			});
		}
		const items = (await pollTasks(context, watch)).map((json) => ({ json }));
		return items.length > 0 ? [items] : null;
	} catch (cause) {
		const identity = await client.identity().catch(() => '');
		const asked = { run: { client }, get: () => undefined, trace: {} };
		const grant = await adviseGrant(asked, 'poll', cause, identity).catch(() => undefined);
		throw toNodeError(context.getNode(), cause, { itemIndex: 0, trace: {}, grant });
	}
}
