/* eslint-disable @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-restricted-imports -- a test tool, neither shipped nor scanned */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { INodeType, INodeTypeDescription } from 'n8n-workflow';

/** Of the same release as n8n-workflow in package.json. It is installed for the measurement only. */
const SDK = '@n8n/workflow-sdk';
const SDK_VERSION = '0.34.0';

/** What a model that builds workflows reads of the node, in characters. */
export interface TypeDefinition {
	/** The whole node in one file. */
	readonly whole: number;
	/** The file of one operation, which n8n's builder reads: the longest one. */
	readonly longest: number;
	/** `resource_virtual_machine/operation_create.ts` */
	readonly longestFile: string;
}

/** What of n8n's generator is used here. */
interface Generator {
	generateSingleVersionTypeFile(node: INodeTypeDescription, version: number): string;
	planSplitVersionFiles(node: INodeTypeDescription, version: number): Map<string, string>;
}

const root = resolve(__dirname, '../..');

/** Generates the node's type definition with n8n's own generator. @throws where npm cannot install it */
export async function typeDefinition(): Promise<TypeDefinition> {
	const folder = mkdtempSync(join(tmpdir(), 'workflow-sdk-'));
	try {
		await promisify(execFile)(
			'npm',
			[
				'install',
				'--prefix',
				folder,
				'--ignore-scripts',
				'--no-audit',
				'--no-fund',
				`${SDK}@${SDK_VERSION}`,
			],
			{ cwd: folder, shell: process.platform === 'win32' },
		);
		const requireFrom = createRequire(join(folder, 'package.json'));
		const generator: Generator = requireFrom(`${SDK}/scripts/generate-types`);
		const { ProxmoxVe }: { ProxmoxVe: new () => INodeType } = createRequire(
			join(root, 'package.json'),
		)('./dist/nodes/ProxmoxVe/ProxmoxVe.node.js');
		const { description } = new ProxmoxVe();
		const node = { ...description, name: `n8n-nodes-proxmox-ve.${description.name}` };
		const version = [description.version].flat().at(-1) ?? 1;
		const [[longestFile, longest] = ['', 0]] = [...generator.planSplitVersionFiles(node, version)]
			.filter(([file]) => file.endsWith('.ts'))
			.map(([file, text]): [string, number] => [file, text.length])
			.sort(([, a], [, b]) => b - a);
		return {
			whole: generator.generateSingleVersionTypeFile(node, version).length,
			longest,
			longestFile,
		};
	} finally {
		rmSync(folder, { recursive: true });
	}
}
