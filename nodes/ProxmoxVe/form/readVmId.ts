import type { Problem } from '../wire/problem';
import { unwrap } from './readForm';

/**
 * Reads a VM's ID, from a list or by itself. What is wrong is added to the problems.
 * @param of what an error is to name
 */
export function readVmId(given: unknown, of: Omit<Problem, 'message'>, problems: Problem[]): number {
	const value = unwrap(given);
	const vmid = Number(value);
	if (Number.isInteger(vmid) && vmid >= 100) return vmid;
	problems.push({ ...of, message: `must be a VM ID from 100 to 999999999, got "${String(value ?? '')}"` });
	return 0;
}
