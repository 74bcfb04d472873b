/* eslint-disable @n8n/community-nodes/no-restricted-globals -- a test tool, neither shipped nor scanned */
import {
	createRunExecutionData,
	deepCopy,
	Workflow,
	type ExecutionError,
	type ExecutionStatus,
	type IBinaryKeyData,
	type IDataObject,
	type IExecuteResponsePromiseData,
	type INode,
	type INodeExecutionData,
	type IPinData,
	type IRun,
	type IRunData,
	type IRunExecutionData,
	type ITaskData,
	type IWorkflowBase,
	type WorkflowExecuteMode,
} from 'n8n-workflow';
import { withLogSink, type LogEntry } from './capturedLogs';
import { createAdditionalData, urlsAt } from './createAdditionalData';
import { createCredentialsHelper, type StoredCredentials } from './createCredentialsHelper';
import type { LoadedTypes } from './loadNodeTypes';
import { ExecutionLifecycleHooks, WorkflowExecute } from './n8nCore';

/** A workflow as n8n's editor exports it. */
export type ExportedWorkflow = Pick<IWorkflowBase, 'nodes' | 'connections'> &
	Partial<IWorkflowBase>;

export type ProgressEvent =
	| { type: 'nodeStarted'; node: string }
	| { type: 'nodeFinished'; node: string; items: number; durationMs: number; error?: string }
	| ({ type: 'log' } & LogEntry);

export interface RunOptions {
	/** By type. A credential that renews itself is written back here, as n8n does to its database. */
	credentials?: StoredCredentials;
	/** What the trigger emits, instead of the workflow's pinned data or the trigger's own item. */
	inputItems?: IDataObject[];
	/** The binary fields of those items, in the same order. */
	inputBinary?: IBinaryKeyData[];
	/** `manual` (the default) is the editor's "Execute workflow": pinned data is used. */
	mode?: WorkflowExecuteMode;
	/** The trigger to start from, by name; without it n8n's own choice. */
	startNode?: string;
	onProgress?: (event: ProgressEvent) => void;
	/** Stops the execution as the editor's stop button does. */
	signal?: AbortSignal;
	/** The ID of the execution; one of its own if left out. */
	executionId?: string;
	/** Where n8n's webhooks are, without a path; nowhere if left out. */
	baseUrl?: string;
	/** The `execution` of a run that ended in `waiting`, to go on with it. */
	continue?: IRunExecutionData;
}

export interface ExecutionResult {
	status: ExecutionStatus;
	/** The output of the last node, one list per output; empty if it failed. */
	items: INodeExecutionData[][];
	lastNode?: string;
	runData: IRunData;
	error?: ExecutionError;
	/** What Respond to Webhook answered, if it did. */
	response?: IExecuteResponsePromiseData;
	/** What n8n and the nodes logged, in order, down to debug. */
	logs: LogEntry[];
	execution: IRunExecutionData;
}

let executions = 0;

/**
 * Runs a workflow on n8n's engine. A workflow that fails is a result with `error`, not a throw.
 * @throws UserError for a node type that is not known, or without a trigger to start from
 */
export async function runWorkflow(
	types: LoadedTypes,
	exported: ExportedWorkflow,
	options: RunOptions = {},
): Promise<ExecutionResult> {
	const { credentials = {}, mode = 'manual', onProgress, signal } = options;
	const executionId = options.executionId ?? String(++executions);
	const data = prepare(exported, credentials, types);
	types.assertKnown(data.nodes);
	const workflow = new Workflow({ ...data, nodeTypes: types.nodeTypes });

	const logs: LogEntry[] = [];
	const hooks = new ExecutionLifecycleHooks(mode, executionId, data);
	const timeout = data.settings?.executionTimeout ?? 0;
	const additionalData = createAdditionalData(
		createCredentialsHelper(types.credentialTypes, types.nodeTypes, credentials),
		{
			...(options.baseUrl === undefined ? {} : urlsAt(options.baseUrl)),
			executionId,
			hooks,
			executionTimeoutTimestamp: timeout > 0 ? Date.now() + timeout * 1000 : undefined,
		},
	);
	let response: IExecuteResponsePromiseData | undefined;
	hooks.addHandler('sendResponse', (sent) => {
		response ??= sent;
	});
	if (onProgress) reportProgress(hooks, onProgress);

	function log(entry: LogEntry): void {
		logs.push(entry);
		onProgress?.({ type: 'log', ...entry });
	}

	const run = await withLogSink(log, async () => {
		const engine = new WorkflowExecute(
			additionalData,
			mode,
			options.continue ?? createRunExecutionData(),
		);
		const running = options.continue
			? engine.processRunExecutionData(workflow)
			: start(engine, workflow, options);
		const cancel = () => running.cancel();
		if (signal?.aborted) cancel();
		signal?.addEventListener('abort', cancel, { once: true });
		const timer = timeout > 0 ? setTimeout(cancel, timeout * 1000) : undefined;
		try {
			const ended = await running;
			return running.isCanceled ? { ...ended, status: 'canceled' as const } : ended;
		} finally {
			signal?.removeEventListener('abort', cancel);
			clearTimeout(timer);
		}
	});
	return { ...describeRun(run, logs), ...(response === undefined ? {} : { response }) };
}

