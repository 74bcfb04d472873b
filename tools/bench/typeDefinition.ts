/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a test tool, neither shipped nor scanned */
import {
	generateSingleVersionTypeFile,
	planSplitVersionFiles,
} from '@n8n/workflow-sdk/dist/generate-types/generate-types';
import type { INodeTypeDescription } from 'n8n-workflow';

/** What a model that builds workflows reads of the node, in characters. */
export interface TypeDefinition {
	/** The whole node in one file. */
	readonly whole: number;
	/** The file of one operation, which n8n's builder reads: the longest one. */
	readonly longest: number;
	/** `resource_virtual_machine/operation_create.ts` */
	readonly longestFile: string;
	/** The text of the whole. */
	readonly text: string;
}

/** Generates a node's type definition with n8n's own generator. */
export function typeDefinition(description: INodeTypeDescription): TypeDefinition {
	const node = { ...description, name: `n8n-nodes-proxmox-ve.${description.name}` };
	const version = [description.version].flat().at(-1) ?? 1;
	const [[longestFile, longest] = ['', 0]] = [...planSplitVersionFiles(node as never, version)]
		.filter(([file]) => file.endsWith('.ts'))
		.map(([file, text]): [string, number] => [file, text.length])
		.sort(([, a], [, b]) => b - a);
	const text = generateSingleVersionTypeFile(node as never, version);
	return { whole: text.length, longest, longestFile, text };
}
