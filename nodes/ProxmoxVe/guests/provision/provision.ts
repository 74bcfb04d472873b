import type { IDataObject } from 'n8n-workflow';

import type { Change, CurrentConfig } from '../../form/readChange';
import { textOf } from '../../form/readFields';
import { readRequest, startsLater, type VmRequest } from '../../form/readRequest';
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
import { sleep, stopwatch } from '../../api/sleep';
import { parseUpid } from '../../api/upid';
import { encodeBody } from '../../wire/encodeBody';
import { withVariables } from '../../wire/environment';
import { checkCluster, checkRegistry } from '../checkVersion';
import { waitOrStop } from '../../runtime/followTask';
import type { GuestInterface } from '../guestAddresses';
import type { CloudInitResult } from '../cloudInitResult';
import { applySettings, type LaterSettings } from './applySettings';
import { markFor, notesProblem } from './idempotency';
import { idSource } from './idSource';
import { createKeyedVms, type KeyedVms } from './keyedVms';
import { note } from '../../runtime/context';
import type { Item } from '../../runtime/operation';
import { createCleanup, type Cleanup } from './cleanup';
import { prepareImages, withImages, type ImageUsed } from './prepareImages';
import { makeReady, type ReadyGuest } from './makeReady';
import { needsOf, placeGuest, type Placement } from './placement';
import { needsOfImport, prepareImport } from './prepareImport';
import { prepareRestore, stopsFirst } from './prepareRestore';
import { previewOf, previewOfExisting, type Preview } from './preview';
import { createMark, shownMark } from './recognise';
import { describeLeft, readGuestState, type VmConfig } from './guestState';
import { BadInputError } from '../../form/BadInputError';
import { LostAnswerError } from '../../runtime/errors';
import { submit, type Accepted } from './submit';
import { findToUpdate, previewUpdate, updateVm } from './updateVm';
import { guestUrl } from '../guestUrl';

type Making = Exclude<Purpose, 'update'>;

/** Pauses before each further create after one that failed because of a lock, in milliseconds. */
const LOCK_PAUSES_MS = [2_000, 5_000, 10_000];

/** What the node emits for a VM. */
export interface VmOutput extends IDataObject {
	vmid: number;
	/** The name that it was given, or that the VM of the key has; null if neither is known. */
	name: string | null;
	node: string;
	/** The task that made the VM; null for one that was there before and whose task Proxmox has forgotten. */
	upid: string | null;
	/** The task that started it, if that was waited for. */
	startUpid?: string;
	/** `ok`, `warnings`, or `running` where the node did not wait. */
	taskStatus: 'ok' | 'warnings' | 'running';
	/** Proxmox's own word for the task's end; null if the node did not wait. */
	exitStatus: string | null;
	/** The warnings of the task's log, and of the start's. */
	warnings: string[];
	/** ISO 8601, from the UPID. */
	startedAt: string | null;
	/** From the request to the task's end, or to its acceptance where the node did not wait. */
	durationMs: number;
	/** The VM in Proxmox's own web page. */
	url: string;
	/** Why it is on this node, if that was chosen automatically. */
	placement?: string;
	/** The OVA, OVF or ESXi VM that it was imported from. */
	importedFrom?: string;
	/** The images, or the template, that its node downloaded for it. */
	images?: ImageUsed[];
	/** The ISO image with its cloud-init files; null if that was removed after the first boot. */
	cloudInitIso?: string | null;
	/** Whether it is the VM of an earlier request with the same idempotency key: then nothing was sent. */
	reused: boolean;
	/** Of a restore: whether it replaced a VM; null if it was not allowed to see whether there was one. */
	overwritten?: boolean | null;
	/** What the guest agent reported, if it was waited for: the addresses of the VM's network cards. */
	ipAddresses?: string[];
	/** All network interfaces of the guest, if it was waited for. */
	networkInterfaces?: GuestInterface[];
	/** How cloud-init ended, if it was waited for. */
	cloudInit?: CloudInitResult;
}

