import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './paths.mjs';
import { until } from './processes.mjs';

/** What a picker stores. */
export const chosen = (value) => ({ __rl: true, mode: 'list', value });

let count = 0;
const node = (name, type, typeVersion, parameters, more = {}) => ({
	id: `n${++count}`,
	name,
	type,
	typeVersion,
	position: [240 * count, 0],
	parameters,
	...more,
});

export const webhook = (path, responseMode = 'responseNode') =>
	node(
		'Webhook',
		'n8n-nodes-base.webhook',
		2,
		{ httpMethod: 'POST', path, responseMode, options: {} },
		{ webhookId: path },
	);
export const onError = () => node('On Error', 'n8n-nodes-base.errorTrigger', 1, {});
export const manual = () => node('Start', 'n8n-nodes-base.manualTrigger', 1, {});
export const notify = (url, json) =>
	node('Notify', 'n8n-nodes-base.httpRequest', 4.2, {
		method: 'POST',
		url,
		sendBody: true,
		specifyBody: 'json',
		jsonBody: json,
		options: {},
	});
/** HTTP Request with a credential of ours; what fails comes out as an item. */
export const apiCall = (credential, url) =>
	node(
		'API Call',
		'n8n-nodes-base.httpRequest',
		4.2,
		{
			url,
			authentication: 'predefinedCredentialType',
			nodeCredentialType: 'proxmoxVeApi',
			options: {},
		},
		{ credentials: { proxmoxVeApi: credential }, onError: 'continueRegularOutput' },
	);
export const respond = (json) =>
	node('Respond', 'n8n-nodes-base.respondToWebhook', 1.1, {
		respondWith: 'json',
		responseBody: json,
		options: {},
	});
export const proxmox = (credential, parameters, more = {}) =>
	node('Proxmox VE', 'n8n-nodes-proxmox-ve.proxmoxVe', 1, parameters, {
		credentials: { proxmoxVeApi: credential },
		...more,
	});

/** The trigger that Proxmox calls. */
export const notificationTrigger = (credential, parameters = {}) =>
	node('On Notification', 'n8n-nodes-proxmox-ve.proxmoxVeNotificationTrigger', 1, parameters, {
		webhookId: 'on-notification',
		credentials: { proxmoxVeApi: credential },
	});

/** Parameters of a small VM with a disk and a card. */
export const smallVm = (name, options = {}) => ({
	name,
	cores: 1,
	memory_current: 1024,
	profile: 'none',
	diskSource: 'new',
	storage: chosen('local'),
	diskSize: 1,
	bridge: chosen('vmbr0'),
	options: { node: chosen('pve1'), ...options },
});

/** The same on a storage that is not there. */
export const brokenVm = () => ({
	...smallVm('broken'),
	storage: { __rl: true, mode: 'name', value: 'nowhere' },
});

/** Nodes one after the other. */
export const inARow = (name, nodes, settings = {}) => ({
	name,
	nodes,
	settings: { executionOrder: 'v1', ...settings },
	connections: Object.fromEntries(
		nodes
			.slice(1)
			.map((to, i) => [nodes[i].name, { main: [[{ node: to.name, type: 'main', index: 0 }]] }]),
	),
});

/** A workflow of examples/ with the credential that is there. */
export function readExample(file, credential) {
	const { name, nodes, connections, settings } = JSON.parse(
		readFileSync(join(root, 'examples', file), 'utf8'),
	);
	const isOurs = ({ type }) => type.startsWith('n8n-nodes-proxmox-ve.');
	return {
		name,
		connections,
		settings,
		nodes: nodes.map((one) =>
			isOurs(one) ? { ...one, credentials: { proxmoxVeApi: credential } } : one,
		),
	};
}

/** Makes a workflow. Old versions require `active: false`. */
export const create = (rest, workflow) =>
	rest('POST', '/workflows', { active: false, ...workflow });

/** Makes a workflow and activates it. */
export async function activate(rest, workflow) {
	const { id, versionId } = await create(rest, workflow);
	await rest('POST', `/workflows/${id}/activate`, { versionId });
	return id;
}

/** The same in n8n 1. */
export async function activateIn1(rest, workflow) {
	const { id, versionId } = await create(rest, workflow);
	await rest('PATCH', `/workflows/${id}`, { active: true, versionId });
	return id;
}

/** Takes a workflow out of service. */
export const deactivate = (rest, id) => rest('POST', `/workflows/${id}/deactivate`, {});

/** Waits until n8n, which activates in the background, knows a webhook: a GET on it returns that it requires POST. */
export const webhookIsThere = (url, path) =>
	until(`webhook ${path}`, async () => {
		const { message } = await (await fetch(`${url}/webhook/${path}`)).json();
		return /not registered for GET/.test(message);
	});

/** Calls a webhook; its status and JSON. */
export async function call(url, path, body) {
	const response = await fetch(`${url}/webhook/${path}`, {
		method: 'POST',
		headers: { 'content-type': 'application/json' },
		body: JSON.stringify(body),
	});
	const text = await response.text();
	return {
		status: response.status,
		text,
		json: text.startsWith('{') ? JSON.parse(text) : undefined,
	};
}

/** The executions of a workflow, the newest first. */
export async function executionsOf(rest, workflowId) {
	const { results } = await rest(
		'GET',
		`/executions?filter=${encodeURIComponent(JSON.stringify({ workflowId }))}`,
	);
	return results;
}
