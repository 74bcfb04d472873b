import type { IExecuteFunctions } from 'n8n-workflow';

import { createClient, credentialOf, type CredentialName, type PveClient } from '../api/client';
import type { AllowedGuests } from '../api/allowedGuests';
import { formOfItem } from '../form/Form';
import { readAllowedGuests } from '../form/readAllowedGuests';
import type { Problem } from '../wire/problem';
import { createGate, type Gate } from './concurrency';
import { createVmIds, type IdRange, type VmIds } from '../api/vmIds';

/** What the items of one run of the node share. */
export interface Run {
	readonly context: IExecuteFunctions;
	readonly client: PveClient;
	readonly credential: CredentialName;
	/** The client holds every request to it. */
	readonly allowed?: AllowedGuests;
	/** The IDs of a range, or those that Proxmox proposes. */
	vmIds(range?: IdRange): VmIds;
	/** Semaphore: limits the tasks at a time on each node of the cluster. */
	readonly gate: Gate;
	/** What is wrong with what all items share: each item fails with it. */
	readonly problems: readonly Problem[];
	/** Release of the cluster, such as `9.2.11`; asked once. @throws PveError */
	version(): Promise<string>;
}

/** @param context of the execution: its items share the authentication of the first */
export function createRun(context: IExecuteFunctions): Run {
	const form = formOfItem(context, 0);
	const credential = credentialOf(form.choice('authentication'));
	const { allowed, problems } = readAllowedGuests(context.getNode().parameters.allowedGuests);
	const client = createClient(context, credential, allowed);
	const ids = new Map<string, VmIds>();
	let version: Promise<string> | undefined;
	return {
		gate: createGate(form.maxParallel()),
		problems: [...form.problems, ...problems],
		context,
		client,
		credential,
		...(allowed && { allowed }),
		vmIds(range) {
			const key = range ? `${range.lowest}-${range.highest}` : '';
			const found = ids.get(key) ?? createVmIds(client, range, context.getInputData().length);
			ids.set(key, found);
			return found;
		},
		version: async () =>
			await (version ??= client
				.get<{ version: string }>('/version')
				.then(({ data }) => data.version)),
	};
}
