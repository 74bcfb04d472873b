import type { INodeType } from 'n8n-workflow';
import { aggregate } from './aggregate';
import { agent, chat, chatApproval, chatMemory, chatModel, chatTrigger } from './chat';
import { filter } from './filter';
import { httpRequest } from './httpRequest';
import { ifNode } from './if';
import { manualTrigger } from './manualTrigger';
import { noOp } from './noOp';
import { respondToWebhook } from './respondToWebhook';
import { scheduleTrigger } from './scheduleTrigger';
import { set } from './set';
import { splitOut } from './splitOut';
import { wait } from './wait';
import { webhook } from './webhook';

const base = [
	aggregate,
	filter,
	httpRequest,
	ifNode,
	manualTrigger,
	noOp,
	respondToWebhook,
	scheduleTrigger,
	set,
	splitOut,
	wait,
	webhook,
];

const inPackage = (name: string, nodes: readonly INodeType[]): Array<[string, INodeType]> =>
	nodes.map((node) => [`${name}.${node.description.name}`, node]);

/**
 * Small stand-ins for the core nodes our workflows use, under n8n's own type names so that an
 * exported workflow runs unchanged. Each does the part named in its file, and refuses the rest.
 */
export const coreNodes: Record<string, INodeType> = Object.fromEntries([
	...inPackage('n8n-nodes-base', base),
	...inPackage('@n8n/n8n-nodes-langchain', [
		agent,
		chat,
		chatApproval,
		chatMemory,
		chatModel,
		chatTrigger,
	]),
]);
