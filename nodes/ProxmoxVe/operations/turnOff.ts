import { followPower } from './followPower';
import type { TaskOutput } from './followTask';
import { vmPath, type Place } from './locateVm';
import type { Item } from './operation';

/**
 * Turns a VM off for what comes next, and waits until it is off, whether or not the item waits for that.
 * Source: `POST /nodes/{node}/qemu/{vmid}/status/stop`.
 * @throws as followPower does
 */
export async function turnOff(item: Item, place: Place): Promise<TaskOutput> {
	const waiting: Item = { ...item, get: (name, fallback) => (name === 'waitForCompletion' ? true : item.get(name, fallback)) };
	return await followPower(waiting, place, { what: 'stop', wanted: 'stopped', types: ['qmstop', 'hastop'] }, async () =>
		await item.run.client.post<string>(`${vmPath(place)}/status/stop`),
	);
}