/**
 * Creates a VM, or restores one from a backup: read, check, post once, wait if asked.
 * Source: `POST /nodes/{node}/qemu`.
 * @param read the request, of an operation that reads it otherwise
 * @throws BadInputError before any request; PveError, TaskError and their like after it
 */
export async function provision(
	item: Item,
	purpose: Making,
	read: VmRequest = readRequest(item.kind.catalogue, purpose, item.form),
): Promise<VmOutput | Preview | IDataObject> {
	const { run } = item;
	item.form.check();
	const { options, parameters } = read;
	const { idempotencyKey: key } = options;
	const tooLong =
		key === '' || parameters.description === undefined
			? undefined
			: notesProblem(parameters.description, key, markFor(read.later !== undefined));
	if (tooLong !== undefined)
		throw new BadInputError([{ parameter: 'description', message: tooLong }]);
	if (!options.preview) {
		await checkCluster(run, item.kind.catalogue, { ...parameters, ...read.later });
		if (read.downloads.some(({ from }) => from === 'registry'))
			await checkRegistry(run, { parameter: 'ostemplate', label: 'Template' });
	}
	const whole = { ...read, parameters: { ...parameters, ...read.later } };
	if (options.ifExists === 'update') {
		const existing = await findToUpdate(item, read);
		if (existing)
			return options.preview
				? await previewUpdate(item, whole, existing)
				: await updateVm(item, whole, existing);
	}
	if (options.preview && options.ifExists === 'return') {
		const existing = await createKeyedVms(item, read).find();
		if (existing) return previewOfExisting(existing);
	}
	const made = options.preview ? undefined : await importedBefore(item, purpose, read);
	if (made) return made;
	const request = await withNode(item, await withImport(item, read));
	const placement = request.placement === undefined ? {} : { placement: request.placement.reason };
	// Before an image is downloaded for it, or a VM that it overwrites is stopped.
	await run.client.check('POST', guestsPath(item.kind, request.node), {
		...bodyOf(item, request),
		vmid: String(request.vmid ?? ''),
	});
	if (options.preview) {
		const body = bodyOf(item, request);
		const preview = previewOf(
			item.kind,
			request,
			{ ...body, ...shownMark(item.kind, body) },
			purpose === 'restore' && (await stopsFirst(item, request)),
		);
		const { source, warnings } = request;
		return {
			...preview,
			...placement,
			...(source === undefined ? {} : { warnings: [...warnings] }),
		};
	}
	const output = await provisionOn(item, purpose, request).catch((error: unknown) => {
		request.placement?.ended();
		throw error;
	});
	const importedFrom = read.source === undefined ? {} : { importedFrom: read.source.volume };
	if (!output.reused) return { ...output, ...placement, ...importedFrom };
	// Another delivery of the key was faster.
	return options.ifExists === 'update'
		? await updateVm(item, whole, { kind: item.kind, ...output })
		: output;
}

/** The VM of the key of an import, if there is one: its file may be gone by now. */
async function importedBefore(
	item: Item,
	purpose: Making,
	request: VmRequest,
): Promise<VmOutput | undefined> {
	if (request.source === undefined || request.options.idempotencyKey === '') return undefined;
	const keyed = createKeyedVms(item, request);
	const existing = await keyed.find();
	return (
		existing &&
		(await createWithRetry(item, purpose, { ...request, node: existing.node }, { keyed, existing }))
	);
}

/** Reads the VM that a request imports, on a node that has its file. */
async function withImport(item: Item, request: VmRequest): Promise<VmRequest> {
	if (request.source === undefined) return request;
	const { node, placement } = await withNode(item, request);
	placement?.ended();
	return await prepareImport(item, request, node);
}

/** A request whose node is known, and why it is that one if it was chosen automatically. */
interface PlacedRequest extends VmRequest {
	readonly placement?: Placement;
}

