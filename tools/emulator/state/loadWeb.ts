import type { ClusterState, WebFile } from './types';

/** A web server's files by their paths, as a state file has them. */
export type FileServer = Record<string, { size: number; sha256: string; md5: string }>;

/** Where the recorded host found the web server: plain, and with a certificate that it did not trust. */
const SERVERS = { 'http://127.0.0.1:8123': false, 'https://127.0.0.1:8124': true };
const MIME_TYPES: Readonly<Record<string, string>> = {
	iso: 'application/x-iso9660-image',
	html: 'text/html',
};
const IMAGES: Readonly<Record<string, Partial<WebFile>>> = {
	qcow2: { disk: { format: 'qcow2', size: 1024 ** 3 } },
	vmdk: { disk: { format: 'vmdk', size: 1024 ** 3 } },
};

/** What can be downloaded: by its name `bad…` is not of its format, and `evil…` has a backing file. */
export function loadWeb(files: FileServer): ClusterState['web'] {
	const web: ClusterState['web'] = new Map();
	for (const [path, { size, ...sums }] of Object.entries(files)) {
		const [, inner = '', compression] = /^(.*)\.(gz|lzo|zst|bz2|xz)$/.exec(path) ?? [];
		const packed = files[inner];
		const extension = path.split('.').pop() ?? '';
		const file: WebFile = {
			size,
			sums,
			mimetype: MIME_TYPES[extension],
			...(path.startsWith('/bad') ? {} : IMAGES[extension]),
			hasBackingFile: path.startsWith('/evil'),
		};
		if (packed) {
			const { size: unpackedSize, ...unpackedSums } = packed;
			Object.assign(file, { compression, unpacked: { size: unpackedSize, sums: unpackedSums } });
		}
		for (const [server, isSelfSigned] of Object.entries(SERVERS)) {
			web.set(`${server}${path}`, { ...file, isSelfSigned });
		}
	}
	return web;
}
