import { text } from '../catalogue/fields';
import { downloadFields } from '../catalogue/image';

/** The n8n parameter of the collection with what is rarely set. */
export const IMAGE_DOWNLOAD = 'imageDownload';
export const IMAGE_DOWNLOAD_LABEL = 'Image Download';

export const imageUrlField = {
	...downloadFields.url,
	label: 'Image URL',
	help: 'Downloaded by the Proxmox node, not by n8n. May end in #sha256=CHECKSUM.',
};
const { filename, checksum, 'checksum-algorithm': checksumAlgorithm } = downloadFields;
export const imageDownloadFields = {
	filename: {
		...filename,
		help: 'Of the first image. Ending in .qcow2, .raw or .vmdk. By default the name in the URL.',
	},
	checksum: {
		...checksum,
		help: 'Of the first image, as its publisher states it. A kept image is compared too.',
	},
	'checksum-algorithm': checksumAlgorithm,
	storage: text({
		label: 'Image Storage',
		help: 'With the content Import. By default the first such storage of the node.',
		format: 'pve-storage-id',
		picker: 'searchImportStorages',
		placeholder: 'local',
	}),
	'verify-certificates': downloadFields['verify-certificates'],
};
