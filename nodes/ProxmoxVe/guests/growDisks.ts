import type { DiskSize } from '../form/drives';
import type { Waiting } from '../form/Form';
import { UnfinishedError } from '../runtime/errors';
import type { Item } from '../runtime/operation';
import type { GuestLocation } from './locateGuest';
import { bytesOf, readDisk, resizeDisk, type KnownDisk } from './resizeDisk';

/**
 * Grows the disks of a VM that was just created to their sizes. A disk that is as large already stays as it is, so
 * this may be repeated. The item has its place in the gate already.
 * @param isNew whether the VM was created just before: an error says so
 * @returns warnings for the output, and the configuration if it was read
 * @throws UnfinishedError; what the signal throws if the execution is cancelled
 */
export async function growDisks(
	item: Item,
	guest: GuestLocation,
	growth: readonly DiskSize[],
	waiting: Waiting,
	isNew = true,
): Promise<{ readonly warnings: string[]; readonly config?: KnownDisk['config'] }> {
	const { run } = item;
	let config: KnownDisk['config'] | undefined;
	const signal = run.context.getExecutionCancelSignal();
	const grow = async ({ disk, size }: DiskSize): Promise<string[]> => {
		const known = await readDisk(run, guest, disk);
		const { size: now } = known;
		({ config } = known);
		const [has, wanted] = [bytesOf(now), bytesOf(size)];
		if (has > wanted) return [`${disk} has ${now}, because its image is larger than ${size}`];
		if (has === wanted) return [];
		const onAccepted = (upid: string): void =>
			run.context.logger.info(
				`${disk} of ${guest.kind.label} ${guest.vmid} grows to ${size}: ${upid}`,
				{
					...item.trace,
				},
			);
		return (
			await resizeDisk(item, guest, { disk, size }, { waiting, inGate: true, onAccepted, known })
		).warnings;
	};
	const warnings: string[] = [];
	for (const one of growth) {
		const found = await grow(one).catch((error: unknown) => {
			if (signal?.aborted || !isNew) throw error;
			throw new UnfinishedError(
				error,
				`${one.disk} was not grown to ${one.size}`,
				'use Resize Disk, then Start',
			);
		});
		warnings.push(...found);
	}
	return { warnings, ...(config === undefined ? {} : { config }) };
}
