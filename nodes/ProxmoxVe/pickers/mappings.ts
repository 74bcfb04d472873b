import { searchOf } from './list';

interface Mapping {
	readonly id: string;
	readonly description?: string;
}

/** Resource mappings of a kind. Source: `GET /cluster/mapping/{pci,usb,dir}`. */
const searchMappings = (kind: 'pci' | 'usb' | 'dir') =>
	searchOf(
		async ({ client }) => {
			const { data } = await client.get<Mapping[]>(`/cluster/mapping/${kind}`);
			return data.map(({ id, description }) => ({
				name: description ? `${id} (${description})` : id,
				value: id,
			}));
		},
		{ needs: `Mapping.Use on /mapping/${kind}/ID` },
	);

export const searchPciMappings = searchMappings('pci');
export const searchUsbMappings = searchMappings('usb');
export const searchDirectoryMappings = searchMappings('dir');
