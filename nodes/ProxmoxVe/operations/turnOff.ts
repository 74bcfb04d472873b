import { changePower } from './changePower';
import type { TaskOutput } from './followTask';
import type { Place } from './locateVm';
import type { Item } from './operation';

/**
 * Turns a VM off for what comes next, and waits until it is off, whether or not the item waits for that.
 * @throws as changePower does
 */
export async function turnOff(item: Item, place: Place): Promise<TaskOutput> {
	const waiting: Item = { ...item, get: (name, fallback) => (name === 'waitForCompletion' ? true : item.get(name, fallback)) };
	return await changePower(waiting, place, 'stop');
}
