import type { Result } from './problem';

const FACTORS = { t: 1024, g: 1, m: 1 / 1024 } as const;
const SIZE = /^\+?(\d+(?:\.\d*)?|\.\d+)\s*(?:([gtm])(?:ib)?)?$/i;
/** What begins as a number and has no path in it is meant as a size: `32G`, `-5`, `1e3`. */
const LIKE_SIZE = /^[+-]?\.?\d[\d.,]*(?:e[+-]?\d+)?\s*[a-z]{0,3}$/i;
/** What Proxmox takes for the size of a new disk, in GiB. */
const PROXMOX_SIZE = /^\d+(?:\.\d+)?$/;

/**
 * Reads the size of a disk: a number of GiB, or with a unit (`32G`, `0.5TiB`, `512M`).
 * @returns GiB as Proxmox takes them, in decimal notation
 */
export function readGib(given: unknown): Result<string> {
	const problem = 'must be a size above 0 in GiB, such as 32, 32G or 0.5T';
	if (typeof given !== 'number' && typeof given !== 'string') return { problem };
	const [, amount, unit = 'g'] = SIZE.exec(String(given).trim()) ?? [];
	if (amount === undefined) return { problem };
	const text = String(Number(amount) * FACTORS[unit.toLowerCase() as keyof typeof FACTORS]);
	// Below a millionth of a GiB (a KiB) JavaScript writes an exponent: no disk is that small.
	return Number(text) > 0 && PROXMOX_SIZE.test(text) ? { value: text } : { problem };
}

/** Whether a volume's text would make a new disk, or was meant to: `local:32`, `local:32G`, `local:-5`. */
export const meansNewDisk = (text: string): boolean => LIKE_SIZE.test(afterStorage(text));

const afterStorage = (text: string): string => text.slice(text.indexOf(':') + 1);

/**
 * Reads the volume of a drive: `STORAGE:SIZE` of a new disk is converted to GiB, all else stays as it is.
 * @param mayBeEmpty 0 is a size too, because Proxmox finds the size by itself
 */
export function readVolume(text: string, mayBeEmpty: boolean): Result<string> {
	if (text.startsWith('/') || !text.includes(':') || !meansNewDisk(text)) return { value: text };
	const rest = afterStorage(text).trim();
	if (PROXMOX_SIZE.test(rest) && (mayBeEmpty || Number(rest) > 0)) return { value: text.trim() };
	const size = readGib(rest);
	if ('problem' in size)
		return {
			problem:
				'must be STORAGE:SIZE with a size above 0 in GiB, such as local-lvm:32, or the name of a volume',
		};
	return { value: `${text.slice(0, text.indexOf(':'))}:${size.value}` };
}

/** Reads the volume of a container: `STORAGE:SIZE` as above, the name of a volume, or a path of the host. */
export const readVolumeOrPath = (text: string): Result<string> =>
	text.startsWith('/') || /^[a-zA-Z][\w.-]*:./.test(text.trim())
		? readVolume(text, true)
		: {
				problem: 'must be STORAGE:SIZE in GiB, such as local-lvm:8, or the name of a volume',
			};
