import type { IDataObject } from 'n8n-workflow';

import { readRequest, type VmRequest } from '../../form/readRequest';
import type { Purpose } from '../../catalogue/catalogue';
import { guestsPath } from '../../api/paths';
import {
	isIdTaken,
	isLockTimeout,
	isNotStarted,
	isVmLocked,
	PveError,
	TaskError,
	TaskGoneError,
} from '../../api/errors';
import { sleep } from '../../api/sleep';
import type { WaitOptions } from '../../api/tasks/wait';
import { parseUpid } from '../../api/upid';
import { encodeBody } from '../../wire/encodeBody';
import { checkCluster } from '../checkVersion';
import { followStart } from '../followStart';
import { stopIfCancelled, waitOrStop } from '../../runtime/followTask';
import { guestAddresses, type GuestInterface } from '../guestAddresses';
import { marked, notesProblem } from './idempotency';
import { createKeyedVms, type KeyedVms } from './keyedVms';
import type { Item } from '../../runtime/operation';
import { createCleanup, type Cleanup } from './cleanup';
import { prepareRestore } from './prepareRestore';
import { previewOf, type Preview } from './preview';
import { createMark, markBody, mayMark, UUID_PLACEHOLDER } from './recognise';
import { describeLeft, readGuestState, type VmConfig } from './guestState';
import { BadInputError } from '../../form/BadInputError';
import type { Run } from '../../runtime/run';
import { LostAnswerError } from '../../runtime/errors';
import { submit, type Accepted, type VmIdSource } from './submit';
import { isTemplate, toTemplate } from '../convertToTemplate';
import { guestUrl } from '../guestUrl';

type Making = Exclude<Purpose, 'update'>;

/** Pauses before each further create after one that failed for want of a lock, in milliseconds. */
const LOCK_PAUSES_MS = [2_000, 5_000, 10_000];

/** What the node emits for a VM. */
export interface VmOutput extends IDataObject {
	vmid: number;
	/** The name that it was given, where it was. */
	name?: string;
	node: string;
	/** The task that made the VM; null for one that was there before and whose task Proxmox has forgotten. */
	upid: string | null;
	/** The task that started it, where that was waited for. */
	startUpid?: string;
	/** `ok`, `warnings`, or `running` where the node did not wait. */
	status: 'ok' | 'warnings' | 'running';
	/** Proxmox's own word for the task's end; null where the node did not wait. */
	exitStatus: string | null;
	/** The warnings of the task's log, and of the start's. */
	warnings: string[];
	/** ISO 8601, from the UPID. */
	startedAt: string | null;
	/** From the request to the task's end, or to its acceptance where the node did not wait. */
	durationMs: number;
	/** The VM in Proxmox's own web page. */
	url: string;
	/** Whether the VM was there before, under the same idempotency key. */
	existing: boolean;
	/** What the guest agent reported, where it was waited for: the addresses of the VM's network cards. */
	ipAddresses?: string[];
	/** All network interfaces of the guest, where it was waited for. */
	networkInterfaces?: GuestInterface[];
}

/**
 * Creates a VM, or restores one from a backup: read, check, post once, wait if asked.
 * Source: `POST /nodes/{node}/qemu`.
 * @throws BadInputError before any request; PveError, TaskError and their like after it
 */
export async function makeVm(item: Item, purpose: Making): Promise<VmOutput | Preview> {
	const { run } = item;
	const request = readRequest(item.kind.catalogue, purpose, item.form);
	item.form.check();
	const { options, parameters } = request;
	const { idempotencyKey: key } = options;
	const tooLong =
		key === '' || parameters.description === undefined
			? undefined
			: notesProblem(parameters.description, key);
	if (tooLong !== undefined)
		throw new BadInputError([{ parameter: 'description', message: tooLong }]);
	if (options.preview) {
		const body = bodyOf(item, request);
		return await previewOf(
			item.kind,
			request,
			mayMark(body) ? { ...body, ...markBody(UUID_PLACEHOLDER) } : body,
		);
	}
	await checkCluster(run, item.kind.catalogue, parameters);
	return await run.gate(request.node, async () => {
		const keyed = key === '' ? undefined : createKeyedVms(item, request);
		const existing = await keyed?.find();
		// What was there before is not of this backup, and is neither stopped nor checked.
		if (existing) return await carryOut(item, purpose, request, keyed, existing);
		if (purpose === 'create') return await carryOut(item, purpose, request, keyed);

		const { request: ready, facts, warnings, undo } = await prepareRestore(item, request);
		// Another delivery of the key may have restored the VM while this one prepared, and stopped, it.
		const meanwhile =
			parameters.force === true
				? await keyed?.lookAgain().catch(async (error: unknown) => {
						await undo();
						throw error;
					})
				: undefined;
		if (meanwhile) {
			if (parameters.start === true) await undo();
			return await carryOut(item, purpose, request, keyed, await keyed?.accept(meanwhile));
		}
		const made = await carryOut(item, purpose, ready, keyed).catch(async (error: unknown) => {
			await undo(error);
			throw error;
		});
		if (made.existing) return made;
		const status = made.status === 'ok' && warnings.length > 0 ? 'warnings' : made.status;
		return { ...made, status, warnings: [...warnings, ...made.warnings], ...facts };
	});
}

