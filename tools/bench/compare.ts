import { contenders, type Contender, type Lab } from './contenders';

/** What is measured, and how long it may take. */
export interface Plan {
	/** Lengths of tasks, in seconds. */
	readonly lengths: readonly number[];
	/** How many VMs: one, then ever more. */
	readonly counts: readonly number[];
	/** Milliseconds by which each answer is late. */
	readonly latencyMs: number;
	/** A run that would take more seconds is computed from the one of a single VM. */
	readonly longestSeconds: number;
	/** From so many VMs on contenders run one after the other: they need the processor. */
	readonly aloneFrom: number;
}

/** What it took a contender to make so many VMs. */
export interface Result {
	readonly name: string;
	readonly taskSeconds: number;
	readonly count: number;
	/** From the start to the output of all items. */
	readonly wallMs: number;
	/** What only a run tells; without it the time is computed from that of one VM. */
	readonly measured?: {
		/** Calls that Proxmox got, over the number of VMs. */
		readonly callsPerVm: number;
		/** From the end of the last task to the output of all items. */
		readonly lateMs: number;
		/** Of the whole process, where it has one of its own. */
		readonly cpuMsPerVm?: number;
		readonly residentMb?: number;
	};
}

/** Lets all contenders make VMs, and counts at the emulator. @param tell told of each result */
export async function compare(
	lab: Lab,
	plan: Plan,
	tell: (result: Result) => void,
): Promise<Result[]> {
	const results: Result[] = [];
	for (const taskSeconds of plan.lengths) {
		const field = contenders(lab, taskSeconds, plan.latencyMs);
		const singles = new Map<string, number>();
		try {
			for (const count of plan.counts) {
				const groups = count < plan.aloneFrom ? [field] : field.map((contender) => [contender]);
				for (const group of groups)
					results.push(...(await race(lab, plan, group, singles, { taskSeconds, count }, tell)));
			}
		} finally {
			for (const contender of field) contender.end();
		}
	}
	return results;
}

type Heat = Pick<Result, 'taskSeconds' | 'count'>;

/** Lets some run side by side. @param singles how long each of them took for one VM, in milliseconds */
async function race(
	lab: Lab,
	plan: Plan,
	group: readonly Contender[],
	singles: Map<string, number>,
	heat: Heat,
	tell: (result: Result) => void,
): Promise<Result[]> {
	const expectedMs = ({ name, atOnce }: Contender): number =>
		Math.ceil(heat.count / atOnce) * (singles.get(name) ?? 0);
	const isRun = (contender: Contender): boolean =>
		expectedMs(contender) <= plan.longestSeconds * 1000;
	// Loading n8n must not fall into the time of another.
	await Promise.all(group.filter(isRun).map(async (contender) => await contender.prepare()));
	return await Promise.all(
		group.map(async (contender) => {
			const result = isRun(contender)
				? await measure(lab, plan, contender, heat)
				: { ...heat, name: contender.name, wallMs: expectedMs(contender) };
			if (heat.count === 1) singles.set(contender.name, result.wallMs);
			tell(result);
			return result;
		}),
	);
}

async function measure(
	{ emulator }: Lab,
	{ latencyMs }: Plan,
	contender: Contender,
	{ taskSeconds, count }: Heat,
): Promise<Result> {
	const access = await emulator.ask('open', { taskSeconds, latencyMs });
	const { outAt, wallMs, cpuMs, residentMb } = await contender.run(access, count);
	const { calls, made, lastEnd } = await emulator.ask('look', access.url);
	await emulator.ask('close', access.url);
	if (made !== count) throw new Error(`${contender.name} made ${made} VMs instead of ${count}`);
	return {
		name: contender.name,
		taskSeconds,
		count,
		wallMs,
		measured: {
			callsPerVm: calls / count,
			lateMs: outAt - lastEnd,
			...(cpuMs === undefined ? {} : { cpuMsPerVm: cpuMs / count }),
			...(residentMb === undefined ? {} : { residentMb }),
		},
	};
}
