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

const CONTAINERS = 'containers are not done in all yet';

/** All of them: one that is met no longer must go, and a line that is not here must match. */
export const knownDifferences: KnownDifferences[] = [
	{
		file: 'recordings-2.jsonl',
		lines: [
			201, 202, 203, 204, 205, 206, 207, 208, 209, 210, 211, 212, 213, 214, 215, 216, 217, 218, 219,
			220, 221, 222, 223, 224, 225, 226, 227, 235, 236, 237, 1411, 1412, 1413, 1414, 1415, 1416,
			1417, 1418,
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
	{
		file: 'recordings-2.jsonl',
		lines: [
			354, 355, 356, 357, 358, 359, 360, 361, 362, 363, 364, 365, 366, 367, 369, 370, 371, 372, 373,
			375, 376, 378, 380, 383, 384, 386, 389, 390, 392, 393, 394, 781, 782, 783, 784, 785, 786, 788,
			789, 790, 886, 887, 888, 889, 891, 892, 893, 894, 895, 896, 897, 898, 899, 900, 901, 902, 904,
			905, 906, 908, 985, 986, 987, 1013, 1014, 1015, 1091, 1092, 1093, 1094, 1095, 1096, 1097,
			1098, 1099, 1100, 1101, 1103, 1104, 1139, 1140, 1141, 1142, 1143, 1144, 1145, 1146, 1147,
			1148, 1149, 1150, 1152, 1153, 1155, 1156, 1157, 1158, 1159, 1160, 1161, 1162, 1163, 1164,
			1165, 1166, 1167, 1168, 1169, 1170, 1171, 1172, 1173, 1174, 1175, 1176, 1177, 1178, 1179,
			1180, 1181, 1183, 1185, 1186, 1188, 1189, 1190, 1191, 1192, 1193, 1199, 1225, 1226,
		],
		reason: CONTAINERS,
		isRefused: true,
	},
	{
		file: 'recordings-2.jsonl',
		lines: [
			374, 377, 379, 691, 752, 753, 754, 757, 758, 767, 768, 787, 791, 793, 795, 796, 797, 798, 799,
			801, 802, 803, 804, 805, 807, 808, 809, 810, 811, 812, 813, 814, 815, 816, 817, 818, 819, 822,
			823, 825, 826, 829, 834, 835, 837, 838, 841, 842, 843, 844, 845, 846, 851, 852, 853, 854, 855,
			862, 864, 866, 869, 870, 879, 880, 907, 967, 968, 1025, 1105, 1106, 1107, 1108, 1109, 1110,
			1112, 1113, 1119, 1120, 1121, 1122, 1123, 1124, 1125, 1126, 1133, 1138, 1154, 1195, 1197,
			1198, 1200, 1201, 1203, 1204, 1205, 1214, 1215, 1216, 1217, 1218, 1219, 1220, 1221, 1222,
			1223, 1224, 1227, 1228, 1229, 1230, 1231, 1232, 1233, 1376, 1407, 1432, 1433, 1435, 1445,
		],
		reason: CONTAINERS,
	},
	{
		file: 'recordings-4.jsonl',
		lines: [
			130, 131, 133, 297, 298, 299, 300, 305, 306, 307, 308, 312, 324, 327, 328, 329, 330, 331, 332,
			333, 335, 338, 524,
		],
		reason: CONTAINERS,
		isRefused: true,
	},
	{
		file: 'recordings-4.jsonl',
		lines: [178, 179, 301, 302, 303, 313, 325, 475],
		reason: CONTAINERS,
	},
];
