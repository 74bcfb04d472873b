import type { INodeProperties } from 'n8n-workflow';

import type { GuestParameters } from '../catalogue/catalogue';
import { text } from '../catalogue/fields';
import { readImageName } from '../wire/imageName';
import { isOciUrl, ociFileName, readOciReference } from '../wire/ociReference';
import { isRecord } from '../wire/values';
import { locator } from './describeField';
import type { Form } from './Form';
import type { ImageDownload } from './readImages';
import { textOf, unwrap } from './readFields';

/** The mode of the field Template in which it holds the reference of an OCI image. */
const OCI = 'oci';

export const templateStorageField = text({
	label: 'Template Storage',
	help: 'For a downloaded template or OCI image. By default the first that can hold templates.',
	format: 'pve-storage-id',
	picker: 'searchFileStorages',
	placeholder: 'local',
});
export const TEMPLATE_STORAGE = 'templateStorage';

/** The field Template with a third mode: an OCI image by its reference. */
export function templateLocator(
	placeholder: string,
): Pick<INodeProperties, 'type' | 'default' | 'modes'> {
	const { modes = [], ...property } = locator('searchTemplates', placeholder);
	return {
		...property,
		modes: [
			...modes,
			{
				displayName: 'OCI Image',
				name: OCI,
				type: 'string',
				placeholder: 'e.g. docker.io/library/nginx:1.29',
			},
		],
	};
}

/**
 * Reads a template that the node downloads before the container is created: one that Proxmox offers, by its file name,
 * or an OCI image by its reference.
 * @param given the template of the field or the JSON
 * @returns undefined for a template on a storage
 */
export function readTemplate(form: Form, given: unknown): ImageDownload | undefined {
	const value = textOf(unwrap(given));
	const { [TEMPLATE_STORAGE]: storage } = form.fields(
		{ [TEMPLATE_STORAGE]: templateStorageField },
		{ [TEMPLATE_STORAGE]: '' },
	);
	const download = (from: 'list' | 'registry', source: string, name: string): ImageDownload => ({
		from,
		source,
		content: 'vztmpl',
		name,
		...(storage === undefined ? {} : { storage }),
		placeholder: `${storage ?? 'TEMPLATE_STORAGE'}:vztmpl/${name}`,
	});
	if ((isRecord(given) && given.mode === OCI && value !== '') || isOciUrl(value)) {
		const read = readOciReference(value);
		if ('value' in read) return download('registry', read.value, ociFileName(read.value));
		form.problems.push({ parameter: 'ostemplate', message: read.problem });
		return undefined;
	}
	const isFileName = /^[^:/]+$/.test(value) && 'value' in readImageName('vztmpl', value);
	return isFileName ? download('list', value, value) : undefined;
}

/** What an OCI image brings along, in place of what a create sets. An OCI image cannot be distinguished from another .tar. */
const OF_OCI_IMAGE = ['entrypoint', 'env', 'cmode'];

/** Takes out what an OCI image would replace. */
export function takeOciSettings(parameters: GuestParameters): {
	readonly parameters: GuestParameters;
	readonly later?: GuestParameters;
} {
	const those = (isOfImage: boolean): GuestParameters =>
		Object.fromEntries(
			Object.entries(parameters).filter(([name]) => OF_OCI_IMAGE.includes(name) === isOfImage),
		);
	const later = those(true);
	return { parameters: those(false), ...(Object.keys(later).length === 0 ? {} : { later }) };
}
