import type { ParameterFacts, PermissionCheck } from '../contract/facts';
import { ApiError, failure } from '../errors';
import { sendTo, SEVERITIES } from '../notify';
import type { Matcher, WebhookTarget } from '../state/types';
import { seconds } from '../world';
import { ownFacts } from './ownFacts';
import { textOf } from './types';
import type { Call, Endpoint, Parameters } from './types';

// After pve-manager's PVE/API2/Cluster/Notifications.pm and proxmox-notify's src/api.

const ROOT = '/cluster/notifications';
const WEBHOOKS = `${ROOT}/endpoints/webhook`;
const MATCHERS = `${ROOT}/matchers`;

const perm = (...privileges: string[]): PermissionCheck[] => [
	'perm',
	'/mapping/notifications',
	privileges,
];
const MODIFY = perm('Mapping.Modify');
const AUDIT = perm('Mapping.Audit');
const READ: PermissionCheck[] = ['or', MODIFY, AUDIT];
/** A webhook lets the host send requests to where its user wants. */
const SEND: PermissionCheck[] = [
	'and',
	MODIFY,
	['or', ['perm', '/', ['Sys.Audit', 'Sys.Modify']], ['perm', '/', ['Sys.AccessNetwork']]],
];

const NAME: ParameterFacts = { type: 'string', format: 'pve-configid' };
const TEXT: ParameterFacts = { type: 'string', optional: 1 };
const LIST: ParameterFacts = { type: 'array', optional: 1 };
const FLAG: ParameterFacts = { type: 'boolean', optional: 1 };

const textsOf = (parameters: Parameters, name: string): string[] =>
	[parameters[name] ?? []].flat().map(String);
/** What was sent of these parameters. */
const sent = (parameters: Parameters, names: string[]): object =>
	Object.fromEntries(
		names.flatMap((name) => (parameters[name] === undefined ? [] : [[name, parameters[name]]])),
	);

const bad = (text: string): ApiError => new ApiError(400, text);

/** Targets and matchers share their names. */
function checkNew({ world: { state } }: Call, name: string): void {
	const { targets, matchers } = state.notifications;
	if (!state.quorate) throw failure("cfs-lock 'domain-notifications' error: no quorum!");
	if (name.length < 2 || name.length > 32) throw bad(`invalid name '${name}'`);
	if (targets.has(name) || matchers.has(name))
		throw bad(`Cannot create '${name}', an entity with the same name already exists`);
}

/** The values of secrets are never returned. */
const shown = ({ secret, ...target }: WebhookTarget): object => ({
	...target,
	...(secret.length > 0 ? { secret: secret.map((one) => one.replace(/,value=.*/, '')) } : {}),
	origin: 'user-created',
});

function nameOf({ parameters }: Call): string {
	return textOf(parameters, 'name') ?? '';
}

function target(call: Call): WebhookTarget {
	const name = nameOf(call);
	const found = call.world.state.notifications.targets.get(name);
	if (!found) throw new ApiError(404, `endpoint '${name}' not found`);
	return found;
}

function matcher(call: Call): Matcher {
	const name = nameOf(call);
	const found = call.world.state.notifications.matchers.get(name);
	if (!found) throw new ApiError(404, `matcher '${name}' not found`);
	return found;
}

function createTarget(call: Call): null {
	const { parameters } = call;
	const name = nameOf(call);
	checkNew(call, name);
	call.world.state.notifications.targets.set(name, {
		name,
		url: textOf(parameters, 'url') ?? '',
		method: textOf(parameters, 'method') ?? '',
		header: textsOf(parameters, 'header'),
		secret: textsOf(parameters, 'secret'),
		...sent(parameters, ['body', 'comment', 'disable']),
	});
	return null;
}

function createMatcher(call: Call): null {
	const { parameters } = call;
	const { targets, matchers } = call.world.state.notifications;
	const name = nameOf(call);
	checkNew(call, name);
	const to = textsOf(parameters, 'target');
	const unknown = to.find((one) => !targets.has(one));
	if (unknown !== undefined) throw new ApiError(404, `endpoint '${unknown}' does not exist`);
	const severities = textsOf(parameters, 'match-severity');
	const fields = textsOf(parameters, 'match-field');
	for (const one of severities.flatMap((rule) => rule.split(',')))
		if (!SEVERITIES.includes(one.trim())) throw bad(`invalid severity ${one}`);
	for (const rule of fields)
		if (!/^(?:exact|regex):[\w.-]+=/.test(rule))
			throw bad(`invalid match-field statement: ${rule}`);
	matchers.set(name, {
		name,
		target: to,
		'match-field': fields,
		'match-severity': severities,
		...sent(parameters, ['mode', 'invert-match', 'comment', 'disable']),
	});
	return null;
}

