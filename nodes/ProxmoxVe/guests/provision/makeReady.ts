import type { DiskSize } from '../../form/drives';
import type { Waiting } from '../../form/Form';
import { asksAgent, type Readiness } from '../../form/readReadiness';
import type { SeedRequest } from '../../form/readSeed';
import { note } from '../../runtime/context';
import { StartError, UnknownOutcomeError } from '../../runtime/errors';
import { stopIfCancelled } from '../../runtime/followTask';
import type { Item } from '../../runtime/operation';
import { confirmPower, startVm } from '../changePower';
import { isTemplate, toTemplate } from '../convertToTemplate';
import { followStart, type MadeVm, type StartEnd } from '../followStart';
import { growDisks } from '../growDisks';
import type { GuestLocation } from '../locateGuest';
import { powerOf } from '../powerOf';
import { attachSeed, findSeeds, removeSeed } from '../seed';
import { reportOfNone, waitForGuest, type GuestReport } from '../waitForGuest';
import type { Accepted } from './submit';

/** What else a VM gets once it exists. */
export interface Finish {
	/** Changes its settings. @returns warnings for the output */
	configure?(): Promise<readonly string[]>;
	readonly growth: readonly DiskSize[];
	/** Cloud-init files, which it gets before its first start. */
	readonly seed?: SeedRequest;
	/** Its name, if it is known. */
	readonly name?: string;
	readonly start: boolean;
	readonly template: boolean;
	/** Whether Proxmox starts it without a request, after the task that creates it. */
	readonly startsItself: boolean;
	readonly options: Waiting & Readiness;
}

/** A VM that has all of it. */
export interface ReadyGuest {
	readonly warnings: readonly string[];
	/** The task that started it. */
	readonly startUpid?: string;
	/** The volume ID of its cloud-init ISO image; null if that was removed after the first boot. */
	readonly cloudInitIso?: string | null;
	readonly report?: GuestReport;
}

/**
 * Gives a VM that exists its settings and larger disks, then makes it a template, or starts it and waits for its
 * guest. A VM that was there before gets only what is missing. The item has its place in the gate already.
 * @throws UnfinishedError, StartError; what waitForGuest throws
 */
export async function makeReady(item: Item, vm: Accepted, finish: Finish): Promise<ReadyGuest> {
	const { run, kind } = item;
	const { node, vmid, upid, existing } = vm;
	const { growth, seed, name, start, template, startsItself, options } = finish;
	const guest = { kind, node, vmid };
	const configured = (await finish.configure?.()) ?? [];
	const isForgotten = existing && upid === undefined;
	// The VM of a key that has run since, or is old, is returned as it is.
	const isLeftAlone =
		isForgotten ||
		(existing && growth.length > 0 && (await powerOf(run.client, guest)) === 'running');
	const { warnings: grown, config } = await growDisks(
		item,
		guest,
		isLeftAlone ? [] : growth,
		options,
	);
	let iso = existing && seed !== undefined ? (await findSeeds(item, guest)).at(0) : undefined;
	const attach = async (): Promise<readonly string[]> => {
		if (seed === undefined) return [];
		const attached = await attachSeed(item, guest, seed, { name, waiting: options });
		iso = attached.seed;
		return attached.warnings;
	};
	const seeded = existing ? [] : await attach();
	const sofar = [...configured, ...grown, ...seeded];
	const withIso = (): Pick<ReadyGuest, 'cloudInitIso'> =>
		iso === undefined ? {} : { cloudInitIso: iso.volid };
	if (template && !(existing && (await isTemplate(item, guest)))) {
		const { warnings } = await toTemplate(item, guest, options);
		return { warnings: [...sofar, ...warnings] };
	}
	if (!start || (isForgotten && !asksAgent(options))) {
		const missing =
			seed === undefined || iso !== undefined
				? []
				: [`VM ${vmid} already exists, and has no cloud-init ISO that was made for it`];
		return { warnings: [...sofar, ...missing], ...withIso() };
	}
	const started =
		!startsItself && !existing
			? await startMade(item, guest, options, true)
			: await followItsStart(
					item,
					{ ...guest, upid, existing },
					// It may have been stopped long after it was created.
					{ options, mayStart: !startsItself && !isForgotten, beforeStart: attach },
				);
	const ready = {
		warnings: [...sofar, ...started.warnings],
		startUpid: started.upid,
		...withIso(),
	};
	if (!started.runs) return { ...ready, report: reportOfNone(options) };
	const { warnings, report } = await waitForGuest(
		run.client,
		guest,
		options,
		run.context.getExecutionCancelSignal(),
		existing ? {} : { known: config, onSilent: started.confirm },
	);
	const all = [...ready.warnings, ...warnings];
	if (iso === undefined || seed?.removeAfterBoot !== true)
		return { ...ready, warnings: all, report };
	const status = report.cloudInit?.status;
	if (status !== 'done' && status !== 'degraded') {
		const kept = `The cloud-init ISO ${iso.volid} was kept, because cloud-init has not finished without errors`;
		return { ...ready, warnings: [...all, kept], report };
	}
	const removal = await removeSeed(item, guest, iso, options);
	return {
		...ready,
		...(removal.isGone ? { cloudInitIso: null } : {}),
		warnings: [...all, ...removal.warnings],
		report,
	};
}

