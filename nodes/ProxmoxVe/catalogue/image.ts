import { choice, flag, text } from './fields';

const storage = text({
	label: 'Storage',
	help: 'The storage for the file. From List shows the storages of the node that have the content type.',
	format: 'pve-storage-id',
	picker: 'searchFileStorages',
	required: true,
	placeholder: 'local',
});

const content = choice({
	label: 'Content Type',
	help: 'What the file is for. Only a disk image can become the disk of a VM.',
	options: { import: 'Disk Image', iso: 'ISO Image', vztmpl: 'Container Template' },
});

const filename = text({
	label: 'File Name',
	help: 'The name to store the file under. Unusual characters become _. It must end in .iso or .img (ISO images), .qcow2, .raw, .vmdk or .ova (disk images), or .tar.gz and similar (templates).',
	maxLength: 255,
	placeholder: 'debian-13.qcow2',
});

const checksumFields = {
	checksum: text({
		label: 'Checksum',
		help: 'The checksum that the publisher states for the file. For a compressed download, that of the compressed file.',
		requires: 'checksum-algorithm',
		guards: true,
		placeholder: 'e3b0c44298fc1c149afbf4c8996fb924…',
	}),
	'checksum-algorithm': choice({
		label: 'Checksum Algorithm',
		help: 'The algorithm of the checksum',
		options: {
			md5: 'MD5',
			sha1: 'SHA-1',
			sha224: 'SHA-224',
			sha256: 'SHA-256',
			sha384: 'SHA-384',
			sha512: 'SHA-512',
		},
		requires: 'checksum',
		initial: 'sha256',
	}),
};

/** `POST /nodes/{node}/storage/{storage}/download-url`. */
export const downloadFields = {
	content,
	storage,
	url: text({
		label: 'URL',
		help: 'Downloaded by the Proxmox node, not by n8n',
		pattern: 'https?://[^\\s/]+/.*',
		required: true,
		placeholder:
			'https://cloud.debian.org/images/cloud/trixie/latest/debian-13-generic-amd64.qcow2',
	}),
	filename,
	...checksumFields,
	compression: choice({
		label: 'Decompression',
		help: 'Decompresses the file after the download. Only for ISO images.',
		options: { gz: 'Gzip', zst: 'Zstandard', bz2: 'Bzip2', lzo: 'LZO' },
	}),
	'verify-certificates': flag({
		label: 'Verify Certificates',
		help: 'Whether the Proxmox node must trust the certificate of the server',
		default: true,
	}),
};

/** `POST /nodes/{node}/aplinfo`. */
export const templateFields = {
	storage,
	template: text({
		label: 'Template',
		help: 'One of those that Proxmox offers',
		required: true,
		maxLength: 255,
		picker: 'searchTemplates',
		placeholder: 'debian-13-standard_13.6-1_amd64.tar.zst',
	}),
};

/** `POST /nodes/{node}/storage/{storage}/oci-registry-pull`. */
export const ociFields = {
	storage,
	reference: text({
		label: 'OCI Image',
		help: 'With its tag',
		since: '9.1',
		required: true,
		placeholder: 'docker.io/library/nginx:1.29',
	}),
	filename,
};

/** `POST /nodes/{node}/storage/{storage}/upload`. */
export const uploadFields = { content, storage, filename, ...checksumFields };
