import type {
	IExecuteFunctions,
	INodeExecutionData,
	NodeApiError,
	NodeOperationError,
} from 'n8n-workflow';

import { adviseGrant } from '../runtime/adviseGrant';
import { redactError } from '../api/redact';
import { findOperation } from './index';
import { inParallel } from '../runtime/inParallel';
import { emit, type Emitted } from '../runtime/operation';
import {
	BadInputError,
	errorJson,
	toNodeError,
	withOthers,
	type Trace,
} from '../runtime/toNodeError';
import { createRun } from '../runtime/run';

/** Items under way at once; how many of them Proxmox sees at a time, Options → Max Parallel says. */
const MOST_AT_ONCE = 200;

/**
 * Does the node's operation for each of its items, side by side.
 * @returns the items of each output, in the order of those that went in
 * @throws NodeApiError or NodeOperationError of the first item that failed, unless the node is to go on after errors
 */
export async function executeItems(context: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	// Both are the same for all items: they take no expressions.
	const named = context.getNodeParameter('operation', 0, '');
	const { operation, catalogue } = findOperation(context.getNodeParameter('resource', 0), named);
	const { execute } = await operation.load();
	const run = createRun(context);
	const results = await inParallel(context.getInputData().length, MOST_AT_ONCE, async (index) => {
		const trace: Trace = {};
		const get = (name: string, fallback: unknown): unknown =>
			context.getNodeParameter(name, index, fallback);
		const item = { run, index, catalogue, get, trace };
		try {
			if (run.problems.length > 0) throw new BadInputError(run.problems);
			return redactWarnings(await execute(item), run.client.redact);
		} catch (cause) {
			const identity = await run.client.identity().catch(() => '');
			const grant = await adviseGrant(item, named, cause, identity).catch(() => undefined);
			// Before texts are put together and cut: a part of a secret would not be found.
			const shown = redactError(cause, run.client.redact);
			const error = toNodeError(context.getNode(), shown, {
				itemIndex: index,
				trace,
				catalogue,
				operation: String(named),
				identity,
				grant,
			});
			if (!context.continueOnFail()) throw error;
			return emit(errorJson(error, trace));
		}
	});

	const outputs: INodeExecutionData[][] = (operation.outputs ?? ['']).map(() => []);
	for (const [index, result] of results.entries()) {
		if (result.status === 'rejected') continue;
		for (const { json, output = 0 } of result.value)
			outputs[output]?.push({ json, pairedItem: { item: index } });
	}
	const [failed, ...others] = results
		.filter((result) => result.status === 'rejected')
		.map(({ reason }) => reason as NodeApiError | NodeOperationError);
	if (failed) throw withOthers(failed, outputs.flat(), others);
	return outputs;
}

/** Warnings repeat what logs and agents say. */
const redactWarnings = (emitted: Emitted[], redact: (text: string) => string): Emitted[] =>
	emitted.map(({ json, ...others }) => {
		const { warnings } = json;
		if (!Array.isArray(warnings)) return { json, ...others };
		return { json: { ...json, warnings: warnings.map((one) => redact(String(one))) }, ...others };
	});