/** How a start ended, and its task if there was one. */
interface Started extends Pick<StartEnd, 'warnings' | 'runs'> {
	readonly upid?: string;
	/** Makes sure that it runs, if only its guest was asked before. @throws StartError */
	confirm?(): Promise<void>;
}

/** Notes the task that starts a VM: after a crash of n8n the log is all that is left of it. */
function noteStart(
	{ run, trace }: Item,
	{ kind, vmid, node }: GuestLocation,
	startUpid: string,
): void {
	note(trace, { startUpid });
	run.context.logger.info(`${kind.label} ${vmid} on ${node} is being started: ${startUpid}`, {
		...trace,
	});
}

/**
 * Follows the start of a VM that was there before, or that Proxmox itself starts after a create with `start=1`.
 * @param mayStart whether to start it where no start since it was made is found
 * @param beforeStart what else is missing then. @returns warnings
 */
async function followItsStart(
	item: Item,
	vm: MadeVm,
	{
		options,
		mayStart,
		beforeStart,
	}: {
		readonly options: Waiting & Readiness;
		readonly mayStart: boolean;
		beforeStart(): Promise<readonly string[]>;
	},
): Promise<Started> {
	const { run } = item;
	let startUpid: string | undefined;
	const { warnings, runs } = await followStart(
		run.client,
		vm,
		{ ...options, signal: run.context.getExecutionCancelSignal() },
		(found) => {
			startUpid = found;
			noteStart(item, vm, found);
		},
	).catch(async (error: unknown) => {
		if (startUpid !== undefined) await stopIfCancelled(run, startUpid, options);
		throw error;
	});
	// An earlier delivery of the key may have ended between the create and the start.
	if (!runs && startUpid === undefined && mayStart) {
		const found = await beforeStart();
		const started = await startMade(item, vm, options, false);
		return { ...started, warnings: [...found, ...started.warnings] };
	}
	return { warnings, runs, upid: startUpid };
}

/** Starts a VM. @param isNew whether it was just made @throws StartError */
async function startMade(
	item: Item,
	guest: GuestLocation,
	options: Waiting & Readiness,
	isNew: boolean,
): Promise<Started> {
	let upid: string | undefined;
	const failed = (error: unknown): never => {
		if (item.run.context.getExecutionCancelSignal()?.aborted) throw error;
		throw new StartError(error, upid, error instanceof UnknownOutcomeError);
	};
	// An answer of its guest shows that it runs.
	const isUnconfirmed = isNew && asksAgent(options);
	const task = await startVm(item, guest, {
		waiting: options,
		inGate: true,
		isOff: isNew,
		isUnconfirmed,
		onAccepted(accepted) {
			upid = accepted;
			noteStart(item, guest, accepted);
		},
	}).catch(failed);
	const confirm = async (): Promise<void> =>
		void (await confirmPower(item, guest, 'start', { task, waiting: options }).catch(failed));
	return { warnings: task.warnings, runs: true, upid, ...(isUnconfirmed ? { confirm } : {}) };
}
