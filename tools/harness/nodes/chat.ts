import {
	NodeConnectionTypes,
	NodeOperationError,
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

/** As much of a tool as is used here: n8n's engine makes them of the nodes that are connected. */
interface Tool {
	name: string;
	description: string;
	invoke(args: IDataObject): Promise<string>;
}

/** A tool that a model would use next, and with what. */
interface ToolCall {
	tool: string;
	args: IDataObject;
}

/**
 * An agent without a model: it uses the engine's own tools, in the order that the field `calls` of its
 * item says, and emits what a model would see of them: their names, descriptions and answers.
 */
export const agent: INodeType = {
	description: describeNode({
		name: 'agent',
		displayName: 'AI Agent',
		inputs: [
			NodeConnectionTypes.Main,
			{ type: NodeConnectionTypes.AiLanguageModel, required: true, maxConnections: 1 },
			{ type: NodeConnectionTypes.AiTool },
		],
	}),
	async execute() {
		const { calls = [] } = this.getInputData()[0]?.json ?? {};
		const tools = (await this.getInputConnectionData(NodeConnectionTypes.AiTool, 0)) as Tool[];
		const answers: string[] = [];
		for (const { tool: name, args } of calls as unknown[] as ToolCall[]) {
			const tool = tools.find((one) => one.name === name);
			if (!tool)
				throw new NodeOperationError(
					this.getNode(),
					`There is no tool "${name}", but ${tools.map((one) => one.name).join(', ')}`,
				);
			answers.push(await tool.invoke(args).catch((error: Error) => error.message));
		}
		return [
			[{ json: { tools: tools.map(({ name, description }) => ({ name, description })), answers } }],
		];
	},
};
