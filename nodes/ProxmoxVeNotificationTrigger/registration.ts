import { randomString, type IHookFunctions } from 'n8n-workflow';

import { createClient, credentialOf, segment, type PveClient } from '../ProxmoxVe/api/client';
import { PveError } from '../ProxmoxVe/api/errors';
import { redactError } from '../ProxmoxVe/api/redact';
import { formOfPoll, type Form } from '../ProxmoxVe/form/Form';
import { toNodeError } from '../ProxmoxVe/runtime/toNodeError';
import { SEVERITIES, TYPES } from './properties';
import { readStored, SECRET_HEADER, type Stored } from './stored';

const TARGETS = '/cluster/notifications/endpoints/webhook';
const MATCHERS = '/cluster/notifications/matchers';
const POLLING = 'Proxmox VE Trigger finds finished backups without it, by polling.';

/** The body that Proxmox sends: `json` quotes a value of any kind. */
const BODY = `{${['title', 'message', 'severity', 'timestamp', 'fields']
	.map((name) => `"${name}":{{ json ${name} }}`)
	.join(',')}}`;

/** A target or matcher in Proxmox, as far as it is used here. */
interface Entity {
	readonly url?: string;
	readonly comment?: string;
	readonly target?: readonly string[];
}

/** What n8n does with the target when a workflow is activated, deactivated, or n8n starts. */
export interface Registration {
	/** Whether target and matcher are there, made by the last activation. n8n asks this at its start. */
	isComplete(): Promise<boolean>;
	/** Creates both; what a crashed n8n has left of them is replaced. */
	create(): Promise<boolean>;
	/** Removes exactly these two. @returns false if something is left */
	remove(): Promise<boolean>;
}

/** The webhook of a trigger as target of Proxmox's notifications, with a matcher that sends to it. */
export function registration(context: IHookFunctions): Registration {
	const form = formOfPoll(context);
	const client = createClient(context, credentialOf(form.choice('authentication')));
	const url = context.getNodeWebhookUrl('default') ?? '';
	const names = namesFor(url);
	const data = context.getWorkflowStaticData('node');

	/** What is there under our names, and ours: a target of this URL, and a matcher that sends to nothing else. */
	async function readOwn(): Promise<{ target?: Entity; matcher?: Entity }> {
		const [target, matcher] = await Promise.all([
			read(client, TARGETS, names.target),
			read(client, MATCHERS, names.matcher),
		]);
		const isOwn = String(matcher?.target) === names.target;
		return {
			...(target?.url === url ? { target } : {}),
			...(matcher && isOwn ? { matcher } : {}),
		};
	}

	async function removeOwn(): Promise<void> {
		const { target, matcher } = await readOwn();
		// A target that a matcher sends to cannot be deleted.
		if (matcher) await client.delete(`${MATCHERS}/${segment(names.matcher)}`);
		if (target) await client.delete(`${TARGETS}/${segment(names.target)}`);
	}

	async function register(): Promise<void> {
		const matches = readMatches(form);
		form.check();
		await checkReachable(client, url);
		await removeOwn();
		const stored = newStored(context);
		await client.post(TARGETS, {
			name: names.target,
			url,
			method: 'post',
			header: [
				entry('Content-Type', 'application/json'),
				entry(SECRET_HEADER, '{{ secrets.secret }}'),
			],
			body: base64(BODY),
			secret: [entry('secret', stored.secret)],
			comment: stored.comment,
		});
		// Stored before the matcher: from then on Proxmox may send.
		data.target = { ...stored };
		const matcher = client.post(MATCHERS, {
			name: names.matcher,
			target: [names.target],
			...matches,
			comment: stored.comment,
		});
		const [created] = await Promise.allSettled([matcher]);
		if (created.status === 'fulfilled') return;
		await removeOwn().catch(() => undefined);
		delete data.target;
		throw created.reason;
	}

	/** @throws NodeApiError or NodeOperationError that says what to do */
	const explained = async <Result>(work: () => Promise<Result>): Promise<Result> => {
		const [result] = await Promise.allSettled([work()]);
		if (result.status === 'fulfilled') return result.value;
		const shown = redactError(result.reason, client.redact);
		throw toNodeError(context.getNode(), shown, {
			itemIndex: 0,
			trace: {},
			grant: adviceOn(result.reason),
		});
	};

	return {
		isComplete: async () =>
			await explained(async () => {
				const stored = readStored(data);
				if (!stored) return false;
				const { target, matcher } = await readOwn();
				return [target, matcher].every((one) => one?.comment === stored.comment);
			}),
		create: async () =>
			await explained(async () => {
				await register();
				return true;
			}),
		async remove() {
			const [removed] = await Promise.allSettled([removeOwn()]);
			delete data.target;
			if (removed.status === 'fulfilled') return true;
			// n8n deactivates the workflow all the same.
			const { message } = redactError(removed.reason, client.redact) as Error;
			context.logger.warn(
				`Proxmox VE: the notification target ${names.target} and the matcher ${names.matcher} could not be removed. Remove them under Datacenter → Notifications: ${message}`,
			);
			return false;
		},
	};
}

