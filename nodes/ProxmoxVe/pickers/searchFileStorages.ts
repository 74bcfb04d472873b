import { segment } from '../api/client';
import { guestKinds } from '../guests/kinds';
import { searchOf } from './list';
import { STORAGE_PRIVILEGES, storageEntries, type Storage } from './storageContent';

const FILES = ['import', 'iso', 'vztmpl'];

/** Storages of the node that hold files of the chosen content type, templates for a container, or any image files. Source: `GET /nodes/{node}/storage`. */
export const searchFileStorages = searchOf(
	async (asking) => {
		const { client, chosenNode, chosen, kind } = asking;
		const content =
			kind === guestKinds.lxc || ['list', 'registry'].includes(String(chosen('downloadFrom')))
				? 'vztmpl'
				: chosen('operation') === 'createSeed'
					? 'iso'
					: chosen('content');
		const wanted = FILES.includes(String(content)) ? [String(content)] : FILES;
		const { data } = await client.get<Array<Storage & { content?: string }>>(
			`/nodes/${segment(await chosenNode())}/storage`,
			{ enabled: 1 },
		);
		const found = data.filter(({ content: has = '' }) =>
			has.split(',').some((one) => wanted.includes(one)),
		);
		return await storageEntries(asking, found);
	},
	{ needs: STORAGE_PRIVILEGES },
);