function deleteTarget(call: Call): null {
	const { targets, matchers } = call.world.state.notifications;
	const name = nameOf(call);
	if (!targets.has(name)) throw new ApiError(404, `entity '${name}' does not exist`);
	const users = [...matchers.values()].filter((one) => one.target.includes(name));
	if (users.length > 0)
		throw bad(`cannot delete '${name}', referenced by: ${users.map((one) => one.name).join(', ')}`);
	targets.delete(name);
	return null;
}

function deleteMatcher(call: Call): null {
	matcher(call);
	call.world.state.notifications.matchers.delete(nameOf(call));
	return null;
}

async function test(call: Call): Promise<null> {
	const { name } = target(call);
	await sendTo(target(call), {
		title: 'Test notification',
		message: `This is a test of the notification target '${name}'.`,
		severity: 'info',
		timestamp: seconds(call.world),
		fields: {},
	}).catch((error: unknown) => {
		throw failure(
			`could not notify via endpoint(s): ${name}: ${error instanceof Error ? error.message : ''}`,
		);
	});
	return null;
}

const inPath = { name: NAME };

export const notificationEndpoints: Endpoint[] = [
	{
		method: 'GET',
		path: WEBHOOKS,
		// Proxmox names two checks under one key, so the second one counts alone.
		facts: ownFacts('GET', WEBHOOKS, {}, AUDIT),
		handle: ({ world }) => [...world.state.notifications.targets.values()].map(shown),
	},
	{
		method: 'POST',
		path: WEBHOOKS,
		facts: ownFacts(
			'POST',
			WEBHOOKS,
			{
				name: NAME,
				url: { type: 'string' },
				method: { type: 'string', enum: ['post', 'put', 'get'] },
				header: LIST,
				body: TEXT,
				secret: LIST,
				comment: TEXT,
				disable: FLAG,
			},
			SEND,
		),
		handle: createTarget,
	},
	{
		method: 'GET',
		path: `${WEBHOOKS}/{name}`,
		facts: ownFacts('GET', `${WEBHOOKS}/{name}`, inPath, READ),
		handle: (call) => shown(target(call)),
	},
	{
		method: 'DELETE',
		path: `${WEBHOOKS}/{name}`,
		facts: ownFacts('DELETE', `${WEBHOOKS}/{name}`, inPath, MODIFY),
		handle: deleteTarget,
	},
	{
		method: 'GET',
		path: MATCHERS,
		facts: ownFacts('GET', MATCHERS, {}, ['or', MODIFY, AUDIT, perm('Mapping.Use')]),
		handle: ({ world }) => [...world.state.notifications.matchers.values()],
	},
	{
		method: 'POST',
		path: MATCHERS,
		facts: ownFacts(
			'POST',
			MATCHERS,
			{
				name: NAME,
				target: LIST,
				'match-field': LIST,
				'match-severity': LIST,
				mode: { type: 'string', enum: ['all', 'any'], optional: 1 },
				'invert-match': FLAG,
				comment: TEXT,
				disable: FLAG,
			},
			MODIFY,
		),
		handle: createMatcher,
	},
	{
		method: 'GET',
		path: `${MATCHERS}/{name}`,
		facts: ownFacts('GET', `${MATCHERS}/{name}`, inPath, READ),
		handle: matcher,
	},
	{
		method: 'DELETE',
		path: `${MATCHERS}/{name}`,
		facts: ownFacts('DELETE', `${MATCHERS}/{name}`, inPath, MODIFY),
		handle: deleteMatcher,
	},
	{
		method: 'POST',
		path: `${ROOT}/targets/{name}/test`,
		facts: ownFacts('POST', `${ROOT}/targets/{name}/test`, inPath, [
			'or',
			MODIFY,
			AUDIT,
			perm('Mapping.Use'),
		]),
		handle: test,
	},
];
