import type { DiskSize } from '../../form/drives';
import type { CurrentConfig } from '../../form/readChange';
import type { Options } from '../../form/readOptions';
import { UnfinishedError, UnknownOutcomeError } from '../../runtime/errors';
import type { Item } from '../../runtime/operation';
import { changeSettings, type ReadChange } from '../changeSettings';
import type { GuestLocation } from '../locateGuest';
import { finished, isUnfinished } from './idempotency';

/** Settings that a guest gets once it exists. */
export interface LaterSettings {
	readonly names: readonly string[];
	readonly read: ReadChange;
}

/** What follows them. */
interface Following {
	readonly growth: readonly DiskSize[];
	readonly start: boolean;
	readonly options: Options;
}

/**
 * Changes the settings of a guest that was just made. One that was there before gets them only if its notes say that
 * it still needs them: it may have been changed since.
 * @returns warnings for the output
 * @throws UnfinishedError
 */
export async function applySettings(
	item: Item,
	place: GuestLocation,
	settings: LaterSettings | undefined,
	{ growth, start, options }: Following,
	existing: boolean,
): Promise<readonly string[]> {
	if (settings === undefined) return [];
	const { run } = item;
	const { names, read } = settings;
	const hasKey = options.idempotencyKey !== '';
	return await changeSettings(
		item,
		place,
		(present) => {
			const notes = notesOf(present);
			if (existing && !isUnfinished(notes)) return undefined;
			const change = read(present);
			if (!hasKey || change === undefined) return change;
			return { ...change, parameters: { ...change.parameters, description: finished(notes) } };
		},
		{
			waiting: options,
			inGate: true,
			onAccepted: (upid) =>
				run.context.logger.info(
					`Settings of ${place.kind.label} ${place.vmid} are being changed: ${upid}`,
					{
						...item.trace,
					},
				),
		},
	).then(
		({ task }) => task.warnings,
		(error: unknown) => {
			if (run.context.getExecutionCancelSignal()?.aborted) throw error;
			const what = `its settings (${names.join(', ')})`;
			const steps = [
				'Update',
				...(growth.length > 0 ? ['Resize Disk'] : []),
				...(start ? ['Start'] : []),
			];
			throw new UnfinishedError(
				error,
				error instanceof UnknownOutcomeError
					? `whether ${what} were changed is unknown`
					: `${what} were not changed`,
				hasKey
					? 'run this again with the same Idempotency Key, which completes it'
					: `use ${steps.join(', then ')}`,
			);
		},
	);
}

/** A VM's notes. */
const notesOf = ({ config: { description } }: CurrentConfig): string =>
	typeof description === 'string' ? description : '';
