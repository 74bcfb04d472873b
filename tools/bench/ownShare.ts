/* eslint-disable @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-restricted-imports -- a test tool, neither shipped nor scanned */
import { Session } from 'node:inspector/promises';

/** Time between samples of the profiler, in microseconds. */
const SAMPLING_US = 200;

interface Frame {
	readonly url: string;
	readonly parent?: number;
}

/**
 * Runs something, and tells how much CPU went into the files of one folder.
 * What V8 does for them (a regular expression, a sort) is theirs; what they call in other files is not.
 * @returns milliseconds
 */
export async function ownShare(folder: string, work: () => Promise<unknown>): Promise<number> {
	const session = new Session();
	session.connect();
	await session.post('Profiler.enable');
	await session.post('Profiler.setSamplingInterval', { interval: SAMPLING_US });
	await session.post('Profiler.start');
	const cpu = process.cpuUsage();
	await work();
	const { user, system } = process.cpuUsage(cpu);
	const { profile } = await session.post('Profiler.stop');
	session.disconnect();

	const frames = new Map<number, Frame>();
	const idle = new Set<number>();
	for (const { id, callFrame } of profile.nodes) {
		frames.set(id, { url: callFrame.url });
		if (callFrame.functionName === '(idle)') idle.add(id);
	}
	for (const { id, children = [] } of profile.nodes) {
		for (const child of children)
			frames.set(child, { url: frames.get(child)?.url ?? '', parent: id });
	}
	/** The innermost frame that stands in a file. */
	const fileOf = (id: number | undefined): string => {
		const frame = id === undefined ? undefined : frames.get(id);
		return frame === undefined ? '' : frame.url === '' ? fileOf(frame.parent) : frame.url;
	};
	const { samples = [], timeDeltas = [] } = profile;
	const time = (isMeant: (id: number) => boolean): number =>
		samples.reduce((sum, id, index) => (isMeant(id) ? sum + (timeDeltas[index] ?? 0) : sum), 0);
	// Samples tell shares only: on a busy machine time passes while the process has to wait.
	const part = time((id) => fileOf(id).includes(folder)) / time((id) => !idle.has(id));
	return (part * (user + system)) / 1000;
}
