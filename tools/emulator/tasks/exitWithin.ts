import type { World } from '../world';

/** How a task ended, where it ends within so many seconds; undefined where it still runs, or is not waited for. */
export async function exitWithin(
	{ tasks, clock }: World,
	upid: string,
	limit: number,
): Promise<string | undefined> {
	const task = tasks.find(upid);
	for (let waited = 0; waited < limit && task?.state === 'running'; waited += 1)
		await clock.sleep(1_000);
	return limit > 0 ? task?.exitstatus : undefined;
}
