/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a test tool, neither shipped nor scanned */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
	injectDomainRestrictionFields,
	NodeConnectionTypes,
	NodeHelpers,
	UserError,
	type ICredentialType,
	type INode,
	type INodeProperties,
	type INodeType,
	type INodeTypeDescription,
	type INodeTypes,
	type IVersionedNodeType,
} from 'n8n-workflow';
import { PackageDirectoryLoader } from './n8nCore';
import { coreNodes } from './nodes';

/** The nodes of a package, and the replacements for n8n's own nodes. */
export interface LoadedTypes {
	nodeTypes: INodeTypes;
	/** Full type names of the package's own nodes. */
	packageNodes: string[];
	credentialTypes: Record<string, ICredentialType>;
	/** The newest version of a node type: what the editor gives a node that is added today. */
	latestVersion(type: string): number;
	/** Throws a UserError naming the first node whose type is unknown, and the types that are not. */
	assertKnown(nodes: INode[]): void;
}

/**
 * Loads a package as n8n does at its start: `package.json` names the built files.
 * @param packageDir the folder of that package.json
 */
export async function loadNodeTypes(packageDir: string): Promise<LoadedTypes> {
	assertBuilt(packageDir);
	const loader = new PackageDirectoryLoader(packageDir);
	await loader.loadAll();
	const packageNodes = prefixKeys(loader.packageName, loader.nodeTypes);
	const types: Record<string, INodeType | IVersionedNodeType> = {
		...coreNodes,
		...packageNodes,
		...toolsOf(packageNodes),
	};

	function getByName(name: string): INodeType | IVersionedNodeType {
		const type = types[name];
		if (!type) throw new UserError(`Node type "${name}" is not known here. ${supported()}`);
		return type;
	}

	function supported(): string {
		return `Supported: ${Object.keys(types).sort().join(', ')}.`;
	}

	return {
		nodeTypes: {
			getByName,
			getByNameAndVersion: (name, version) =>
				NodeHelpers.getVersionedNodeType(getByName(name), version),
			getKnownTypes: () => ({}),
		},
		packageNodes: Object.keys(packageNodes),
		credentialTypes: Object.fromEntries(
			Object.entries(loader.credentialTypes).map(([name, { type }]) => {
				// n8n's "Allowed HTTP Request Domains".
				type.properties = injectDomainRestrictionFields(type);
				return [name, type];
			}),
		),
		latestVersion(type) {
			const { version } = NodeHelpers.getVersionedNodeType(getByName(type)).description;
			return Array.isArray(version) ? Math.max(...version) : version;
		},
		assertKnown(nodes) {
			const unknown = nodes.find((node) => !(node.type in types));
			if (!unknown) return;
			throw new UserError(
				`Node "${unknown.name}" is of type "${unknown.type}", not known here. ${supported()}`,
			);
		},
	};
}

/** @throws UserError where a file is not there that package.json names */
function assertBuilt(packageDir: string): void {
	const { n8n } = JSON.parse(readFileSync(join(packageDir, 'package.json'), 'utf8')) as {
		n8n: { nodes?: string[]; credentials?: string[] };
	};
	const missing = [...(n8n.nodes ?? []), ...(n8n.credentials ?? [])].find(
		(file) => !existsSync(join(packageDir, file)),
	);
	if (missing !== undefined)
		throw new UserError(`${missing} is missing in ${packageDir}: run "npm run build" first`);
}

function prefixKeys(
	packageName: string,
	loaded: PackageDirectoryLoader['nodeTypes'],
): Record<string, INodeType | IVersionedNodeType> {
	return Object.fromEntries(
		Object.entries(loaded).map(([name, { type }]) => [`${packageName}.${name}`, type]),
	);
}

/** The nodes that an AI agent may use, as n8n's server makes tools of them. */
function toolsOf(nodes: Record<string, INodeType | IVersionedNodeType>): Record<string, INodeType> {
	return Object.fromEntries(
		Object.entries(nodes).flatMap(([name, type]) => {
			const node = NodeHelpers.getVersionedNodeType(type);
			if (!node.description.usableAsTool) return [];
			const description: INodeTypeDescription = {
				...node.description,
				name: `${node.description.name}Tool`,
				displayName: `${node.description.displayName} Tool`,
				inputs: [],
				outputs: [NodeConnectionTypes.AiTool],
				usableAsTool: undefined,
				properties: [
					...toolProperties(node.description.description),
					...node.description.properties,
				],
			};
			return [
				[`${name}Tool`, Object.create(node, { description: { value: description } }) as INodeType],
			];
		}),
	);
}

/** What n8n adds to a tool's panel. */
const toolProperties = (description: string): INodeProperties[] => [
	{
		displayName: 'Tool Description',
		name: 'descriptionType',
		type: 'options',
		options: [
			{ name: 'Set Automatically', value: 'auto' },
			{ name: 'Set Manually', value: 'manual' },
		],
		default: 'auto',
	},
	{
		displayName: 'Description',
		name: 'toolDescription',
		type: 'string',
		default: description,
		displayOptions: { show: { descriptionType: ['manual'] } },
	},
];
