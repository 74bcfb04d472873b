import type { DiskSize } from '../../form/drives';
import type { Waiting } from '../../form/Form';
import { asksAgent, type Readiness } from '../../form/readReadiness';
import { note } from '../../runtime/context';
import { StartError, UnknownOutcomeError } from '../../runtime/errors';
import { stopIfCancelled } from '../../runtime/followTask';
import type { Item } from '../../runtime/operation';
import { startVm } from '../changePower';
import { isTemplate, toTemplate } from '../convertToTemplate';
import { followStart, type MadeVm, type StartEnd } from '../followStart';
import { growDisks } from '../growDisks';
import type { GuestLocation } from '../locateGuest';
import { powerOf } from '../powerOf';
import { reportOfNone, waitForGuest, type GuestReport } from '../waitForGuest';
import type { Accepted } from './submit';

/** What else a VM gets once it exists. */
export interface Finish {
	/** Changes its settings. @returns warnings for the output */
	configure?(): Promise<readonly string[]>;
	readonly growth: readonly DiskSize[];
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
	const { growth, start, template, startsItself, options } = finish;
	const guest = { kind, node, vmid };
	const configured = (await finish.configure?.()) ?? [];
	const isForgotten = existing && upid === undefined;
	// The VM of a key that has run since, or is old, is returned as it is.
	const isLeftAlone =
		isForgotten ||
		(existing && growth.length > 0 && (await powerOf(run.client, guest)) === 'running');
	const grown = await growDisks(item, guest, isLeftAlone ? [] : growth, options);
	const sofar = [...configured, ...grown];
	if (template && !(existing && (await isTemplate(item, guest)))) {
		const { warnings } = await toTemplate(item, guest, options);
		return { warnings: [...sofar, ...warnings] };
	}
	if (!start || (isForgotten && !asksAgent(options))) return { warnings: sofar };
	const started =
		!startsItself && !existing
			? await startMade(item, guest, options)
			: await followItsStart(
					item,
					{ ...guest, upid, existing },
					// It may have been stopped long after it was created.
					{ options, mayStart: !startsItself && !isForgotten },
				);
	const ready = { warnings: [...sofar, ...started.warnings], startUpid: started.upid };
	if (!started.runs) return { ...ready, report: reportOfNone(options) };
	const { warnings, report } = await waitForGuest(
		run.client,
		guest,
		options,
		run.context.getExecutionCancelSignal(),
	);
	return { ...ready, warnings: [...ready.warnings, ...warnings], report };
}

/** How a start ended, and its task if there was one. */
interface Started extends Pick<StartEnd, 'warnings' | 'runs'> {
	readonly upid?: string;
}

/** Notes the task that starts a VM: after a crash of n8n the log is all that is left of it. */
function noteStart({ run, trace }: Item, { vmid, node }: GuestLocation, startUpid: string): void {
	note(trace, { startUpid });
	run.context.logger.info(`VM ${vmid} on ${node} is being started: ${startUpid}`, { ...trace });
}

/**
 * Follows the start of a VM that was there before, or that Proxmox itself starts after a create with `start=1`.
 * @param mayStart whether to start it where no start since it was made is found
 */
async function followItsStart(
	item: Item,
	vm: MadeVm,
	{ options, mayStart }: { readonly options: Waiting; readonly mayStart: boolean },
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
	if (!runs && startUpid === undefined && mayStart) return await startMade(item, vm, options);
	return { warnings, runs, upid: startUpid };
}

/** Starts a VM that was just made. @throws StartError */
async function startMade(item: Item, guest: GuestLocation, waiting: Waiting): Promise<Started> {
	let upid: string | undefined;
	const { warnings } = await startVm(item, guest, {
		waiting,
		inGate: true,
		onAccepted(accepted) {
			upid = accepted;
			noteStart(item, guest, accepted);
		},
	}).catch((error: unknown) => {
		if (item.run.context.getExecutionCancelSignal()?.aborted) throw error;
		throw new StartError(error, upid, error instanceof UnknownOutcomeError);
	});
	return { warnings, runs: true, upid };
}
