import type { PlainField } from '../catalogue/fields';

/** Whether Proxmox keeps a text percent-encoded inside a device; the user writes it plain. */
export const isPercentEncoded = (field: PlainField): boolean =>
	field.kind === 'text' && field.format === 'urlencoded';

/** Plain text of percent-encoded one, as Proxmox reads it: a % without two hex digits is itself. */
export function decodePercent(text: string): string {
	const bytes = text.replace(/%([0-9a-fA-F]{2})|[^\0-\x7f]/g, (found, hex?: string) =>
		hex === undefined
			? Buffer.from(found, 'utf8').toString('latin1')
			: String.fromCharCode(parseInt(hex, 16)),
	);
	const decoded = Buffer.from(bytes, 'latin1').toString('utf8');
	// Bytes that are no UTF-8 are left as they are written.
	return decoded.includes('\uFFFD') ? text : decoded;
}
