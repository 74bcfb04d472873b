import {
	NodeConnectionTypes,
	NodeOperationError,
	type EngineRequest,
	type IDataObject,
	type INodeType,
} from 'n8n-workflow';
import { describeNode } from './describeNode';

/** Emits the message that it is given, as n8n's Chat Trigger does. */
export const chatTrigger: INodeType = {
	description: describeNode({
		name: 'chatTrigger',
		displayName: 'Chat Trigger',
		group: ['trigger'],
		inputs: [],
	}),
	async trigger() {
		return {
			manualTriggerFunction: async () =>
				this.emit([[{ json: { sessionId: '1', action: 'sendMessage', chatInput: '' } }]]),
		};
	},
};

/** Takes the place of a model. It is never asked. */
export const chatModel: INodeType = {
	description: describeNode({
		name: 'lmChatOpenAi',
		displayName: 'OpenAI Chat Model',
		inputs: [],
		outputs: [NodeConnectionTypes.AiLanguageModel],
	}),
};

/** Takes the place of a memory. It is never asked. */
export const chatMemory: INodeType = {
	description: describeNode({
		name: 'memoryBufferWindow',
		displayName: 'Simple Memory',
		inputs: [],
		outputs: [NodeConnectionTypes.AiMemory],
	}),
};

/** Sends a message to the chat: emits it in n8n's key. */
export const chat: INodeType = {
	description: describeNode({
		name: 'chat',
		displayName: 'Chat',
		properties: [
			{ displayName: 'Operation', name: 'operation', type: 'string', default: 'send' },
			{ displayName: 'Message', name: 'message', type: 'string', default: '' },
		],
	}),
	async execute() {
		const operation = this.getNodeParameter('operation', 0) as string;
		if (operation !== 'send')
			throw new NodeOperationError(
				this.getNode(),
				`The runner's Chat does not know "${operation}"`,
			);
		return [[{ json: {}, sendMessage: this.getNodeParameter('message', 0) as string }]];
	},
};

/** Asks a person in the chat to approve a tool call. The field `approve` of the agent's item is the answer; yes by default. */
export const chatApproval: INodeType = {
	description: describeNode({
		name: 'chatHitlTool',
		displayName: 'Chat',
		inputs: [{ type: NodeConnectionTypes.AiTool, required: true }],
		outputs: [NodeConnectionTypes.AiTool],
		properties: [{ displayName: 'Message', name: 'message', type: 'string', default: '' }],
	}),
	async execute() {
		const { approve = true } = this.getInputData()[0]?.json ?? {};
		const message = this.getNodeParameter('message', 0) as string;
		return [[{ json: { data: { approved: approve === true }, message } }]];
	},
};

/** As much of a tool as is used here: n8n's engine makes them of the nodes that are connected. */
interface Tool {
	name: string;
	description: string;
	/** `gatedToolNodeName`: a person must approve its calls in the node `sourceNodeName`. */
	metadata?: { sourceNodeName?: string; gatedToolNodeName?: string };
	invoke(args: IDataObject): Promise<string>;
}

/** A tool that a model would use next, and with what. */
interface ToolCall {
	tool: string;
	args: IDataObject;
}

/** What the agent remembers while the engine runs a node for it. */
interface Progress {
	answers: string[];
}

type Request = EngineRequest<Progress>;

/** Asks the engine to run a node as a tool, and then to go on with the agent. */
const runTool = (
	nodeName: string,
	input: IDataObject,
	progress: Progress,
	hitl?: Tool,
): Request => ({
	actions: [
		{
			actionType: 'ExecutionNodeAction',
			nodeName,
			input,
			type: NodeConnectionTypes.AiTool,
			id: `call-${progress.answers.length + 1}`,
			metadata: { ...progress, ...(hitl ? { hitl: hitl.metadata?.gatedToolNodeName } : {}) },
		},
	],
	metadata: progress,
});

/**
 * An agent without a model: it uses the engine's own tools, in the order that the field `calls` of its
 * item says, and emits what a model would see of them: their names, descriptions and answers. A tool that needs
 * approval runs as n8n's agent does it: the engine runs the node that asks, then the tool's.
 */
export const agent: INodeType = {
	description: describeNode({
		name: 'agent',
		displayName: 'AI Agent',
		version: [1, 2, 3, 3.1],
		inputs: [
			NodeConnectionTypes.Main,
			{ type: NodeConnectionTypes.AiLanguageModel, required: true, maxConnections: 1 },
			{ type: NodeConnectionTypes.AiMemory, maxConnections: 1 },
			{ type: NodeConnectionTypes.AiTool },
		],
	}),
	async execute(response) {
		const calls = (this.getInputData()[0]?.json.calls ?? []) as unknown[] as ToolCall[];
		const connected = (await this.getInputConnectionData(NodeConnectionTypes.AiTool, 0)) as Array<
			Tool | { tools: Tool[] }
		>;
		const tools = connected.flatMap((one) => ('tools' in one ? one.tools : one));
		const progress: Progress = { answers: [...((response?.metadata as Progress)?.answers ?? [])] };
		for (const { action, data } of response?.actionResponses ?? []) {
			const { hitl } = (action.metadata ?? {}) as { hitl?: string };
			const items = (data.data?.ai_tool?.[0] ?? []).map(({ json }) => json);
			if (hitl === undefined) progress.answers.push(data.error?.message ?? JSON.stringify(items));
			else if ((items[0]?.data as IDataObject | undefined)?.approved === true)
				return runTool(hitl, calls[progress.answers.length]?.args ?? {}, progress);
			else progress.answers.push('The user rejected the tool call');
		}
		for (const { tool: name, args } of calls.slice(progress.answers.length)) {
			const tool = tools.find((one) => one.name === name);
			if (!tool)
				throw new NodeOperationError(
					this.getNode(),
					`There is no tool "${name}", but ${tools.map((one) => one.name).join(', ')}`,
				);
			const { gatedToolNodeName, sourceNodeName = '' } = tool.metadata ?? {};
			if (gatedToolNodeName !== undefined)
				return runTool(sourceNodeName, { toolParameters: args }, progress, tool);
			progress.answers.push(await tool.invoke(args).catch((error: Error) => error.message));
		}
		const { answers } = progress;
		return [
			[
				{
					json: {
						output: answers.at(-1) ?? '',
						tools: tools.map(({ name, description }) => ({ name, description })),
						answers,
					},
				},
			],
		];
	},
};
