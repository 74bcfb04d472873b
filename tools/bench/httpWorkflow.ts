import { sleep, type INode, type INodeType } from 'n8n-workflow';

import type { LoadedTypes } from '../harness/loadNodeTypes';
import { describeNode } from '../harness/nodes/describeNode';
import type { ExportedWorkflow } from '../harness/runWorkflow';
import type { Access } from './emulatorProcess';
import { vmForm } from './vm';

/** What n8n's Wait node waits by default, in seconds. */
const WAIT_SECONDS = 5;
const WAIT = 'n8n-nodes-base.wait';

/** Wait, after a time interval in seconds: below 65 s n8n's sleeps in its process too. */
const wait: INodeType = {
	description: describeNode({
		name: 'wait',
		displayName: 'Wait',
		properties: [
			{ displayName: 'Wait Amount', name: 'amount', type: 'number', default: WAIT_SECONDS },
		],
	}),
	async execute() {
		await sleep(Number(this.getNodeParameter('amount', 0)) * 1000);
		return [this.getInputData()];
	},
};

/** The harness' nodes, with a stand-in for Wait among them. */
export function withWait(types: LoadedTypes): LoadedTypes {
	const { nodeTypes, assertKnown } = types;
	return {
		...types,
		nodeTypes: {
			...nodeTypes,
			getByName: (name) => (name === WAIT ? wait : nodeTypes.getByName(name)),
			getByNameAndVersion: (name, version) =>
				name === WAIT ? wait : nodeTypes.getByNameAndVersion(name, version),
		},
		assertKnown: (nodes) => assertKnown(nodes.filter(({ type }) => type !== WAIT)),
	};
}

/** One VM as people make it without this node: ask for an ID, post, then wait and look until the task has stopped. */
export function httpWorkflow({ url, tokenId, tokenSecret }: Access): ExportedWorkflow {
	const api = `${url}/api2/json`;
	const pairs = (values: Readonly<Record<string, string>>) => ({
		parameters: Object.entries(values).map(([name, value]) => ({ name, value })),
	});
	const signed = {
		sendHeaders: true,
		headerParameters: pairs({ Authorization: `PVEAPIToken=${tokenId}=${tokenSecret}` }),
	};
	const node = (
		name: string,
		type: string,
		parameters: INode['parameters'],
		typeVersion = 1,
	): INode => ({
		id: name,
		name,
		type: `n8n-nodes-base.${type}`,
		typeVersion,
		position: [0, 0],
		parameters,
	});
	const to = (...names: string[]) => ({
		main: names.map((name) => [{ node: name, type: 'main' as const, index: 0 }]),
	});
	return {
		nodes: [
			node('Trigger', 'manualTrigger', {}),
			node('Next ID', 'httpRequest', { method: 'GET', url: `${api}/cluster/nextid`, ...signed }),
			node('Create', 'httpRequest', {
				method: 'POST',
				url: `${api}/nodes/pve1/qemu`,
				...signed,
				sendBody: true,
				specifyBody: 'keypair',
				bodyParameters: pairs({ vmid: '={{ $json.data }}', ...vmForm }),
			}),
			node('Wait', 'wait', { amount: WAIT_SECONDS }),
			node('Status', 'httpRequest', {
				method: 'GET',
				url: `=${api}/nodes/pve1/tasks/{{ encodeURIComponent($('Create').first().json.data) }}/status`,
				...signed,
			}),
			node('Stopped?', 'if', {
				conditions: {
					options: { caseSensitive: true, typeValidation: 'strict', version: 2 },
					combinator: 'and',
					conditions: [
						{
							id: '1',
							leftValue: '={{ $json.data.status }}',
							rightValue: 'stopped',
							operator: { type: 'string', operation: 'equals' },
						},
					],
				},
			}),
			node('Made', 'noOp', {}),
		],
		connections: {
			Trigger: to('Next ID'),
			'Next ID': to('Create'),
			Create: to('Wait'),
			Wait: to('Status'),
			Status: to('Stopped?'),
			'Stopped?': to('Made', 'Wait'),
		},
	};
}
