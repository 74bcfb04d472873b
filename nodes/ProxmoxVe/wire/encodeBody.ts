import type { PlainValue } from './values';
import { fieldOf, type Catalogue, type ParametersOf } from '../catalogue/catalogue';
import { encodePlain, encodePropertyString, type DeviceValue } from './encodePropertyString';

/**
 * Turns a request into the flat parameters of the API; a parameter that is not in it is not sent.
 * @returns text by parameter, yet to be form-encoded
 */
export function encodeBody<C extends Catalogue>(
	catalogue: C,
	parameters: ParametersOf<C>,
): Record<string, string> {
	const body: Record<string, string> = {};
	for (const [name, value] of Object.entries(parameters)) {
		const field = fieldOf(catalogue, name)?.field;
		const kind = field?.kind === 'family' ? field.item : field;
		if (value === undefined || !kind) continue;
		if (kind.kind === 'device') body[name] = encodePropertyString(kind, value as DeviceValue);
		// Of a VM Proxmox stores keys percent-encoded and wants them so inside the form's own encoding.
		else if (kind.kind === 'sshKeys')
			body[name] = kind.plain === true ? (value as string) : encodeURIComponent(value as string);
		else body[name] = encodePlain(value as PlainValue);
	}
	return body;
}
