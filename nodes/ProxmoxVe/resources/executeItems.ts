import type {
	IExecuteFunctions,
	INodeExecutionData,
	NodeApiError,
	NodeOperationError,
} from 'n8n-workflow';

import { formOfItem } from '../form/Form';
import { adviseGrant } from '../runtime/adviseGrant';
import { shortened } from '../api/messageOf';
import { redactError } from '../api/redact';
import { findOperation } from './index';
import { inParallel } from '../runtime/concurrency';
import type { Trace } from '../runtime/context';
import { emit, type Emitted, type Item } from '../runtime/operation';
import { escapeHtml } from '../runtime/errorText';
import { errorJson, toNodeError, withOthers } from '../runtime/toNodeError';
import { inWordsOf } from '../form/inWordsOf';
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
	const first = formOfItem(context, 0);
	const named = first.raw('operation');
	const { operation, kind } = findOperation(first.raw('resource'), named);
	const { execute } = await operation.load();
	const run = createRun(context);
	const results = await inParallel(context.getInputData().length, MOST_AT_ONCE, async (index) => {
		const trace: Trace = {};
		const form = formOfItem(context, index, run.problems, run.allowed);
		const item: Item = { run, index, kind, form, trace };
		try {
			form.check();
			return withWarnings(await execute(item), (text) =>
				run.client.redact(inWordsOf(item.kind, text)),
			);
		} catch (cause) {
			const identity = await run.client.identity().catch(() => '');
			const grant = await adviseGrant({ ...item, vmid: trace.vmid }, named, cause, identity).catch(
				() => undefined,
			);
			// Before texts are put together and cut: a part of a secret would not be found.
			const shown = redactError(cause, run.client.redact);
			const error = toNodeError(context.getNode(), shown, {
				itemIndex: index,
				trace,
				catalogue: item.kind.catalogue,
				kind: item.kind,
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
		for (const { json, binary, output = 0 } of result.value)
			outputs[output]?.push({
				json,
				...(binary === undefined ? {} : { binary }),
				pairedItem: { item: index },
			});
	}
	hintAtWarnings(context, outputs.flat());
	const [failed, ...others] = results
		.filter((result) => result.status === 'rejected')
		.map(({ reason }) => reason as NodeApiError | NodeOperationError);
	if (failed) throw withOthers(failed, outputs.flat(), others, kind);
	return outputs;
}

/** Warnings of an item that are emitted: a log or a guest may give rise to any number. */
const MOST_WARNINGS = 50;

/** Warnings that are shown above the output. */
const MOST_HINTS = 5;

/** Shows warnings above the output too, where they are seen without a look into each item. */
function hintAtWarnings(context: IExecuteFunctions, items: readonly INodeExecutionData[]): void {
	const all = items.flatMap(({ json: { warnings } }, index) =>
		Array.isArray(warnings) ? warnings.map((one) => ({ index, text: String(one) })) : [],
	);
	if (all.length === 0) return;
	const shown = all
		.slice(0, MOST_HINTS)
		.map(({ index, text }) => `Item ${index}: ${shortened(text, 300)}`);
	const more = all.length - shown.length;
	if (more > 0) shown.push(`${more} more warnings are in the output`);
	context.addExecutionHints(
		...shown.map((text) => ({
			// n8n renders a hint as HTML.
			message: escapeHtml(text),
			type: 'warning' as const,
			location: 'outputPane' as const,
		})),
	);
}

/** Bounds and cleans the warnings of an item, which repeat what logs and agents say. */
const withWarnings = (emitted: Emitted[], redact: (text: string) => string): Emitted[] =>
	emitted.map(({ json, ...others }) => {
		const { warnings } = json;
		if (!Array.isArray(warnings)) return { json, ...others };
		const shown = warnings.slice(0, MOST_WARNINGS).map((one) => redact(String(one)));
		const more = warnings.length - shown.length;
		if (more > 0) shown.push(`and ${more} more warnings`);
		return { json: { ...json, warnings: shown }, ...others };
	});
