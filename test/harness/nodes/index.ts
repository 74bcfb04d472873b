import type { INodeType } from 'n8n-workflow';
import { httpRequest } from './httpRequest';
import { ifNode } from './if';
import { manualTrigger } from './manualTrigger';
import { noOp } from './noOp';
import { respondToWebhook } from './respondToWebhook';
import { scheduleTrigger } from './scheduleTrigger';
import { set } from './set';
import { webhook } from './webhook';

/**
 * Small stand-ins for the core nodes our workflows use, under n8n's own type names so that an
 * exported workflow runs unchanged. Each does the part named in its file, and refuses the rest.
 */
export const coreNodes: Record<string, INodeType> = Object.fromEntries(
	[httpRequest, ifNode, manualTrigger, noOp, respondToWebhook, scheduleTrigger, set, webhook].map(
		(node) => [`n8n-nodes-base.${node.description.name}`, node],
	),
);
