import { IMPORTABLE } from '../api/images';
import { fieldOf, type Catalogue } from '../catalogue/catalogue';
import { subOptionsOf } from '../wire/readDevice';
import { shown } from '../wire/shown';
import { isUnset } from '../wire/values';
import type { Form } from './Form';
import { importFields } from './importFields';

/** What to import, and where its devices go. */
export interface ImportSource {
	/** The volume ID of an OVA, an OVF, or a VM of an ESXi host. */
	readonly volume: string;
	readonly storage: string;
	/** Without one the VM has no network cards. */
	readonly bridge?: string;
}

/** Reads what Import is about. */
export function readImportSource(form: Form): ImportSource {
	const { importFrom = '', storage = '', bridge } = form.fields(importFields, { bridge: '' });
	if (importFrom !== '' && !IMPORTABLE.test(importFrom))
		form.problems.push({
			parameter: 'importFrom',
			label: importFields.importFrom.label,
			message: `must be an OVA, an OVF or a VM of an ESXi host (.vmx), got "${shown(importFrom)}". For a disk image use Create`,
		});
	return { volume: importFrom, storage, ...(bridge === undefined ? {} : { bridge }) };
}

/**
 * What the user sets wins over what the file says. A device that is given without its main option, such as a disk
 * without a volume, keeps what is not set.
 */
export function mergeImport(
	catalogue: Catalogue,
	guest: Readonly<Record<string, unknown>>,
	given: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
	const merged: Record<string, unknown> = { ...guest };
	for (const [name, value] of Object.entries(given)) {
		if (isUnset(value)) continue;
		const field = fieldOf(catalogue, name)?.field;
		const device = field?.kind === 'family' ? field.item : field;
		const [before, own] =
			device?.kind === 'device'
				? [guest[name], value].map((one) => (isUnset(one) ? undefined : subOptionsOf(device, one)))
				: [];
		const isWhole =
			device?.kind !== 'device' ||
			own === undefined ||
			(device.defaultKey !== undefined && !isUnset(own[device.defaultKey]));
		merged[name] = isWhole ? value : { ...before, ...own };
	}
	if (merged.bios !== 'ovmf' && isUnset(given.efidisk0)) delete merged.efidisk0;
	return merged;
}