/** Chooses the node, if the user left that open: the one of the key's VM, or the one that fits best. */
async function withNode(item: Item, request: VmRequest): Promise<PlacedRequest> {
	const { allowedNodes, downloads, seed, source, options } = request;
	if (allowedNodes === undefined) return request;
	const existing =
		options.idempotencyKey === '' || options.preview
			? undefined
			: await createKeyedVms(item, request).find();
	if (existing) return { ...request, node: existing.node };
	const files = [
		...downloads.map(({ content, storage }) => ({ content, storage })),
		...(seed === undefined ? [] : [{ content: 'iso', storage: seed.storage }]),
	];
	const needs = needsOf(withImages(request), files, item.kind.volumeContent);
	const among = allowedNodes.length > 0 ? allowedNodes : (item.run.allowed?.nodes ?? []);
	const placement = await placeGuest(
		item.run,
		source === undefined ? needs : needsOfImport(needs, source),
		among,
	);
	const { node } = placement;
	note(item.trace, { node });
	return { ...request, node, placement };
}

/** Creates or restores a VM on the node of its request, whose images are downloaded first. */
async function provisionOn(item: Item, purpose: Making, asked: PlacedRequest): Promise<VmOutput> {
	const { idempotencyKey: key } = asked.options;
	const isThere =
		asked.downloads.length > 0 &&
		key !== '' &&
		(await createKeyedVms(item, asked).find()) !== undefined;
	if (isThere) return await provisionInGate(item, purpose, asked);
	const { request, images, warnings } = await prepareImages(item, asked);
	const made = await provisionInGate(item, purpose, { ...asked, ...request });
	return images.length === 0 || made.reused ? made : withWarnings({ ...made, images }, warnings);
}

/** Adds warnings of an earlier step to the output. */
const withWarnings = (output: VmOutput, warnings: readonly string[]): VmOutput => ({
	...output,
	taskStatus: output.taskStatus === 'ok' && warnings.length > 0 ? 'warnings' : output.taskStatus,
	warnings: [...warnings, ...output.warnings],
});

async function provisionInGate(
	item: Item,
	purpose: Making,
	request: PlacedRequest,
): Promise<VmOutput> {
	const { run } = item;
	const { options, parameters } = request;
	const { idempotencyKey: key } = options;
	return await run.gate(request.node, async () => {
		const keyed = key === '' ? undefined : createKeyedVms(item, request);
		const existing = await keyed?.find();
		// What was there before is not of this backup, and is neither stopped nor checked.
		if (existing) return await createWithRetry(item, purpose, request, { keyed, existing });
		if (purpose === 'create') return await createWithRetry(item, purpose, request, { keyed });

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
			return await createWithRetry(item, purpose, request, {
				keyed,
				existing: await keyed?.accept(meanwhile),
			});
		}
		const made = await createWithRetry(item, purpose, ready, { keyed }).catch(
			async (error: unknown) => {
				await undo(error);
				throw error;
			},
		);
		if (made.reused) return made;
		return { ...withWarnings(made, warnings), ...facts };
	});
}

/** A VM to create or restore that was read and checked, and what becomes of it. */
interface Creation {
	readonly item: Item;
	readonly purpose: Making;
	readonly request: PlacedRequest;
	readonly cleanup: Cleanup;
	/** The VMs of the idempotency key, if there is one. */
	readonly keyed?: KeyedVms;
	/** The VM of the key, if it exists already: then nothing is sent. */
	readonly existing?: Accepted;
	/** Milliseconds since the first request. */
	readonly elapsed: () => number;
	/** Called with each VM that the creation is about, before it is tried or waited for. */
	readonly onVm: (vm: Pick<Accepted, 'node' | 'vmid'>) => void;
	/** Sentences about the empty VMs that are left under other IDs. */
	readonly leftBehind: string[];
}