/** @returns undefined if there is none */
const read = async (client: PveClient, path: string, name: string): Promise<Entity | undefined> =>
	await client.get<Entity>(`${path}/${segment(name)}`).then(
		({ data }) => data,
		(error: unknown) => {
			if (error instanceof PveError && error.failure.status === 404) return undefined;
			throw error;
		},
	);

/** Proxmox allows 32 characters, and no name twice. A URL is that of one node of one workflow of one n8n. */
function namesFor(url: string): { target: string; matcher: string } {
	const name = `n8n-${hashOf(url)}`;
	return { target: name, matcher: `${name}-match` };
}

/** A name for a text: 64 bits by FNV-1a, which need not be safe against anybody. */
function hashOf(text: string): string {
	let hash = 0xcbf29ce484222325n;
	for (const character of new TextEncoder().encode(text))
		hash = BigInt.asUintN(64, (hash ^ BigInt(character)) * 0x100000001b3n);
	return hash.toString(16).padStart(16, '0');
}

/** Proxmox allows one line of 128 characters. */
function newStored(context: IHookFunctions): Stored {
	const { name = '', id = '' } = context.getWorkflow();
	const workflow = name.replace(/[\p{Cc}\p{Cf}]/gu, ' ').slice(0, 50);
	return {
		secret: randomString(40),
		comment: `n8n workflow ${id}: ${workflow} (do not edit, ${randomString(8)})`,
	};
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const entry = (name: string, value: string): string => `name=${name},value=${base64(value)}`;

/** Reads the form. Call `form.check` before any request. */
function readMatches(form: Form): Record<string, string[]> {
	const types = form.choices('types', 'Types', TYPES);
	const severities = form.choices('severities', 'Severities', SEVERITIES);
	return {
		...(types.length > 0 ? { 'match-field': [`regex:type=^(?:${types.join('|')})$`] } : {}),
		...(severities.length > 0 ? { 'match-severity': [severities.join(',')] } : {}),
	};
}

const isLoopback = (url: string): boolean =>
	/^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(new URL(url).hostname);

/** n8n's default address is one that no other host can reach. */
async function checkReachable(client: PveClient, url: string): Promise<void> {
	if (isLoopback(url) && !(await client.hosts()).some(isLoopback))
		throw new Error(
			`Proxmox VE cannot reach n8n at ${new URL(url).origin}. Set n8n's environment variable N8N_WEBHOOK_URL (WEBHOOK_URL in old versions) to its address in the network`,
		);
}

/** What to do about a refusal. */
function adviceOn(error: unknown): string[] | undefined {
	if (!(error instanceof PveError)) return undefined;
	const { status } = error.failure;
	if (status === 403)
		return [
			`Needed are Mapping.Modify on /mapping/notifications, and Sys.AccessNetwork on / (or Sys.Audit and Sys.Modify). ${POLLING}`,
		];
	if (status === 501)
		return [`Targets of the type Webhook need Proxmox VE 8.3 or newer. ${POLLING}`];
	return undefined;
}
