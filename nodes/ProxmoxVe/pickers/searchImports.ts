import { IMPORTABLE } from '../api/images';
import { searchOf } from './list';
import { STORAGE_PRIVILEGES, volumeEntry, volumesOf, type Volume } from './storageContent';

/** OVAs, OVFs and VMs of ESXi hosts. Source: `GET /nodes/{node}/storage/{storage}/content`. */
export const searchImports = searchOf(
	async (asking) =>
		(await volumesOf<Volume & { name?: string }>(asking, 'import'))
			.filter(({ volid }) => IMPORTABLE.test(volid))
			.map((volume) =>
				// Of a VM of an ESXi host the size is not known.
				volume.name === undefined
					? volumeEntry(volume)
					: { name: `${volume.name} (${volume.volid})`, value: volume.volid },
			),
	{ needs: STORAGE_PRIVILEGES },
);