/** Creates the VM that was read and checked: again if only a lock was in the way and nothing was left behind. */
async function createWithRetry(
	item: Item,
	purpose: Making,
	request: PlacedRequest,
	{ keyed, existing }: Pick<Creation, 'keyed' | 'existing'> = {},
): Promise<VmOutput> {
	const { run, kind, trace } = item;
	let vm: Pick<Accepted, 'node' | 'vmid'> | undefined;
	const creation: Creation = {
		item,
		purpose,
		request,
		cleanup: createCleanup(item, request),
		keyed,
		existing,
		elapsed: stopwatch(),
		onVm: (tried) => (vm = tried),
		leftBehind: [],
	};
	for (const wait of [...LOCK_PAUSES_MS, undefined]) {
		const made = await createOnce(creation).catch(async (error: unknown) => {
			if (vm === undefined || !mayLeave(error, vm.vmid)) throw error;
			const { node, vmid } = vm;
			const guestState = await readGuestState(run.client, { kind, node, vmid });
			if (error instanceof TaskError && guestState === 'nothing')
				run.vmIds(request.options.idRange).wasFreed(vmid);
			if (wait !== undefined && guestState === 'nothing' && isLockFailure(error)) return undefined;
			const isUnchanged =
				request.parameters.force === true && isNotStarted(error) && guestState === 'locked';
			if (!(error instanceof PveError) || guestState === 'locked')
				note(trace, { guestState: isUnchanged ? 'unchanged' : guestState });
			if (error instanceof TaskError)
				note(trace, await creation.cleanup.cleanUp(vmid, error.upid, guestState));
			throw error;
		});
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

/** One create or restore, from the request to what was asked to be waited for. */
async function createOnce(creation: Creation): Promise<VmOutput> {
	const { item, purpose, request, leftBehind } = creation;
	const { run, index, kind, trace } = item;
	const { context, client } = run;
	const { options } = request;
	const accepted = creation.existing ?? (await submitRequest(creation));
	const { vmid, node, upid } = accepted;
	creation.onVm(accepted);
	if (accepted.existing) request.placement?.ended();
	else request.placement?.accepted(vmid);
	note(trace, { node, vmid, upid });
	// After a crash of n8n the log is all that is left of the execution.
	context.logger.info(
		accepted.existing
			? `Proxmox VE has ${kind.label} ${vmid} on ${node} already: ${upid ?? 'its task is no longer known'}`
			: `Proxmox VE accepted the ${purpose} of ${kind.label} ${vmid} on ${node}: ${upid ?? 'its task could not be read'}`,
		{ upid, vmid, node, itemIndex: index },
	);

	const ready = options.wait ? await waitUntilReady(item, accepted, request) : undefined;
	const warnings = [
		...(accepted.existing ? [] : request.warnings),
		...leftBehind,
		...(ready?.warnings ?? []),
	];
	return {
		vmid,
		name: (accepted.existing ? accepted.name : request.name) ?? null,
		node,
		upid: upid ?? null,
		taskStatus: ready === undefined ? 'running' : warnings.length > 0 ? 'warnings' : 'ok',
		exitStatus: ready?.exitStatus ?? null,
		warnings,
		startedAt: parseUpid(upid)?.startedAt.toISOString() ?? null,
		durationMs: creation.elapsed(),
		url: await guestUrl(client, item.kind, vmid),
		reused: accepted.existing,
		...(purpose === 'restore' ? { overwritten: false } : {}),
		...(ready?.cloudInitIso === undefined ? {} : { cloudInitIso: ready.cloudInitIso }),
		...(ready?.startUpid === undefined ? {} : { startUpid: ready.startUpid }),
		...(ready?.report ?? {}),
	};
}

/** Posts the VM once. @returns the VM that Proxmox has accepted, or that of the key */
async function submitRequest(creation: Creation): Promise<Accepted> {
	const { item, purpose, request, cleanup, keyed, leftBehind } = creation;
	const { run, kind, trace } = item;
	const { client, context } = run;
	const { node, options, parameters } = request;
	const { idempotencyKey: key } = options;
	const body = bodyOf(item, request);
	if (key !== '')
		body.description = markFor(request.later !== undefined)(body.description ?? '', key);
	const mark = await createMark(client, kind, body);
	const asked = `${purpose} of ${kind.label}`;
	return await submit(client, {
		kind,
		node,
		path: guestsPath(kind, node),
		ids: cleanup.track(idSource(run, request, keyed)),
		taskOf: (vmid) => ({ node, vmid, taskType: kind.taskTypes[purpose] }),
		takes: parameters.force === true ? 'vm' : 'id',
		body: (vmid) => ({ vmid: String(vmid), ...body, ...mark.body() }),
		whose: (config) =>
			mark.whose(config) ?? (isOtherwise(kind, config, body) ? 'others' : undefined),
		onForbidden: mark.giveUp,
		onAttempt: (vmid) => {
			creation.onVm({ node, vmid });
			note(trace, { node, vmid, isRefused: undefined });
		},
		onRefused: () => note(trace, { isRefused: true }),
		onUnknownOutcome: (vmid, { message, failure: { status, code } }) => {
			cleanup.markUnknown(vmid);
			context.logger.warn(
				`The outcome of the ${asked} ${vmid} on ${node} is unknown (${status ?? code}: ${message}): the ${kind.label} is looked for`,
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
			leftBehind.push(describeLeft(node, vmid));
			note(trace, { leftBehind: [...leftBehind] });
		},
		...(keyed === undefined
			? {}
			: {
					findExisting: async (vmid, error) => {
						// It is another run's, and so is what a failure leaves of it.
						cleanup.markUnknown(vmid);
						return await keyed.findById(vmid, error);
					},
				}),
		timeoutSeconds: options.timeoutSeconds,
		maxPollSeconds: options.maxPollSeconds,
		signal: context.getExecutionCancelSignal(),
	});
}

/** Whether a complete config is clearly not that of a VM which is sent: it has another name. */
const isOtherwise = (
	{ catalogue }: Item['kind'],
	{ name, hostname = name }: VmConfig,
	body: Readonly<Record<string, string>>,
): boolean => {
	const sent = body[catalogue.name];
	return sent !== undefined && hostname !== sent;
};

/** What is sent, but for the ID. A VM becomes a template once its disks exist, and starts once they have grown. */
const bodyOf = ({ kind: { catalogue } }: Item, request: VmRequest): Record<string, string> => {
	const {
		parameters: { template, start, ...parameters },
		additional,
	} = request;
	return {
		...encodeBody(catalogue, {
			...parameters,
			...(template === true ? {} : { template }),
			...(start === true && startsLater(request) ? {} : { start }),
		}),
		...additional,
	};
};

/** The settings that the image of a container would have replaced; its own variables stay beside those that are set. */
function laterSettings({ later }: VmRequest): LaterSettings | undefined {
	if (later === undefined) return undefined;
	const { env, ...others } = later as Readonly<Record<string, unknown>>;
	const names = Object.keys(later);
	const read = ({ config }: CurrentConfig): Change => ({
		parameters: {
			...others,
			...(env === undefined ? {} : { env: withVariables(textOf(config.env), String(env)) }),
		},
		additional: {},
		names,
		steering: {},
		addsDevices: false,
	});
	return { names, read };
}

/** How a creation ended that was waited for. */
interface Ready extends ReadyGuest {
	readonly exitStatus: string;
}

/** Waits for the task, then for what else was asked for. */
async function waitUntilReady(item: Item, accepted: Accepted, request: VmRequest): Promise<Ready> {
	const { parameters, options, growth, seed, name } = request;
	const { run, kind } = item;
	const start = parameters.start === true;
	const { exitStatus, warnings } =
		accepted.upid === undefined
			? { exitStatus: 'OK', warnings: [] }
			: await waitOrStop({ run }, accepted.upid, options);
	const ready = await makeReady(item, accepted, {
		configure: async () =>
			await applySettings(
				item,
				{ kind, ...accepted },
				laterSettings(request),
				{ growth, start, options },
				accepted.existing,
			),
		growth,
		start,
		template: parameters.template === true,
		startsItself: !startsLater(request),
		...(seed === undefined ? {} : { seed, name }),
		options,
	});
	return { ...ready, exitStatus, warnings: [...warnings, ...ready.warnings] };
}
