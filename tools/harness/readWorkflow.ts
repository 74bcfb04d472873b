/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a test tool, neither shipped nor scanned */
import { readFileSync } from 'node:fs';
import { jsonParse, type IDataObject } from 'n8n-workflow';
import type { ExportedWorkflow } from './runWorkflow';

/** Reads a workflow as the editor downloads it. Throws, naming the file, if it is none. */
export function readWorkflow(file: string): ExportedWorkflow {
	const workflow = readJson<Partial<ExportedWorkflow>>(file);
	if (!Array.isArray(workflow.nodes) || typeof workflow.connections !== 'object') {
		throw new Error(`${file}: no n8n workflow (it has no "nodes" and "connections")`);
	}
	return { ...workflow, nodes: workflow.nodes, connections: workflow.connections };
}

/** Reads items for a trigger: a JSON array of objects, or one object. */
export function readItems(file: string): IDataObject[] {
	const items = readJson<IDataObject | IDataObject[]>(file);
	return Array.isArray(items) ? items : [items];
}

function readJson<T>(file: string): T {
	return jsonParse<T>(readFileSync(file, 'utf8'), { errorMessage: `${file}: not valid JSON` });
}
