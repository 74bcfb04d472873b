import { minuteOf, searchOf } from './list';

interface Snapshot {
	readonly name: string;
	readonly description?: string;
	readonly snaptime?: number;
}

/** Snapshots of the chosen VM. Source: `GET /nodes/{node}/qemu/{vmid}/snapshot`. */
export const searchSnapshots = searchOf(async ({ client, chosenGuest }) => {
	const { data } = await client.get<Snapshot[]>(`${await chosenGuest()}/snapshot`);
	return data
		.filter(({ name }) => name !== 'current')
		.map(({ name, description, snaptime }) => {
			const made = snaptime === undefined ? '' : minuteOf(snaptime);
			const about = [made, description?.trim().split('\n')[0]].filter((fact) => fact).join(', ');
			return { name: about === '' ? name : `${name} (${about})`, value: name };
		});
});
