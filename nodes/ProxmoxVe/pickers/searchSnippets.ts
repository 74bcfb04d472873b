import { searchOf } from './list';
import { volumeEntry, volumesOf } from './storageContent';

/** Snippets, for hook scripts and cloud-init files. Source: `GET /nodes/{node}/storage/{storage}/content`. */
export const searchSnippets = searchOf(
	async (asking) => (await volumesOf(asking, 'snippets')).map(volumeEntry),
	{ needs: 'Datastore.Allocate on /storage/NAME' },
);
