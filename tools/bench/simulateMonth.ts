import { checkTimes } from './checkTimes';

/** What creating a million VMs in a month on a hundred clusters asks of n8n and of Proxmox. */
export interface Month {
	readonly calls: number;
	/** How late ends of tasks were noticed, as a part of their length. */
	readonly late: Peak;
	/** Executions that ran at the same time, at the start of each minute. */
	readonly executions: Peak;
	/** Cores that n8n's workers were busy with. */
	readonly cores: Peak;
	/** Tasks that ran at the same time on the busiest cluster, at the start of each minute. */
	readonly tasks: Peak;
	/** Calls in a minute to the busiest cluster. */
	readonly callsPerMinute: Peak;
}

export interface Peak {
	readonly median: number;
	readonly p99: number;
	readonly most: number;
}

/** What is assumed. */
export const MONTH = {
	vms: 1_000_000,
	clusters: 100,
	days: 30,
	/** The busiest cluster gets so many times what the average one gets. */
	busiest: 5,
	/** Part of the VMs that are created in batches, each of them one execution. */
	batched: 0.5,
	batch: 50,
	/** The node's default of Max Parallel. */
	parallel: 25,
	/** Half of the tasks take at most this, nineteen of twenty at most three times as long. */
	taskSeconds: 8,
	/** Eight of ten executions start within these hours of the day. */
	hours: [8, 18],
	/** CPU of n8n's process for an execution, and for each VM of it, in milliseconds: rounded up from the figures of this page. */
	executionMs: 150,
	vmMs: 8,
} as const;

const MINUTE = 60_000;
const DAY = 1440 * MINUTE;

/** @param vms fewer than a month has, for a test: the same rate for a shorter time */
export function simulateMonth(vms: number = MONTH.vms): Month {
	const random = numbersFrom(7);
	const days = Math.max(1, Math.round((MONTH.days * vms) / MONTH.vms));
	const minutes = Array.from({ length: days * 1440 + 60 }, () => ({
		executions: 0,
		cpuMs: 0,
		tasks: 0,
		calls: 0,
	}));
	const minuteAt = (at: number) => minutes[Math.min(Math.floor(at / MINUTE), minutes.length - 1)];
	/** Counts what lasts at the start of each minute. */
	const during = (from: number, to: number, what: 'executions' | 'tasks'): void => {
		for (let at = Math.ceil(from / MINUTE) * MINUTE; at < to; at += MINUTE) {
			const minute = minuteAt(at);
			if (minute) minute[what]++;
		}
	};
	const lengths = Array.from({ length: MONTH.clusters }, (): number[] => []);
	const late: number[] = [];
	let calls = 0;

	/** One VM. @returns when its task's end is noticed */
	const create = (startedAt: number, cluster: number): number => {
		const length = taskMs(random);
		const known = (lengths[cluster] ??= []);
		const checks = checkTimes(length, known);
		lengths[cluster] = [...known, length].slice(-5);
		const noticed = checks[checks.length - 1] ?? length;
		late.push((noticed - length) / length);
		calls += 1 + checks.length;
		if (cluster === 0) {
			for (const after of [0, ...checks]) {
				const minute = minuteAt(startedAt + after);
				if (minute) minute.calls++;
			}
			during(startedAt, startedAt + length, 'tasks');
		}
		return startedAt + noticed;
	};

	for (let created = 0; created < vms; ) {
		const isBatch = random() < MONTH.batched / (MONTH.batched + (1 - MONTH.batched) * MONTH.batch);
		const size = Math.min(isBatch ? MONTH.batch : 1, vms - created);
		const startedAt = Math.floor(random() * days) * DAY + timeOfDay(random);
		const cluster =
			random() < MONTH.busiest / MONTH.clusters
				? 0
				: 1 + Math.floor(random() * (MONTH.clusters - 1));
		const slots = Array.from({ length: Math.min(size, MONTH.parallel) }, () => startedAt);
		for (let item = 0; item < size; item++) {
			const first = slots.indexOf(Math.min(...slots));
			slots[first] = create(slots[first] ?? startedAt, cluster);
		}
		during(startedAt, Math.max(...slots), 'executions');
		const minute = minuteAt(startedAt);
		if (minute) minute.cpuMs += MONTH.executionMs + size * MONTH.vmMs;
		created += size;
	}
	return {
		calls,
		late: peakOf(late),
		executions: peakOf(minutes.map(({ executions }) => executions)),
		cores: peakOf(minutes.map(({ cpuMs }) => cpuMs / MINUTE)),
		tasks: peakOf(minutes.map(({ tasks }) => tasks)),
		callsPerMinute: peakOf(minutes.map((minute) => minute.calls)),
	};
}

/** Log-normal. */
function taskMs(random: () => number): number {
	const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
	return MONTH.taskSeconds * 1000 * Math.exp((normal * Math.log(3)) / 1.645);
}

function timeOfDay(random: () => number): number {
	const [from, to] = MONTH.hours;
	const hour = random() < 0.8 ? from + random() * (to - from) : random() * 24;
	return hour * 60 * MINUTE;
}

function peakOf(values: number[]): Peak {
	const sorted = values.sort((a, b) => a - b);
	const at = (part: number): number => sorted[Math.floor(part * (sorted.length - 1))] ?? 0;
	return { median: at(0.5), p99: at(0.99), most: at(1) };
}

/** Numbers from 0 to 1, the same ones in each run. */
function numbersFrom(seed: number): () => number {
	let state = seed;
	return () => {
		state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
		return state / 2 ** 32;
	};
}
