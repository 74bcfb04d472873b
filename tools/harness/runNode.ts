import { UserError, type INode, type INodeParameters } from 'n8n-workflow';
import type { LoadedTypes } from './loadNodeTypes';
import { runWorkflow, type ExecutionResult, type RunOptions } from './runWorkflow';

export interface RunNodeOptions extends Omit<RunOptions, 'inputItems' | 'startNode'> {
	/** Full type name; optional if the package has only one node besides triggers. */
	type?: string;
	parameters?: INodeParameters;
	/** The node's input; one empty item if left out. */
	items?: RunOptions['inputItems'];
	/** The node's settings: onError, retryOnFail, executeOnce, typeVersion … */
	settings?: Partial<INode>;
}

/** Runs one node behind a trigger that emits `items`; the node is called "Node". */
export async function runNode(
	types: LoadedTypes,
	options: RunNodeOptions,
): Promise<ExecutionResult> {
	const { type = onlyNode(types), parameters = {}, items, settings, ...runOptions } = options;
	const position: INode['position'] = [0, 0];
	const typeVersion = types.latestVersion(type);
	return await runWorkflow(
		types,
		{
			nodes: [
				{
					id: '1',
					name: 'Trigger',
					type: 'n8n-nodes-base.manualTrigger',
					typeVersion: 1,
					position,
					parameters: {},
				},
				{ id: '2', name: 'Node', type, typeVersion, position, parameters, ...settings },
			],
			connections: { Trigger: { main: [[{ node: 'Node', type: 'main', index: 0 }]] } },
		},
		{ ...runOptions, inputItems: items },
	);
}

/** The package's node, where it has just one that is no trigger. */
export function onlyNode({ packageNodes, nodeTypes }: LoadedTypes): string {
	const actions = packageNodes.filter(
		(type) => !nodeTypes.getByNameAndVersion(type).description.group.includes('trigger'),
	);
	const [node, ...others] = actions;
	if (node && others.length === 0) return node;
	throw new UserError(`Name the node's type: the package has ${packageNodes.join(', ') || 'none'}`);
}