function start(
	engine: WorkflowExecute,
	workflow: Workflow,
	options: RunOptions,
): ReturnType<WorkflowExecute['run']> {
	const startNode = options.startNode
		? (workflow.getNode(options.startNode) ?? undefined)
		: workflow.getStartNode();
	const { inputItems, inputBinary = [] } = options;
	const given = inputItems?.map((json, index) => {
		const binary = inputBinary[index];
		return binary ? { json, binary } : { json };
	});
	const pinData: IPinData = {
		...workflow.pinData,
		...(given && startNode && { [startNode.name]: given }),
	};
	return engine.run({
		workflow,
		startNode,
		// The editor pins data; in production a trigger's data comes with the start.
		pinData: isManual(options) ? pinData : undefined,
		triggerToStartFrom:
			given && startNode && !isManual(options)
				? { name: startNode.name, data: triggerData(given) }
				: undefined,
	});
}

function isManual({ mode = 'manual' }: RunOptions): boolean {
	return mode === 'manual';
}

function triggerData(items: INodeExecutionData[]): ITaskData {
	return { startTime: 0, executionTime: 0, executionIndex: 0, source: [], data: { main: [items] } };
}

// The engine writes into what it is given, so that is a copy.
function prepare(
	exported: ExportedWorkflow,
	credentials: StoredCredentials,
	types: LoadedTypes,
): IWorkflowBase {
	const now = new Date(0);
	const { nodes, connections, settings, pinData, staticData, id, name } = deepCopy(exported);
	return {
		id: id ?? 'workflow',
		name: name ?? 'Workflow',
		active: false,
		isArchived: false,
		activeVersionId: null,
		createdAt: now,
		updatedAt: now,
		connections,
		pinData,
		staticData,
		settings: { executionOrder: 'v1', ...settings },
		nodes: nodes
			.filter(({ type }) => type !== 'n8n-nodes-base.stickyNote')
			.map((node) => assignCredentials(node, credentials, types)),
	};
}

// An exported workflow's credential IDs mean nothing elsewhere: as after an import, the ones at hand are picked.
function assignCredentials(
	node: INode,
	stored: StoredCredentials,
	{ packageNodes }: LoadedTypes,
): INode {
	if (node.credentials || !packageNodes.includes(node.type)) return node;
	const picked = Object.keys(stored).map((type) => [type, { id: type, name: type }]);
	return { ...node, credentials: Object.fromEntries(picked) };
}

function reportProgress(
	hooks: ExecutionLifecycleHooks,
	onProgress: NonNullable<RunOptions['onProgress']>,
): void {
	hooks.addHandler('nodeExecuteBefore', (node) => onProgress({ type: 'nodeStarted', node }));
	hooks.addHandler('nodeExecuteAfter', (node, { data, error, executionTime }) =>
		onProgress({
			type: 'nodeFinished',
			node,
			items: data?.main?.flat().length ?? 0,
			durationMs: executionTime,
			...(error && { error: error.message }),
		}),
	);
}

function describeRun({ status, data }: IRun, logs: LogEntry[]): ExecutionResult {
	const { lastNodeExecuted, runData, error } = data.resultData;
	const last = lastNodeExecuted ? runData[lastNodeExecuted]?.at(-1) : undefined;
	return {
		status,
		items: last?.data?.main?.map((items) => items ?? []) ?? [],
		lastNode: lastNodeExecuted,
		runData,
		error,
		logs,
		execution: data,
	};
}
