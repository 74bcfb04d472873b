import {
	deepCopy,
	type IDataObject,
	type INodeExecutionData,
	type WorkflowActivateMode,
} from 'n8n-workflow';
import { withLogSink, type LogEntry } from './capturedLogs';
import { createAdditionalData } from './createAdditionalData';
import { createCredentialsHelper } from './createCredentialsHelper';
import type { LoadedTypes } from './loadNodeTypes';
import { PollContext, pollTriggerExecutor } from './n8nCore';
import { triggerWorkflow, type TriggerOptions } from './triggerWorkflow';

export interface ActivateOptions extends TriggerOptions {
	/** `init` is n8n's own start, `activate` (the default) the user's switch. */
	activation?: WorkflowActivateMode;
}

/** A workflow with a polling trigger, from its activation to n8n's end. */
export interface ActiveTrigger {
	/** One tick of the schedule. Resolves when its poll has ended; n8n would begin another one meanwhile. */
	tick(): Promise<void>;
	/** What the trigger has started so far: the items of each execution. */
	readonly executions: INodeExecutionData[][];
	/** The polls that failed. */
	readonly errors: Error[];
	/** The static data in n8n's database: written with each execution that starts, and after the activation. */
	readonly saved: IDataObject;
	readonly logs: LogEntry[];
	/** The workflow is switched off or n8n ends: polls under way come to nothing. */
	deactivate(): void;
}

/**
 * Activates a workflow of one polling trigger as n8n does: it polls once, and refuses the activation
 * where that fails.
 */
export async function activateTrigger(
	types: LoadedTypes,
	options: ActivateOptions,
): Promise<ActiveTrigger> {
	const { credentials = {}, activation = 'activate' } = options;
	const { workflow, node } = triggerWorkflow(types, options);

	const logs: LogEntry[] = [];
	const executions: INodeExecutionData[][] = [];
	const errors: Error[] = [];
	let saved = options.saved ?? {};
	let isCurrent = true;

	function save(): void {
		if (workflow.staticData.__dataChanged === true) saved = deepCopy(workflow.staticData);
	}

	const context = new PollContext(
		workflow,
		node,
		createAdditionalData(
			createCredentialsHelper(types.credentialTypes, types.nodeTypes, credentials),
		),
		'trigger',
		activation,
		([items = []]) => {
			save();
			executions.push(items);
		},
		(error) => void errors.push(error),
	);
	const poll = pollTriggerExecutor.create(workflow, node, context, () => isCurrent);
	const logged = async <Result>(action: () => Promise<Result>) =>
		await withLogSink((entry) => void logs.push(entry), action);

	await logged(async () => await workflow.expression.withIsolate(async () => await poll(true)));
	save();
	return {
		tick: async () => await logged(async () => await poll()),
		executions,
		errors,
		get saved() {
			return saved;
		},
		logs,
		deactivate() {
			isCurrent = false;
		},
	};
}
