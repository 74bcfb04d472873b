import { withoutSecrets } from '../api/redact';
import { fieldOf, type Catalogue } from '../catalogue/catalogue';
import type { ValuesOf } from '../catalogue/fields';
import { nameInUrl, nameOfDownload, readImageName } from '../wire/imageName';
import { checksumProblem } from '../wire/checksumProblem';
import type { Result } from '../wire/problem';
import { subOptionsOf } from '../wire/readDevice';
import { shown } from '../wire/shown';
import { isRecord } from '../wire/values';
import { isDrive, isUrl } from './drives';
import type { Form } from './Form';
import {
	IMAGE_DOWNLOAD,
	IMAGE_DOWNLOAD_LABEL,
	imageDownloadFields,
	imageUrlField,
} from './imageFields';
import { readFields, textOf } from './readFields';

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

const ALGORITHMS = imageDownloadFields['checksum-algorithm'].options;

/** In placeholders, for what is known only when the image is downloaded. */
const STORAGE = 'IMAGE_STORAGE';
const FILE = 'NAME_OF_THE_FILE';

/** An image by its URL, read and checked. */
interface ImageUrl {
	readonly url: string;
	readonly checksum?: string;
	readonly algorithm?: string;
}

/** Reads the URL of an image for a disk, which may end in the checksum of the image: `#sha256=e3b0…`. */
export function readImageUrl(given: unknown): Result<ImageUrl> {
	const text = textOf(given);
	const [problem] = readFields({ url: imageUrlField }, { url: withoutSecrets(text) }).problems;
	if (problem !== undefined) return { problem: problem.message };
	const [, url = '', end] = /^([^#]*)(?:#(.*))?$/s.exec(text) ?? [];
	const wrong = NO_IMAGE.find(([ending]) => ending.test(nameInUrl(url)))?.[1];
	if (wrong !== undefined) return { problem: wrong };
	if (end === undefined) return { value: { url } };
	const [, algorithm = '', checksum] = /^(\w+)=([\da-f]+)$/i.exec(end) ?? [];
	if (checksum === undefined || !Object.hasOwn(ALGORITHMS, algorithm))
		return {
			problem: `ends in "#${shown(end)}", which must be the checksum of the image: ${Object.keys(ALGORITHMS).join(', ')}, = and hexadecimal digits`,
		};
	const length = checksumProblem(algorithm, checksum);
	return length === undefined
		? { value: { url, checksum, algorithm } }
		: { problem: `ends in a checksum that ${length}` };
}

/**
 * Reads the images by URL that disks are copies of.
 * @param values by the API's names, not checked yet
 * @param hasFields whether the fields of Image Download are shown
 * @returns the values with a placeholder in place of each URL
 */
export function readImages(
	catalogue: Catalogue,
	form: Form,
	values: Readonly<Record<string, unknown>>,
	hasFields: boolean,
): { readonly values: Readonly<Record<string, unknown>>; readonly images: ImageDownload[] } {
	const found = Object.entries(values).flatMap(([name, value]) => {
		const field = isDrive(name) ? fieldOf(catalogue, name)?.field : undefined;
		if (field?.kind !== 'family' || field.item.kind !== 'device') return [];
		const given = textOf(subOptionsOf(field.item, value)?.['import-from']);
		return isUrl(given) ? [{ name, value, given }] : [];
	});
	if (found.length === 0) return { values, images: [] };
	const options = hasFields
		? form.collection(IMAGE_DOWNLOAD, IMAGE_DOWNLOAD_LABEL, imageDownloadFields)
		: {};
	const images = new Map<string, ImageDownload>();
	const replaced: Record<string, unknown> = {};
	for (const { name, value, given } of found) {
		const image = images.get(given) ?? readImage(form, name, given, [...images.values()], options);
		if (image !== undefined) images.set(given, image);
		const { placeholder } = image ?? { placeholder: `${STORAGE}:import/${FILE}.qcow2` };
		replaced[name] = isRecord(value)
			? { ...value, 'import-from': placeholder }
			: String(value).replace(given, () => placeholder);
	}
	return { values: { ...values, ...replaced }, images: [...images.values()] };
}

/**
 * @param others those before it
 * @param all the fields of Image Download: File Name and Checksum are of the first image
 */
function readImage(
	form: Form,
	parameter: string,
	given: string,
	others: readonly ImageDownload[],
	all: ValuesOf<typeof imageDownloadFields>,
): ImageDownload | undefined {
	const wrong = (message: string): undefined =>
		void form.problems.push({ parameter, sub: 'import-from', message });
	const read = readImageUrl(given);
	if ('problem' in read) return wrong(read.problem);
	const { url, ...sum } = read.value;
	const { filename, checksum, 'checksum-algorithm': algorithm } = others.length === 0 ? all : {};
	refuse(form, 'checksum', checksumProblem(algorithm, checksum));
	if (checksum !== undefined && sum.checksum !== undefined)
		refuse(form, 'checksum', 'is set twice: here and at the end of the URL');
	const name =
		filename === undefined
			? nameOfDownload('import', nameInUrl(url))
			: readImageName('import', filename);
	if (filename !== undefined)
		refuse(form, 'filename', 'problem' in name ? name.problem : ovaProblem(name.value));
	const unknown = `${FILE}${others.length === 0 ? '' : `_${others.length + 1}`}.qcow2`;
	const stored = 'value' in name ? name.value : unknown;
	const placeholder = `${all.storage ?? STORAGE}:import/${stored}`;
	if (others.some((one) => one.placeholder === placeholder))
		return wrong(
			`would be stored as ${stored}, as another image of this VM. Store one of them with Image → Download under another File Name, and enter its volume`,
		);
	return {
		from: 'url',
		source: url,
		content: 'import',
		...('value' in name ? { name: name.value } : {}),
		...(all.storage === undefined ? {} : { storage: all.storage }),
		...(checksum === undefined ? sum : { checksum: checksum.trim(), algorithm }),
		verifyCertificates: all['verify-certificates'],
		placeholder,
	};
}

const ovaProblem = (name: string): string | undefined =>
	name.endsWith('.ova') ? `must end in .qcow2, .raw or .vmdk, got "${shown(name)}"` : undefined;

const refuse = (
	form: Form,
	parameter: 'checksum' | 'filename',
	message: string | undefined,
): void => {
	if (message === undefined) return;
	const label = `${IMAGE_DOWNLOAD_LABEL} → ${imageDownloadFields[parameter].label}`;
	form.problems.push({ parameter, label, message });
};
