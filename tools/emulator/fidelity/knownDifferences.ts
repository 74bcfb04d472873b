/** Lines of a file that the emulator does not answer as recorded, and why. */
export interface KnownDifferences {
	file: string;
	/** The numbers of the lines. */
	lines: number[];
	/** What the emulator does instead, or why it cannot know better. */
	reason: string;
	/** It refuses them with 501; else it answers otherwise. */
	isRefused?: true;
}

/** All of them: one that is met no longer must go, and a line that is not here must match. */
export const knownDifferences: KnownDifferences[] = [
	{ file: 'recordings-2.jsonl', lines: [1351], reason: 'no statistics are kept', isRefused: true },
	{
		file: 'recordings-2.jsonl',
		lines: [1380, 1381],
		reason: 'rules of resource affinity are refused',
		isRefused: true,
	},
	{
		file: 'recordings-2.jsonl',
		lines: [1240],
		reason: 'state-2.json does not say which storages are in a pool',
	},
	{
		file: 'recordings-2.jsonl',
		lines: [1254],
		reason: 'the rights on a pool are asked for by its name before the name is found wrong',
	},
	{
		file: 'recordings-2.jsonl',
		lines: [1299, 1309],
		reason: 'the fingerprint of the offline node was there at some times, and not at others',
	},
	{
		file: 'recordings-2.jsonl',
		lines: [630],
		reason: 'a disk was plugged into the VM by a request that was not recorded',
	},
	{ file: 'recordings-2.jsonl', lines: [1321], reason: 'that set-up sent no status of networks' },
	{
		file: 'recordings-4.jsonl',
		lines: [148, 538],
		reason: 'the log of the cluster and consoles are refused',
		isRefused: true,
	},
	{
		file: 'recordings-4.jsonl',
		lines: [370, 372, 373],
		reason: 'actions on all guests of a node are refused',
		isRefused: true,
	},
	{ file: 'recordings-4.jsonl', lines: [10], reason: 'that set-up sent no status of networks' },
	{
		file: 'recordings-4.jsonl',
		lines: [110, 421, 438, 443],
		reason: 'the VM was started, or changed, by a request that was not recorded',
	},
	{
		file: 'recordings-4.jsonl',
		lines: [318, 319],
		reason: 'the VM was moved by a request that was not recorded',
	},
	{
		file: 'recordings-4.jsonl',
		lines: [367],
		reason: 'a migration runs here that had ended there',
	},
	{
		file: 'recordings-4.jsonl',
		lines: [396, 569],
		reason:
			'connections between nodes are not kept: the first request after an outage fails as the next ones do',
	},
	{
		file: 'recordings-4.jsonl',
		lines: [514, 516, 518],
		reason: 'of requests that were sent at once another one was served first',
	},
];
