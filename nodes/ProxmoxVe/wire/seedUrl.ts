import { isRecord } from './values';

/** A serial number by which cloud-init gets its files from a web server: `ds=nocloud;dsmode=net;s=https://…/`. */
const NO_CLOUD = /^ds=nocloud(?:-net)?;(?:\S*;)?s=(https?:\S*)$/i;

/**
 * Reads where cloud-init gets its files from, if not from a drive.
 * @param smbios1 the device as it is sent: its texts are encoded, if it says so
 * @returns the serial number and the URL in it; undefined if it has none
 */
export function seedUrlOf(
	smbios1: unknown,
): { readonly serial: string; readonly url: string } | undefined {
	if (!isRecord(smbios1) || typeof smbios1.serial !== 'string') return undefined;
	const serial =
		smbios1.base64 === true
			? Buffer.from(smbios1.serial, 'base64').toString('utf8')
			: smbios1.serial;
	const url = NO_CLOUD.exec(serial)?.[1];
	return url === undefined ? undefined : { serial, url };
}

/** Whether every version of cloud-init understands the serial number: 22.4 fetches the files and ignores them otherwise. */
export const isWellSpelled = (serial: string, url: string): boolean =>
	serial.startsWith('ds=nocloud;') &&
	serial.includes(';dsmode=net;') &&
	(url.endsWith('/') || /[?%]/.test(url));