/** Makes the VM that was read and checked: again where only a lock was in the way and nothing was left behind. */
async function carryOut(
	item: Item,
	purpose: Making,
	request: VmRequest,
	keyed?: KeyedVms,
	existing?: Accepted,
): Promise<VmOutput> {
	const { run, trace } = item;
	const begun = Date.now();
	const leftovers = createCleanup(item, request);
	for (const wait of [...LOCK_PAUSES_MS, undefined]) {
		const made = await attempt(item, purpose, request, leftovers, begun, keyed, existing).catch(
			async (error: unknown) => {
				const { node, vmid } = trace;
				if (node === undefined || vmid === undefined || !mayLeave(error, vmid)) throw error;
				const guestState = await readGuestState(run.client, { kind: item.kind, node, vmid });
				if (error instanceof TaskError && guestState === 'nothing')
					run.vmIds(request.options.idRange).wasFreed(vmid);
				if (wait !== undefined && guestState === 'nothing' && isLockFailure(error))
					return undefined;
				const isUnchanged =
					request.parameters.force === true && isNotStarted(error) && guestState === 'locked';
				if (!(error instanceof PveError) || guestState === 'locked')
					Object.assign(trace, { guestState: isUnchanged ? 'unchanged' : guestState });
				if (error instanceof TaskError)
					Object.assign(trace, await leftovers.cleanUp(vmid, error.upid, guestState));
				throw error;
			},
		);
		if (made) return made;
		await sleep(wait ?? 0, run.context.getExecutionCancelSignal());
	}
	throw new Error('not to be reached: the last attempt returns or throws');
}

/** Whether something of the VM may be there after a failure. */
const mayLeave = (error: unknown, vmid: number): boolean =>
	error instanceof TaskError ||
	error instanceof TaskGoneError ||
	error instanceof LostAnswerError ||
	(error instanceof PveError &&
		(isIdTaken(error, vmid) || isVmLocked(error, vmid) || isNotStarted(error)));

const isLockFailure = (error: unknown): boolean =>
	error instanceof TaskError && isLockTimeout(error.exitStatus);

/**
 * One create or restore, from the request to what was asked to be waited for.
 * @param begun when the first of them was begun
 * @param existing the VM of the key, where it is there already: then nothing is sent
 */
async function attempt(
	item: Item,
	purpose: Making,
	request: VmRequest,
	leftovers: Cleanup,
	begun: number,
	keyed?: KeyedVms,
	existing?: Accepted,
): Promise<VmOutput> {
	const { run, index, trace } = item;
	const { context, client } = run;
	const { options } = request;
	const waiting: WaitOptions = { ...options, signal: context.getExecutionCancelSignal() };
	const accepted = existing ?? (await send(item, purpose, request, leftovers, waiting, keyed));
	const { vmid, node, upid } = accepted;
	Object.assign(trace, { node, vmid, upid });
	// After a crash of n8n the log is all that is left of the execution.
	context.logger.info(
		accepted.existing
			? `Proxmox VE has VM ${vmid} on ${node} already: ${upid ?? 'its task is forgotten'}`
			: `Proxmox VE accepted the ${purpose} of VM ${vmid} on ${node}: ${upid ?? 'its task could not be read'}`,
		{ upid, vmid, node, itemIndex: index },
	);

	const followed = options.wait ? await follow(item, accepted, request, waiting) : undefined;
	const warnings = [
		...(accepted.existing ? [] : request.warnings),
		...(trace.leftBehind ?? []),
		...(followed?.warnings ?? []),
	];
	return {
		vmid,
		...(request.name === undefined || accepted.existing ? {} : { name: request.name }),
		node,
		upid: upid ?? null,
		status: followed === undefined ? 'running' : warnings.length > 0 ? 'warnings' : 'ok',
		exitStatus: followed?.exitStatus ?? null,
		warnings,
		startedAt: parseUpid(upid)?.startedAt.toISOString() ?? null,
		durationMs: Date.now() - begun,
		url: await guestUrl(client, item.kind, vmid),
		existing: accepted.existing,
		...(trace.startUpid === undefined ? {} : { startUpid: trace.startUpid }),
		...(followed?.network ?? {}),
	};
}

