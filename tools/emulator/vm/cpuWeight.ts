import type { Parameters } from '../endpoints/types';

/** Cgroup weights go no further. */
const LARGEST_WEIGHT = 10_000;

/** Puts the largest weight there is in place of a larger one; any other value stays as it was sent. */
export function clampCpuWeight(settings: Parameters): Parameters {
	return Number(settings.cpuunits) >= LARGEST_WEIGHT
		? { ...settings, cpuunits: LARGEST_WEIGHT }
		: settings;
}
