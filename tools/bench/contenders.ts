/* eslint-disable @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-restricted-imports -- a test tool, neither shipped nor scanned */
import { resolve } from 'node:path';

import type { Access, EmulatorService } from './emulatorProcess';
import type { EngineService, Spent } from './engineProcess';
import { startRemote, type Remote } from '../harness/remote';
import { follow, schedules, type Schedule } from './schedules';

/** What a run took; of a plain loop only the time. */
export type Ran = Pick<Spent, 'outAt' | 'wallMs'> & Partial<Spent>;

/** One of those that are compared, for tasks of one length. */
export interface Contender {
	readonly name: string;
	/** How many VMs it makes at a time. */
	readonly atOnce: number;
	/** Gets ready what is not to be measured. */
	prepare(): Promise<void>;
	/** Makes so many VMs. */
	run(access: Access, count: number): Promise<Ran>;
	end(): void;
}

/** What contenders need: clusters, and the file with the certificate that they show. */
export interface Lab {
	readonly emulator: Remote<EmulatorService>;
	readonly caFile: string;
}

/** The node's own default of Max Parallel. */
const MAX_PARALLEL = 25;

/** This node, warm, is what the others are compared to. */
export const REFERENCE = 'This node';

export const startEngine = ({ caFile }: Lab): Remote<EngineService> =>
	startRemote<EngineService>(resolve(__dirname, 'engineProcess.ts'), {
		NODE_EXTRA_CA_CERTS: caFile,
	});

/** In a process that has waited for one such task before. */
function warm(lab: Lab, taskSeconds: number, latencyMs: number): Contender {
	const engine = startEngine(lab);
	let warmed: Promise<unknown> | undefined;
	const warmUp = async (): Promise<void> => {
		const access = await lab.emulator.ask('open', { taskSeconds, latencyMs });
		await engine.ask('create', { access, count: 1 });
		await lab.emulator.ask('close', access.url);
	};
	return {
		name: REFERENCE,
		atOnce: MAX_PARALLEL,
		prepare: async () => await engine.ask('ready'),
		async run(access, count) {
			await (warmed ??= warmUp());
			return await engine.ask('create', { access, count });
		},
		end: () => engine.end(),
	};
}

/** In a new process for each run. */
function cold(lab: Lab): Contender {
	let engine: Remote<EngineService> | undefined;
	const end = (): void => engine?.end();
	return {
		name: 'This node, nothing remembered',
		atOnce: MAX_PARALLEL,
		async prepare() {
			end();
			engine = startEngine(lab);
			await engine.ask('ready');
		},
		async run(access, count) {
			if (!engine) throw new Error('not prepared');
			return await engine.ask('create', { access, count });
		},
		end,
	};
}

/** One VM after the other: people put Loop Over Items around it, since Next Free ID gives all items the same ID. */
function workflow(lab: Lab): Contender {
	const engine = startEngine(lab);
	return {
		name: 'HTTP Request + Wait + If',
		atOnce: 1,
		prepare: async () => await engine.ask('ready'),
		async run(access, count) {
			let spent = await engine.ask('workflow', { access });
			for (let made = 1; made < count; made++) {
				const next = await engine.ask('workflow', { access });
				spent = { ...next, wallMs: spent.wallMs + next.wallMs, cpuMs: spent.cpuMs + next.cpuMs };
			}
			return spent;
		},
		end: () => engine.end(),
	};
}

/** A schedule as a plain loop in this process. */
const loop = (schedule: Schedule, taskSeconds: number): Contender => ({
	name: schedule.name,
	atOnce: schedule.atOnce,
	prepare: async () => {},
	async run(access, count) {
		const begun = Date.now();
		await follow(schedule, access, count, taskSeconds);
		const outAt = Date.now();
		return { outAt, wallMs: outAt - begun };
	},
	end: () => {},
});

/** All that are compared. */
export const contenders = (lab: Lab, taskSeconds: number, latencyMs: number): Contender[] => [
	warm(lab, taskSeconds, latencyMs),
	cold(lab),
	workflow(lab),
	...schedules.map((schedule) => loop(schedule, taskSeconds)),
];
