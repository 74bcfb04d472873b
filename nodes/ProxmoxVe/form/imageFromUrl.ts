import { text } from '../catalogue/fields';
import { downloadFields } from '../catalogue/image';
import { nameInUrl, nameOfDownload, readImageName } from '../wire/imageName';
import { shown } from '../wire/shown';
import type { Form } from './Form';

/** From where an image is downloaded: from a web server, Proxmox's list of templates, or a registry of OCI images. */
export type DownloadFrom = 'url' | 'list' | 'registry';

/** An image to download before the guest is created. */
export interface ImageDownload {
	readonly from: DownloadFrom;
	/** The URL, the name of the template, or the reference of the OCI image. */
	readonly source: string;
	readonly content: 'import' | 'vztmpl';
	/** The name to store it under; without it the one in the URL, or else the server's. */
	readonly name?: string;
	/** The storage to keep it on; without it one of the node is chosen. */
	readonly storage?: string;
	readonly checksum?: string;
	readonly algorithm?: string;
	readonly verifyCertificates?: boolean;
	/** Stands for the image in the parameters until it is stored. */
	readonly placeholder: string;
}

/** The n8n parameter of the collection with what is rarely set. */
export const IMAGE_DOWNLOAD = 'imageDownload';
export const IMAGE_DOWNLOAD_LABEL = 'Image Download';

export const imageUrlField = { ...downloadFields.url, label: 'Image URL' };
const { filename, checksum, 'checksum-algorithm': algorithm } = downloadFields;
export const imageDownloadFields = {
	filename: {
		...filename,
		help: 'Ending in .qcow2, .raw or .vmdk. By default the name in the URL.',
	},
	checksum: {
		...checksum,
		help: 'As the publisher states it. A kept image is compared too.',
	},
	'checksum-algorithm': algorithm,
	storage: text({
		label: 'Image Storage',
		help: 'With the content Import. By default the first such storage of the node.',
		format: 'pve-storage-id',
		picker: 'searchImportStorages',
		placeholder: 'local',
	}),
	'verify-certificates': downloadFields['verify-certificates'],
};

/** What is no disk image, by the ending of the URL, and what to do with it. */
const NO_IMAGE: ReadonlyArray<readonly [RegExp, string]> = [
	[
		/\.ova$/i,
		'is an OVA, which contains a whole VM. Use Image → Download, then Virtual Machine → Import',
	],
	[
		/\.iso$/i,
		'is an ISO image, which is no disk. Use Image → Download with the content type ISO Image, then the profile Linux From ISO',
	],
	[
		/\.(?:gz|xz|zst|bz2|lzo|zip|7z|tar|tgz)$/i,
		'is a compressed file, which Proxmox VE cannot unpack into a disk. Use the URL of an uncompressed image (.qcow2, .raw, .vmdk or .img)',
	],
];

/** Reads the image that the first disk is a copy of. */
export function readImageFromUrl(form: Form): ImageDownload {
	const { imageUrl: url = '' } = form.fields({ imageUrl: imageUrlField }, { imageUrl: '' });
	const options = form.collection(IMAGE_DOWNLOAD, IMAGE_DOWNLOAD_LABEL, imageDownloadFields);
	const served = nameInUrl(url);
	const wrong = NO_IMAGE.find(([ending]) => ending.test(served))?.[1];
	if (wrong !== undefined)
		form.problems.push({ parameter: 'imageUrl', label: imageUrlField.label, message: wrong });
	const name =
		options.filename === undefined
			? nameOfDownload('import', served)
			: readImageName('import', options.filename);
	if (options.filename !== undefined)
		refuse(form, 'problem' in name ? name.problem : ovaProblem(name.value));
	const stored = 'value' in name ? name.value : 'NAME_OF_THE_FILE.qcow2';
	return {
		from: 'url',
		source: url,
		content: 'import',
		...('value' in name ? { name: name.value } : {}),
		...(options.storage === undefined ? {} : { storage: options.storage }),
		...(options.checksum === undefined ? {} : { checksum: options.checksum.trim() }),
		algorithm: options['checksum-algorithm'],
		verifyCertificates: options['verify-certificates'],
		placeholder: `${options.storage ?? 'IMAGE_STORAGE'}:import/${stored}`,
	};
}

const ovaProblem = (name: string): string | undefined =>
	name.endsWith('.ova') ? `must end in .qcow2, .raw or .vmdk, got "${shown(name)}"` : undefined;

const refuse = (form: Form, message: string | undefined): void => {
	if (message === undefined) return;
	const label = `${IMAGE_DOWNLOAD_LABEL} → ${imageDownloadFields.filename.label}`;
	form.problems.push({ parameter: 'filename', label, message });
};
