import { searchOf } from './list';

/** Volumes of the chosen VM that are no disk of it. Source: `GET /nodes/{node}/qemu/{vmid}/config`. */
export const searchUnusedDisks = searchOf(async ({ client, chosenGuest }) => {
	const { data } = await client.get<Record<string, unknown>>(`${await chosenGuest()}/config`);
	return Object.entries(data)
		.filter(([name]) => /^unused\d+$/.test(name))
		.map(([name, volume]) => ({ name: `${name} (${String(volume)})`, value: name }));
});
