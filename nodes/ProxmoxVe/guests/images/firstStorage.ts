import { segment } from '../../api/client';
import { AdvisedError } from '../../runtime/errors';
import type { Run } from '../../runtime/run';
import type { ImageContent } from '../../wire/imageName';

interface StorageRow {
	readonly storage: string;
	readonly type?: string;
	readonly active?: 0 | 1;
}

/** What Proxmox's own page calls a content type. */
const NAMES: Readonly<Record<ImageContent, string>> = {
	import: 'Import',
	iso: 'ISO image',
	vztmpl: 'Container template',
};

/**
 * The first storage of a node, by name, that holds files of a content type and is online: the same one for each guest.
 * Source: `GET /nodes/{node}/storage`.
 * @param field the label of the field that names a storage instead
 * @throws AdvisedError if there is none; PveError
 */
export async function firstStorage(
	{ client }: Run,
	node: string,
	content: ImageContent,
	field: string,
): Promise<string> {
	const { data } = await client.get<StorageRow[]>(`/nodes/${segment(node)}/storage`, {
		content,
		enabled: 1,
	});
	const [first] = data
		// An ESXi host takes no files.
		.filter(({ active, type }) => active !== 0 && type !== 'esxi')
		.map(({ storage }) => storage)
		.sort();
	if (first !== undefined) return first;
	throw new AdvisedError(
		new Error(`${node} has no storage with the content ${NAMES[content]} that this token may use`),
		`In Proxmox VE, allow the content ${NAMES[content]} on a storage of ${node}: Datacenter → Storage → Edit. The user or token needs Datastore.AllocateTemplate on it. ${field} can name the storage.`,
	);
}
