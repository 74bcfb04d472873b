import {
	NodeOperationError,
	type Failure,
	type IDataObject,
	type INodeExecutionData,
	type IPollFunctions,
} from 'n8n-workflow';

import { adviseGrant } from '../ProxmoxVe/runtime/adviseGrant';
import { formOfPoll, type Form } from '../ProxmoxVe/form/Form';
import { toNodeError } from '../ProxmoxVe/runtime/toNodeError';
import { createClient, credentialOf, type PveClient } from '../ProxmoxVe/api/client';
import { CredentialError } from '../ProxmoxVe/api/account';
import { isTransient, PveError } from '../ProxmoxVe/api/errors';
import { BadInputError } from '../ProxmoxVe/form/BadInputError';
import { redactError } from '../ProxmoxVe/api/redact';
import { filterFor, readSettings } from './filter';
import { pollGuests, readGuestWatch, sampleGuest } from './pollGuests';
import { pollTasks, sampleTask } from './pollTasks';

/** Why a poll failed, from which n8n 2.41 decides how long to wait before the next one: older versions ignore it. */
function failureOf(cause: unknown): Failure | undefined {
	if (cause instanceof BadInputError) return { cause: 'configuration-invalid' };
	if (cause instanceof CredentialError) return { cause: 'credential-invalid' };
	if (!(cause instanceof PveError)) return undefined;
	const { status, isForeign } = cause.failure;
	if (status === 401 && isForeign !== true) return { cause: 'credential-invalid' };
	return { cause: isTransient(cause) ? 'temporarily-unavailable' : 'configuration-invalid' };
}

/** Emits what has happened since the last poll, or a sample for the editor's "Fetch Test Event". */
export async function poll(context: IPollFunctions): Promise<INodeExecutionData[][] | null> {
	const form = formOfPoll(context);
	const credential = credentialOf(form.choice('authentication'));
	const client = createClient(context, credential);
	try {
		const read = form.choice('event') === 'guestChanged' ? watchGuests : watchTasks;
		const found = await read(context, client, form);
		const items = found.map((json) => ({ json }));
		return items.length > 0 ? [items] : null;
	} catch (cause) {
		const identity = await client.identity().catch(() => '');
		const asked = { run: { client }, form };
		const grant = await adviseGrant(asked, 'poll', cause, identity).catch(() => undefined);
		const shown = redactError(cause, client.redact);
		const error = toNodeError(context.getNode(), shown, { itemIndex: 0, trace: {}, grant });
		error.failure = failureOf(cause);
		throw error;
	}
}

/** @throws NodeOperationError if there is no sample */
async function watchTasks(
	context: IPollFunctions,
	client: PveClient,
	form: Form,
): Promise<IDataObject[]> {
	const settings = readSettings(form);
	form.check();
	const watch = {
		client,
		hosts: await client.hosts(),
		nodes: settings.nodes,
		filter: filterFor(settings, await client.identity()),
		logLines: settings.logLines,
	};
	if (context.getMode() !== 'manual') return await pollTasks(context, watch);
	const sample = await sampleTask(context, watch);
	if (sample) return [sample];
	throw new NodeOperationError(context.getNode(), 'No finished task matches', {
		description:
			'A token without Sys.Audit on the node sees only the tasks that it started itself. Ignore Own Tasks leaves these out.',
	});
}

/** @throws NodeOperationError if there is no sample */
async function watchGuests(
	context: IPollFunctions,
	client: PveClient,
	form: Form,
): Promise<IDataObject[]> {
	const watch = readGuestWatch(form);
	form.check();
	if (context.getMode() !== 'manual') return await pollGuests(context, client, watch);
	const sample = await sampleGuest(client, watch);
	if (sample) return [sample];
	throw new NodeOperationError(context.getNode(), 'No VM or container matches', {
		description: 'VMs and containers without the privilege VM.Audit are not visible.',
	});
}
