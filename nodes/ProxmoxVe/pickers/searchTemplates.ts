import { segment } from '../api/client';
import { guestKinds } from '../guests/kinds';
import { searchOf, type Entry } from './list';
import { STORAGE_PRIVILEGES, volumeEntry, volumesOf } from './storageContent';

/**
 * Templates and OCI images on the storages of the node, and below them the templates that it can download.
 * Source: `GET /nodes/{node}/storage/{storage}/content`, `GET /nodes/{node}/aplinfo`.
 */
export const searchTemplates = searchOf(
	async (asking) => {
		// Image → Download is about what is not stored.
		const isDownload = asking.kind !== guestKinds.lxc;
		const stored = isDownload ? [] : await volumesOf(asking, 'vztmpl');
		const at = `/nodes/${segment(await asking.chosenNode())}/aplinfo`;
		// Without its list, a node still has what is stored.
		const { data: offered } = await asking.client
			.get<Array<{ template: string }>>(at)
			.catch((error: unknown) => {
				if (isDownload) throw error;
				return { data: [] };
			});
		const isStored = (template: string): boolean =>
			stored.some(({ volid }) => volid.endsWith(`:vztmpl/${template}`));
		return [
			...stored.map(volumeEntry).sort(byName),
			...offered
				.filter(({ template }) => !isStored(template))
				.map(({ template }) => ({
					name: isDownload ? template : `${template} (to download)`,
					value: template,
				}))
				.sort(byName),
		];
	},
	{ needs: STORAGE_PRIVILEGES, order: 'asRead' },
);

const byName = (a: Entry, b: Entry): number => (a.name < b.name ? -1 : 1);