async function send(
	item: Item,
	purpose: Making,
	request: VmRequest,
	leftovers: Cleanup,
	waiting: WaitOptions,
	keyed?: KeyedVms,
): Promise<Accepted> {
	const { run, trace } = item;
	const { client, context } = run;
	const { node, options, parameters } = request;
	const { idempotencyKey: key } = options;
	const body = bodyOf(item, request);
	if (key !== '') body.description = marked(body.description ?? '', key);
	const mark = createMark(client, body);
	const asked = `${purpose} of VM`;
	return await submit(client, {
		kind: item.kind,
		node,
		path: guestsPath(item.kind, node),
		ids: leftovers.track(candidatesOf(run, request, keyed)),
		taskOf: (vmid) => ({ node, vmid, taskType: item.kind.taskTypes[purpose] }),
		takes: parameters.force === true ? 'vm' : 'id',
		body: (vmid) => ({ vmid: String(vmid), ...body, ...mark.body() }),
		whose: (config) => mark.whose(config) ?? (isOtherwise(config, body) ? 'others' : undefined),
		onForbidden: mark.giveUp,
		onAttempt: (vmid) => Object.assign(trace, { node, vmid }),
		onUnknownOutcome: (vmid, { message, failure: { status, code } }) => {
			leftovers.markUnknown(vmid);
			context.logger.warn(
				`The outcome of the ${asked} ${vmid} on ${node} is unknown (${status ?? code}: ${message}): the VM is looked for`,
				{ ...trace },
			);
		},
		onSeen: (vmid, upids) => {
			context.logger.info(
				`A task that may be that of the ${asked} ${vmid} on ${node}: ${upids.join(' ')}`,
				{ ...trace },
			);
		},
		onLeft: (vmid) => {
			keyed?.markLeftBehind(vmid);
			Object.assign(trace, { leftBehind: [...(trace.leftBehind ?? []), describeLeft(node, vmid)] });
		},
		...(keyed === undefined
			? {}
			: {
					findExisting: async (vmid, error) => {
						// It is another run's, and so is what a failure leaves of it.
						leftovers.markUnknown(vmid);
						return await keyed.findById(vmid, error);
					},
				}),
		timeoutSeconds: options.timeoutSeconds,
		maxPollSeconds: options.maxPollSeconds,
		signal: waiting.signal,
	});
}

/** Whether a complete config is clearly not that of a VM which is sent: it has another name. */
const isOtherwise = ({ name }: VmConfig, sent: Readonly<Record<string, string>>): boolean =>
	sent.name !== undefined && name !== sent.name;

/** What is sent, but for the ID. A template is made one once its disks are there. */
const bodyOf = (
	{ kind: { catalogue } }: Item,
	{ parameters: { template, ...parameters }, additional }: VmRequest,
): Record<string, string> => ({
	...encodeBody(catalogue, template === true ? parameters : { ...parameters, template }),
	...additional,
});

/** The IDs that the user allows. A fixed one is replaced only where that was chosen. */
function candidatesOf(
	run: Run,
	{ vmid, options }: VmRequest,
	keyed: KeyedVms | undefined,
): VmIdSource {
	if (keyed) return keyed.ids;
	const free = run.vmIds(options.idRange);
	if (vmid === undefined) return free;
	const fixed = [vmid];
	const hasOthers = options.ifExists === 'useAnotherId';
	return {
		hasOthers,
		next: async () => fixed.shift() ?? (hasOthers ? await free.next() : undefined),
		wasTaken: (taken) => free.wasTaken(taken),
	};
}

/** Waits for the task, then for what else was asked for: the start and the addresses, or a template. */
async function follow(
	item: Item,
	{ vmid, node, upid, existing }: Accepted,
	{ parameters, options }: VmRequest,
	waiting: WaitOptions,
): Promise<{
	exitStatus: string;
	warnings: string[];
	network?: Pick<VmOutput, 'ipAddresses' | 'networkInterfaces'>;
}> {
	const { run, trace, kind } = item;
	const { client, context } = run;
	const guest = { kind, node, vmid };
	const made =
		upid === undefined
			? { exitStatus: 'OK', warnings: [] }
			: await waitOrStop({ run }, upid, options);
	if (parameters.template === true && !(existing && (await isTemplate(item, guest)))) {
		const { warnings } = await toTemplate(item, guest, options);
		return { exitStatus: made.exitStatus, warnings: [...made.warnings, ...warnings] };
	}
	if (parameters.start !== true || (existing && upid === undefined)) return made;
	const start = await followStart(client, { ...guest, upid, existing }, waiting, (startUpid) => {
		Object.assign(trace, { startUpid });
		context.logger.info(`VM ${vmid} on ${node} is being started: ${startUpid}`, { ...trace });
	}).catch(async (error: unknown) => {
		if (trace.startUpid !== undefined) await stopIfCancelled(run, trace.startUpid, options);
		throw error;
	});
	const warnings = [...made.warnings, ...start.warnings];
	if (options.agentSeconds === 0 || !start.runs) return { exitStatus: made.exitStatus, warnings };

	const { ipAddresses, networkInterfaces, ...found } = await guestAddresses(
		client,
		guest,
		{ seconds: options.agentSeconds, ipVersion: options.ipVersion },
		waiting.signal,
	);
	return {
		exitStatus: made.exitStatus,
		warnings: [...warnings, ...found.warnings],
		network: { ipAddresses, networkInterfaces },
	};
}
