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

const CONTAINERS = 'requests to containers are refused';

/** All of them: one that is met no longer must go, and a line that is not here must match. */
export const knownDifferences: KnownDifferences[] = [
	{
		file: 'recordings-2.jsonl',
		lines: [
			201, 202, 203, 204, 205, 206, 207, 208, 209, 210, 211, 212, 213, 214, 215, 216, 217, 218, 219,
			220, 221, 222, 223, 224, 225, 226, 227, 235, 236, 237, 253, 254, 255, 256, 257, 258, 259, 260,
		],
		reason:
			'registries of images, the list of appliances, identities and pruning by storage are refused',
		isRefused: true,
	},
	{ file: 'recordings-2.jsonl', lines: [156], reason: 'a subvolume is no image here' },
	{
		file: 'recordings-2.jsonl',
		lines: [233, 234],
		reason: 'the files were pulled from a registry',
	},
	{
		file: 'recordings-2.jsonl',
		lines: [241, 243],
		reason: 'the VM was made by a request that was not recorded',
	},
	{
		file: 'recordings-2.jsonl',
		lines: [
			372, 373, 374, 375, 376, 377, 378, 379, 380, 381, 382, 383, 384, 385, 387, 388, 389, 390, 391,
			392, 393, 394, 395, 396, 397, 398, 401, 402, 404, 407, 408, 410, 411, 412, 703, 704, 705, 706,
			708, 709, 710, 711, 712, 713, 714, 715, 716, 717, 718, 719, 721, 722, 723, 724, 725,
		],
		reason: CONTAINERS,
		isRefused: true,
	},
	{ file: 'recordings-2.jsonl', lines: [901], reason: 'no statistics are kept', isRefused: true },
	{
		file: 'recordings-2.jsonl',
		lines: [930, 931],
		reason: 'rules of resource affinity are refused',
		isRefused: true,
	},
	{
		file: 'recordings-2.jsonl',
		lines: [790],
		reason: 'state-2.json does not say which storages are in a pool',
	},
	{
		file: 'recordings-2.jsonl',
		lines: [804],
		reason: 'the rights on a pool are asked for by its name before the name is found wrong',
	},
	{
		file: 'recordings-2.jsonl',
		lines: [849, 859],
		reason: 'the fingerprint of the offline node was there at some times, and not at others',
	},
	{
		file: 'recordings-2.jsonl',
		lines: [648],
		reason: 'a disk was plugged into the VM by a request that was not recorded',
	},
	{ file: 'recordings-2.jsonl', lines: [871], reason: 'that set-up sent no status of networks' },
	{
		file: 'recordings-4.jsonl',
		lines: [
			18, 27, 60, 61, 62, 93, 94, 95, 130, 131, 132, 133, 174, 175, 176, 177, 178, 179, 293, 294,
			295, 296, 297, 298, 299, 300, 301, 302, 303, 304, 305, 306, 307, 308, 309, 311, 312, 324, 326,
			327, 328, 329, 330, 331, 332, 333, 334, 335, 336, 337, 338, 474, 475, 476,
		],
		reason: CONTAINERS,
		isRefused: true,
	},
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
	{ file: 'recordings-4.jsonl', lines: [310], reason: 'the list holds tasks of containers' },
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
